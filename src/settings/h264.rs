//! The settings of x264.

use super::codec_facts::CodecFacts;
use super::x264_names::{Preset, Profile, Tune};
use super::{RateControl, encoder_params, option, x264_params};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// H.264 by x264: rate control, speed, and the players that must support it.
///
/// ```
/// use framemill::{H264, Preset, Tune};
/// let codec = H264::crf(18.0).preset(Preset::Fast).tune(Tune::Animation);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct H264 {
    /// The rate control.
    pub rate_control: RateControl,
    /// A limit on the bit rate, for players with a small buffer.
    pub vbv: Option<Vbv>,
    /// The preset, which trades speed for size.
    pub preset: Preset,
    /// What to tune x264 for.
    pub tune: Option<Tune>,
    /// The profile that players must support; chosen by x264 when `None`.
    pub profile: Option<Profile>,
    /// The maximum distance between keyframes, in frames; 250, x264's default, when `None`.
    pub gop: Option<u32>,
    /// Additional x264 parameters, as its program takes them, in order.
    pub x264_params: Vec<(String, String)>,
}

/// A VBV limit on the bit rate: the movie plays from a buffer of `buffer_bits` that fills at `max_bits_per_second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Vbv {
    /// The bit rate at which the buffer fills.
    pub max_bits_per_second: u64,
    /// The size of the buffer, in bits.
    pub buffer_bits: u64,
}

impl Vbv {
    /// Makes a buffer of `buffer_bits` that fills at `max_bits_per_second`.
    #[must_use]
    pub const fn new(max_bits_per_second: u64, buffer_bits: u64) -> Self {
        Self { max_bits_per_second, buffer_bits }
    }
}

impl Default for H264 {
    fn default() -> Self {
        Self {
            rate_control: RateControl::Crf(23.0),
            vbv: None,
            preset: Preset::Medium,
            tune: None,
            profile: None,
            gop: None,
            x264_params: Vec::new(),
        }
    }
}

impl H264 {
    fn with_rate_control(rate_control: RateControl) -> Self {
        Self { rate_control, ..Self::default() }
    }

    /// Sets constant quality: `crf` is 0 (best) to 51.
    #[must_use]
    pub fn crf(crf: f32) -> Self {
        Self::with_rate_control(RateControl::Crf(crf))
    }

    /// Sets a constant quantizer: `qp` is 0 (lossless) to 51, or to 63 in 10 bits.
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

    /// Limits the bit rate with a VBV buffer.
    #[must_use]
    pub fn vbv(mut self, max_bits_per_second: u64, buffer_bits: u64) -> Self {
        self.vbv = Some(Vbv { max_bits_per_second, buffer_bits });
        self
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

    /// Sets the profile that players must support.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Sets the maximum distance between keyframes, in frames.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = Some(frames);
        self
    }

    /// Adds an x264 parameter, as in `x264_param("aq-mode", "3")`.
    #[must_use]
    pub fn x264_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.x264_params.push((name.into(), value.into()));
        self
    }

    pub(super) fn validate(&self, facts: &CodecFacts, pixel_format: PixelFormat) -> Result<(), InvalidSettings> {
        self.rate_control.validate(facts, pixel_format)?;
        let codec = facts.name;
        if let Some(profile) = self.profile {
            self.validate_profile(profile, pixel_format)?;
        }
        if let Some(vbv) = self.vbv {
            if self.is_constant_quantizer() {
                return Err(InvalidSettings::Conflict {
                    option: OptionId::Maxrate,
                    with: "a constant quantizer".to_owned(),
                    hint: "combine it with a crf or a bitrate",
                });
            }
            option::check_range(OptionId::Maxrate, vbv.max_bits_per_second as f64, codec)?;
            option::check_range(OptionId::Bufsize, vbv.buffer_bits as f64, codec)?;
        }
        if let Some(gop) = self.gop {
            option::check_range(OptionId::Gop, gop.into(), codec)?;
        }
        encoder_params::validate(OptionId::X264Params, codec, &self.x264_params)?;
        if self.profile.is_some() { x264_params::refuse_decided_by_profile(&self.x264_params) } else { Ok(()) }
    }

    fn is_constant_quantizer(&self) -> bool {
        match self.rate_control {
            RateControl::Qp(_) | RateControl::Lossless => true,
            RateControl::Crf(crf) => crf == 0.0,
            RateControl::Bitrate(_) => false,
        }
    }

    fn is_lossless(&self, pixel_format: PixelFormat) -> bool {
        match self.rate_control {
            RateControl::Qp(qp) => qp == 0,
            RateControl::Lossless => true,
            // In 10 bits, the quantizer goes 12 steps below crf 0.
            RateControl::Crf(crf) => crf == 0.0 && pixel_format.bits() == 8,
            RateControl::Bitrate(_) => false,
        }
    }

    fn validate_profile(&self, profile: Profile, pixel_format: PixelFormat) -> Result<(), InvalidSettings> {
        if self.is_lossless(pixel_format) && profile != Profile::High444 {
            return Err(InvalidSettings::Conflict {
                option: OptionId::Profile,
                with: "a lossless movie".to_owned(),
                hint: "leave the profile out, or choose high444",
            });
        }
        let holds = pixel_format.bits() <= profile.bits()
            && (pixel_format.is_yuv() || profile == Profile::High444)
            && pixel_format.chroma_shift() >= profile.least_chroma_shift();
        if holds {
            return Ok(());
        }
        Err(InvalidSettings::PixelFormat {
            codec: format!("the {} profile", profile.name()),
            pixel_format: pixel_format.name(),
            allowed: profile.holds().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec_facts;
    use super::*;

    #[test]
    fn a_profile_must_hold_the_pixel_format() {
        let high = H264::default().profile(Profile::High);
        assert_eq!(high.validate(&codec_facts::H264, PixelFormat::Yuv420p), Ok(()));
        for format in [PixelFormat::Yuv422p, PixelFormat::Yuv444p, PixelFormat::Yuv420p10Le, PixelFormat::Bgr0] {
            assert!(high.validate(&codec_facts::H264, format).is_err(), "{format}");
        }
        let high422 = H264::default().profile(Profile::High422);
        assert_eq!(high422.validate(&codec_facts::H264, PixelFormat::Yuv422p10Le), Ok(()));
        assert!(high422.validate(&codec_facts::H264, PixelFormat::Yuv444p).is_err());
        assert!(
            H264::lossless().profile(Profile::High).validate(&codec_facts::H264, PixelFormat::Yuv420p).is_err()
        );
    }
}
