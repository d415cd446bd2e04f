//! What can go wrong, with the value at fault and the way to mend it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A shorthand for results of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a movie, or one call on it, failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings cannot make a movie. Nothing was opened or written.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),

    /// The frame given cannot be taken. The movie goes on without it.
    #[error(transparent)]
    Frame(#[from] InvalidFrame),

    /// The time given cannot be taken. The movie goes on.
    #[error(transparent)]
    Time(#[from] InvalidTime),

    /// A stream of frames, or a movie to recover, is not what it should be.
    #[error("{name}: {problem}")]
    Input {
        /// The file's path, or `standard input`.
        name: String,
        /// What is wrong, where.
        problem: InvalidInput,
    },

    /// A call into FFmpeg failed.
    #[error(transparent)]
    Libav(#[from] LibavError),

    /// Reading or writing failed, with the operating system's reason as source.
    #[error("cannot {operation}{}", PathSuffix(path.as_deref()))]
    Io {
        /// What was being done: `write`, `rename`, ….
        operation: &'static str,
        /// The file, where there is one.
        path: Option<PathBuf>,
        /// The operating system's reason.
        source: io::Error,
    },

    /// `finish` was called before any frame was written: there is no movie to publish.
    #[error("no frame was written, so there is no movie; write at least one frame before finishing")]
    NoFrames,

    /// The movie failed on an earlier call; that call returned the cause.
    #[error("the movie failed earlier and takes no more calls; the cause was: {cause}")]
    FailedEarlier {
        /// The first error and its causes.
        cause: String,
    },

    /// Code of the caller that runs inside the library panicked: a packet callback or a sink.
    #[error("the {what} panicked: {message}")]
    Panicked {
        /// Whose code it was.
        what: &'static str,
        /// The panic's message.
        message: String,
    },

    /// The run failed, and what it had encoded is still there.
    #[error("the movie broke off; what was encoded is in {}, and `framemill recover` makes it playable", part_file.display())]
    Interrupted {
        /// Why it failed.
        #[source]
        cause: Box<Error>,
        /// The file that holds the frames so far.
        part_file: PathBuf,
    },
}

impl Error {
    /// An input or output error in `operation`, on `path`.
    pub(crate) fn io(operation: &'static str, path: Option<&Path>, source: io::Error) -> Self {
        Self::Io { operation, path: path.map(Path::to_owned), source }
    }

    /// Names the file in an error that does not know which it was.
    pub(crate) fn on_path(mut self, file: &Path) -> Self {
        match &mut self {
            Self::Io { path, .. } | Self::Libav(LibavError { path, .. }) if path.is_none() => {
                *path = Some(file.to_owned());
            }
            _ => {}
        }
        self
    }

    /// The error and all its causes, in one line.
    #[must_use]
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    /// Whether the movie can go on after this error: the call was refused and nothing has changed.
    #[must_use]
    pub fn leaves_movie_usable(&self) -> bool {
        matches!(self, Self::Frame(_) | Self::Time(_))
    }
}

/// A failed call into FFmpeg: what was tried, the code it gave, and what it logged about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibavError {
    /// What was being done, as in `open the encoder libx264`.
    pub operation: String,
    /// FFmpeg's error code (`AVERROR`), negative.
    pub code: i32,
    /// FFmpeg's text for the code.
    pub message: String,
    /// The last warning or error that FFmpeg logged during the operation.
    pub log_line: Option<String>,
    /// The file it was about, where there is one.
    pub path: Option<PathBuf>,
}

impl fmt::Display for LibavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, code, message, log_line, path } = self;
        write!(f, "cannot {operation}{}: {message} ({code})", PathSuffix(path.as_deref()))?;
        match log_line {
            Some(line) => write!(f, "; FFmpeg says: {line}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LibavError {}

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
        "the name {name:?} does not tell the container: end it in .mp4, .mov, .m4v, .avi or .mkv, or name the container"
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

/// A frame that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFrame {
    /// A side is zero, or so large that its bytes cannot be counted.
    #[error("a frame of {width}x{height} pixels cannot be: each side must be 1 to 65535 pixels")]
    Size {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },

    /// The stride does not cover a row.
    #[error("the stride of {stride} bytes in plane {plane} is shorter than a row of {row_bytes} bytes")]
    StrideTooShort {
        /// Which plane, from 0.
        plane: usize,
        /// Bytes from one row to the next.
        stride: isize,
        /// Bytes that a row needs.
        row_bytes: usize,
    },

    /// The buffer ends before the picture does.
    #[error("plane {plane} has {bytes} bytes, and the picture needs {needed}")]
    BufferTooShort {
        /// Which plane, from 0.
        plane: usize,
        /// Bytes that were given.
        bytes: usize,
        /// Bytes that the picture needs.
        needed: usize,
    },

    /// Too few or too many planes.
    #[error("{pixel_format} has {needed} planes, and {planes} were given")]
    PlaneCount {
        /// The pixel format.
        pixel_format: &'static str,
        /// Planes that were given.
        planes: usize,
        /// Planes that the format has.
        needed: usize,
    },

    /// A pixel format of another layout was given to a constructor.
    #[error("{pixel_format} is not a packed format: give its planes")]
    NotPacked {
        /// The pixel format.
        pixel_format: &'static str,
    },

    /// The frame has another size than the movie.
    #[error(
        "frame {index} has {width}x{height} pixels, and the movie was opened for {expected_width}x{expected_height}"
    )]
    OtherSize {
        /// The frame's number, from 0.
        index: u64,
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels a row that the movie takes.
        expected_width: u32,
        /// Rows that the movie takes.
        expected_height: u32,
    },
}

