//! Putting a growing file on the disk without letting the encoder wait for it.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use super::named::{sync_directory_of, tolerate_missing};

/// How long the file's name and bytes may stay in the operating system's memory only, and be lost with its power.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// A thread that puts a file's bytes on the disk from time to time.
pub(super) struct Syncer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<io::Result<bool>>>,
    /// The errno of what went wrong, since the kernel says it once only.
    failure: Option<i32>,
}

impl Syncer {
    /// Starts the thread for `file`, which is new at `path`. The file's name is put on the disk with its first bytes.
    pub(super) fn start(file: File, path: PathBuf) -> io::Result<Self> {
        let (stop, stopped) = bounded::<()>(0);
        let thread = thread::Builder::new().name("framemill-sync".to_owned()).spawn(move || {
            let mut synced = false;
            while stopped.recv_timeout(SYNC_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                tolerate_missing(file.sync_data())?;
                if !std::mem::replace(&mut synced, true) {
                    sync_directory_of(&path)?;
                }
            }
            Ok(synced)
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread), failure: None })
    }

    /// Returns what went wrong, if the thread ended over it.
    pub(super) fn check(&mut self) -> io::Result<()> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) { self.stop().map(drop) } else { Ok(()) }
    }

    /// Ends the thread. Returns what went wrong, or whether it ever put anything on the disk. The kernel reports each failed
    /// write once, so it must not be lost.
    pub(super) fn stop(&mut self) -> io::Result<bool> {
        self.stop = None;
        let stopped = match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the thread that syncs the file panicked")),
            None => self.failure.map_or(Ok(false), |errno| Err(io::Error::from_raw_os_error(errno))),
        };
        if let Err(error) = &stopped {
            self.failure = self.failure.or(error.raw_os_error());
        }
        stopped
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        // Whoever drops without stopping has no use for the result.
        let _ = self.stop();
    }
}
