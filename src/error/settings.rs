//! Settings that cannot be, and the names that were meant.

use std::fmt;

use super::OptionId;

/// How a language or a command line writes an option: its name, or its name and a value.
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

/// Settings that cannot make a movie. Each variant names the setting, its value, and what would do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSettings {
    /// A side is zero or larger than any encoder takes.
    Size {
        /// The option that has the size; none for the size of the frames.
        option: Option<OptionId>,
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most pixels on a side.
        max_side: u32,
    },

    /// The picture has more pixels than FFmpeg takes.
    Area {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most rows of that width.
        most_rows: u32,
    },

    /// The pixel format halves chroma, and a side is odd.
    OddSize {
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
        /// The encoder's pixel format.
        pixel_format: &'static str,
    },

    /// Cropping an odd size would leave nothing.
    NothingLeft {
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
    },

    /// The frame rate is no rate, or too slow or fast.
    FrameRate {
        /// The rate as it was given.
        rate: String,
    },

    /// A number lies outside what the codec takes.
    OutOfRange {
        /// The option.
        option: OptionId,
        /// The value given.
        value: String,
        /// The codec, or what else sets the range.
        codec: &'static str,
        /// The allowed range.
        range: String,
    },

    /// The picture is smaller or larger than the codec can encode.
    CodecSize {
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
        /// The codec.
        codec: &'static str,
        /// The fewest and the most pixels on a side.
        sides: (u32, u32),
    },

    /// The codec or the container has no place for alpha.
    NoAlpha {
        /// The codec, and the container where that is the reason.
        codec: String,
    },

    /// Alpha is to be kept, and the pixel format that was chosen has none.
    AlphaFormat {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// The pixel format that was chosen has alpha, which is not to be kept.
    AlphaNotKept {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// A parameter of an encoder that framemill sets itself.
    ReservedParam {
        /// The option in which it was given.
        option: OptionId,
        /// The parameter.
        name: String,
        /// The options that set it, where there are any.
        instead: Vec<OptionId>,
        /// Otherwise, why it is reserved and what to do.
        hint: &'static str,
    },

    /// An encoder did not take one of its own parameters.
    EncoderParam {
        /// The option in which it was given.
        option: OptionId,
        /// The encoder's complaint.
        complaint: String,
    },

    /// A name is not one of those known.
    UnknownName {
        /// The option, where the name was given for one.
        option: Option<OptionId>,
        /// What it should name: `codec`, `preset`, `pixel format`, ….
        what: &'static str,
        /// The name given.
        value: String,
        /// The nearest known name.
        suggestion: Option<String>,
        /// All known names.
        known: String,
    },

    /// An option that this codec does not have.
    NotForCodec {
        /// The option.
        option: OptionId,
        /// The codec.
        codec: &'static str,
        /// The options of its own that the codec has.
        taken: Vec<OptionId>,
    },

    /// Two settings exclude each other.
    Conflict {
        /// The option.
        option: OptionId,
        /// What it does not go with: another setting, the codec, the container.
        with: String,
        /// What to do about it.
        hint: &'static str,
    },

    /// Several options were given of which each decides the size of the movie.
    Several {
        /// The options.
        options: Vec<OptionId>,
    },

    /// An option was given without another that belongs to it.
    Incomplete {
        /// The option that was given.
        option: OptionId,
        /// The option that is missing.
        missing: OptionId,
    },

    /// The codec cannot encode this pixel format.
    PixelFormat {
        /// The codec, or the profile.
        codec: String,
        /// The pixel format asked for.
        pixel_format: &'static str,
        /// What it takes.
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

    /// The container cannot hold what an encoder that was chosen by its name makes.
    EncoderContainer {
        /// The container.
        container: &'static str,
        /// FFmpeg's name of the encoder.
        encoder: String,
        /// Containers that hold it.
        fitting: String,
    },

    /// The container cannot hold sound of the codec.
    AudioContainer {
        /// The container.
        container: &'static str,
        /// The codec of the sound.
        codec: String,
        /// Codecs of sound that it holds.
        fitting: String,
    },

    /// The file name does not name a container.
    UnknownExtension {
        /// The file name.
        name: String,
    },

    /// The container is finished by going back in the file, and the sink cannot.
    NeedsSeek {
        /// The container.
        container: &'static str,
    },

    /// A movie of a given size is made in several attempts, which need a place beside it.
    NeedsFile,

    /// An interrupted movie cannot be resumed with a setting that spans the whole movie.
    NotResumable {
        /// The setting.
        with: &'static str,
    },

    /// The movie that is planned has no such segment.
    Segment {
        /// The number asked for, from 0.
        number: u64,
        /// How many segments there are, where that is known.
        segments: Option<u64>,
    },

    /// The output of a segment has another container than the plan.
    OtherContainer {
        /// The output's.
        container: &'static str,
        /// The plan's.
        planned: &'static str,
    },

    /// A plan was made by other versions than those that are to follow it, and they may give other bytes.
    OtherVersions {
        /// The versions that made the plan.
        plan: String,
        /// The versions here.
        here: String,
    },

    /// The codec has no place for the location of chroma samples.
    ChromaLocation {
        /// The codec.
        codec: &'static str,
    },

    /// The container would not keep this metadata.
    Metadata {
        /// The name given.
        name: String,
        /// Why it is not kept, and what to do.
        problem: String,
    },

    /// The FFmpeg that this build links has no such encoder.
    EncoderMissing {
        /// FFmpeg's name of the encoder.
        encoder: String,
        /// What to do about it.
        hint: &'static str,
    },

    /// The FFmpeg that this build links has no such encoder of sound.
    AudioEncoderMissing {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// What to do about it.
        hint: String,
    },

    /// Another movie is being encoded by an encoder of which a process can have one only.
    EncoderBusy {
        /// FFmpeg's name of the encoder.
        encoder: String,
    },

    /// The encoder did not take an option.
    EncoderOption {
        /// FFmpeg's name of the encoder.
        encoder: String,
        /// The option.
        name: String,
        /// The nearest option that it has.
        suggestion: Option<String>,
    },

    /// x264 did not take a key or value of `x264-params`.
    X264Param {
        /// The key.
        name: String,
        /// The value.
        value: String,
        /// The nearest key that x264 has, where the key is unknown.
        suggestion: Option<String>,
    },

    /// Mistakes in an encoder's parameters would go unseen, as another part of the process reads FFmpeg's log.
    LogUnread {
        /// The option that has the parameters.
        option: OptionId,
    },

    /// A value is not written as it should be.
    Malformed {
        /// The option.
        option: OptionId,
        /// The value given.
        value: String,
        /// How it is written.
        expected: &'static str,
    },
}

impl InvalidSettings {
    /// An unknown name, with the nearest of the known ones.
    pub(crate) fn unknown_name(option: Option<OptionId>, what: &'static str, value: &str, known: &[&str]) -> Self {
        Self::UnknownName {
            option,
            what,
            value: value.to_owned(),
            suggestion: nearest_name(value, known.iter().copied()),
            known: known.join(", "),
        }
    }

    /// The option at fault, where it is one.
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
            Self::EncoderMissing { .. } | Self::EncoderBusy { .. } => Some(OptionId::Codec),
            Self::Metadata { .. } => Some(OptionId::Metadata),
            Self::X264Param { .. } => Some(OptionId::X264Params),
        }
    }

    /// The message, with options written as users of a language or a command line write them.
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
                "a picture of {width}x{height} is too large for FFmpeg: with {width} columns it takes at most \
                 {most_rows} rows"
            ),
            Self::ChromaLocation { codec } => {
                format!("{codec} has no place for a chroma location: leave it out, or choose h264, hevc or ffv1")
            }
            Self::Metadata { name: key, problem } => format!("{} {key:?} {problem}", name(&OptionId::Metadata)),
            Self::LogUnread { option } => format!(
                "{} cannot be checked: the encoder reports mistakes in FFmpeg's log, which another part of this process \
                 reads; leave them out, or let framemill read the log",
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
                "{pixel_format} has no alpha to keep: leave {} out, or choose one with alpha",
                name(&OptionId::PixelFormat)
            ),
            Self::AlphaNotKept { pixel_format } => format!(
                "{pixel_format} has alpha, and frames are drawn over the background: choose {}, or another {}",
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
                format!("the encoder does not take {}: {complaint}", name(option))
            }
            Self::UnknownName { what, value, suggestion, known, .. } => {
                format!("unknown {what} {value:?}{}; known are {known}", DidYouMean(suggestion.as_deref()))
            }
            Self::NotForCodec { option, codec, taken } => {
                format!("{codec} has no {}: leave it out; it takes {}", name(option), names(taken, ", "))
            }
            Self::Conflict { option, with, hint } => format!("{} does not go with {with}: {hint}", name(option)),
            Self::Several { options } => format!(
                "{} exclude each other, as each decides the size of the movie: give one of them",
                names(options, " and ")
            ),
            Self::Incomplete { option, missing } => {
                format!("{} needs {}: give both, or neither", name(option), name(missing))
            }
            Self::PixelFormat { codec, pixel_format, allowed } => {
                format!("{codec} does not encode {pixel_format}: it takes {allowed}")
            }
            Self::Container { container, codec, fitting, fitting_codecs } => {
                format!("{container} cannot hold {codec}: choose {fitting}, or another codec: {fitting_codecs}")
            }
            Self::EncoderContainer { container, encoder, fitting } if fitting.is_empty() => {
                format!(
                    "{container} cannot hold what {encoder} makes, and no other container here can: choose another encoder"
                )
            }
            Self::EncoderContainer { container, encoder, fitting } => {
                format!("{container} cannot hold what {encoder} makes: choose {fitting}")
            }
            Self::AudioContainer { container, codec, fitting } => {
                format!("{container} cannot hold {codec} sound: choose {} {fitting}", name(&OptionId::AudioCodec))
            }
            Self::UnknownExtension { name } => format!(
                "the name {name:?} does not name a container: end it in .mp4, .mov, .m4v, .avi, .mkv or .webm, or give {}{}",
                spell(OptionId::Container, None),
                gif_hint(name)
            ),
            Self::NeedsSeek { container } => format!(
                "{container} is finished by going back to its start, which a stream cannot do: choose mp4, mov, mkv or webm, \
                 or write to a file"
            ),
            Self::NotResumable { with } => format!(
                "a run cannot be resumed with {with}: it needs a movie in a file, of a constant quality (crf, qp, lossless)"
            ),
            Self::Segment { number, segments } => match segments {
                Some(0) => format!("there is no segment {number}: the movie has no frames"),
                Some(segments) => {
                    format!("there is no segment {number}: the last one of the movie is {}", segments - 1)
                }
                None => format!("there is no segment {number}: no movie has so many frames"),
            },
            Self::OtherContainer { container, planned } => {
                format!(
                    "the segment is to be {container}, and its plan is for {planned}: give it the same container"
                )
            }
            Self::OtherVersions { plan, here } => format!(
                "the plan was made by {plan}, and this is {here}, which may give other bytes: use one version everywhere"
            ),
            Self::NeedsFile => format!(
                "{} makes a movie in several attempts, beside its file: write it to a file by name",
                name(&OptionId::MaxSize)
            ),
            Self::AudioEncoderMissing { encoder, hint } => {
                format!("this build's FFmpeg has no encoder {encoder}: {hint}")
            }
            Self::EncoderBusy { encoder } => format!(
                "{encoder} encodes one movie at a time in a process, as its encoders share memory: finish the other movie first, or \
                 encode this one in another process"
            ),
            Self::EncoderMissing { encoder, hint } => {
                format!("this build's FFmpeg has no encoder {encoder}: {hint}")
            }
            Self::EncoderOption { encoder, name, suggestion } => {
                format!("{encoder} has no option {name:?}{}", DidYouMean(suggestion.as_deref()))
            }
            Self::X264Param { name: key, value, suggestion } => format!(
                "x264 does not take {key}={value} in {}{}",
                name(&OptionId::X264Params),
                DidYouMean(suggestion.as_deref())
            ),
            Self::Malformed { option, value, expected } => {
                format!("{} is not valid: {expected}", spell(*option, Some(&format!("{value:?}"))))
            }
        }
    }
}

/// The message, with options by their plain names.
impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled(&|option, value| match value {
            Some(value) => format!("{option} {value}"),
            None => option.to_string(),
        }))
    }
}

impl std::error::Error for InvalidSettings {}

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
        let error = InvalidSettings::unknown_name(None, "preset", "fsat", &["fast", "slow"]);
        assert_eq!(error.to_string(), "unknown preset \"fsat\"; did you mean \"fast\"?; known are fast, slow");
    }
}
