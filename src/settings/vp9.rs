//! The settings of libvpx for VP9.

use super::{RateControl, codec_facts, option};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// VP9 by libvpx: plays in every browser as WebM. It can keep alpha.
///
/// ```
/// use framemill::Vp9;
/// let codec = Vp9::crf(30).cpu_used(4);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Vp9 {
    /// The rate control: a crf, a bit rate, or lossless.
    pub rate_control: RateControl,
    /// The speed of libvpx: 0 (slowest, smallest movie) to 5 (fastest).
    pub cpu_used: u32,
    /// The maximum distance between keyframes, in frames; 128, libvpx's default, when `None`.
    pub gop: Option<u32>,
}

impl Default for Vp9 {
    /// A crf of 32 and a speed of 2.
    fn default() -> Self {
        Self { rate_control: RateControl::Crf(32.0), cpu_used: 2, gop: None }
    }
}

impl Vp9 {
    /// Sets constant quality: `crf` is 0 (best) to 63, a whole number.
    #[must_use]
    pub fn crf(crf: u32) -> Self {
        Self { rate_control: RateControl::Crf(crf as f32), ..Self::default() }
    }

    /// Sets an average bit rate.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self { rate_control: RateControl::Bitrate(bits_per_second), ..Self::default() }
    }

    /// Encodes without loss: decoded samples equal the encoder's input bit for bit.
    #[must_use]
    pub fn lossless() -> Self {
        Self { rate_control: RateControl::Lossless, ..Self::default() }
    }

    /// Sets the speed: 0 (slowest, smallest movie) to 5 (fastest).
    #[must_use]
    pub fn cpu_used(mut self, cpu_used: u32) -> Self {
        self.cpu_used = cpu_used;
        self
    }

    /// Sets the maximum distance between keyframes, in frames.
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
