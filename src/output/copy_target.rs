//! The target of a copy, which is written at once.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::copy::{Copy, MoviePackets};
use super::destination::Destination;
use super::memory::Memory;
use super::sink::Counted;
use super::storage::copied_in_memory;
use super::stored::copy_to;
use super::{Output, OutputTarget};
use crate::av::{SeekableSink, Sink};
use crate::error::{InvalidSettings, Result};
use crate::segment::PacketIndex;
use crate::settings::Container;
use crate::stop::StopToken;
use crate::track::Track;

pub(super) enum CopyTarget {
    /// A file, with its path as it was given.
    File(PathBuf, Destination),
    Memory(Memory),
    Seekable(Box<dyn SeekableSink>),
    Stream(Box<dyn Write + Send>),
}

impl CopyTarget {
    /// Checks that a movie in `container` can go to `output`.
    pub(super) fn of(output: Output, container: Container) -> Result<Self> {
        Ok(match output.target.opened()? {
            OutputTarget::Path(path) => {
                let destination = Destination::new(&path, output.clobber)?;
                Self::File(path, destination)
            }
            OutputTarget::Working(destination) => Self::File(destination.path().to_owned(), destination),
            OutputTarget::Memory(memory) => Self::Memory(memory),
            OutputTarget::Seekable(sink) => Self::Seekable(sink),
            OutputTarget::Stream(_) if container == Container::Avi => {
                return Err(InvalidSettings::NeedsSeek { container: container.name() }.into());
            }
            OutputTarget::Stream(sink) => Self::Stream(sink),
        })
    }

    /// Returns the path of the movie, if it is a file.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path, _) => Some(path),
            _ => None,
        }
    }

    /// Returns the folder of the movie, if it is a file.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(_, destination) => destination.path().parent(),
            _ => None,
        }
    }

    /// Makes a movie of the packets in `index`, and of `track`. Returns its size in bytes.
    pub(super) fn write(
        self,
        packets: MoviePackets,
        container: Container,
        index: &PacketIndex,
        track: Option<&mut Track>,
        stop: &StopToken,
    ) -> Result<u64> {
        match self {
            Self::File(_, destination) => {
                copy_to(packets, container, index, track, &destination, stop)?.publish(&destination)
            }
            Self::Memory(memory) => {
                let movie = copied_in_memory(packets, container, index, track, stop)?;
                let bytes = movie.len() as u64;
                memory.put(movie);
                Ok(bytes)
            }
            Self::Seekable(sink) => {
                let (sink, bytes) = Counted::seekable(sink)?;
                Copy::new(packets, container, index, track)?.write(Sink::Seekable(Box::new(sink)), stop)?;
                Ok(bytes.load(Ordering::Relaxed))
            }
            Self::Stream(sink) => {
                let (sink, bytes) = Counted::stream(sink);
                Copy::to_stream(packets, container, index, track)?.write(Sink::Stream(Box::new(sink)), stop)?;
                Ok(bytes.load(Ordering::Relaxed))
            }
        }
    }
}
