//! The errors: what went wrong, the value at fault, and how to fix it.

mod audio;
mod input;
mod libav;
mod option_id;
mod settings;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use audio::InvalidAudio;
pub use input::{InvalidFrame, InvalidInput, InvalidTime};
pub use libav::LibavError;
pub use option_id::OptionId;
pub(crate) use settings::nearest_name;
pub use settings::{InvalidSettings, Spelling};

/// Formats a number of things: `1 frame`, `2 frames`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The result type of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a movie, or of one call on it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings are invalid. Nothing was opened or written.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),

    /// The frame cannot be used. The movie continues without it.
    #[error(transparent)]
    Frame(#[from] InvalidFrame),

    /// The time cannot be used. The movie continues.
    #[error(transparent)]
    Time(#[from] InvalidTime),

    /// The sound samples cannot be used. The movie continues without them.
    #[error(transparent)]
    Audio(#[from] InvalidAudio),

    /// A stream of frames, or a movie to recover, is invalid.
    #[error("{name}: {problem}")]
    Input {
        /// The file's path, or `standard input`.
        name: String,
        /// What is wrong, and where.
        problem: InvalidInput,
    },

    /// A call into FFmpeg failed.
    #[error(transparent)]
    Libav(#[from] LibavError),

    /// Reading or writing failed. The source is the operating system's error.
    #[error("cannot {operation}{}", PathSuffix(path.as_deref()))]
    Io {
        /// The operation that failed: `write`, `rename`, ….
        operation: &'static str,
        /// The file, if there is one.
        path: Option<PathBuf>,
        /// The operating system's error.
        source: io::Error,
    },

    /// `finish` was called before any frame was written: there is no movie to publish.
    #[error("no frame was written, so there is no movie; write at least one frame before finishing")]
    NoFrames,

    /// [`join`](crate::join) got an empty list.
    #[error("there are no segments to join, so there is no movie; give at least one")]
    NoSegments,

    /// `finish` was called before all frames of a segment were written: its [plan](crate::Plan) has more.
    #[error(
        "{} written, but the segment has {expected}: write all of them, or plan a shorter movie",
        plural(*.frames, "frame")
    )]
    ShortSegment {
        /// Frames that were written.
        frames: u64,
        /// Frames of the segment.
        expected: u64,
    },

    /// The movie cannot be made as small as requested.
    #[error(
        "the movie cannot be as small as {}: at the lowest quality it needs {least_bytes}; allow that many, or make the movie smaller or shorter",
        plural(*max_bytes, "byte")
    )]
    TooLarge {
        /// The largest size that was allowed, in bytes.
        max_bytes: u64,
        /// The bytes that the movie needs at the lowest quality, plus one percent.
        least_bytes: u64,
    },

    /// The movie failed on an earlier call; that call returned the cause.
    #[error("the movie failed earlier and cannot be used any more; the cause was: {cause}")]
    FailedEarlier {
        /// The first error and its causes.
        cause: String,
    },

    /// The writer was dropped, or left by an exception, before `finish`.
    #[error("the movie was not finished")]
    Unfinished,

    /// The operation was stopped through a [`StopToken`](crate::StopToken).
    #[error("stopped")]
    Stopped,

    /// The caller's code panicked inside the library: a packet callback or a sink.
    #[error("the {what} panicked: {message}")]
    Panicked {
        /// The code that panicked.
        what: &'static str,
        /// The panic's message.
        message: String,
    },

    /// The run failed, and the part file keeps what it had encoded.
    #[error("the movie was not completed; `recover` makes a movie of the encoded frames in {}", part_file.display())]
    Interrupted {
        /// Why the run failed.
        #[source]
        cause: Box<Error>,
        /// The part file, with the frames so far.
        part_file: PathBuf,
    },
}

impl Error {
    /// Makes an input or output error in `operation` on `path`.
    pub(crate) fn io(operation: &'static str, path: Option<&Path>, source: io::Error) -> Self {
        Self::Io { operation, path: path.map(Path::to_owned), source }
    }

    /// Adds to `cause` the part file that keeps the encoded frames.
    pub(crate) fn interrupted(cause: Self, part_file: PathBuf) -> Self {
        Self::Interrupted { cause: Box::new(cause), part_file }
    }

    /// Adds the file's path to an error that has none.
    pub(crate) fn on_path(mut self, file: &Path) -> Self {
        match &mut self {
            Self::Io { path, .. } | Self::Libav(LibavError { path, .. }) if path.is_none() => {
                *path = Some(file.to_owned());
            }
            _ => {}
        }
        self
    }

    /// Returns whether a file to be read does not exist.
    #[must_use]
    pub fn is_missing_input(&self) -> bool {
        match self {
            Self::Io { operation: "read" | "read the sound", source, .. } => {
                source.kind() == io::ErrorKind::NotFound
            }
            Self::Interrupted { cause, .. } => cause.is_missing_input(),
            _ => false,
        }
    }

    /// Returns the error and all its causes in one line.
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

    /// Returns whether the operation was [stopped](crate::StopToken), and nothing went wrong.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Interrupted { cause, .. } => cause.is_stopped(),
            _ => false,
        }
    }

    /// Returns whether the movie can continue after this error: the call was rejected and changed nothing.
    #[must_use]
    pub fn leaves_movie_usable(&self) -> bool {
        matches!(self, Self::Frame(_) | Self::Time(_) | Self::Audio(_))
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
    fn causes_are_listed_in_one_line() {
        let full = || io::Error::from_raw_os_error(28);
        let error = Error::io("write", Some(Path::new("/full/a.mp4")), full());
        assert_eq!(error.to_string(), "cannot write /full/a.mp4");
        assert_eq!(error.with_causes(), format!("cannot write /full/a.mp4: {}", full()));
    }
}
