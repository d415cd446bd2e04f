//! A segment to read: in a file or in memory.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{movie_header, reading};
use crate::av::{Demuxer, SeekableSource};
use crate::error::{Error, Result};
use crate::settings::Container;

/// A segment that [`join`](crate::join) reads: a file, or bytes in memory.
///
/// A `&str`, `String`, `&Path` or `PathBuf` converts to a file, and a `Vec<u8>` or `Arc<[u8]>` to bytes in memory. A
/// clone shares the bytes.
///
/// ```no_run
/// use framemill::SegmentSource;
/// # let received: Vec<u8> = Vec::new();
/// let segments = [SegmentSource::path("part-0.mp4"), SegmentSource::memory(received)];
/// framemill::join(segments, "movie.mp4")?;
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone)]
pub struct SegmentSource(Location);

#[derive(Clone)]
enum Location {
    Path(PathBuf),
    Memory(SharedBytes),
}

/// The caller's bytes, in any container type.
#[derive(Clone)]
struct SharedBytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl SegmentSource {
    /// Reads a file. It is opened when it is its turn, and must not change meanwhile.
    #[must_use]
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Location::Path(path.into()))
    }

    /// Reads the bytes of a complete file from memory, without copying them.
    #[must_use]
    pub fn memory(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Location::Memory(SharedBytes(Arc::new(bytes))))
    }

    /// Returns the path, if it is a file.
    pub(crate) fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Location::Path(path) => Some(path),
            Location::Memory(_) => None,
        }
    }

    /// Opens the segment at its start.
    pub(crate) fn open(&self, container: Container) -> Result<Demuxer> {
        reading::open_source_up_to(self.reader()?, container, u64::MAX).map_err(|error| self.named(error))
    }

    /// Detects the container from the first bytes.
    pub(crate) fn container(&self) -> Result<Option<Container>> {
        reading::container_of(&mut self.reader()?).map_err(|source| self.unreadable(source))
    }

    /// Returns whether it has all the bytes that its container records.
    pub(crate) fn is_whole(&self, container: Container) -> Result<bool> {
        reading::is_whole(&mut self.reader()?, container).map_err(|source| self.unreadable(source))
    }

    /// Returns the duration that the header of the video in an MP4 or MOV records.
    pub(crate) fn header_duration(&self) -> Result<Option<Duration>> {
        movie_header::header_duration(&mut self.reader()?).map_err(|source| self.unreadable(source))
    }

    /// Returns whether a fragmented MP4 or MOV was finished.
    pub(crate) fn has_fragment_index(&self) -> Result<bool> {
        movie_header::has_fragment_index(&mut self.reader()?).map_err(|source| self.unreadable(source))
    }

    fn reader(&self) -> Result<Box<dyn SeekableSource>> {
        Ok(match &self.0 {
            Location::Path(path) => Box::new(File::open(path).map_err(|source| self.unreadable(source))?),
            Location::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::io("read", self.as_path(), source)
    }

    fn named(&self, error: Error) -> Error {
        match self.as_path() {
            Some(path) => error.on_path(path),
            None => error,
        }
    }
}

impl fmt::Debug for SegmentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Location::Path(path) => f.debug_tuple("SegmentSource").field(path).finish(),
            Location::Memory(bytes) => {
                f.debug_tuple("SegmentSource").field(&format_args!("{} bytes", bytes.as_ref().len())).finish()
            }
        }
    }
}

impl<P: AsRef<Path> + ?Sized> From<&P> for SegmentSource {
    fn from(path: &P) -> Self {
        Self::path(path.as_ref())
    }
}

impl From<String> for SegmentSource {
    fn from(path: String) -> Self {
        Self::path(path)
    }
}

impl From<PathBuf> for SegmentSource {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<Vec<u8>> for SegmentSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::memory(bytes)
    }
}

impl From<Arc<[u8]>> for SegmentSource {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self::memory(bytes)
    }
}

/// Shares the bytes.
impl From<&SegmentSource> for SegmentSource {
    fn from(source: &SegmentSource) -> Self {
        source.clone()
    }
}
