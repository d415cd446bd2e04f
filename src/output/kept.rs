//! A movie from which the published one is made, in as many attempts as it takes.

use super::Output;
use super::stored::{Finished, Stored};
use crate::av::Demuxer;
use crate::error::{Error, Result};
use crate::segment::PacketIndex;
use crate::settings::Container;

/// A whole segment, to be read and not to be published.
pub(crate) struct Kept {
    segment: Stored,
    index: PacketIndex,
    container: Container,
}

impl Kept {
    pub(super) fn new(segment: Stored, index: PacketIndex, container: Container) -> Self {
        Self { segment, index, container }
    }

    /// Opens it at its start.
    pub(crate) fn open(&self) -> Result<Demuxer> {
        self.segment.open()
    }

    /// Where an attempt to make the movie goes: a file that is gone unless it is published.
    pub(crate) fn attempt(&self) -> Output {
        Output::working(self.segment.destination().clone(), self.container)
    }

    /// Makes `attempt` the movie, and removes what was kept; gives the movie's size in bytes.
    pub(crate) fn publish(self, attempt: Finished) -> Result<u64> {
        self.segment.publish_instead(attempt, &self.index)
    }

    /// Leaves it where it is, and says so in the error.
    pub(crate) fn keep(self, cause: Error) -> Error {
        self.segment.keep(&self.index, cause)
    }
}
