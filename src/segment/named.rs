//! The names of files: whether a name belongs to a file, and whether it is safe on the disk.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Returns whether `path` is the name of `file`, and not of another file that replaced it.
pub(super) fn is_name_of(path: &Path, file: &File) -> bool {
    let identity = |data: fs::Metadata| (data.dev(), data.ino());
    let (named, opened) = (fs::symlink_metadata(path).map(identity), file.metadata().map(identity));
    named.ok().zip(opened.ok()).is_some_and(|(named, opened)| named == opened)
}

/// Syncs a file's name to the disk. If the file system cannot sync a directory, names are as safe as it makes them.
///
/// # Errors
/// The error of the disk, such as EIO.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match File::open(directory) {
        Ok(directory) => tolerate_missing(directory.sync_all()),
        // If the directory is writable but not readable, its names are as safe as the system makes them.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// Ignores that a file system does not support syncing. Network file systems and sandboxes report it in one of these
/// ways, and bytes are as safe there as they make them; a failing disk reports EIO or ENOSPC.
pub(super) fn tolerate_missing(synced: io::Result<()>) -> io::Result<()> {
    use rustix::io::Errno;
    let missing = [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL, Errno::PERM, Errno::ROFS];
    match synced {
        Err(error) if missing.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) => {
            tracing::debug!("this file system cannot sync: {error}");
            Ok(())
        }
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsupported_sync_is_ignored_and_a_failed_one_is_not() {
        for (errno, tolerated) in [(95, true), (1, true), (22, true), (5, false), (28, false), (122, false)] {
            let synced = tolerate_missing(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(synced.is_ok(), tolerated, "{errno}");
        }
    }

    #[test]
    fn another_file_of_the_same_name_is_detected() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        let file = File::create(&path).expect("made");
        assert!(is_name_of(&path, &file));
        fs::remove_file(&path).expect("removed");
        assert!(!is_name_of(&path, &file));
        fs::write(&path, "another").expect("written");
        assert!(!is_name_of(&path, &file));
    }
}
