//! The place where a movie will be, and the moment when it is there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf, is_separator};

use super::permissions;
use crate::error::{Error, Result};
use crate::segment::{Refused, Temporary, sync_directory_of};

/// Where a movie will be.
#[derive(Clone)]
pub(super) struct Destination {
    path: PathBuf,
    clobber: bool,
}

impl Destination {
    /// Checks that a movie can be published at `path`. A symbolic link stays, and the file that it names is replaced. The
    /// path stays what it means now, whatever becomes of the working directory.
    pub(super) fn new(path: &Path, clobber: bool) -> Result<Self> {
        let refused =
            |kind: io::ErrorKind, why: &str| Err(Error::io("write", Some(path), io::Error::new(kind, why)));
        let last = path.as_os_str().as_encoded_bytes().last().map(|byte| char::from(*byte));
        let named = path.file_name().is_some() && !last.is_some_and(is_separator);
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => {
                refused(io::ErrorKind::IsADirectory, "it is a directory; name a file in it")
            }
            Ok(data) if !data.is_file() => refused(
                io::ErrorKind::InvalidInput,
                "it is a device or a pipe, which nothing can take the place of",
            ),
            Ok(_) if !clobber => {
                refused(io::ErrorKind::AlreadyExists, "it exists and must not be replaced; choose another name")
            }
            Ok(_) => {
                // The full name of what is no link is as it was given: on Windows the other one starts with `\\?\`.
                let is_link = fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink());
                let full = if is_link { fs::canonicalize(path) } else { std::path::absolute(path) };
                let path = full.map_err(|source| Error::io("open", Some(path), source))?;
                Ok(Self { path, clobber })
            }
            Err(_) if !named => {
                refused(io::ErrorKind::InvalidInput, "it is no name of a file; give one, as in movie.mp4")
            }
            Err(error) => match fs::symlink_metadata(path) {
                Ok(data) if data.is_symlink() && error.kind() == io::ErrorKind::NotFound => refused(
                    io::ErrorKind::NotFound,
                    "it is a link to a file that does not exist; name the file itself",
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

    /// A new part file, which those may read that may read what it is to replace.
    pub(super) fn new_part(&self) -> Result<Temporary> {
        self.with_permissions(Temporary::part_of(&self.path, self.first_mode())?)
    }

    /// A new working file, with the same permissions.
    pub(super) fn new_working_file(&self) -> Result<Temporary> {
        self.with_permissions(Temporary::working_beside(&self.path, self.first_mode())?)
    }

    /// The mode of a new file, before it gets the old one's: what others may not read they may at no moment.
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

    /// Who may read the old movie may read the new one, and nobody else.
    fn hand_permissions_to(&self, file: &Temporary) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(old) => permissions::take_over(file.file(), &old),
            Err(_) => Ok(()),
        }
    }

    /// Makes `finished`, whose bytes are on the disk, the movie; gives it back where that fails.
    pub(super) fn take(&self, finished: Temporary) -> Result<(), Box<(Error, Temporary)>> {
        if let Err(source) = self.hand_permissions_to(&finished) {
            return Err(Box::new((Error::io("set the permissions of", Some(finished.path()), source), finished)));
        }
        finished.rename(&self.path, self.clobber).map_err(|refused| {
            let Refused { error, file } = *refused;
            Box::new((Error::io("rename to", Some(&self.path), error), file))
        })
    }

    /// Puts the movie's name on the disk.
    pub(super) fn sync_name(&self) -> Result<()> {
        sync_directory_of(&self.path).map_err(|source| Error::io("sync the folder of", Some(&self.path), source))
    }
}

/// Whether nothing is known to be there. Where the folder is none, or may not be looked into, making a file in it says so.
fn may_be_made(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound, PermissionDenied};
    matches!(kind, InvalidFilename | NotADirectory | NotFound | PermissionDenied)
}
