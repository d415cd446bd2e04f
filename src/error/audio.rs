//! Sound that cannot be taken.

use std::time::Duration;

/// Samples of sound that cannot be taken. The movie goes on without them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAudio {
    /// A sample is not a number, or infinite.
    #[error(
        "sample {moment} of channel {channel} is {value}, and samples are numbers from -1 to 1: replace it, as by 0"
    )]
    NotANumber {
        /// What it is.
        value: String,
        /// The sample's number in its channel, from 0.
        moment: u64,
        /// The channel, from 0.
        channel: usize,
    },

    /// Floats have another scale than −1 to 1.
    #[error("the floats reach {peak}, and full scale is 1: divide them, or give int16 or int32")]
    Scale {
        /// The largest.
        peak: String,
    },

    /// There are not as many samples for each channel.
    #[error(
        "{samples} samples are not a whole number of moments of {channels} channels: give as many for each channel"
    )]
    Uneven {
        /// Samples that were given.
        samples: usize,
        /// Channels of the sound.
        channels: usize,
    },

    /// There is no sample.
    #[error("the sound has no samples: give some, or leave it out")]
    Empty,

    /// The rate is no rate of sound.
    #[error("a sample rate of {rate} Hz is out of range: it must be 1000 to 768000")]
    Rate {
        /// The rate given.
        rate: u32,
    },

    /// There are too few or too many channels.
    #[error("{channels} channels are out of range: {what} takes 1 to {most}")]
    Channels {
        /// Channels that were given.
        channels: u32,
        /// What takes fewer.
        what: &'static str,
        /// The most that it takes.
        most: u32,
    },

    /// Samples were written to a movie that has its sound from elsewhere, or none.
    #[error("the movie does not take samples: open it with Audio::written")]
    NotWritten,

    /// Samples of another type were written than before.
    #[error("the samples have another type than those before: give all of them one type")]
    OtherType,

    /// The sound that is written lags too far behind the frames of a movie that goes to a stream.
    #[error(
        "the sound is {behind:.1?} behind the frames, and the movie goes to a stream, which has both side by side: write sound as frames come"
    )]
    Behind {
        /// By how much.
        behind: Duration,
    },
}
