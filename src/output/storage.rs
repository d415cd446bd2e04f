//! The storage of a movie while it is written.

use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::copy::{Copy, MoviePackets};
use super::destination::Destination;
use super::memory::{Memory, SharedBuffer};
use super::sink::Counted;
use super::stored::Stored;
use super::{Output, OutputTarget};
use crate::av::{Demuxer, FileLayout, Sink};
use crate::error::{Error, InvalidSettings, Result};
use crate::segment::PacketIndex;
use crate::settings::Container;
use crate::stop::StopToken;
use crate::track::Track;

/// The storage of a movie while it is written.
pub(super) enum Storage {
    Stored(Stored),
    Memory { buffer: SharedBuffer, movie: Memory },
    Sink { bytes: Arc<AtomicU64> },
}

impl Storage {
    /// Opens the storage for `output`.
    pub(super) fn open(output: Output, container: Container) -> Result<(Self, Sink)> {
        let (clobber, resumes) = (output.clobber, output.resumes);
        match output.target.opened()? {
            OutputTarget::Path(path) => {
                stored(Stored::part(Destination::new(&path, clobber)?, container, resumes)?)
            }
            OutputTarget::Working(destination) => stored(Stored::working(destination, container)?),
            OutputTarget::Memory(movie) => {
                let buffer = SharedBuffer::default();
                let sink = Sink::Seekable(Box::new(buffer.clone()));
                Ok((Self::Memory { buffer, movie }, sink))
            }
            OutputTarget::Seekable(sink) => {
                let (counted, bytes) = Counted::seekable(sink)?;
                Ok((Self::Sink { bytes }, Sink::Seekable(Box::new(counted))))
            }
            OutputTarget::Stream(sink) => stream(sink, container),
        }
    }

    /// Returns the layout of the growing movie.
    pub(super) fn layout(&self, sink: &Sink, container: Container) -> FileLayout {
        match (self, sink) {
            // The other containers have one layout, which is readable while the movie grows.
            _ if !container.is_mp4_family() => FileLayout::IndexLast,
            (Self::Sink { .. }, Sink::Seekable(_)) => FileLayout::IndexLast,
            // Fragmented while it grows, so that it is always readable, and plain when it is finished.
            _ => FileLayout::Fragmented,
        }
    }

    /// Returns whether the written bytes cannot be read again.
    pub(super) fn is_sink(&self) -> bool {
        matches!(self, Self::Sink { .. })
    }

    /// Returns whether the movie may be read while its frames come slowly, or after a crash.
    pub(super) fn waits(&self) -> bool {
        !matches!(self, Self::Memory { .. })
    }

    /// Records that the movie was cut because its frames came slowly.
    pub(super) fn cut_late(&mut self) {
        if let Self::Stored(stored) = self {
            stored.cut_late();
        }
    }

    /// Publishes the movie with `track` as its sound, unless it already contains it; returns its size in bytes.
    pub(super) fn publish(
        self,
        container: Container,
        index: &PacketIndex,
        track: Option<&mut Track>,
        stop: &StopToken,
    ) -> Result<u64> {
        match self {
            Self::Stored(stored) => stored.publish(index, track, stop),
            Self::Memory { buffer, movie } => {
                let finished = match container.is_mp4_family() || track.is_some() {
                    true => plain_copy(buffer, container, index, track, stop)?,
                    false => buffer.take(),
                };
                let bytes = finished.len() as u64;
                movie.put(finished);
                Ok(bytes)
            }
            Self::Sink { bytes } => Ok(bytes.load(Ordering::Relaxed)),
        }
    }

    /// Leaves what was written for recovery, and adds its path to the error.
    pub(super) fn keep(self, index: &PacketIndex, cause: Error) -> Error {
        match self {
            Self::Stored(stored) => stored.keep(index, cause),
            _ => cause,
        }
    }

    /// Returns the error of earlier writes, as far as it is known.
    pub(super) fn check(&mut self) -> Result<()> {
        match self {
            Self::Stored(stored) => stored.check(),
            _ => Ok(()),
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Stored(stored) => Some(stored.path()),
            _ => None,
        }
    }

    /// Adds the file's path to an error that has none.
    pub(super) fn name_file(&self, error: Error) -> Error {
        match self.path() {
            Some(path) => error.on_path(path),
            None => error,
        }
    }
}

fn stored(stored: Stored) -> Result<(Storage, Sink)> {
    let writer = stored.writer()?;
    Ok((Storage::Stored(stored), Sink::Seekable(Box::new(writer))))
}

fn stream(sink: Box<dyn std::io::Write + Send>, container: Container) -> Result<(Storage, Sink)> {
    if container == Container::Avi {
        return Err(InvalidSettings::NeedsSeek { container: container.name() }.into());
    }
    let (counted, bytes) = Counted::stream(sink);
    Ok((Storage::Sink { bytes }, Sink::Stream(Box::new(counted))))
}

/// Returns whether the path is a device, a pipe or a socket.
pub(super) fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}

/// Makes the plain movie of a buffer and of `track`.
fn plain_copy(
    mut buffer: SharedBuffer,
    container: Container,
    index: &PacketIndex,
    track: Option<&mut Track>,
    stop: &StopToken,
) -> Result<Vec<u8>> {
    buffer.seek(SeekFrom::Start(0)).map_err(|source| Error::io("read", None, source))?;
    copied_in_memory(MoviePackets::of(Demuxer::open(Box::new(buffer), container)?), container, index, track, stop)
}

/// Makes a movie of the packets in `index`, and of `track`.
pub(super) fn copied_in_memory(
    packets: MoviePackets,
    container: Container,
    index: &PacketIndex,
    track: Option<&mut Track>,
    stop: &StopToken,
) -> Result<Vec<u8>> {
    let movie = SharedBuffer::default();
    Copy::new(packets, container, index, track)?.write(Sink::Seekable(Box::new(movie.clone())), stop)?;
    Ok(movie.take())
}
