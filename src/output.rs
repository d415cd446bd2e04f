//! The outputs of movies, and publishing.

mod copy;
mod copy_target;
mod destination;
mod given_sound;
mod holes;
mod interleaved;
mod interrupted;
mod join;
mod joinable;
mod joined_timeline;
mod kept;
mod leftovers;
mod live_sound;
mod memory;
mod movie;
mod permissions;
mod recover;
mod row;
mod salvage;
mod sink;
mod storage;
mod stored;

use std::fmt;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use destination::Destination;
pub use interrupted::Resumable;
pub(crate) use interrupted::{Interrupted, ResumedPacket};
pub use join::{JoinOptions, Joined, join, join_with};
pub(crate) use kept::Kept;
pub use memory::Memory;
pub(crate) use movie::{Movie, Published};
pub use recover::{RecoverOptions, Recovered, recover, recover_with};
pub(crate) use stored::Finished;

use crate::av::SeekableSink;
use crate::error::{Error, Result};
use crate::settings::Container;
use crate::track::TrackOutput;

/// The output of a movie, as the caller chooses it: a path, memory, or a sink.
///
/// A `&str`, `String`, `&Path` or `PathBuf` converts to an output with that path. A name is always a file name, never a
/// URL or protocol.
///
/// ```
/// use std::io::Cursor;
/// use framemill::{Container, Output};
/// let file = Output::path("takes/03.mp4").no_clobber();
/// let odd_name = Output::path("takes/03.tmp").container(Container::Mkv);
/// let sink = Output::seekable(Cursor::new(Vec::new()), Container::Avi);
/// let pipe = Output::stream(std::io::stdout(), Container::Mp4);
/// ```
pub struct Output {
    target: OutputTarget,
    container: Option<Container>,
    clobber: bool,
    /// Whether the movie begins with the frames of an interrupted run.
    resumes: bool,
}

enum OutputTarget {
    Path(PathBuf),
    /// A file beside a movie, which is removed unless it becomes the movie.
    Working(Destination),
    Memory(Memory),
    Seekable(Box<dyn SeekableSink>),
    Stream(Box<dyn Write + Send>),
}

impl OutputTarget {
    /// Turns a device, a pipe or a socket into a stream: it must be written to instead of replaced.
    fn opened(self) -> Result<Self> {
        match self {
            Self::Path(path) if storage::is_special(&path) => {
                let file = std::fs::OpenOptions::new().write(true).open(&path);
                Ok(Self::Stream(Box::new(file.map_err(|source| Error::io("open", Some(&path), source))?)))
            }
            target => Ok(target),
        }
    }
}

impl Output {
    fn new(target: OutputTarget, container: Option<Container>) -> Self {
        Self { target, container, clobber: true, resumes: false }
    }

    /// Writes to a file. The movie grows in a part file beside it, which replaces it when the movie is finished. The
    /// file extension chooses the container, unless [`container`](Self::container) sets it.
    #[must_use]
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::new(OutputTarget::Path(path.into()), None)
    }

    /// Writes to memory, which contains the movie after it is finished.
    #[must_use]
    pub fn memory(memory: &Memory, container: Container) -> Self {
        Self::new(OutputTarget::Memory(memory.clone()), Some(container))
    }

    /// Writes to a sink that can seek. An MP4, MOV or M4V then has its index last, because the sink cannot be read
    /// again.
    #[must_use]
    pub fn seekable(sink: impl Write + Seek + Send + 'static, container: Container) -> Self {
        Self::new(OutputTarget::Seekable(Box::new(sink)), Some(container))
    }

    /// Writes to a sink that takes bytes in order: a pipe or a socket. MP4, MOV and M4V are then fragmented; AVI is not
    /// possible.
    #[must_use]
    pub fn stream(sink: impl Write + Send + 'static, container: Container) -> Self {
        Self::new(OutputTarget::Stream(Box::new(sink)), Some(container))
    }

    fn working(destination: Destination, container: Container) -> Self {
        Self::new(OutputTarget::Working(destination), Some(container))
    }

    /// Sets the container, regardless of the file extension.
    #[must_use]
    pub fn container(mut self, container: Container) -> Self {
        self.container = Some(container);
        self
    }

    /// Fails instead of replacing an existing file.
    #[must_use]
    pub fn no_clobber(mut self) -> Self {
        self.clobber = false;
        self
    }

    /// Begins the movie with the frames of an interrupted run to the same output.
    pub(crate) fn resuming(mut self) -> Self {
        self.resumes = true;
        self
    }

    /// Returns where the sound's packets go until the end of the movie. A sink takes them immediately.
    pub(crate) fn track_output(&self) -> TrackOutput {
        match &self.target {
            OutputTarget::Path(path) if !storage::is_special(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                TrackOutput::Kept(Some(folder.unwrap_or(Path::new(".")).to_owned()))
            }
            OutputTarget::Working(_) | OutputTarget::Memory(_) => TrackOutput::Kept(None),
            OutputTarget::Path(_) | OutputTarget::Seekable(_) | OutputTarget::Stream(_) => TrackOutput::Live,
        }
    }

    /// Returns the path that was given.
    pub(crate) fn given_path(&self) -> Option<&Path> {
        match &self.target {
            OutputTarget::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Returns whether the movie is made beside its destination, and replaces it when finished.
    pub(crate) fn is_published(&self) -> bool {
        matches!(&self.target, OutputTarget::Path(path) if !storage::is_special(path))
    }

    /// Returns the container that was set, or else the container of the file extension.
    pub(crate) fn resolved_container(&self) -> Result<Container> {
        match (&self.container, &self.target) {
            (Some(container), _) => Ok(*container),
            (None, OutputTarget::Path(path)) => Ok(Container::from_path(path)?),
            // Sinks and memory are made with a container.
            (None, _) => Ok(Container::Mp4),
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target: &dyn fmt::Debug = match &self.target {
            OutputTarget::Path(path) => path,
            OutputTarget::Working(_) => &"working file",
            OutputTarget::Memory(_) => &"memory",
            OutputTarget::Seekable(_) => &"seekable sink",
            OutputTarget::Stream(_) => &"stream",
        };
        f.debug_struct("Output").field("target", target).field("container", &self.container).finish()
    }
}

impl From<&str> for Output {
    fn from(path: &str) -> Self {
        Self::path(path)
    }
}

impl From<String> for Output {
    fn from(path: String) -> Self {
        Self::path(path)
    }
}

impl From<&Path> for Output {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<PathBuf> for Output {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&PathBuf> for Output {
    fn from(path: &PathBuf) -> Self {
        Self::path(path)
    }
}
