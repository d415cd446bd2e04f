//! framemill encodes generated frames to video inside your process, without a subprocess, a pipe, or a file per frame:
//! H.264, HEVC, AV1, VP9, ProRes and more, in MP4, MOV, Matroska, WebM or AVI, with sound.
//!
//! ```
//! use framemill::{FrameRate, FrameView, VideoWriter};
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("out.mp4");
//! let mut video = VideoWriter::builder(path, 64, 48, FrameRate::new(30, 1)).create()?;
//! for frame in 0..30_u8 {
//!     let pixels = vec![frame * 8; 64 * 48 * 3];
//!     video.write(&FrameView::rgb(&pixels, 64, 48)?)?;
//! }
//! let stats = video.finish()?;
//! assert_eq!(stats.packets, 30);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`VideoWriter`] takes frames and makes the movie. [`FrameView`] borrows a frame from you, in any [`PixelFormat`]
//!   and with any stride.
//! - [`Codec`] selects the codec and its settings. [`Output`] selects where the movie goes.
//! - [`PacketStats`] and [`EncodeStats`] are the statistics of the encoder.
//! - [`RawSource`] and [`Y4mSource`] read frames from streams. [`ImageStream`] and [`ImageFiles`] read pictures,
//!   [`TiffStack`] the pages of a TIFF file, [`AnimationSource`] animations, and [`NpySource`] NumPy arrays.
//!   [`FrameInput`] opens any of these by path.
//! - [`recover()`] makes a movie from the part file of an interrupted run, and [`inspect()`] lists the contents of a
//!   movie.
//!
//! # Statistics
//!
//! Each packet is reported when it is muxed. The totals are available at any time, and at the end. [`EncodeStats`] can
//! be added over the parts of a movie, displayed as a table, and serialized with the feature `serde`.
//!
//! ```
//! # use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};
//! # let output = Output::memory(&Memory::new(), Container::Mp4);
//! let mut video = VideoWriter::builder(output, 64, 48, FrameRate::new(30, 1)).measure_quality().create()?;
//! video.on_packet(|packet| {
//!     let quality = packet.quality.map_or(0.0, |quality| quality.psnr());
//!     println!("{} {:?} {} bytes, QP {:?}, {quality:.1} dB", packet.index, packet.picture_type, packet.bytes, packet.qp);
//! })?;
//! for frame in 0..30_u8 {
//!     video.write(&FrameView::gray(&[frame * 8; 64 * 48], 64, 48)?)?;
//! }
//! let stats = video.finish()?;
//! println!("{stats}");
//! assert_eq!(stats.i.packets + stats.p.packets + stats.b.packets, 30);
//! # Ok::<(), framemill::Error>(())
//! ```
//!
//! # Guarantees
//!
//! RGB becomes BT.709, and stream and container record it (BT.601 in MPEG-4, whose players expect it). Every written
//! frame is in the movie, at its exact time. The destination is never half a movie. Only a few frames wait in memory,
//! however many are written; only the index grows. No process is started.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod audio;
mod av;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod convert;
mod encode;
mod error;
mod frame;
mod inspect;
mod measure;
mod output;
#[cfg(feature = "serde")]
mod records;
mod segment;
mod settings;
mod source;
mod stats;
mod stop;
mod thumbnails;
mod time;
mod track;
mod writer;

pub use audio::{Audio, AudioSample};
pub use av::{AudioInfo, BuildInfo, StreamInfo, build_info, check_encoder, leave_ffmpeg_log};
pub use error::{
    Error, InvalidAudio, InvalidFrame, InvalidInput, InvalidSettings, InvalidTime, LibavError, OptionId, Result,
    Spelling,
};
pub use frame::{
    ArrayStrips, ArrayView, ChromaLocation, ColorRange, FrameLayout, FrameView, PixelFormat, Plane, PlaneLayout,
    SampleType, Strips,
};
pub use inspect::{Damage, InspectedPacket, Inspection, inspect};
pub use output::{
    JoinOptions, Joined, Memory, Output, RecoverOptions, Recovered, Resumable, join, join_with, recover,
    recover_with,
};
#[cfg(feature = "serde")]
pub use records::{MovieRecord, PacketRecord, RunRecord};
pub use segment::SegmentSource;
pub use settings::{
    Alpha, AudioCodec, AudioSettings, Av1, Codec, ColorTags, Container, Ffv1, H264, Hevc, Jobs, Mjpeg, MovieOption,
    MovieOptions, Mpeg4, NamedEncoder, OddSize, OptionKind, OptionScope, OptionValue, Preset, Profile, Prores,
    ProresProfile, QuantizerOrBitrate, RateControl, Rgb, Settings, Tune, Vbv, Vp9, parse_amount, parse_size,
    parse_x264_params,
};
#[cfg(feature = "images")]
pub use source::{AnimationSource, ImageFiles, ImageOptions, ImageStream, Levels, OnError, PictureKind, TiffStack};
pub use source::{FrameBuffer, FrameInput, FrameSource, InputKind, InputOptions, NpySource, RawSource, Y4mSource};
pub use stats::{
    AudioStats, EncodeStats, EncoderReport, FrameTimes, GopStats, Macroblocks, PacketStats, PictureType,
    PlaneQuality, Quality, QualityStats, StageTimes, TypeStats, VbvStats, WorstFrame,
};
pub use stop::StopToken;
pub use thumbnails::{Thumbnail, thumbnails};
pub use time::{FrameRate, TimeBase, Timestamp};
pub use writer::{Monitor, Plan, VideoWriter, VideoWriterBuilder};
