//! Where a movie's bytes are while it is made.

use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::copy::{Copy, Packets};
use super::destination::Destination;
use super::memory::{Memory, SharedBuffer};
use super::sink::Counted;
use super::stored::Stored;
use super::{Output, OutputTarget};
use crate::av::{Demuxer, Layout, Sink};
use crate::error::{Error, InvalidSettings, Result};
use crate::segment::PacketIndex;
use crate::settings::Container;
use crate::stop::StopToken;
use crate::track::Track;

/// Where the muxer's bytes go.
pub(super) enum Place {
    Stored(Stored),
    Memory { buffer: SharedBuffer, movie: Memory },
    Sink { bytes: Arc<AtomicU64> },
}

impl Place {
    /// Opens what `output` names.
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

    /// How a movie is laid out there while it grows.
    pub(super) fn layout(&self, sink: &Sink, container: Container) -> Layout {
        match (self, sink) {
            // The others have one layout, which is readable while it grows.
            _ if !container.is_mp4_family() => Layout::IndexLast,
            (Self::Sink { .. }, Sink::Seekable(_)) => Layout::IndexLast,
            // With an index as it goes: readable at any moment, and plain when it is finished.
            _ => Layout::Fragmented,
        }
    }

    /// Whether nothing that was written can be read again.
    pub(super) fn is_sink(&self) -> bool {
        matches!(self, Self::Sink { .. })
    }

    /// Whether somebody may read the movie while its frames come slowly, or need it after a crash.
    pub(super) fn waits(&self) -> bool {
        !matches!(self, Self::Memory { .. })
    }

    /// The movie was cut because its frames came slowly.
    pub(super) fn cut_late(&mut self) {
        if let Self::Stored(stored) = self {
            stored.cut_late();
        }
    }

    /// Makes it the movie, with `track` as its sound, unless it has that already; gives its size in bytes.
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

    /// Leaves what was written so far where it can be recovered, and says so in the error.
    pub(super) fn keep(self, index: &PacketIndex, cause: Error) -> Error {
        match self {
            Self::Stored(stored) => stored.keep(index, cause),
            _ => cause,
        }
    }

    /// Whether what was written so far got where it should, as far as is known.
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

    /// Names the file in an error that does not know which it was.
    pub(super) fn name_file(&self, error: Error) -> Error {
        match self.path() {
            Some(path) => error.on_path(path),
            None => error,
        }
    }
}

fn stored(stored: Stored) -> Result<(Place, Sink)> {
    let writer = stored.writer()?;
    Ok((Place::Stored(stored), Sink::Seekable(Box::new(writer))))
}

fn stream(sink: Box<dyn std::io::Write + Send>, container: Container) -> Result<(Place, Sink)> {
    if container == Container::Avi {
        return Err(InvalidSettings::NeedsSeek { container: container.name() }.into());
    }
    let (counted, bytes) = Counted::stream(sink);
    Ok((Place::Sink { bytes }, Sink::Stream(Box::new(counted))))
}

/// Whether it is a device, a pipe or a socket.
pub(super) fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}

/// The plain movie of what a buffer holds and of `track`.
fn plain_copy(
    mut buffer: SharedBuffer,
    container: Container,
    index: &PacketIndex,
    track: Option<&mut Track>,
    stop: &StopToken,
) -> Result<Vec<u8>> {
    buffer.seek(SeekFrom::Start(0)).map_err(|source| Error::io("read", None, source))?;
    copied_in_memory(Packets::of(Demuxer::open(Box::new(buffer), container)?), container, index, track, stop)
}

/// A movie of what `index` lists of `packets`, and of `track`.
pub(super) fn copied_in_memory(
    packets: Packets,
    container: Container,
    index: &PacketIndex,
    track: Option<&mut Track>,
    stop: &StopToken,
) -> Result<Vec<u8>> {
    let movie = SharedBuffer::default();
    Copy::new(packets, container, index, track)?.write(Sink::Seekable(Box::new(movie.clone())), stop)?;
    Ok(movie.take())
}
