//! A movie that is made in a file: how it ends.

use std::io;
use std::path::Path;

use super::copy::{Copy, Packets};
use super::destination::Destination;
use super::leftovers;
use crate::av::{Demuxer, Sink};
use crate::error::{Error, Result};
use crate::segment::{self, PacketIndex, StoredFile, Temporary};
use crate::settings::Container;
use crate::stop::StopToken;
use crate::track::Track;

/// A segment that grows in a file, and where its movie will be.
pub(super) struct Stored {
    file: StoredFile,
    destination: Destination,
    container: Container,
    /// Whether the file is worth keeping when the run breaks off: its frames are nowhere else.
    is_part: bool,
    /// Whether it is cut where the same frames would not be cut the next time.
    is_irregular: bool,
}

/// A movie that is whole and not published. Dropping it removes it.
pub(crate) struct Finished {
    file: Temporary,
    /// Its size.
    pub(crate) bytes: u64,
}

impl Stored {
    /// In a part file of `destination`, which stays if the run breaks off. It may have to be beside that of a run that it
    /// `resumes`.
    pub(super) fn part(destination: Destination, container: Container, resumes: bool) -> Result<Self> {
        let file = StoredFile::new(destination.new_part(resumes)?)?;
        Ok(Self { file, destination, container, is_part: true, is_irregular: false })
    }

    /// In a working file, which goes if the run breaks off.
    pub(super) fn working(destination: Destination, container: Container) -> Result<Self> {
        let file = StoredFile::new(destination.new_working_file()?)?;
        Ok(Self { file, destination, container, is_part: false, is_irregular: false })
    }

    /// It was cut because frames came slowly.
    pub(super) fn cut_late(&mut self) {
        self.is_irregular = true;
    }

    /// Whether the movie is a copy: with one index, or, in Matroska, whose clusters are the fragments, with the clusters
    /// that the same frames always have.
    fn is_copied(&self) -> bool {
        self.container.is_mp4_family() || (self.container.is_matroska() && self.is_irregular)
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Whether what was written so far got to the disk, as far as is known.
    pub(super) fn check(&mut self) -> Result<()> {
        self.file.check()
    }

    /// A handle for the muxer.
    pub(super) fn writer(&self) -> Result<std::fs::File> {
        self.file.writer()
    }

    /// Puts it on the disk, to be read and not to be published.
    pub(super) fn rest(&mut self) -> Result<()> {
        self.file.sync()
    }

    /// Opens it at its start.
    pub(super) fn open(&self) -> Result<Demuxer> {
        Demuxer::open(Box::new(self.file.reader()?), self.container)
            .map_err(|error| error.on_path(self.file.path()))
    }

    /// Makes the movie of the packets in `index` and of `track`, and publishes it; gives its size in bytes.
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
                // Without room for a copy there is none for the sound.
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
        match destination.take(self.file.into_file()) {
            Ok(()) => leftovers::published(destination.path(), index),
            Err(refused) => {
                let (cause, file) = *refused;
                return Err(leftovers::left(&destination, file.keep(), index, cause));
            }
        }
        destination.sync_name().map(|()| bytes)
    }

    /// Makes `finished`, which was made of this, the movie, and removes this; gives the movie's size in bytes.
    pub(super) fn publish_instead(self, finished: Finished, index: &PacketIndex) -> Result<u64> {
        let Finished { file, bytes } = finished;
        let published = self.destination.take(file).map_err(|refused| refused.0);
        match published.and_then(|()| self.destination.sync_name()) {
            Ok(()) => {
                leftovers::published(self.destination.path(), index);
                Ok(bytes)
            }
            Err(cause) => Err(self.keep(index, cause)),
        }
    }

    /// The whole movie, and no longer what it was made of.
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

    /// A plain movie of what is in fragments here, in a file of its own: until that is published, this one stays as it is,
    /// and is what a loss of power leaves.
    fn copied(&self, index: &PacketIndex, track: Option<&mut Track>, stop: &StopToken) -> Result<Finished> {
        copy_to(Packets::of(self.open()?), self.container, index, track, &self.destination, stop)
    }

    /// Leaves what was written so far where it can be recovered, and says so in the error. Frames that did not get into
    /// the file are nothing to recover.
    pub(super) fn keep(self, index: &PacketIndex, cause: Error) -> Error {
        if self.is_part && !index.packets().is_empty() && !segment::is_blank(self.file.path(), self.container) {
            return leftovers::left(&self.destination, self.file.keep(), index, cause);
        }
        cause
    }
}

/// Makes a movie of what `index` lists of `packets`, and of `track`, in a working file beside `destination`, and puts it on the disk.
pub(super) fn copy_to(
    packets: Packets,
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
    /// Makes it the movie; gives its size in bytes.
    pub(super) fn publish(self, destination: &Destination) -> Result<u64> {
        let bytes = self.bytes;
        destination.take(self.file).map_err(|refused| refused.0)?;
        destination.sync_name()?;
        Ok(bytes)
    }
}

/// Sets the room aside that a file is about to take, so that a full disk is known before the work. Some file systems
/// cannot, and it is seen while writing there.
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
