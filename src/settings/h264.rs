//! The settings of x264.

use super::codec_facts::CodecFacts;
use super::x264_names::{Preset, Profile, Tune};
use super::{RateControl, encoder_params, option, x264_params};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// H.264 by x264: how many bits it may spend, how hard it tries, and for which players.
///
/// ```
/// use framemill::{H264, Preset, Tune};
/// let codec = H264::crf(18.0).preset(Preset::Fast).tune(Tune::Animation);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct H264 {
    /// What decides the number of bits.
    pub rate_control: RateControl,
    /// A cap on the bit rate, for players with a small buffer.
    pub vbv: Option<Vbv>,
    /// How much time x264 spends to save bits.
    pub preset: Preset,
    /// What x264's choices are tuned for.
    pub tune: Option<Tune>,
    /// The subset of H.264 that players must know; chosen by x264 when `None`.
    pub profile: Option<Profile>,
    /// The most frames from one keyframe to the next; x264's 250 when `None`.
    pub gop: Option<u32>,
    /// Further x264 settings, as its own program takes them, in order.
    pub x264_params: Vec<(String, String)>,
}

/// A cap on the bit rate: what a player with a buffer of `buffer_bits`, filled at `max_bits_per_second`, can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Vbv {
    /// How fast the player's buffer fills.
    pub max_bits_per_second: u64,
    /// How much the player's buffer holds.
    pub buffer_bits: u64,
}

impl Vbv {
    /// A buffer that fills at so many bits a second and holds so many.
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

    /// Constant quality `crf`, 0 (best) to 51.
    #[must_use]
    pub fn crf(crf: f32) -> Self {
        Self::with_rate_control(RateControl::Crf(crf))
    }

    /// Constant quantizer `qp`: 0 (lossless) to 51, to 63 in 10 bits.
    #[must_use]
    pub fn qp(qp: u32) -> Self {
        Self::with_rate_control(RateControl::Qp(qp))
    }

    /// An average of `bits_per_second`.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self::with_rate_control(RateControl::Bitrate(bits_per_second))
    }

    /// Every sample that the encoder gets comes back bit for bit.
    #[must_use]
    pub fn lossless() -> Self {
        Self::with_rate_control(RateControl::Lossless)
    }

    /// Caps the bit rate at what a player with this buffer can play.
    #[must_use]
    pub fn vbv(mut self, max_bits_per_second: u64, buffer_bits: u64) -> Self {
        self.vbv = Some(Vbv { max_bits_per_second, buffer_bits });
        self
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

    /// Keeps to what players of this profile know.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// At most `frames` from one keyframe to the next.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = Some(frames);
        self
    }

    /// Adds one of x264's own settings, as in `x264_param("aq-mode", "3")`.
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
                    hint: "cap a crf or a bitrate instead",
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
            // In 10 bits crf 0 leaves 12 steps of the quantizer below it.
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
