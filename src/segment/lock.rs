//! The lock on a file that is being made. It shows other runs that the file is in use; they may still read the file.

pub(super) use system::create_locked;
pub(crate) use system::{claim, is_locked, unlock};

/// The advisory lock of Unix: it blocks nobody, and ends with the process.
#[cfg(unix)]
mod system {
    use std::fs::{File, OpenOptions, TryLockError};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    /// Creates a file that does not exist, and locks it. It never has more permissions than `mode`.
    pub(in crate::segment) fn create_locked(path: &Path, mode: u32) -> io::Result<File> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(path)?;
        // A process that checks the lock at this moment releases it at once. Some file systems have no locks; the run
        // continues without one there.
        if let Err(error) = file.lock() {
            tracing::debug!("cannot lock {}: {error}", path.display());
        }
        Ok(file)
    }

    /// Opens a file and locks it; `None` if another process has locked it.
    pub(crate) fn claim(path: &Path) -> io::Result<Option<File>> {
        // Over NFS, only a file that is open for writing can be locked.
        let file = OpenOptions::new().read(true).write(true).open(path).or_else(|_| File::open(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Returns whether a process has locked a file.
    pub(crate) fn is_locked(path: &Path) -> io::Result<bool> {
        // Without locks this cannot be known.
        Ok(matches!(File::open(path)?.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Unlocks a file: a process that was forked meanwhile would keep the lock.
    pub(crate) fn unlock(file: &File) {
        let _ = file.unlock();
    }
}

/// A lock on Windows would keep others from reading. So a file counts as locked while it is open for writing and not shared
/// with other writers.
#[cfg(windows)]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;

    /// `FILE_SHARE_READ` and `FILE_SHARE_DELETE`: others may read, rename and remove the file, but not write it.
    const WITHOUT_WRITERS: u32 = 1 | 4;

    const ERROR_SHARING_VIOLATION: i32 = 32;

    /// Creates a file that does not exist, and locks it. It gets the permissions of its folder.
    pub(in crate::segment) fn create_locked(path: &Path, _: u32) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).share_mode(WITHOUT_WRITERS).open(path)
    }

    /// Opens a file and locks it; `None` if another process has locked it.
    pub(crate) fn claim(path: &Path) -> io::Result<Option<File>> {
        match OpenOptions::new().read(true).write(true).share_mode(WITHOUT_WRITERS).open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether a process has locked a file.
    pub(crate) fn is_locked(path: &Path) -> io::Result<bool> {
        match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(true),
            // The file can be read but not written, so assume that it is not locked.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(path).map(|_| false),
            opened => opened.map(|_| false),
        }
    }

    /// Does nothing: the lock ends when the file is closed.
    pub(crate) fn unlock(_: &File) {}
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_locked_file_is_seen_and_can_be_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        let file = create_locked(&path, 0o666).expect("made");
        assert!(is_locked(&path).expect("known"));
        assert!(claim(&path).expect("opened").is_none());
        std::io::Write::write_all(&mut &file, b"bytes").expect("written");
        assert_eq!(fs::read(&path).expect("readable"), b"bytes");
        unlock(&file);
        drop(file);
        assert!(!is_locked(&path).expect("known"));
        assert!(claim(&path).expect("opened").is_some());
    }
}
