//! The rate control of encoders with a constant-quality mode.

use super::codec_facts::CodecFacts;
use super::option;
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// The rate control of H.264, HEVC, AV1 and VP9. Each codec has its own scale, and not all codecs have all modes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum RateControl {
    /// Constant quality, from 0 (best): to 51 in H.264 and HEVC, to 63 in AV1 and VP9, which take whole numbers only.
    Crf(f32),
    /// Constant quantizer: 0 to 51 in H.264 and HEVC, 0 to 63 in 10-bit H.264. 0 is lossless in 8-bit H.264.
    Qp(u32),
    /// Average bit rate in bits per second.
    Bitrate(u64),
    /// Lossless, in H.264, HEVC and VP9: decoded samples equal the encoder's input bit for bit. The conversion from RGB
    /// to YUV before it still loses a little; encode RGB ([`Codec::H264Rgb`](crate::Codec::H264Rgb)) to avoid it.
    Lossless,
}

impl RateControl {
    pub(super) fn validate(self, facts: &CodecFacts, format: PixelFormat) -> Result<(), InvalidSettings> {
        let codec = facts.name;
        match self {
            // As text, so that the message shows the number as it was given.
            Self::Crf(crf) => {
                option::check_range(OptionId::Crf, crf.to_string().parse().unwrap_or(f64::NAN), codec)?;
                check_steps(crf, facts)
            }
            Self::Qp(qp) => match facts.most_deep_qp.filter(|_| format.bits() > 8) {
                Some(most) => option::check_within(OptionId::Qp, qp.into(), codec, (0.0, most.into())),
                None => option::check_range(OptionId::Qp, qp.into(), codec),
            },
            Self::Bitrate(bits_per_second) => option::check_range(OptionId::Bitrate, bits_per_second as f64, codec),
            Self::Lossless => option::check_has(OptionId::Lossless, codec),
        }
    }
}

fn check_steps(crf: f32, facts: &CodecFacts) -> Result<(), InvalidSettings> {
    if !facts.has_whole_crf || crf.fract() == 0.0 {
        return Ok(());
    }
    let expected = "give a whole number: av1 and vp9 take no fractions";
    Err(InvalidSettings::Malformed { option: OptionId::Crf, value: crf.to_string(), expected })
}
