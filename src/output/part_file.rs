//! The file that grows beside the destination, and how it takes the destination's place.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use tempfile::{NamedTempFile, TempPath};

use crate::error::{Error, Result};

/// How long the file's bytes may stay in the operating system's memory only, and be lost with its power.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// A movie in the making, beside where it will be.
pub(super) struct PartFile {
    path: PathBuf,
    file: File,
    destination: Destination,
    syncer: Syncer,
}

impl PartFile {
    /// Opens a new part file for `destination`.
    pub(super) fn create(destination: Destination) -> Result<Self> {
        let (path, file) = create_beside(&destination.path)?;
        let syncer = file.try_clone().and_then(Syncer::start);
        match syncer {
            Ok(syncer) => Ok(Self { path, file, destination, syncer }),
            Err(source) => {
                // The error to tell is the first one.
                let _ = fs::remove_file(&path);
                Err(Error::io("open", Some(&path), source))
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle on the same file, for the muxer.
    pub(super) fn writer(&self) -> Result<File> {
        self.file.try_clone().map_err(|source| Error::io("open", Some(&self.path), source))
    }

    /// A handle that reads from the start.
    pub(super) fn reader(&self) -> Result<File> {
        File::open(&self.path).map_err(|source| Error::io("read", Some(&self.path), source))
    }

    /// Puts what was written on the disk, and tells if any of it did not get there.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.syncer
            .stop()
            .and_then(|()| self.file.sync_all())
            .map_err(|source| Error::io("write", Some(&self.path), source))
    }

    /// Makes the part file itself the movie; gives its size in bytes.
    pub(super) fn publish(mut self) -> Result<u64> {
        self.sync()?;
        let bytes = self.file.metadata().map(|data| data.len());
        let bytes = bytes.map_err(|source| Error::io("read", Some(&self.path), source))?;
        let part =
            TempPath::try_from_path(&self.path).map_err(|source| Error::io("rename", Some(&self.path), source))?;
        self.destination.take(part)?;
        Ok(bytes)
    }

    /// Makes `finished`, which was made from the part file, the movie, and removes the part file.
    pub(super) fn publish_instead(mut self, finished: NamedTempFile) -> Result<u64> {
        let bytes = self.destination.publish(finished)?;
        let _ = self.syncer.stop();
        // The movie is there; a part file that stays is no reason to say otherwise.
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
        Ok(bytes)
    }

    /// A new file beside the destination, which is removed unless it is published.
    pub(super) fn finished_file(&self) -> Result<NamedTempFile> {
        self.destination.temporary()
    }

    /// Removes the part file.
    pub(super) fn remove(mut self) {
        let _ = self.syncer.stop();
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}

/// Where a movie will be.
pub(super) struct Destination {
    path: PathBuf,
    clobber: bool,
}

impl Destination {
    /// Checks that a movie can be published at `path`. A symbolic link stays, and the file that it names is replaced.
    pub(super) fn new(path: &Path, clobber: bool) -> Result<Self> {
        let exists =
            |kind: io::ErrorKind, what: &str| Err(Error::io("write", Some(path), io::Error::new(kind, what)));
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => {
                exists(io::ErrorKind::IsADirectory, "it is a directory; name a file in it")
            }
            Ok(_) if !clobber => {
                exists(io::ErrorKind::AlreadyExists, "it exists and must not be replaced; choose another name")
            }
            Ok(_) => {
                let path = fs::canonicalize(path).map_err(|source| Error::io("open", Some(path), source))?;
                Ok(Self { path, clobber })
            }
            Err(_) => Ok(Self { path: path.to_owned(), clobber }),
        }
    }

    /// A new file beside the destination, with the permissions that any new file gets.
    pub(super) fn temporary(&self) -> Result<NamedTempFile> {
        let directory = directory_of(&self.path);
        let name = self.path.file_name().unwrap_or_default();
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".finishing");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(directory).map_err(|source| Error::io("create a file in", Some(directory), source))
    }

    /// Makes `finished` the movie; gives its size in bytes.
    pub(super) fn publish(&self, finished: NamedTempFile) -> Result<u64> {
        let told = |source| Error::io("write", Some(&self.path), source);
        finished.as_file().sync_all().map_err(told)?;
        let bytes = finished.as_file().metadata().map_err(told)?.len();
        let path = finished.into_temp_path();
        self.rename(path).map_err(|(source, _)| Error::io("rename to", Some(&self.path), source))?;
        Ok(bytes)
    }

    /// Makes the file at `part` the movie, and leaves it where it is when that fails.
    fn take(&self, part: TempPath) -> Result<()> {
        self.rename(part).map_err(|(source, part)| {
            let _ = part.keep();
            Error::io("rename to", Some(&self.path), source)
        })
    }

    fn rename(&self, from: TempPath) -> Result<(), (io::Error, TempPath)> {
        let renamed = if self.clobber { from.persist(&self.path) } else { from.persist_noclobber(&self.path) };
        renamed.map_err(|error| (error.error, error.path))?;
        // The movie is in place; whether its name survives a power failure this second is worth a try only.
        if let Err(error) = File::open(directory_of(&self.path)).and_then(|directory| directory.sync_all()) {
            tracing::debug!("cannot sync the directory of {}: {error}", self.path.display());
        }
        Ok(())
    }
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The part file of a movie is `NAME.part`, or `NAME.2.part`, … where an interrupted run left one: that is never
/// overwritten.
fn create_beside(destination: &Path) -> Result<(PathBuf, File)> {
    for attempt in 1..=u32::MAX {
        let mut name = destination.as_os_str().to_owned();
        name.push(if attempt == 1 { ".part".to_owned() } else { format!(".{attempt}.part") });
        let path = PathBuf::from(name);
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("create", Some(&path), error)),
        }
    }
    Err(Error::io("create a part file for", Some(destination), io::ErrorKind::AlreadyExists.into()))
}

/// A thread that puts the part file's bytes on the disk from time to time, so that the encoder need not wait for it.
struct Syncer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Syncer {
    fn start(file: File) -> io::Result<Self> {
        let (stop, stopped) = bounded::<()>(0);
        let thread = thread::Builder::new().name("framemill-sync".to_owned()).spawn(move || {
            while stopped.recv_timeout(SYNC_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                file.sync_data()?;
            }
            Ok(())
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Ends the thread; tells whether all went well. The kernel tells each failed write once, so it must not be lost.
    fn stop(&mut self) -> io::Result<()> {
        self.stop = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the thread that syncs the file panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        // Whoever drops without stopping has no use for the result.
        let _ = self.stop();
    }
}
