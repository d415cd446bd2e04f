//! Syncs a growing file to the disk without making the encoder wait.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use super::named::{sync_directory_of, tolerate_missing};

/// How long the file's name and bytes may be only in the operating system's memory, where a power loss would destroy
/// them.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// A thread that syncs a file's bytes to the disk from time to time.
pub(super) struct Syncer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<io::Result<bool>>>,
    /// The errno of the failure, because the kernel reports it only once.
    failure: Option<i32>,
}

impl Syncer {
    /// Starts the thread for `file`, which is new at `path`. The file's name is synced with its first bytes.
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

    /// Returns the error that ended the thread, if any.
    pub(super) fn check(&mut self) -> io::Result<()> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) { self.stop().map(drop) } else { Ok(()) }
    }

    /// Ends the thread. Returns its error, or whether it ever synced anything. The kernel reports each failed write
    /// only once, so the error must not be lost.
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
        // A caller that drops without stopping does not use the result.
        let _ = self.stop();
    }
}
