//! A movie from which the published one is made, in as many attempts as it takes.

use std::fs::{self, File};
use std::path::PathBuf;

use tempfile::{NamedTempFile, TempPath};

use super::Output;
use super::part_file::PartFile;
use crate::av::Demuxer;
use crate::error::{Error, Result};
use crate::settings::Container;

/// The part file of a movie that is whole, to be read and not to be published.
pub(crate) struct Spool {
    part: PartFile,
    container: Container,
    attempts: u32,
}

/// A movie that was made from the spool. Dropping it removes it.
pub(crate) struct Attempt(NamedTempFile);

impl Spool {
    pub(super) fn new(part: PartFile, container: Container) -> Self {
        Self { part, container, attempts: 0 }
    }

    /// Opens it at its start.
    pub(crate) fn open(&self) -> Result<Demuxer> {
        Demuxer::open(Box::new(self.part.reader()?), self.container)
            .map_err(|error| error.on_path(self.part.path()))
    }

    /// Makes a movie from it by `make`, which writes it to the output that it gets. It is a file beside the part file:
    /// `NAME.1.fin`, `NAME.2.fin`, … for `NAME.part`.
    pub(crate) fn attempt<T>(&mut self, make: impl FnOnce(&Self, Output) -> Result<T>) -> Result<(Attempt, T)> {
        self.attempts += 1;
        let path = self.part.path().with_extension(format!("{}.fin", self.attempts));
        // What a process that was killed left of its own attempts is of no use to anybody.
        for left_over in [&path, &PathBuf::from(format!("{}.part", path.display()))] {
            let _ = fs::remove_file(left_over);
        }
        let made = make(self, Output::path(&path).container(self.container)).map_err(|error| match error {
            // The frames are in the spool: what was made of them is not worth keeping.
            Error::Interrupted { cause, part_file } => {
                let _ = fs::remove_file(part_file);
                *cause
            }
            error => error,
        })?;
        let file =
            File::open(&path).and_then(|file| Ok(NamedTempFile::from_parts(file, TempPath::try_from_path(&path)?)));
        Ok((Attempt(file.map_err(|source| Error::io("open", Some(&path), source))?), made))
    }

    /// Makes `attempt` the movie, and removes the spool; gives the movie's size in bytes.
    pub(crate) fn publish(self, attempt: Attempt) -> Result<u64> {
        self.part.publish_instead(attempt.0)
    }

    /// Leaves the spool where it is, and says so in the error.
    pub(crate) fn keep(self, cause: Error) -> Error {
        self.part.keep(cause)
    }
}