/// A time that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTime {
    /// Frames must come in the order of their times, at least one tick apart.
    #[error(
        "the frame at {time:?} does not come after the frame before it, at {previous:?} (times are kept to {tick:?})"
    )]
    NotAfterPrevious {
        /// The time given.
        time: Duration,
        /// The time of the frame before.
        previous: Duration,
        /// The finest step of this movie.
        tick: Duration,
    },

    /// The container has one constant rate, and the time is not on it.
    #[error(
        "{container} has one constant frame rate, so the next frame is at {expected:?} and cannot be at {time:?}: choose mp4, mov or mkv for varying times"
    )]
    NotConstant {
        /// The container.
        container: &'static str,
        /// The time given.
        time: Duration,
        /// The only time that fits.
        expected: Duration,
    },

    /// A frame lasts longer than the container can say.
    #[error("a frame cannot last {duration:?}: the container's limit is {limit:?}")]
    TooLong {
        /// How long it was to last.
        duration: Duration,
        /// The longest that can be said.
        limit: Duration,
    },

    /// There is no frame to hold yet.
    #[error("there is no frame to hold yet: write one first")]
    NothingToHold,
}

/// What is wrong with a stream of frames or with a movie that is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInput {
    /// The stream ended inside a frame; the frames before it are whole.
    #[error("the stream ends inside frame {index}: {bytes} bytes are left over, and a frame has {frame_bytes}")]
    CutFrame {
        /// The frame's number, from 0.
        index: u64,
        /// Bytes of it that came.
        bytes: usize,
        /// Bytes that it should have.
        frame_bytes: usize,
    },

    /// Not the format that it should be.
    #[error("not a {format} stream: {problem}")]
    Malformed {
        /// The format that was expected.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },

    /// Nothing in it can be recovered.
    #[error("no whole frame is in it, so there is nothing to recover")]
    NothingToRecover,
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

struct PathSuffix<'a>(Option<&'a Path>);

impl fmt::Display for PathSuffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, " {}", path.display()),
            None => Ok(()),
        }
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
    }

    #[test]
    fn messages_carry_value_and_mend() {
        let error = InvalidSettings::unknown_name("preset", "fsat", &["fast", "slow"]);
        assert_eq!(error.to_string(), "unknown preset \"fsat\"; did you mean \"fast\"?; known are fast, slow");
        let error = Error::io("write", Some(Path::new("/full/a.mp4")), io::Error::from_raw_os_error(28));
        assert_eq!(error.to_string(), "cannot write /full/a.mp4");
        assert_eq!(error.with_causes(), "cannot write /full/a.mp4: No space left on device (os error 28)");
    }
}
