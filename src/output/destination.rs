//! The place where a movie will be, and the moment when it is there.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

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
        let named = path.file_name().is_some() && !path.as_os_str().as_encoded_bytes().ends_with(b"/");
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
                let path = fs::canonicalize(path).map_err(|source| Error::io("open", Some(path), source))?;
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
    /// A run that `resumes` another one knows of its part file.
    pub(super) fn new_part(&self, resumes: bool) -> Result<Temporary> {
        self.with_permissions(Temporary::part_of(&self.path, self.first_mode(), resumes)?)
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
            Ok(old) => take_permissions(file.file(), &old),
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

/// Gives `file` the owner, the group and the mode of an older one. Where the group cannot be kept, its members may do
/// what everybody may.
fn take_permissions(file: &File, old: &fs::Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    let mut mode = old.mode() & 0o777;
    let owned = (old.uid(), old.gid()) == (new.uid(), new.gid())
        || std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    if !owned && old.gid() != new.gid() && std::os::unix::fs::fchown(file, None, Some(old.gid())).is_err() {
        mode = (mode & 0o707) | ((mode & 0o007) << 3);
        tracing::warn!("the group of the file that is replaced cannot be kept; the new one has the mode {mode:o}");
    }
    if mode == new.mode() & 0o777 { Ok(()) } else { file.set_permissions(fs::Permissions::from_mode(mode)) }
}
