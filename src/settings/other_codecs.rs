//! The settings of MPEG-4 Part 2, Motion JPEG and FFV1.

use super::{Container, option};
use crate::error::{InvalidSettings, OptionId};

pub(super) const FOURCC_FORM: &str = "give four printable characters, as in XVID";

/// The settings of the MPEG-4 Part 2 encoders.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Mpeg4 {
    /// The rate control.
    pub rate_control: QuantizerOrBitrate,
    /// The maximum distance between keyframes, in frames.
    pub gop: u32,
    /// The four-character code of the codec in an AVI file; `XVID` when `None`.
    pub fourcc: Option<[u8; 4]>,
}

/// The settings of Motion JPEG.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Mjpeg {
    /// The rate control.
    pub rate_control: QuantizerOrBitrate,
}

/// The settings of FFV1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Ffv1 {
    /// The maximum distance between keyframes, in frames; with 1 (the default) every frame is a keyframe.
    pub gop: u32,
}

/// The rate control of encoders without a constant-quality mode.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum QuantizerOrBitrate {
    /// Constant quantizer, 1 (best) to 31.
    Qp(u32),
    /// A mean quantizer, 1 (best) to 31: frames alternate between two whole quantizers so that their mean is this
    /// number.
    MeanQp(f32),
    /// Average bit rate in bits per second.
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
    /// Quantizer 3, which looks good, and the keyframe distance of x264.
    fn default() -> Self {
        Self { rate_control: QuantizerOrBitrate::Qp(3), gop: 250, fourcc: None }
    }
}

impl Mpeg4 {
    /// Sets a constant quantizer: `qp` is 1 (best) to 31.
    #[must_use]
    pub fn qp(qp: u32) -> Self {
        Self { rate_control: QuantizerOrBitrate::Qp(qp), ..Self::default() }
    }

    /// Sets an average bit rate.
    #[must_use]
    pub fn bitrate(bits_per_second: u64) -> Self {
        Self { rate_control: QuantizerOrBitrate::Bitrate(bits_per_second), ..Self::default() }
    }

    /// Sets the maximum distance between keyframes, in frames.
    #[must_use]
    pub fn gop(mut self, frames: u32) -> Self {
        self.gop = frames;
        self
    }

    /// Sets the four-character code of the codec in an AVI file: `XVID`, `DIVX`, `DX50`, `FMP4`, ….
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
    /// Sets a constant quantizer: `qp` is 1 (best) to 31.
    #[must_use]
    pub fn qp(qp: u32) -> Self {
        Self { rate_control: QuantizerOrBitrate::Qp(qp) }
    }

    /// Sets an average bit rate.
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
