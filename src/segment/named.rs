//! Names of files: which file a name stands for, and when it is safe on the disk.

use std::fs::File;
use std::io;
use std::path::Path;

/// Which file it is, whatever its name: its file system, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

#[cfg(unix)]
impl FileId {
    /// Of an open file.
    fn of(file: &File) -> io::Result<Self> {
        Ok(Self::in_metadata(&file.metadata()?))
    }

    /// Of the file, or the link, that has a name.
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
    /// Of an open file.
    fn of(file: &File) -> io::Result<Self> {
        let information = winapi_util::file::information(file)?;
        Ok(Self(information.volume_serial_number(), information.file_index()))
    }

    /// Of the file, or the link, that has a name.
    pub(crate) fn named(path: &Path) -> io::Result<Self> {
        use std::os::windows::fs::OpenOptionsExt;
        /// `FILE_FLAG_BACKUP_SEMANTICS`, which opens folders too, and `FILE_FLAG_OPEN_REPARSE_POINT`, for links themselves.
        const OF_ANY_KIND: u32 = 0x0200_0000 | 0x0020_0000;
        Self::of(&std::fs::OpenOptions::new().access_mode(0).custom_flags(OF_ANY_KIND).open(path)?)
    }
}

/// Whether `path` is the name of `file`, and not of another one that took its place.
pub(super) fn is_name_of(path: &Path, file: &File) -> bool {
    FileId::named(path).ok().zip(FileId::of(file).ok()).is_some_and(|(named, opened)| named == opened)
}

/// Puts a file's name on the disk. Where the file system cannot sync a directory, names are as safe as it makes them.
///
/// # Errors
/// What the disk says, such as EIO.
#[cfg(unix)]
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match File::open(directory) {
        Ok(directory) => tolerate_missing(directory.sync_all()),
        // A directory that may be written to and not read: its names are as safe as the system makes them.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// Windows has no such call: it writes a journal of names.
#[cfg(windows)]
pub(crate) fn sync_directory_of(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Leaves out that a file system has no such call. Network file systems and sandboxes say it in one of these ways, and
/// bytes are as safe there as they make them; a disk that fails says EIO or ENOSPC.
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
    fn a_call_that_is_missing_is_no_failure_and_a_disk_that_fails_is() {
        for (errno, tolerated) in
            [(95, true), (38, true), (30, true), (1, true), (22, true), (5, false), (28, false), (122, false)]
        {
            let synced = tolerate_missing(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(synced.is_ok(), tolerated, "{errno}");
        }
    }

    #[test]
    fn another_file_of_the_same_name_is_seen() {
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
