//! The place where a movie will be, and the moment when it is there.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::error::{Error, Result};

/// Where a movie will be.
pub(super) struct Destination {
    path: PathBuf,
    clobber: bool,
}

impl Destination {
    /// Checks that a movie can be published at `path`. A symbolic link stays, and the file that it names is replaced.
    pub(super) fn new(path: &Path, clobber: bool) -> Result<Self> {
        let refused =
            |kind: io::ErrorKind, why: &str| Err(Error::io("write", Some(path), io::Error::new(kind, why)));
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => {
                refused(io::ErrorKind::IsADirectory, "it is a directory; name a file in it")
            }
            Ok(_) if !clobber => {
                refused(io::ErrorKind::AlreadyExists, "it exists and must not be replaced; choose another name")
            }
            Ok(_) => {
                let path = fs::canonicalize(path).map_err(|source| Error::io("open", Some(path), source))?;
                Ok(Self { path, clobber })
            }
            Err(_) if fs::symlink_metadata(path).is_ok() => {
                refused(io::ErrorKind::NotFound, "it is a link to a file that does not exist; name the file itself")
            }
            Err(_) => Ok(Self { path: path.to_owned(), clobber }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes `finished` the movie; gives its size in bytes.
    pub(super) fn publish(&self, finished: NamedTempFile) -> Result<u64> {
        let told = |source| Error::io("write", Some(&self.path), source);
        finished.as_file().sync_all().map_err(told)?;
        let bytes = finished.as_file().metadata().map_err(told)?.len();
        self.take(finished.into_temp_path()).map_err(|refused| refused.error)?;
        Ok(bytes)
    }

    /// Makes the file at `from` the movie; gives it back where that fails.
    pub(super) fn take(&self, from: TempPath) -> Result<(), Box<Refused>> {
        // Who may read the old movie may read the new one, and nobody else.
        if let Ok(old) = fs::metadata(&self.path)
            && let Err(error) = fs::set_permissions(&from, old.permissions())
        {
            tracing::warn!("cannot keep the permissions of {}: {error}", self.path.display());
        }
        let renamed = if self.clobber { from.persist(&self.path) } else { from.persist_noclobber(&self.path) };
        renamed.map_err(|refused| {
            let error = Error::io("rename to", Some(&self.path), refused.error);
            Box::new(Refused { error, file: refused.path })
        })?;
        sync_directory_of(&self.path);
        Ok(())
    }
}

/// A file that could not become the movie, and why.
pub(super) struct Refused {
    pub(super) error: Error,
    pub(super) file: TempPath,
}

/// Puts a file's name on the disk. Not every file system lets a directory be synced; where it does not, names are as
/// safe as it makes them.
pub(super) fn sync_directory_of(path: &Path) {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if let Err(error) = File::open(directory).and_then(|directory| directory.sync_all()) {
        tracing::debug!("cannot sync {}: {error}", directory.display());
    }
}
