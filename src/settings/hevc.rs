//! The settings of x265.

use super::x264_names::{Preset, Tune};
use super::{RateControl, codec_facts, encoder_params, option};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// HEVC (H.265) by x265: half to two thirds of the bits of H.264, at several times the encoding time.
///
/// ```
/// use framemill::{Hevc, Preset, RateControl};
/// let codec = Hevc::crf(24.0).preset(Preset::Fast);
/// assert_eq!(codec.rate_control, RateControl::Crf(24.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Hevc {
    /// The rate control.
    pub rate_control: RateControl,
    /// The preset, which trades speed for size.
    pub preset: Preset,
    /// What to tune x265 for. It has no `film` and no `stillimage`.
    pub tune: Option<Tune>,
    /// The maximum distance between keyframes, in frames; 250, x265's default, when `None`.
    pub gop: Option<u32>,
    /// Additional x265 parameters, as its program takes them, in order.
    pub x265_params: Vec<(String, String)>,
}

impl Default for Hevc {
    /// x265's own defaults: crf 28, preset medium.
    fn default() -> Self {
        Self {
            rate_control: RateControl::Crf(28.0),
            preset: Preset::Medium,
            tune: None,
            gop: None,
            x265_params: Vec::new(),
        }
    }
}

impl Hevc {
    fn with_rate_control(rate_control: RateControl) -> Self {
        Self { rate_control, ..Self::default() }
    }

    /// Sets constant quality: `crf` is 0 (best) to 51.
    #[must_use]
    pub fn crf(crf: f32) -> Self {
        Self::with_rate_control(RateControl::Crf(crf))
    }

    /// Sets a constant quantizer: `qp` is 0 to 51.
    #[must_use]
    pub fn qp(qp: u32) -> Self {
        Self::with_rate_control(RateControl::Qp(qp))
    }

    /// Sets an average bit rate.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self::with_rate_control(RateControl::Bitrate(bits_per_second))
    }

    /// Encodes without loss: decoded samples equal the encoder's input bit for bit.
    #[must_use]
    pub fn lossless() -> Self {
        Self::with_rate_control(RateControl::Lossless)
    }

    /// Sets the preset, which trades speed for size.
    #[must_use]
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }

    /// Tunes the encoder for a kind of content or a goal.
    #[must_use]
    pub fn tune(mut self, tune: Tune) -> Self {
        self.tune = Some(tune);
        self
    }

    /// Sets the maximum distance between keyframes, in frames.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = Some(frames);
        self
    }

    /// Adds an x265 parameter, as in `x265_param("aq-mode", "3")`.
    #[must_use]
    pub fn x265_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.x265_params.push((name.into(), value.into()));
        self
    }

    pub(super) fn validate(&self, format: PixelFormat) -> Result<(), InvalidSettings> {
        self.rate_control.validate(&codec_facts::HEVC, format)?;
        if let Some(tune @ (Tune::Film | Tune::StillImage)) = self.tune {
            let known = ["animation", "grain", "psnr", "ssim", "fastdecode", "zerolatency"];
            return Err(InvalidSettings::unknown_name(Some(OptionId::Tune), "tune of hevc", tune.name(), &known));
        }
        if let Some(gop) = self.gop {
            option::check_range(OptionId::Gop, gop.into(), "hevc")?;
        }
        encoder_params::validate(OptionId::X265Params, "hevc", &self.x265_params)
    }
}
