//! Any other encoder of the linked FFmpeg, by name.

use super::{Container, encoder_params};
use crate::error::{InvalidSettings, OptionId};

/// An encoder of the linked FFmpeg, chosen by name, with its own options. Use it for encoders that framemill has no
/// settings for, such as hardware encoders that take frames from memory.
///
/// ```
/// use framemill::{Codec, NamedEncoder};
/// let codec = Codec::Encoder(NamedEncoder::new("libaom-av1").option("crf", "30").option("cpu-used", "6"));
/// assert_eq!(codec.encoder_name(), "libaom-av1");
/// ```
///
/// The encoder must return one packet for each frame. Frames get the colors of H.264: BT.709, limited range, as far as
/// the encoder records them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NamedEncoder {
    /// FFmpeg's name of the encoder.
    pub name: String,
    /// Its options by FFmpeg's names: its own, and those that all encoders have.
    pub options: Vec<(String, String)>,
}

/// The prefix of a codec name that stands for an encoder.
pub(super) const PREFIX: &str = "encoder:";

/// The options that framemill sets itself.
const RESERVED: [&str; 9] =
    ["flags", "pix_fmt", "pixel_format", "s", "size", "threads", "time_base", "video_size", "color_range"];

impl NamedEncoder {
    /// Makes the settings of an encoder with its own defaults.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), options: Vec::new() }
    }

    /// Sets an option of the encoder.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Returns the names of the parameters in the option `x265-params`.
    pub(super) fn x265_param_names(&self) -> impl Iterator<Item = &str> {
        let values = self.options.iter().filter(|(name, _)| name == "x265-params").map(|(_, value)| value);
        values.flat_map(|value| value.split(':')).map(|param| param.split('=').next().unwrap_or(param).trim())
    }

    /// Returns whether its streams are known to record the matrix of YUV, or players know it. Most encoders have the name
    /// of their standard in theirs.
    pub(super) fn records_matrix(&self) -> bool {
        const PARTS: [&str; 11] =
            ["264", "265", "hevc", "av1", "vp9", "vvc", "vvenc", "kvazaar", "mpeg2", "mjpeg", "utvideo"];
        PARTS.iter().any(|part| self.name.contains(part))
    }

    pub(super) fn validate_name(&self) -> Result<(), InvalidSettings> {
        if self.name.is_empty() || !self.name.chars().all(|letter| letter.is_ascii_graphic()) {
            return Err(InvalidSettings::Malformed {
                option: OptionId::Codec,
                value: format!("{PREFIX}{}", self.name),
                expected: "give the name of an FFmpeg encoder, as in encoder:libaom-av1",
            });
        }
        Ok(())
    }

    pub(super) fn validate(&self, container: Container) -> Result<(), InvalidSettings> {
        self.validate_name()?;
        if let Some((name, _)) = self.options.iter().find(|(name, _)| RESERVED.contains(&name.as_str())) {
            return Err(InvalidSettings::ReservedParam {
                option: OptionId::EncoderOptions,
                name: name.clone(),
                instead: Vec::new(),
                hint: "framemill sets it itself, from its own options",
            });
        }
        if container.is_constant_rate() && self.options.iter().any(asks_for_b_frames) {
            return Err(InvalidSettings::Conflict {
                option: OptionId::EncoderOptions,
                with: format!("{}, which has no B-frames", container.name()),
                hint: "leave bf and bframes out, or choose mp4, mov or mkv",
            });
        }
        Ok(())
    }
}

/// Returns whether an option requests B-frames: an option of libavcodec, or a parameter of x264 or x265.
fn asks_for_b_frames((name, value): &(String, String)) -> bool {
    let is_bframes = |(name, value): (&str, &str)| encoder_params::is_named(name, "bframes") && value.trim() != "0";
    match name.as_str() {
        "bf" => value != "0",
        "x264-params" | "x264opts" | "x265-params" => {
            value.split(':').filter_map(|param| param.split_once('=')).any(is_bframes)
        }
        _ => false,
    }
}
