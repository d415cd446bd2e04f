//! Errors about settings, and suggestions for misspelled names.

use std::fmt;

use super::OptionId;

/// How a language or a command line writes an option: only its name, or its name and a value.
///
/// ```
/// use framemill::{FrameRate, H264, OptionId, Settings, Container};
/// let mut settings = Settings::new(64, 48, FrameRate::new(30, 1));
/// settings.codec = H264::crf(99.0).into();
/// let error = settings.validate(Container::Mp4).expect_err("out of range");
/// assert_eq!(error.option(), Some(OptionId::Crf));
/// assert_eq!(error.to_string(), "crf 99 is out of range: h264 takes 0 to 51");
/// let spell = |option: OptionId, value: Option<&str>| match value {
///     Some(value) => format!("--{option}={value}"),
///     None => format!("--{option}"),
/// };
/// assert_eq!(error.spelled(&spell), "--crf=99 is out of range: h264 takes 0 to 51");
/// # Ok::<(), framemill::Error>(())
/// ```
pub type Spelling<'a> = &'a dyn Fn(OptionId, Option<&str>) -> String;

/// Settings that cannot make a movie. The fields name the setting, its value and what is allowed, where these apply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSettings {
    /// A side is zero, or larger than any encoder allows.
    Size {
        /// The option that sets the size; `None` for the size of the frames.
        option: Option<OptionId>,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The largest side in pixels.
        max_side: u32,
    },

    /// The picture has more pixels than FFmpeg allows.
    Area {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The largest height for that width.
        most_rows: u32,
    },

    /// The pixel format has half-resolution chroma, and a side is odd.
    OddSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The encoder's pixel format.
        pixel_format: &'static str,
    },

    /// Cropping an odd size would leave nothing.
    NothingLeft {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },

    /// The frame rate is invalid, too low or too high.
    FrameRate {
        /// The rate that was given.
        rate: String,
    },

    /// A number is outside the codec's range.
    OutOfRange {
        /// The option.
        option: OptionId,
        /// The value that was given.
        value: String,
        /// The codec, or whatever else sets the range.
        codec: &'static str,
        /// The allowed range.
        range: String,
    },

    /// The picture is smaller or larger than the codec can encode.
    CodecSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The codec.
        codec: &'static str,
        /// The smallest and the largest side in pixels.
        sides: (u32, u32),
    },

    /// The codec or the container cannot store alpha.
    NoAlpha {
        /// The codec, and the container if it is the reason.
        codec: String,
    },

    /// Alpha should be kept, but the chosen pixel format has none.
    AlphaFormat {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// The chosen pixel format has alpha, but alpha is not kept.
    AlphaNotKept {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// An encoder parameter that framemill sets itself.
    ReservedParam {
        /// The option that has the parameter.
        option: OptionId,
        /// The parameter.
        name: String,
        /// The options that set it, if there are any.
        instead: Vec<OptionId>,
        /// If there are no such options: why it is reserved, and what to do.
        hint: &'static str,
    },

    /// An encoder rejected one of its own parameters.
    EncoderParam {
        /// The option that has the parameter.
        option: OptionId,
        /// The encoder's complaint.
        complaint: String,
    },

    /// A name is not one of the known names.
    UnknownName {
        /// The option that the name was given for, if any.
        option: Option<OptionId>,
        /// The kind of name: `codec`, `preset`, `pixel format`, ….
        what: &'static str,
        /// The name that was given.
        value: String,
        /// The nearest known name.
        suggestion: Option<String>,
        /// All known names.
        known: String,
    },

    /// The codec does not have this option.
    NotForCodec {
        /// The option.
        option: OptionId,
        /// The codec.
        codec: &'static str,
        /// The codec-specific options that the codec has.
        available: Vec<OptionId>,
    },

    /// Two settings exclude each other.
    Conflict {
        /// The option.
        option: OptionId,
        /// What it conflicts with: another setting, the codec, the container.
        with: String,
        /// What to do about it.
        hint: &'static str,
    },

    /// Several options that each decide the size of the movie were given.
    Several {
        /// The options.
        options: Vec<OptionId>,
    },

    /// An option was given without another that it needs.
    Incomplete {
        /// The option that was given.
        option: OptionId,
        /// The option that is missing.
        missing: OptionId,
    },

    /// The codec cannot encode this pixel format.
    PixelFormat {
        /// The codec or the profile.
        codec: String,
        /// The pixel format that was requested.
        pixel_format: &'static str,
        /// The pixel formats that it takes.
        allowed: String,
    },

    /// The container cannot hold the codec.
    Container {
        /// The container.
        container: &'static str,
        /// The codec.
        codec: &'static str,
        /// Containers that hold this codec.
        fitting: String,
        /// Codecs that this container holds.
        fitting_codecs: String,
    },

    /// The container cannot hold the output of an encoder that was chosen by name.
    EncoderContainer {
        /// The container.
        container: &'static str,
        /// FFmpeg's name of the encoder.
        encoder: String,
        /// Containers that can hold it.
        fitting: String,
    },

    /// The container cannot hold sound of this codec.
    AudioContainer {
        /// The container.
        container: &'static str,
        /// The codec of the sound.
        codec: String,
        /// Audio codecs that it can hold.
        fitting: String,
    },

    /// The file extension does not name a container.
    UnknownExtension {
        /// The file name.
        name: String,
    },

    /// Finishing the container needs seeking, and the sink cannot seek.
    NeedsSeek {
        /// The container.
        container: &'static str,
    },

    /// A movie of a given size takes several attempts, which need a place beside the movie's file.
    NeedsFile,

    /// An interrupted movie cannot be resumed with a setting that applies to the whole movie.
    NotResumable {
        /// The setting.
        with: &'static str,
    },

    /// The planned movie has no such segment.
    Segment {
        /// The number that was requested, from 0.
        number: u64,
        /// The number of segments, if known.
        segments: Option<u64>,
    },

    /// The output of a segment has a different container than the plan.
    OtherContainer {
        /// The container of the output.
        container: &'static str,
        /// The container of the plan.
        planned: &'static str,
    },

    /// A plan was made by other versions, whose output may differ in bytes.
    OtherVersions {
        /// The versions that made the plan.
        plan: String,
        /// The versions of this build.
        here: String,
    },

    /// Neither the codec nor the container stores the location of chroma samples.
    ChromaLocation {
        /// The codec.
        codec: &'static str,
        /// The container.
        container: &'static str,
    },

    /// The container cannot store this metadata.
    Metadata {
        /// The name that was given.
        name: String,
        /// Why it is not stored, and what to do.
        problem: String,
    },

    /// The encoder does not encode video.
    NotAVideoEncoder {
        /// The encoder.
        encoder: String,
    },

    /// The linked FFmpeg does not have this encoder.
    EncoderMissing {
        /// FFmpeg's name of the encoder.
        encoder: String,
        /// What to do about it.
        hint: &'static str,
    },

    /// The linked FFmpeg does not have this audio encoder.
    AudioEncoderMissing {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// What to do about it.
        hint: String,
    },

    /// Another movie is using an encoder that a process can have only once.
    EncoderBusy {
        /// FFmpeg's name of the encoder.
        encoder: String,
    },

    /// The encoder does not have this option.
    EncoderOption {
        /// FFmpeg's name of the encoder.
        encoder: String,
        /// The option.
        name: String,
        /// The nearest option that exists.
        suggestion: Option<String>,
    },

    /// x264 rejected a key or value of `x264-params`.
    X264Param {
        /// The key.
        name: String,
        /// The value.
        value: String,
        /// The nearest key that exists, if the key is unknown.
        suggestion: Option<String>,
    },

    /// Mistakes in an encoder's parameters cannot be detected, because another part of the process reads FFmpeg's log.
    LogUnread {
        /// The option that has the parameters.
        option: OptionId,
    },

    /// A value is malformed.
    Malformed {
        /// The option.
        option: OptionId,
        /// The value that was given.
        value: String,
        /// How to write it.
        expected: &'static str,
    },
}

impl InvalidSettings {
    /// Makes the error for an unknown name, with the nearest known name.
    pub(crate) fn unknown_name(option: Option<OptionId>, what: &'static str, value: &str, known: &[&str]) -> Self {
        Self::UnknownName {
            option,
            what,
            value: value.to_owned(),
            suggestion: nearest_name(value, known.iter().copied()),
            known: known.join(", "),
        }
    }

    /// Returns the option at fault, if there is one.
    #[must_use]
    pub fn option(&self) -> Option<OptionId> {
        match self {
            Self::Size { option, .. } | Self::UnknownName { option, .. } => *option,
            Self::Area { .. }
            | Self::CodecSize { .. }
            | Self::ChromaLocation { .. }
            | Self::NotResumable { .. }
            | Self::Segment { .. }
            | Self::OtherContainer { .. }
            | Self::OtherVersions { .. }
            | Self::EncoderOption { .. } => None,
            Self::OddSize { .. } | Self::NothingLeft { .. } => Some(OptionId::Odd),
            Self::FrameRate { .. } => Some(OptionId::Fps),
            Self::OutOfRange { option, .. }
            | Self::NotForCodec { option, .. }
            | Self::Conflict { option, .. }
            | Self::Incomplete { option, .. }
            | Self::Malformed { option, .. } => Some(*option),
            Self::Several { options } => options.first().copied(),
            Self::PixelFormat { .. } => Some(OptionId::PixelFormat),
            Self::Container { .. }
            | Self::EncoderContainer { .. }
            | Self::UnknownExtension { .. }
            | Self::NeedsSeek { .. } => Some(OptionId::Container),
            Self::AudioContainer { .. } | Self::AudioEncoderMissing { .. } => Some(OptionId::AudioCodec),
            Self::NeedsFile => Some(OptionId::MaxSize),
            Self::NoAlpha { .. } | Self::AlphaFormat { .. } | Self::AlphaNotKept { .. } => Some(OptionId::Alpha),
            Self::ReservedParam { option, .. } | Self::EncoderParam { option, .. } | Self::LogUnread { option } => {
                Some(*option)
            }
            Self::EncoderMissing { .. } | Self::NotAVideoEncoder { .. } | Self::EncoderBusy { .. } => {
                Some(OptionId::Codec)
            }
            Self::Metadata { .. } => Some(OptionId::Metadata),
            Self::X264Param { .. } => Some(OptionId::X264Params),
        }
    }

    /// Returns the message, with options written as users of a language or a command line write them.
    #[must_use]
    pub fn spelled(&self, spell: Spelling<'_>) -> String {
        let name = |option: &OptionId| spell(*option, None);
        let names = |options: &[OptionId], and: &str| {
            let names: Vec<String> = options.iter().map(name).collect();
            names.join(and)
        };
        match self {
            Self::Size { option, width, height, max_side } => {
                let what = if option.is_some() { "scaled size" } else { "frame size" };
                format!("{what} {width}x{height} is out of range: each side must be 1 to {max_side} pixels")
            }
            Self::Area { width, height, most_rows } => format!(
                "a picture of {width}x{height} pixels is too large for FFmpeg: at a width of {width} the height is at most \
                 {most_rows}"
            ),
            Self::ChromaLocation { codec, container } => format!(
                "{codec} in {container} cannot store a chroma location: leave it out, or choose h264, hevc, or ffv1 in mkv",
            ),
            Self::Metadata { name: key, problem } => format!("{} {key:?} {problem}", name(&OptionId::Metadata)),
            Self::LogUnread { option } => format!(
                "{} cannot be checked: the encoder reports mistakes only in FFmpeg's log, which another part of this \
                 process reads: leave it out, or do not replace framemill's log callback",
                name(option)
            ),
            Self::OddSize { width, height, pixel_format } => format!(
                "{width}x{height} is odd, and {pixel_format} needs even sizes: choose {} or {}, or {}",
                spell(OptionId::Odd, Some("pad")),
                spell(OptionId::Odd, Some("crop")),
                spell(OptionId::PixelFormat, Some("yuv444p")),
            ),
            Self::NothingLeft { width, height } => format!(
                "{width}x{height} is one pixel wide or high, and cropping it to an even size leaves nothing: choose {}",
                spell(OptionId::Odd, Some("pad")),
            ),
            Self::FrameRate { rate } => format!(
                "frame rate {rate:?} is not valid: give frames per second as 30, 30000/1001, 29.97 or 12.5, \
                 between 0.001 and 1000"
            ),
            Self::OutOfRange { option, value, codec, range } => {
                format!("{} is out of range: {codec} takes {range}", spell(*option, Some(value)))
            }
            Self::CodecSize { width, height, codec, sides: (least, most) } => {
                format!("size {width}x{height} is out of range: {codec} takes sides of {least} to {most} pixels")
            }
            Self::NoAlpha { codec } => format!(
                "{codec} cannot keep alpha: choose vp9 in webm or mkv, prores, png, qtrle or ffv1, or leave {} out",
                name(&OptionId::Alpha)
            ),
            Self::AlphaFormat { pixel_format } => format!(
                "{pixel_format} has no alpha to keep: leave {} out, or choose a format with alpha",
                name(&OptionId::PixelFormat)
            ),
            Self::AlphaNotKept { pixel_format } => format!(
                "{pixel_format} has alpha, but frames are drawn over the background: choose {}, or another {}",
                spell(OptionId::Alpha, Some("keep")),
                name(&OptionId::PixelFormat)
            ),
            Self::ReservedParam { option, name: key, instead, hint } => {
                let hint = match instead.as_slice() {
                    [] => (*hint).to_owned(),
                    options => format!("use {}", names(options, " or ")),
                };
                format!("{} must not set {key}: {hint}", name(option))
            }
            Self::EncoderParam { option, complaint } => {
                format!("the encoder rejected {}: {complaint}", name(option))
            }
            Self::UnknownName { what, value, suggestion, known, .. } => {
                format!("unknown {what} {value:?}{}; known names: {known}", DidYouMean(suggestion.as_deref()))
            }
            Self::NotForCodec { option, codec, available } => {
                format!(
                    "{codec} has no option {}: leave it out; its options are {}",
                    name(option),
                    names(available, ", ")
                )
            }
            Self::Conflict { option, with, hint } => {
                format!("{} cannot be combined with {with}: {hint}", name(option))
            }
            Self::Several { options } => format!(
                "{} cannot be combined, because each decides the size of the movie: give only one",
                names(options, " and ")
            ),
            Self::Incomplete { option, missing } => {
                format!("{} needs {}: give both, or neither", name(option), name(missing))
            }
            Self::PixelFormat { codec, pixel_format, allowed } => {
                format!("{codec} cannot encode {pixel_format}: choose {allowed}")
            }
            Self::Container { container, codec, fitting, fitting_codecs } => {
                format!("{container} cannot hold {codec}: choose {fitting}, or another codec: {fitting_codecs}")
            }
            Self::EncoderContainer { container, encoder, fitting } if fitting.is_empty() => {
                format!(
                    "{container} cannot hold the output of {encoder}, and neither can any other container: choose another encoder"
                )
            }
            Self::EncoderContainer { container, encoder, fitting } => {
                format!("{container} cannot hold the output of {encoder}: choose {fitting}")
            }
            Self::AudioContainer { container, codec, fitting } => {
                format!("{container} cannot hold {codec} sound: choose {} {fitting}", name(&OptionId::AudioCodec))
            }
            Self::UnknownExtension { name } => format!(
                "{name:?} does not end in a known extension: use .mp4, .mov, .m4v, .avi, .mkv or .webm, or give {}{}",
                spell(OptionId::Container, None),
                gif_hint(name)
            ),
            Self::NeedsSeek { container } => format!(
                "finishing {container} needs seeking, and a stream cannot seek: choose mp4, mov, mkv or webm, \
                 or write to a file"
            ),
            Self::NotResumable { with } => format!(
                "a run with {with} cannot be resumed: resuming needs a file as output and constant quality (crf, qp or lossless)"
            ),
            Self::Segment { number, segments } => match segments {
                Some(0) => format!("there is no segment {number}: the movie has no frames"),
                Some(segments) => {
                    format!("there is no segment {number}: the last one of the movie is {}", segments - 1)
                }
                None => format!("there is no segment {number}: no movie has that many frames"),
            },
            Self::OtherContainer { container, planned } => {
                format!(
                    "the segment's container is {container}, but the plan's is {planned}: use the plan's container"
                )
            }
            Self::OtherVersions { plan, here } => format!(
                "the plan was made by {plan}, but this is {here}, which may produce different bytes: use the same version everywhere"
            ),
            Self::NeedsFile => format!(
                "{} needs several attempts, which are written beside the movie: write the movie to a file",
                name(&OptionId::MaxSize)
            ),
            Self::AudioEncoderMissing { encoder, hint } => {
                format!("this build's FFmpeg has no encoder {encoder}: {hint}")
            }
            Self::EncoderBusy { encoder } => format!(
                "{encoder} can encode only one movie at a time in a process, because its encoders share memory: finish the other movie first, or \
                 encode this one in another process"
            ),
            Self::NotAVideoEncoder { encoder } => {
                format!("{encoder} does not encode video: choose a video encoder")
            }
            Self::EncoderMissing { encoder, hint } => {
                format!("this build's FFmpeg has no encoder {encoder}: {hint}")
            }
            Self::EncoderOption { encoder, name, suggestion } => {
                format!("{encoder} has no option {name:?}{}", DidYouMean(suggestion.as_deref()))
            }
            Self::X264Param { name: key, value, suggestion } => format!(
                "x264 rejected {key}={value} in {}{}",
                name(&OptionId::X264Params),
                DidYouMean(suggestion.as_deref())
            ),
            Self::Malformed { option, value, expected } => {
                format!("{} is not valid: {expected}", spell(*option, Some(&format!("{value:?}"))))
            }
        }
    }
}

/// Writes the message with plain option names.
impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled(&|option, value| match value {
            Some(value) => format!("{option} {value}"),
            None => option.to_string(),
        }))
    }
}

impl std::error::Error for InvalidSettings {}

/// Returns the known name nearest to `name`, if one is similar enough to be what the user meant.
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

/// Suggests programs that make animated GIFs.
fn gif_hint(name: &str) -> &'static str {
    match name.to_lowercase().ends_with(".gif") {
        true => "; framemill does not make animated GIFs: use gifski, or Pillow in Python",
        false => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_misses_are_suggested() {
        let known = ["ultrafast", "veryfast", "medium"];
        assert_eq!(nearest_name("verryfast", known), Some("veryfast".to_owned()));
        assert_eq!(nearest_name("Medium", known), Some("medium".to_owned()));
        assert_eq!(nearest_name("qqq", known), None);
        let error = InvalidSettings::unknown_name(None, "preset", "fsat", &["fast", "slow"]);
        assert_eq!(error.to_string(), "unknown preset \"fsat\"; did you mean \"fast\"?; known names: fast, slow");
    }
}
