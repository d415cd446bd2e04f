//! The settings of libvpx for VP9.

use super::{RateControl, codec_facts, option};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// VP9 by libvpx: what every browser plays in WebM, with alpha if that is kept.
///
/// ```
/// use framemill::Vp9;
/// let codec = Vp9::crf(30).cpu_used(4);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Vp9 {
    /// What decides the number of bits: a crf, a bit rate, or lossless.
    pub rate_control: RateControl,
    /// How little time libvpx spends to save bits: 0 (most time) to 5.
    pub cpu_used: u32,
    /// The most frames from one keyframe to the next; libvpx's 128 when `None`.
    pub gop: Option<u32>,
}

impl Default for Vp9 {
    /// Crf 32, and a speed of 2.
    fn default() -> Self {
        Self { rate_control: RateControl::Crf(32.0), cpu_used: 2, gop: None }
    }
}

impl Vp9 {
    /// Constant quality `crf`, 0 (best) to 63.
    #[must_use]
    pub fn crf(crf: u32) -> Self {
        Self { rate_control: RateControl::Crf(crf as f32), ..Self::default() }
    }

    /// An average of `bits_per_second`.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self { rate_control: RateControl::Bitrate(bits_per_second), ..Self::default() }
    }

    /// Every sample that the encoder gets comes back bit for bit.
    #[must_use]
    pub fn lossless() -> Self {
        Self { rate_control: RateControl::Lossless, ..Self::default() }
    }

    /// Trades size for time: 0 (slowest, smallest) to 5.
    #[must_use]
    pub fn cpu_used(mut self, cpu_used: u32) -> Self {
        self.cpu_used = cpu_used;
        self
    }

    /// At most `frames` from one keyframe to the next.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = Some(frames);
        self
    }

    pub(super) fn validate(&self, format: PixelFormat) -> Result<(), InvalidSettings> {
        self.rate_control.validate(&codec_facts::VP9, format)?;
        option::check_range(OptionId::CpuUsed, self.cpu_used.into(), "vp9")?;
        self.gop.map_or(Ok(()), |gop| option::check_range(OptionId::Gop, gop.into(), "vp9"))
    }
}
