//! The path of a movie, and its publishing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf, is_separator};

use super::permissions;
use crate::error::{Error, Result};
use crate::segment::{Refused, Temporary, sync_directory_of};

/// The path at which a finished file is published.
#[derive(Clone)]
pub(super) struct Destination {
    path: PathBuf,
    clobber: bool,
}

impl Destination {
    /// Checks that a movie can be published at `path`. A symbolic link stays, and its target is replaced. The path is
    /// resolved now, so that later changes of the working directory do not matter.
    pub(super) fn new(path: &Path, clobber: bool) -> Result<Self> {
        let refused =
            |kind: io::ErrorKind, why: &str| Err(Error::io("write", Some(path), io::Error::new(kind, why)));
        let last = path.as_os_str().as_encoded_bytes().last().map(|byte| char::from(*byte));
        let named = path.file_name().is_some() && !last.is_some_and(is_separator);
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => {
                refused(io::ErrorKind::IsADirectory, "it is a directory; choose a file in it")
            }
            Ok(data) if !data.is_file() => {
                refused(io::ErrorKind::InvalidInput, "it is a device or a pipe, which cannot be replaced")
            }
            Ok(_) if !clobber => refused(io::ErrorKind::AlreadyExists, "it already exists; choose another name"),
            Ok(_) => {
                // Only a link is resolved: on Windows, a resolved path starts with `\\?\`, unlike what the user wrote.
                let is_link = fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink());
                let full = if is_link { fs::canonicalize(path) } else { std::path::absolute(path) };
                let path = full.map_err(|source| Error::io("open", Some(path), source))?;
                Ok(Self { path, clobber })
            }
            Err(_) if !named => {
                refused(io::ErrorKind::InvalidInput, "it is not a file name; use one, such as movie.mp4")
            }
            Err(error) => match fs::symlink_metadata(path) {
                Ok(data) if data.is_symlink() && error.kind() == io::ErrorKind::NotFound => refused(
                    io::ErrorKind::NotFound,
                    "it is a link to a file that does not exist; use the file itself",
                ),
                // A loop of links, or a disk that cannot be read.
                Ok(_) => Err(Error::io("open", Some(path), error)),
                Err(error) if !may_be_made(error.kind()) => Err(Error::io("open", Some(path), error)),
                Err(_) => {
                    let path = std::path::absolute(path).map_err(|source| Error::io("open", Some(path), source))?;
                    Ok(Self { path, clobber })
                }
            },
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a new part file, with the permissions of the file that it will replace. Logs a warning if an earlier run
    /// left one, unless this run `resumes` that run.
    pub(super) fn new_part(&self, resumes: bool) -> Result<Temporary> {
        self.with_permissions(Temporary::part_of(&self.path, self.first_mode(), resumes)?)
    }

    /// Makes a new working file, with the permissions of the file that it will replace.
    pub(super) fn new_working_file(&self) -> Result<Temporary> {
        self.with_permissions(Temporary::working_beside(&self.path, self.first_mode())?)
    }

    /// Returns the mode to create a file with, before it gets the permissions of the old movie: in between, no other
    /// user may read it.
    fn first_mode(&self) -> u32 {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0o666,
            _ => 0o600,
        }
    }

    fn with_permissions(&self, file: Temporary) -> Result<Temporary> {
        self.hand_permissions_to(&file)
            .map_err(|source| Error::io("set the permissions of", Some(file.path()), source))?;
        Ok(file)
    }

    /// Copies the permissions of the old movie to the new one.
    fn hand_permissions_to(&self, file: &Temporary) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(old) => permissions::copy_permissions(file.file(), &old),
            Err(_) => Ok(()),
        }
    }

    /// Publishes `finished`, whose bytes are on the disk; returns it if that fails.
    pub(super) fn publish(&self, finished: Temporary) -> Result<(), Box<(Error, Temporary)>> {
        if let Err(source) = self.hand_permissions_to(&finished) {
            return Err(Box::new((Error::io("set the permissions of", Some(finished.path()), source), finished)));
        }
        finished.rename(&self.path, self.clobber).map_err(|refused| {
            let Refused { error, file } = *refused;
            Box::new((Error::io("rename to", Some(&self.path), error), file))
        })
    }

    /// Syncs the movie's name to the disk.
    pub(super) fn sync_name(&self) -> Result<()> {
        sync_directory_of(&self.path).map_err(|source| Error::io("sync the folder of", Some(&self.path), source))
    }
}

/// Returns whether the path seems to be free. If the folder is invalid or unreadable, creating a file in it reports
/// that.
fn may_be_made(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(kind, NotADirectory | NotFound | PermissionDenied)
}
