//! A movie that is made in a file, and the ways in which it ends.

use std::io;
use std::path::Path;

use super::copy::{Copy, MoviePackets};
use super::destination::Destination;
use super::leftovers;
use crate::av::{Demuxer, Sink};
use crate::error::{Error, Result};
use crate::segment::{self, PacketIndex, StoredFile, Temporary};
use crate::settings::Container;
use crate::stop::StopToken;
use crate::track::Track;

/// A segment that grows in a file, and the path of its movie.
pub(super) struct Stored {
    file: StoredFile,
    destination: Destination,
    container: Container,
    /// Whether to keep the file if the run is interrupted, because its frames are nowhere else.
    is_part: bool,
    /// Whether it is cut at places where the same frames would not be cut again.
    is_irregular: bool,
}

/// A complete, unpublished movie. Dropping it removes it.
pub(crate) struct Finished {
    file: Temporary,
    /// The size in bytes.
    pub(crate) bytes: u64,
}

impl Stored {
    /// Stores the movie in a part file of `destination`, which is kept if the run is interrupted. If this run `resumes`
    /// another one, the part file may be next to the other's.
    pub(super) fn part(destination: Destination, container: Container, resumes: bool) -> Result<Self> {
        let file = StoredFile::new(destination.new_part(resumes)?)?;
        Ok(Self { file, destination, container, is_part: true, is_irregular: false })
    }

    /// Stores the movie in a working file, which is removed if the run is interrupted.
    pub(super) fn working(destination: Destination, container: Container) -> Result<Self> {
        let file = StoredFile::new(destination.new_working_file()?)?;
        Ok(Self { file, destination, container, is_part: false, is_irregular: false })
    }

    /// Records that the movie was cut because frames came slowly.
    pub(super) fn cut_late(&mut self) {
        self.is_irregular = true;
    }

    /// Returns whether the movie must be copied: to get one index, or, in Matroska, whose clusters are the fragments,
    /// to get the clusters that the same frames always have.
    fn is_copied(&self) -> bool {
        self.container.is_mp4_family() || (self.container.is_matroska() && self.is_irregular)
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Returns the error of earlier writes, as far as it is known.
    pub(super) fn check(&mut self) -> Result<()> {
        self.file.check()
    }

    /// Returns a handle for the muxer.
    pub(super) fn writer(&self) -> Result<std::fs::File> {
        self.file.writer()
    }

    /// Syncs the file to the disk, to be read but not published.
    pub(super) fn rest(&mut self) -> Result<()> {
        self.file.sync()
    }

    /// Opens the file at its start.
    pub(super) fn open(&self) -> Result<Demuxer> {
        Demuxer::open(Box::new(self.file.reader()?), self.container)
            .map_err(|error| error.on_path(self.file.path()))
    }

    /// Makes the movie of the packets in `index` and of `track`, and publishes it; returns its size in bytes.
    pub(super) fn publish(
        mut self,
        index: &PacketIndex,
        track: Option<&mut Track>,
        stop: &StopToken,
    ) -> Result<u64> {
        let has_sound = track.is_some();
        if has_sound || self.is_copied() {
            match self.copied(index, track, stop) {
                Ok(finished) => {
                    return match self.file.settle() {
                        Ok(()) => self.publish_instead(finished, index),
                        Err(cause) => Err(self.keep(index, cause)),
                    };
                }
                // If there is no space for a copy, there is none for the sound.
                Err(error) if is_out_of_room(&error) && !has_sound => {
                    if self.container.is_mp4_family() {
                        tracing::warn!(
                            "there is no room for a copy of {} with one index, so the movie keeps its index in fragments; \
                         with room for it, `framemill recover` makes a plain one of it ({})",
                            self.file.path().display(),
                            error.with_causes(),
                        );
                    }
                }
                Err(cause) => return Err(self.keep(index, cause)),
            }
        }
        let bytes = self.file.sync().and_then(|()| size(self.file.path()));
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(cause) => return Err(self.keep(index, cause)),
        };
        let destination = self.destination;
        if let Err(refused) = destination.publish(self.file.into_file()) {
            let (cause, file) = *refused;
            return Err(leftovers::left(&destination, file.keep(), index, cause));
        }
        destination.sync_name()?;
        leftovers::published(destination.path(), index);
        Ok(bytes)
    }

