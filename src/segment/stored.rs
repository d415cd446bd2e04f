//! A segment's file while it grows: a part file, and a thread that puts it on the disk.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::syncer::Syncer;
use super::temporary::Temporary;
use crate::error::{Error, Result};

/// A file that grows, and is put on the disk each second. Dropping it removes it.
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

    /// A second handle on the same file, for the muxer.
    pub(crate) fn writer(&self) -> Result<File> {
        self.file.writer()
    }

    /// A handle that reads from the start.
    pub(crate) fn reader(&self) -> Result<File> {
        self.file.reader()
    }

    /// Whether what was written so far got to the disk, as far as is known.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.syncer.check().map_err(|source| Error::io("write", Some(self.file.path()), source))
    }

    /// Puts what was written on the disk, and says if any of it did not get there.
    pub(crate) fn sync(&mut self) -> Result<()> {
        let synced = self.syncer.stop().and_then(|_| self.file.sync());
        synced.map_err(|source| Error::io("write", Some(self.file.path()), source))
    }

    /// Says if any of what was written, and has been copied since, did not get to the disk. Before the first sync the
    /// system still has it in memory, where the copy was read; it would be put on the disk to be removed.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let settled = match self.syncer.stop() {
            Ok(true) => self.file.sync(),
            stopped => stopped.map(drop),
        };
        settled.map_err(|source| Error::io("write", Some(self.file.path()), source))
    }

    /// The file alone, which grows no more.
    pub(crate) fn into_file(self) -> Temporary {
        self.file
    }

    /// Leaves the file where it is, for `recover`; gives its path.
    pub(crate) fn keep(self) -> PathBuf {
        self.file.keep()
    }
}
