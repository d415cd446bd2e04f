//! The settings of x265.

use super::x264_names::{Preset, Tune};
use super::{RateControl, codec_facts, encoder_params, option};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// HEVC (H.265) by x265: half to two thirds of the bits of H.264, in several times its time.
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
    /// What decides the number of bits.
    pub rate_control: RateControl,
    /// How much time x265 spends to save bits.
    pub preset: Preset,
    /// What x265's choices are tuned for; it has no `film` and no `stillimage`.
    pub tune: Option<Tune>,
    /// The most frames from one keyframe to the next; x265's 250 when `None`.
    pub gop: Option<u32>,
    /// Further x265 settings, as its own program takes them, in order.
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
    /// Constant quality `crf`, 0 (best) to 51.
    #[must_use]
    pub fn crf(crf: f32) -> Self {
        Self::with_rate_control(RateControl::Crf(crf))
    }

    /// With what decides the number of bits.
    #[must_use]
    pub fn with_rate_control(rate_control: RateControl) -> Self {
        Self { rate_control, ..Self::default() }
    }

    /// Trades time for size.
    #[must_use]
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }

    /// Tunes for a kind of picture or use.
    #[must_use]
    pub fn tune(mut self, tune: Tune) -> Self {
        self.tune = Some(tune);
        self
    }

    /// At most `frames` from one keyframe to the next.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = Some(frames);
        self
    }

    /// Adds one of x265's own settings, as in `x265_param("aq-mode", "3")`.
    #[must_use]
    pub fn x265_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.x265_params.push((name.into(), value.into()));
        self
    }

    /// What x265 must be given for pictures of this size: it would write beyond its memory, or refer to pixels that no decoder
    /// has, otherwise (vendor-notes/x265.md).
    pub(crate) fn safe_params((width, height): (u32, u32)) -> &'static [(&'static str, &'static str)] {
        match width {
            // No smaller tree unit is left, and pictures that refer to none are right.
            ..=16 => &[("keyint", "1"), ("cutree", "0")],
            17..=31 => &[("cutree", "0")],
            32 => &[("ctu", "16"), ("cutree", "0")],
            33..=48 => &[("cutree", "0")],
            // Where there are fewer rows, libavcodec makes tree units small anyway.
            64 if height >= 64 => &[("ctu", "32")],
            _ => &[],
        }
    }

    /// Checks that x265's parameters leave what is safe for pictures of this width.
    pub(super) fn validate_width(&self, width: u32) -> Result<(), InvalidSettings> {
        let decided: &[&str] = match width {
            ..=48 => &["ctu", "cutree"],
            49..=64 => &["ctu"],
            _ => &[],
        };
        let is_decided = |name: &str| decided.iter().any(|decided| encoder_params::is_named(name, decided));
        match self.x265_params.iter().find(|(name, _)| is_decided(name)) {
            None => Ok(()),
            Some((name, _)) => Err(InvalidSettings::ReservedParam {
                option: OptionId::X265Params,
                name: name.clone(),
                instead: Vec::new(),
                hint: "in pictures of at most 64 columns x265 damages frames or memory with some values of it; leave it out",
            }),
        }
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