    /// Publishes `finished`, which was made from this file, and removes this file; returns the movie's size in bytes.
    pub(super) fn publish_instead(self, finished: Finished, index: &PacketIndex) -> Result<u64> {
        let Finished { file, bytes } = finished;
        let published = self.destination.publish(file).map_err(|refused| refused.0);
        match published.and_then(|()| self.destination.sync_name()) {
            Ok(()) => {
                leftovers::published(self.destination.path(), index);
                Ok(bytes)
            }
            Err(cause) => Err(self.keep(index, cause)),
        }
    }

    /// Returns the complete movie, and removes the file that it was made from.
    pub(super) fn finish(
        mut self,
        index: &PacketIndex,
        track: Option<&mut Track>,
        stop: &StopToken,
    ) -> Result<Finished> {
        if track.is_some() || self.is_copied() {
            let copied = self.copied(index, track, stop)?;
            self.file.settle()?;
            return Ok(copied);
        }
        self.file.sync()?;
        let bytes = size(self.file.path())?;
        Ok(Finished { file: self.file.into_file(), bytes })
    }

    /// Copies the fragments to a plain movie in a separate file. Until that is published, this file does not change,
    /// and survives a power loss.
    fn copied(&self, index: &PacketIndex, track: Option<&mut Track>, stop: &StopToken) -> Result<Finished> {
        copy_to(MoviePackets::of(self.open()?), self.container, index, track, &self.destination, stop)
    }

    /// Leaves what was written for recovery, and adds its path to the error. If no frame reached the file, there is
    /// nothing to recover.
    pub(super) fn keep(self, index: &PacketIndex, cause: Error) -> Error {
        if self.is_part && !index.packets().is_empty() && !segment::is_blank(self.file.path(), self.container) {
            return leftovers::left(&self.destination, self.file.keep(), index, cause);
        }
        cause
    }
}

/// Makes a movie of the packets in `index`, and of `track`, in a working file beside `destination`, and syncs it to the
/// disk.
pub(super) fn copy_to(
    packets: MoviePackets,
    container: Container,
    index: &PacketIndex,
    track: Option<&mut Track>,
    destination: &Destination,
    stop: &StopToken,
) -> Result<Finished> {
    let copy = Copy::new(packets, container, index, track)?;
    let file = destination.new_working_file()?;
    reserve(&file, copy.bytes()).map_err(|source| Error::io("write", Some(file.path()), source))?;
    copy.write(Sink::Seekable(Box::new(file.writer()?)), stop).map_err(|error| error.on_path(file.path()))?;
    file.sync().map_err(|source| Error::io("write", Some(file.path()), source))?;
    let bytes = size(file.path())?;
    Ok(Finished { file, bytes })
}

impl Finished {
    /// Publishes the movie; returns its size in bytes.
    pub(super) fn publish(self, destination: &Destination) -> Result<u64> {
        let bytes = self.bytes;
        destination.publish(self.file).map_err(|refused| refused.0)?;
        destination.sync_name()?;
        Ok(bytes)
    }
}

/// Reserves the space that a file will need, so that a full disk is detected before the work. Some file systems cannot
/// do that, and then writing fails.
fn reserve(file: &Temporary, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        match fallocate(file.file(), FallocateFlags::KEEP_SIZE, 0, bytes.max(1)) {
            Err(error) if [Errno::NOSPC, Errno::DQUOT].contains(&error) => return Err(error.into()),
            _ => {}
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, bytes);
    Ok(())
}

fn is_out_of_room(error: &Error) -> bool {
    let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
    matches!(error, Error::Io { source, .. } if kinds.contains(&source.kind()))
}

fn size(path: &Path) -> Result<u64> {
    Ok(std::fs::metadata(path).map_err(|source| Error::io("read", Some(path), source))?.len())
}
