//! The names of files: whether a name belongs to a file, and whether it is safe on the disk.

use std::fs::File;
use std::io;
use std::path::Path;

/// Identifies a file independently of its name: its file system and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

#[cfg(unix)]
impl FileId {
    /// Identifies an open file.
    fn of(file: &File) -> io::Result<Self> {
        Ok(Self::in_metadata(&file.metadata()?))
    }

    /// Identifies the file, or the link, with this name.
    pub(crate) fn named(path: &Path) -> io::Result<Self> {
        Ok(Self::in_metadata(&std::fs::symlink_metadata(path)?))
    }

    fn in_metadata(data: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(data.dev(), data.ino())
    }
}

#[cfg(windows)]
impl FileId {
    /// Identifies an open file.
    fn of(file: &File) -> io::Result<Self> {
        let information = winapi_util::file::information(file)?;
        Ok(Self(information.volume_serial_number(), information.file_index()))
    }

    /// Identifies the file, or the link, with this name.
    pub(crate) fn named(path: &Path) -> io::Result<Self> {
        use std::os::windows::fs::OpenOptionsExt;
        /// `FILE_FLAG_BACKUP_SEMANTICS`, which opens folders too, and `FILE_FLAG_OPEN_REPARSE_POINT`, for links themselves.
        const OF_ANY_KIND: u32 = 0x0200_0000 | 0x0020_0000;
        Self::of(&std::fs::OpenOptions::new().access_mode(0).custom_flags(OF_ANY_KIND).open(path)?)
    }
}

/// Returns whether `path` is the name of `file`, and not of another file that replaced it.
pub(super) fn is_name_of(path: &Path, file: &File) -> bool {
    FileId::named(path).ok().zip(FileId::of(file).ok()).is_some_and(|(named, opened)| named == opened)
}

/// Syncs a file's name to the disk. If the file system cannot sync a directory, names are as safe as it makes them.
///
/// # Errors
/// The error of the disk, such as EIO.
#[cfg(unix)]
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

/// Does nothing: Windows has no such call, and keeps a journal of names.
#[cfg(windows)]
pub(crate) fn sync_directory_of(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Ignores that a file system does not support syncing. Network file systems and sandboxes report it in one of these
/// ways, and bytes are as safe there as they make them; a failing disk reports EIO or ENOSPC.
pub(super) fn tolerate_missing(synced: io::Result<()>) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, ReadOnlyFilesystem, Unsupported};
    let missing = [Unsupported, InvalidInput, PermissionDenied, ReadOnlyFilesystem];
    match synced {
        Err(error) if missing.contains(&error.kind()) => {
            tracing::debug!("this file system cannot sync: {error}");
            Ok(())
        }
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn an_unsupported_sync_is_ignored_and_a_failed_one_is_not() {
        for (errno, tolerated) in
            [(95, true), (38, true), (30, true), (1, true), (22, true), (5, false), (28, false), (122, false)]
        {
            let synced = tolerate_missing(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(synced.is_ok(), tolerated, "{errno}");
        }
    }

    #[test]
    #[cfg_attr(windows, ignore = "Wine 8 cannot remove or replace an open file, as Windows 10 can")]
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
