//! The settings of SVT-AV1.

use super::{RateControl, codec_facts, encoder_params, option};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;
use crate::time::FrameRate;

/// AV1 by SVT-AV1: the smallest movies, for current browsers and players.
///
/// ```
/// use framemill::Av1;
/// let codec = Av1::crf(35).preset(6).film_grain(8);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Av1 {
    /// The rate control: a crf or a bit rate.
    pub rate_control: RateControl,
    /// SVT-AV1's speed: 0 (slowest, smallest) to 13 (fastest).
    pub preset: u32,
    /// The maximum distance between keyframes, in frames; about five seconds when `None`.
    pub gop: Option<u32>,
    /// The strength of film grain synthesis, 0 (none) to 50: the encoder removes grain, and the player adds it back.
    pub film_grain: u32,
    /// Additional SVT-AV1 parameters, as its program takes them, in order.
    pub svtav1_params: Vec<(String, String)>,
}

/// The highest frame rate for which SVT-AV1 keeps a bit rate.
const MAX_FRAMES_PER_SECOND: f64 = 240.0;

impl Default for Av1 {
    /// Crf 35, SVT-AV1's own default, and preset 8, which is about as fast as x264's medium.
    fn default() -> Self {
        Self {
            rate_control: RateControl::Crf(35.0),
            preset: 8,
            gop: None,
            film_grain: 0,
            svtav1_params: Vec::new(),
        }
    }
}

impl Av1 {
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

    /// Sets the preset, which trades speed for size: 0 (slowest, smallest) to 13 (fastest).
    #[must_use]
    pub fn preset(mut self, preset: u32) -> Self {
        self.preset = preset;
        self
    }

    /// Sets the maximum distance between keyframes, in frames.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = Some(frames);
        self
    }

    /// Sets the strength of film grain synthesis: 0 (none) to 50.
    #[must_use]
    pub fn film_grain(mut self, strength: u32) -> Self {
        self.film_grain = strength;
        self
    }

    /// Adds an SVT-AV1 parameter, as in `svtav1_param("tune", "0")`.
    #[must_use]
    pub fn svtav1_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.svtav1_params.push((name.into(), value.into()));
        self
    }

    pub(super) fn validate(&self, format: PixelFormat) -> Result<(), InvalidSettings> {
        self.rate_control.validate(&codec_facts::AV1, format)?;
        if !(0..=13).contains(&self.preset) {
            let (value, range) = (self.preset.to_string(), "0 to 13".to_owned());
            return Err(InvalidSettings::OutOfRange { option: OptionId::Preset, value, codec: "av1", range });
        }
        option::check_range(OptionId::FilmGrain, self.film_grain.into(), "av1")?;
        if let Some(gop) = self.gop {
            option::check_range(OptionId::Gop, gop.into(), "av1")?;
        }
        encoder_params::validate(OptionId::SvtAv1Params, "av1", &self.svtav1_params)
    }

    /// Checks that SVT-AV1 can keep a bit rate at this frame rate.
    pub(super) fn validate_frame_rate(&self, rate: FrameRate) -> Result<(), InvalidSettings> {
        let is_bitrate = matches!(self.rate_control, RateControl::Bitrate(_));
        if !is_bitrate || rate.as_f64() <= MAX_FRAMES_PER_SECOND {
            return Ok(());
        }
        Err(InvalidSettings::Conflict {
            option: OptionId::Bitrate,
            with: format!("{rate} frames per second in av1"),
            hint: "SVT-AV1 keeps a bit rate up to 240 frames per second; choose a crf",
        })
    }
}
