//! The sound of a movie: from a file or samples to the packets of a track that is as long as the movie.
//!
//! A thread of its own makes them, no further than the frames have come. So the end can be cut to the sample, and the
//! encoder of the frames never waits.

mod copied;
mod encoded;
mod file;
mod maker;
mod making;
mod rescued;
mod sound;
mod spool;

pub(crate) use maker::{TrackFeed, TrackMaker, TrackOutput, open};
pub(crate) use spool::{Track, TrackPacket};
