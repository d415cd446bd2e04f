//! What can go wrong, with the value at fault and how to fix it.

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

    /// The samples given cannot be taken. The movie goes on without them.
    #[error(transparent)]
    Audio(#[from] InvalidAudio),

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

    /// `finish` was called before all frames of a segment were written: its [plan](crate::Plan) is for more.
    #[error("{frames} frames were written, and the segment has {expected}: write all, or plan a shorter movie")]
    ShortSegment {
        /// Frames that were written.
        frames: u64,
        /// Frames of the segment.
        expected: u64,
    },

    /// No movie of these frames is as small as was asked.
    #[error(
        "the movie cannot be made as small as {max_bytes} bytes: at the worst quality it takes {least_bytes}; allow as many, or make it smaller or shorter"
    )]
    TooLarge {
        /// The most bytes that it may have.
        max_bytes: u64,
        /// The bytes that it takes at the worst quality, and a hundredth more.
        least_bytes: u64,
    },

    /// The movie failed on an earlier call; that call returned the cause.
    #[error("the movie failed earlier and takes no more calls; the cause was: {cause}")]
    FailedEarlier {
        /// The first error and its causes.
        cause: String,
    },

    /// The writer was dropped, or left by an exception, before `finish`.
    #[error("the movie was not finished")]
    Unfinished,

    /// Somebody stopped it: see [`StopToken`](crate::StopToken).
    #[error("it was stopped")]
    Stopped,

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

    /// `cause`, and where what was encoded stays.
    pub(crate) fn interrupted(cause: Self, part_file: PathBuf) -> Self {
        Self::Interrupted { cause: Box::new(cause), part_file }
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

    /// Whether somebody [stopped](crate::StopToken) it, and nothing went wrong.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Interrupted { cause, .. } => cause.is_stopped(),
            _ => false,
        }
    }

    /// Whether the movie can go on after this error: the call was refused and nothing has changed.
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
        let error = Error::io("write", Some(Path::new("/full/a.mp4")), io::Error::from_raw_os_error(28));
        assert_eq!(error.to_string(), "cannot write /full/a.mp4");
        assert_eq!(error.with_causes(), "cannot write /full/a.mp4: No space left on device (os error 28)");
    }
}
