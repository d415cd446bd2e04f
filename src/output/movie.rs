//! A movie being written: its muxer, and what becomes of its bytes when it ends, one way or another.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::destination::Destination;
use super::fragment::FragmentClock;
use super::memory::{Memory, SharedBuffer};
use super::part_file::PartFile;
use super::{Output, OutputTarget, Spool, remux};
use crate::av::{Demuxer, Layout, Muxer, Packet, SeekableSink, Sink, StreamParameters};
use crate::error::{Error, InvalidSettings, Result};
use crate::settings::Container;
use crate::time::Timestamp;

/// A movie of one stream, on its way to where it belongs. Dropping it throws it away.
pub(crate) struct Movie {
    muxer: Muxer,
    container: Container,
    place: Place,
    clock: FragmentClock,
    packets: u64,
}

/// Where the muxer's bytes are.
enum Place {
    Part(PartFile),
    Memory { buffer: SharedBuffer, movie: Memory },
    Sink { bytes: Arc<AtomicU64> },
}

impl Movie {
    /// Opens the output and writes the header.
    pub(crate) fn create(output: Output, container: Container, stream: &StreamParameters) -> Result<Self> {
        let (place, sink) = open_place(output, container)?;
        let layout = match (&place, &sink) {
            // The others have one layout, which is readable while it grows.
            _ if !container.is_mp4_family() => Layout::IndexLast,
            (Place::Sink { .. }, Sink::Seekable(_)) => Layout::IndexLast,
            // With an index as it goes: readable at any moment, and plain when it is finished.
            _ => Layout::Fragmented,
        };
        let muxer = Muxer::open(sink, container, layout, stream).map_err(|error| place.name_file(error))?;
        Ok(Self { muxer, container, place, clock: FragmentClock::new(), packets: 0 })
    }

    /// Writes a packet, which shows for `duration`; gives the bytes that it takes in the movie.
    pub(crate) fn write(&mut self, packet: Packet, duration: Duration) -> Result<u64> {
        let bytes = self.muxer.write(packet).map_err(|error| self.place.name_file(error))?;
        self.packets += 1;
        if self.clock.is_due(duration, bytes) {
            self.muxer.cut().map_err(|error| self.place.name_file(error))?;
            self.place.check()?;
        }
        Ok(bytes)
    }

    /// Ends the movie, whose last frame is shown until `end`, and publishes it; gives its size in bytes.
    pub(crate) fn finish(self, end: Timestamp) -> Result<u64> {
        let Self { muxer, container, place, packets, .. } = self;
        if let Err(error) = muxer.finish() {
            let error = place.name_file(error);
            return Err(place.keep(packets, error));
        }
        place.publish(container, end, packets)
    }

    /// Ends a movie from which another one is made, which is published in its place.
    pub(crate) fn into_spool(self) -> Result<Spool> {
        let Self { muxer, container, place, packets, .. } = self;
        if let Err(error) = muxer.finish() {
            let error = place.name_file(error);
            return Err(place.keep(packets, error));
        }
        let Place::Part(mut part) = place else {
            return Err(InvalidSettings::NeedsFile.into());
        };
        match part.sync() {
            Ok(()) => Ok(Spool::new(part, container)),
            Err(cause) => Err(part.keep(cause)),
        }
    }

    /// Ends a movie whose making failed with `cause`: nothing is published, and what is there stays to be recovered.
    pub(crate) fn fail(self, cause: Error) -> Error {
        let Self { mut muxer, place, packets, .. } = self;
        // The cause is what counts; whether the last second could still be saved changes nothing about it.
        let _ = muxer.cut();
        drop(muxer);
        place.keep(packets, cause)
    }
}

impl Place {
    fn publish(self, container: Container, end: Timestamp, packets: u64) -> Result<u64> {
        match self {
            Self::Part(mut part) if container.is_mp4_family() => {
                match finished_copy(&mut part, container, end, packets) {
                    Ok(finished) => part.publish_instead(finished),
                    Err(cause) => Err(part.keep(cause)),
                }
            }
            Self::Part(part) => part.publish(),
            Self::Memory { buffer, movie } => {
                let is_finished = !container.is_mp4_family();
                let finished = if is_finished { buffer } else { indexed_copy(&buffer, container, end, packets)? };
                let finished = finished.take();
                let bytes = finished.len() as u64;
                movie.put(finished);
                Ok(bytes)
            }
            Self::Sink { bytes } => Ok(bytes.load(Ordering::Relaxed)),
        }
    }

    /// Leaves what a failed run wrote where it can be recovered, and says so in the error.
    fn keep(self, packets: u64, cause: Error) -> Error {
        match self {
            Self::Part(part) if packets > 0 => part.keep(cause),
            _ => cause,
        }
    }

