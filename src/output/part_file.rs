//! The file that grows beside the destination, and how it takes the destination's place.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::destination::Destination;
use super::syncer::Syncer;
use crate::error::{Error, Result};

/// A movie in the making, beside where it will be. Dropping it removes it.
///
/// It is locked as long as the run lasts, so that nobody takes it for what an interrupted run left.
pub(super) struct PartFile {
    path: TempPath,
    file: File,
    destination: Destination,
    syncer: Syncer,
}

impl PartFile {
    /// Opens a new part file for `destination`.
    pub(super) fn create(destination: Destination) -> Result<Self> {
        let (path, file) = create_beside(destination.path())?;
        // Some file systems have no locks; the run goes on without one there.
        if let Err(error) = file.try_lock() {
            tracing::debug!("cannot lock {}: {error}", path.display());
        }
        let temporary = TempPath::try_from_path(&path).map_err(|source| Error::io("open", Some(&path), source))?;
        let syncer = file.try_clone().and_then(|file| Syncer::start(file, temporary.to_path_buf()));
        let syncer = syncer.map_err(|source| Error::io("open", Some(&path), source))?;
        Ok(Self { path: temporary, file, destination, syncer })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle on the same file, for the muxer.
    pub(super) fn writer(&self) -> Result<File> {
        self.file.try_clone().map_err(|source| Error::io("open", Some(&self.path), source))
    }

    /// A handle that reads from the start.
    pub(super) fn reader(&self) -> Result<File> {
        File::open(&self.path).map_err(|source| Error::io("read", Some(&self.path), source))
    }

    /// Tells whether what was written so far got to the disk, as far as is known.
    pub(super) fn check(&mut self) -> Result<()> {
        self.syncer.check().map_err(|source| Error::io("write", Some(&self.path), source))
    }

    /// Puts what was written on the disk, and tells if any of it did not get there.
    pub(super) fn sync(&mut self) -> Result<()> {
        let synced = self.syncer.stop().and_then(|_| self.file.sync_all());
        synced.map_err(|source| Error::io("write", Some(&self.path), source))
    }

    /// Tells if any of what was written, and has been copied since, did not get to the disk. Before the first sync the
    /// system still has it in memory, where the copy was read; it would be put on the disk to be removed.
    pub(super) fn settle(&mut self) -> Result<()> {
        let settled = match self.syncer.stop() {
            Ok(true) => self.file.sync_all(),
            stopped => stopped.map(drop),
        };
        settled.map_err(|source| Error::io("write", Some(&self.path), source))
    }

    /// Makes the part file itself the movie; gives its size in bytes.
    pub(super) fn publish(mut self) -> Result<u64> {
        let bytes = self.sync().and_then(|()| {
            let bytes = self.file.metadata().map(|data| data.len());
            bytes.map_err(|source| Error::io("read", Some(&self.path), source))
        });
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(cause) => return Err(self.keep(cause)),
        };
        let Self { path, destination, .. } = self;
        destination.take(path).map(|()| bytes).map_err(|refused| kept(refused.file, refused.error))
    }

    /// Makes `finished`, which was made from the part file, the movie, and removes the part file.
    pub(super) fn publish_instead(self, finished: NamedTempFile) -> Result<u64> {
        match self.destination.publish(finished) {
            Ok(bytes) => Ok(bytes),
            Err(cause) => Err(self.keep(cause)),
        }
    }

    /// A new file beside the part file, which is removed unless it is published.
    pub(super) fn finished_file(&self) -> Result<NamedTempFile> {
        create_finished(&self.path)
    }

    /// Leaves the part file where it is, and says so in the error.
    pub(super) fn keep(self, cause: Error) -> Error {
        kept(self.path, cause)
    }
}

fn kept(path: TempPath, cause: Error) -> Error {
    let part_file = path.to_path_buf();
    if let Err(error) = path.keep() {
        tracing::warn!("{error}");
    }
    Error::Interrupted { cause: Box::new(cause), part_file }
}

/// The part file of a movie is `NAME.part`, or `NAME.2.part`, … where an interrupted run left one: that is never
/// overwritten.
fn create_beside(destination: &Path) -> Result<(PathBuf, File)> {
    for attempt in 1..=u32::MAX {
        let mut name = destination.as_os_str().to_owned();
        name.push(if attempt == 1 { ".part".to_owned() } else { format!(".{attempt}.part") });
        let path = PathBuf::from(name);
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("create", Some(&path), error)),
        }
    }
    Err(Error::io("create a part file for", Some(destination), io::ErrorKind::AlreadyExists.into()))
}

/// The file that a movie is finished in: `NAME.fin` for `NAME.part`. One that is there was left by a process that was
/// killed while finishing, and can be made anew from the part file at any time.
pub(super) fn create_finished(part: &Path) -> Result<NamedTempFile> {
    let is_part = part.extension().is_some_and(|extension| extension == "part");
    let path = if is_part {
        part.with_extension("fin")
    } else {
        let mut name = part.as_os_str().to_owned();
        name.push(".fin");
        PathBuf::from(name)
    };
    let told = |source| Error::io("create", Some(&path), source);
    let _left_over = fs::remove_file(&path);
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).map_err(told)?;
    Ok(NamedTempFile::from_parts(file, TempPath::try_from_path(&path).map_err(told)?))
}
