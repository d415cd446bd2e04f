//! The settings of the codecs besides H.264.

use super::{Container, option};
use crate::error::{InvalidSettings, OptionId};

pub(super) const FOURCC_FORM: &str = "give four printable characters, as in XVID";

/// The settings of the MPEG-4 Part 2 encoders.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Mpeg4 {
    /// What decides the number of bits.
    pub rate_control: QuantizerOrBitrate,
    /// The most frames from one keyframe to the next.
    pub gop: u32,
    /// The four characters by which AVI players know the codec; `XVID` in AVI when `None`.
    pub fourcc: Option<[u8; 4]>,
}

/// The settings of Motion JPEG.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Mjpeg {
    /// What decides the number of bits.
    pub rate_control: QuantizerOrBitrate,
}

/// The settings of FFV1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Ffv1 {
    /// The most frames from one keyframe to the next; with 1 (the default) each frame stands alone.
    pub gop: u32,
}

/// What decides the number of bits where there is no constant-quality mode.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum QuantizerOrBitrate {
    /// Constant quantizer, 1 (best) to 31.
    Qp(u32),
    /// A quantizer between two whole ones, 1 (best) to 31: frames get the one or the other, so that this is their mean.
    MeanQp(f32),
    /// Average bits a second.
    Bitrate(u64),
}

impl QuantizerOrBitrate {
    pub(super) fn validate(self, codec: &'static str) -> Result<(), InvalidSettings> {
        match self {
            Self::Qp(qp) => option::check_range(OptionId::Qp, qp.into(), codec),
            Self::MeanQp(qp) => option::check_range(OptionId::Qp, qp.into(), codec),
            Self::Bitrate(bits_per_second) => option::check_range(OptionId::Bitrate, bits_per_second as f64, codec),
        }
    }
}

impl Default for Mpeg4 {
    /// Quantizer 3, which looks good, and x264's keyframe distance.
    fn default() -> Self {
        Self { rate_control: QuantizerOrBitrate::Qp(3), gop: 250, fourcc: None }
    }
}

impl Mpeg4 {
    /// Constant quantizer `qp`, 1 (best) to 31.
    #[must_use]
    pub fn qp(qp: u32) -> Self {
        Self { rate_control: QuantizerOrBitrate::Qp(qp), ..Self::default() }
    }

    /// An average of `bits_per_second`.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self { rate_control: QuantizerOrBitrate::Bitrate(bits_per_second), ..Self::default() }
    }

    /// At most `frames` from one keyframe to the next.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = frames;
        self
    }

    /// The four characters by which AVI players know the codec: `XVID`, `DIVX`, `DX50`, `FMP4`, ….
    #[must_use]
    pub fn fourcc(mut self, fourcc: [u8; 4]) -> Self {
        self.fourcc = Some(fourcc);
        self
    }

    pub(super) fn validate(&self, codec: &'static str, container: Container) -> Result<(), InvalidSettings> {
        self.rate_control.validate(codec)?;
        option::check_range(OptionId::Gop, self.gop.into(), codec)?;
        match self.fourcc {
            Some(fourcc) if !fourcc.iter().all(u8::is_ascii_graphic) => Err(InvalidSettings::Malformed {
                option: OptionId::Fourcc,
                value: String::from_utf8_lossy(&fourcc).into_owned(),
                expected: FOURCC_FORM,
            }),
            Some(_) if container != Container::Avi => Err(InvalidSettings::Conflict {
                option: OptionId::Fourcc,
                with: container.name().to_owned(),
                hint: "leave it out, or write an AVI",
            }),
            _ => Ok(()),
        }
    }
}

impl Default for Mjpeg {
    fn default() -> Self {
        Self::qp(3)
    }
}

impl Mjpeg {
    /// Constant quantizer `qp`, 1 (best) to 31.
    #[must_use]
    pub fn qp(qp: u32) -> Self {
        Self { rate_control: QuantizerOrBitrate::Qp(qp) }
    }

    /// An average of `bits_per_second`.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self { rate_control: QuantizerOrBitrate::Bitrate(bits_per_second) }
    }
}

impl Default for Ffv1 {
    fn default() -> Self {
        Self { gop: 1 }
    }
}