    /// Tells whether what was written so far got where it should, as far as is known.
    fn check(&mut self) -> Result<()> {
        match self {
            Self::Part(part) => part.check(),
            _ => Ok(()),
        }
    }

    fn name_file(&self, error: Error) -> Error {
        match self {
            Self::Part(part) => error.on_path(part.path()),
            _ => error,
        }
    }
}

fn open_place(output: Output, container: Container) -> Result<(Place, Sink)> {
    let clobber = output.clobber;
    match output.target {
        OutputTarget::Path(path) if is_special(&path) => {
            let file = std::fs::OpenOptions::new().write(true).open(&path);
            let file = file.map_err(|source| Error::io("open", Some(&path), source))?;
            stream(Box::new(file), container)
        }
        OutputTarget::Path(path) => {
            let part = PartFile::create(Destination::new(&path, clobber)?)?;
            let writer = part.writer()?;
            Ok((Place::Part(part), Sink::Seekable(Box::new(writer))))
        }
        OutputTarget::Memory(movie) => {
            let buffer = SharedBuffer::default();
            let sink = Sink::Seekable(Box::new(buffer.clone()));
            Ok((Place::Memory { buffer, movie }, sink))
        }
        OutputTarget::Seekable(mut sink) => {
            // The movie starts where the sink stands, and its offsets count from there.
            let start = sink.stream_position().map_err(|source| Error::io("seek in", None, source))?;
            let counted = Counted { inner: sink, start, position: 0, bytes: Arc::default() };
            let place = Place::Sink { bytes: Arc::clone(&counted.bytes) };
            Ok((place, Sink::Seekable(Box::new(counted))))
        }
        OutputTarget::Stream(sink) => stream(sink, container),
    }
}

fn stream(sink: Box<dyn Write + Send>, container: Container) -> Result<(Place, Sink)> {
    if container == Container::Avi {
        return Err(InvalidSettings::NeedsSeek { container: container.name() }.into());
    }
    let counted = Counted { inner: sink, start: 0, position: 0, bytes: Arc::default() };
    let place = Place::Sink { bytes: Arc::clone(&counted.bytes) };
    Ok((place, Sink::Stream(Box::new(counted))))
}

/// A device, a pipe, a socket: something that must be written to and not replaced.
pub(super) fn is_special(path: &std::path::Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}

/// The plain movie that a part file holds in fragments, in a file of its own: until that is published, the part file
/// stays as it is.
fn finished_copy(
    part: &mut PartFile,
    container: Container,
    end: Timestamp,
    packets: u64,
) -> Result<tempfile::NamedTempFile> {
    let open = || Demuxer::open(Box::new(part.reader()?), container);
    let survey = remux::survey(&open, container, Some(end)).map_err(|error| error.on_path(part.path()))?;
    expect_frames(&survey, packets).map_err(|error| error.on_path(part.path()))?;
    let finished = part.finished_file()?;
    let writer = finished.reopen().map_err(|source| Error::io("write", Some(finished.path()), source))?;
    remux::copy(&open, container, &survey, Sink::Seekable(Box::new(writer)))
        .map_err(|error| error.on_path(finished.path()))?;
    // Not before: until here the part file is what a loss of power leaves.
    part.settle()?;
    Ok(finished)
}

/// What was written must be there when it is read again: a disk or a file system may have lost it.
fn expect_frames(survey: &remux::Survey, packets: u64) -> Result<()> {
    if survey.frames() == packets {
        return Ok(());
    }
    let lost = format!("{packets} frames were written, and {} can be read", survey.frames());
    Err(Error::io("read back", None, io::Error::new(io::ErrorKind::InvalidData, lost)))
}

fn indexed_copy(buffer: &SharedBuffer, container: Container, end: Timestamp, packets: u64) -> Result<SharedBuffer> {
    let open = || {
        let mut source = buffer.clone();
        source.seek(SeekFrom::Start(0)).map_err(|source| Error::io("read", None, source))?;
        Demuxer::open(Box::new(source), container)
    };
    let survey = remux::survey(&open, container, Some(end))?;
    expect_frames(&survey, packets)?;
    let finished = SharedBuffer::default();
    remux::copy(&open, container, &survey, Sink::Seekable(Box::new(finished.clone())))?;
    Ok(finished)
}

/// A sink of the caller's, and how far it was written.
struct Counted<T: ?Sized> {
    /// Where the movie starts in it.
    start: u64,
    position: u64,
    bytes: Arc<AtomicU64>,
    inner: Box<T>,
}

impl<T: Write + ?Sized> Write for Counted<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.position += written as u64;
        self.bytes.fetch_max(self.position, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Seek for Counted<dyn SeekableSink> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(position) => SeekFrom::Start(self.start.saturating_add(position)),
            other => other,
        };
        self.position = self.inner.seek(to)?.saturating_sub(self.start);
        Ok(self.position)
    }
}
