//! A movie from which the published one is made, in several attempts.

use super::Output;
use super::stored::{Finished, Stored};
use crate::av::Demuxer;
use crate::error::{Error, Result};
use crate::segment::PacketIndex;
use crate::settings::Container;

/// A complete segment that is read but not published.
pub(crate) struct Kept {
    segment: Stored,
    index: PacketIndex,
    container: Container,
}

impl Kept {
    pub(super) fn new(segment: Stored, index: PacketIndex, container: Container) -> Self {
        Self { segment, index, container }
    }

    /// Opens the segment at its start.
    pub(crate) fn open(&self) -> Result<Demuxer> {
        self.segment.open()
    }

    /// Returns the output of an attempt: a file that is removed unless it is published.
    pub(crate) fn attempt(&self) -> Output {
        Output::working(self.segment.destination().clone(), self.container)
    }

    /// Publishes `attempt`, and removes the segment; returns the movie's size in bytes.
    pub(crate) fn publish(self, attempt: Finished) -> Result<u64> {
        self.segment.publish_instead(attempt, &self.index)
    }

    /// Leaves the segment for recovery, and adds its path to the error.
    pub(crate) fn keep(self, cause: Error) -> Error {
        self.segment.keep(&self.index, cause)
    }
}
