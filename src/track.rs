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

pub(crate) use maker::{TrackFeed, TrackMaker, TrackOutput, open};
pub(crate) use spool::{Track, TrackPacket};

use crate::audio::{Audio, AudioSource, check_format};
use crate::error::{InvalidAudio, Result};

// Here and not in `audio`, because it opens files with FFmpeg.
impl Audio {
    /// Checks the sound: that the file has sound that can be read, or that the samples, their rate and their channels
    /// are valid. A damaged file may only be noticed when the movie needs the damaged part.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) for a file, [`Error::Audio`](crate::Error::Audio) for samples,
    /// [`Error::Io`](crate::Error::Io) if the file cannot be opened.
    pub fn check(&self) -> Result<()> {
        match &self.source {
            AudioSource::File(path) => file::check(path),
            AudioSource::Samples { samples, rate, channels } => {
                check_format(*rate, *channels)?;
                if samples.count() == 0 {
                    return Err(InvalidAudio::Empty.into());
                }
                Ok(samples.check(*channels).map(drop)?)
            }
            AudioSource::Written { rate, channels } => Ok(check_format(*rate, *channels)?),
        }
    }
}
