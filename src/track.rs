//! The sound of a movie: turns a file or samples into the packets of a track that is as long as the movie.
//!
//! A separate thread makes the packets, only as far as the frames have come. So the end can be cut at an exact sample,
//! and the video encoder never waits.

mod copied;
mod encoded;
mod file;
mod maker;
mod making;
mod rescued;
mod sound;
mod spool;

pub(crate) use file::check_file;
pub(crate) use maker::{TrackFeed, TrackMaker, TrackOutput, open};
pub(crate) use spool::{Track, TrackPacket};
