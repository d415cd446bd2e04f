//! Settings that cannot be, and the names that were meant.

use std::fmt;

/// Settings that cannot make a movie. Each variant names the setting, its value, and what would do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSettings {
    /// A side is zero or larger than any encoder takes.
    #[error("{what} {width}x{height} is out of range: each side must be 1 to 16384 pixels")]
    Size {
        /// Which size: `frame size` or `scaled size`.
        what: &'static str,
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },

    /// The picture has more pixels than FFmpeg takes.
    #[error(
        "a picture of {width}x{height} is too large for FFmpeg: with {width} columns it takes at most {most_rows} rows"
    )]
    Area {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most rows of that width.
        most_rows: u32,
    },

    /// The pixel format halves chroma, and a side is odd.
    #[error(
        "{width}x{height} is odd, and {pixel_format} needs even sizes: pad or crop odd sizes, or choose yuv444p"
    )]
    OddSize {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The encoder's pixel format.
        pixel_format: &'static str,
    },

    /// Cropping an odd size would leave nothing.
    #[error(
        "{width}x{height} is one pixel wide or high, and cropping it to an even size leaves nothing: pad it instead"
    )]
    NothingLeft {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },

    /// The frame rate is no rate, or too slow or fast.
    #[error(
        "frame rate {rate:?} is not valid: give frames a second as 30, 30000/1001, 29.97 or 12.5, between 0.001 and 1000"
    )]
    FrameRate {
        /// The rate as it was given.
        rate: String,
    },

    /// A number lies outside what the codec takes.
    #[error("{setting} {value} is out of range: {codec} takes {range}")]
    OutOfRange {
        /// The setting's name on the command line, without dashes.
        setting: &'static str,
        /// The value given.
        value: String,
        /// The codec, or what else sets the range.
        codec: &'static str,
        /// The allowed range.
        range: String,
    },

    /// A name is not one of those known.
    #[error("unknown {what} {value:?}{}; known are {known}", DidYouMean(suggestion.as_deref()))]
    UnknownName {
        /// What it should name: `codec`, `preset`, `pixel format`, ….
        what: &'static str,
        /// The name given.
        value: String,
        /// The nearest known name.
        suggestion: Option<String>,
        /// All known names.
        known: String,
    },

    /// A setting that this codec does not have.
    #[error("{codec} has no {setting}: {mend}")]
    NotForCodec {
        /// The setting's name on the command line, without dashes.
        setting: &'static str,
        /// The codec.
        codec: &'static str,
        /// What to do instead.
        mend: String,
    },

    /// A setting that this container does not have.
    #[error("{container} has no {setting}: {mend}")]
    NotForContainer {
        /// The setting's name on the command line, without dashes.
        setting: &'static str,
        /// The container.
        container: &'static str,
        /// What to do instead.
        mend: String,
    },

    /// The codec cannot encode this pixel format.
    #[error("{codec} does not encode {pixel_format}: it takes {allowed}")]
    PixelFormat {
        /// The codec, or the profile.
        codec: String,
        /// The pixel format asked for.
        pixel_format: &'static str,
        /// What it takes.
        allowed: String,
    },

    /// The container cannot hold the codec.
    #[error("{container} cannot hold {codec}: choose {fitting}")]
    Container {
        /// The container.
        container: &'static str,
        /// The codec.
        codec: &'static str,
        /// Containers that hold this codec.
        fitting: String,
    },

    /// The file name does not tell the container.
    #[error(
        "the name {name:?} does not tell the container: end it in .mp4, .mov, .m4v, .avi or .mkv, or name the container{}",
        gif_hint(name)
    )]
    UnknownExtension {
        /// The file name.
        name: String,
    },

    /// The container is finished by going back in the file, and the sink cannot.
    #[error(
        "{container} is finished by going back to its start, which a stream cannot do: choose mp4, mov or mkv, or write to a file"
    )]
    NeedsSeek {
        /// The container.
        container: &'static str,
    },

    /// A movie of a given size is made in several attempts, which need a place beside it.
    #[error(
        "a movie of at most so many bytes is made beside its file, in several attempts: write it to a file by its name"
    )]
    NeedsFile,

    /// The container would not keep something that the movie is to say about itself.
    #[error("metadata {name:?} {problem}")]
    Metadata {
        /// The name given.
        name: String,
        /// Why it is not kept, and what to do.
        problem: String,
    },

    /// The FFmpeg that this build links has no such encoder.
    #[error("this build's FFmpeg has no encoder {encoder}: {mend}")]
    EncoderMissing {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// What to do about it.
        mend: String,
    },

    /// The encoder did not take an option.
    #[error("{encoder} has no option {name:?}{}", DidYouMean(suggestion.as_deref()))]
    EncoderOption {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// The option.
        name: String,
        /// The nearest option that it has.
        suggestion: Option<String>,
    },

    /// x264 did not take a key or value of `x264-params`.
    #[error("x264 does not take {name}={value} in x264-params{}", DidYouMean(suggestion.as_deref()))]
    X264Param {
        /// The key.
        name: String,
        /// The value.
        value: String,
        /// The nearest key that x264 has, where the key is unknown.
        suggestion: Option<String>,
    },

    /// A key of `x264-params` that framemill sets itself.
    #[error("x264-params must not set {name}: {mend}")]
    X264ParamReserved {
        /// The key.
        name: String,
        /// What to use instead.
        mend: &'static str,
    },

    /// Nobody would see a mistake in `x264-params`.
    #[error(
        "x264-params cannot be checked: x264 reports mistakes in FFmpeg's log, which another part of this process reads; leave them out, or let framemill read the log"
    )]
    LogUnread,

    /// A value is not written as it should be.
    #[error("{setting} {value:?} is not valid: {expected}")]
    Malformed {
        /// The setting's name on the command line, without dashes.
        setting: &'static str,
        /// The value given.
        value: String,
        /// How it is written.
        expected: &'static str,
    },
}

impl InvalidSettings {
    /// An unknown name, with the nearest of the known ones.
    pub(crate) fn unknown_name(what: &'static str, value: &str, known: &[&str]) -> Self {
        Self::UnknownName {
            what,
            value: value.to_owned(),
            suggestion: nearest_name(value, known.iter().copied()),
            known: known.join(", "),
        }
    }
}

/// The known name that is nearest to `name`, if one is near enough to be meant.
pub(crate) fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.to_owned())
}

struct DidYouMean<'a>(Option<&'a str>);

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "; did you mean {name:?}?"),
            None => Ok(()),
        }
    }
}

/// What makes the movies that people call GIFs.
fn gif_hint(name: &str) -> &'static str {
    match name.to_lowercase().ends_with(".gif") {
        true => "; framemill makes no animated GIFs: gifski does, and in Python Pillow",
        false => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_suggested_and_a_wild_one_is_not() {
        let known = ["ultrafast", "veryfast", "medium"];
        assert_eq!(nearest_name("verryfast", known), Some("veryfast".to_owned()));
        assert_eq!(nearest_name("Medium", known), Some("medium".to_owned()));
        assert_eq!(nearest_name("qqq", known), None);
        let error = InvalidSettings::unknown_name("preset", "fsat", &["fast", "slow"]);
        assert_eq!(error.to_string(), "unknown preset \"fsat\"; did you mean \"fast\"?; known are fast, slow");
    }
}
