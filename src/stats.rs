//! Statistics of the encoder: values that can be added. Nothing here prints or reads a clock.

mod audio;
mod encoder_report;
mod packet;
mod quality;
mod rate;
mod table;
mod totals;

pub use audio::AudioStats;
pub use encoder_report::{EncoderReport, Macroblocks};
pub use packet::{FrameTimes, PacketStats, PictureType};
pub use quality::{PlaneQuality, Quality, QualityStats, WorstFrame};
pub use rate::VbvStats;
pub(crate) use rate::{LastSecond, RateMeter};
pub use totals::{EncodeStats, GopStats, StageTimes, TypeStats};
