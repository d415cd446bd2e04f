//! The growing file of a segment: a part file, and a thread that syncs it to the disk.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::syncer::Syncer;
use super::temporary::Temporary;
use crate::error::{Error, Result};

/// A growing file that is synced to the disk every second. Dropping it removes it.
pub(crate) struct StoredFile {
    file: Temporary,
    syncer: Syncer,
}

impl StoredFile {
    /// Takes over a new file.
    pub(crate) fn new(file: Temporary) -> Result<Self> {
        let syncer = Syncer::start(file.writer()?, file.path().to_owned());
        let syncer = syncer.map_err(|source| Error::io("open", Some(file.path()), source))?;
        Ok(Self { file, syncer })
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Returns a second handle on the same file, for the muxer.
    pub(crate) fn writer(&self) -> Result<File> {
        self.file.writer()
    }

    /// Returns a handle that reads from the start.
    pub(crate) fn reader(&self) -> Result<File> {
        self.file.reader()
    }

    /// Returns the error of earlier syncs, as far as it is known.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.syncer.check().map_err(|source| Error::io("write", Some(self.file.path()), source))
    }

    /// Syncs the file to the disk, and returns an error if any earlier write failed.
    pub(crate) fn sync(&mut self) -> Result<()> {
        let synced = self.syncer.stop().and_then(|_| self.file.sync());
        synced.map_err(|source| Error::io("write", Some(self.file.path()), source))
    }

    /// Returns an error if any write failed, of a file that has been copied since. Before the first sync, the system
    /// still has it in memory, where the copy was read, and syncing it would only write a file that is then removed.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let settled = match self.syncer.stop() {
            Ok(true) => self.file.sync(),
            stopped => stopped.map(drop),
        };
        settled.map_err(|source| Error::io("write", Some(self.file.path()), source))
    }

    /// Returns the file, which does not grow any more.
    pub(crate) fn into_file(self) -> Temporary {
        self.file
    }

    /// Leaves the file for `recover`; returns its path.
    pub(crate) fn keep(self) -> PathBuf {
        self.file.keep()
    }
}
