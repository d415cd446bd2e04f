//! Errors about sound.

use std::time::Duration;

/// Samples of sound that cannot be used. The movie continues without them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAudio {
    /// A sample is NaN or infinite.
    #[error(
        "sample {sample} of channel {channel} is {value}, but samples must be numbers from -1 to 1: replace it, for example with 0"
    )]
    NotANumber {
        /// The value of the sample.
        value: String,
        /// The sample's number in its channel, from 0.
        sample: u64,
        /// The channel, from 0.
        channel: usize,
    },

    /// Floats are on another scale than −1 to 1.
    #[error("the floats reach {peak}, but full scale is 1: scale them to -1 to 1, or pass int16 or int32")]
    Scale {
        /// The largest value.
        peak: String,
    },

    /// The channels do not have the same number of samples.
    #[error(
        "{samples} samples cannot be divided among {channels} channels: write the same number of samples for each channel"
    )]
    Uneven {
        /// The number of samples that were given.
        samples: usize,
        /// The number of channels of the sound.
        channels: usize,
    },

    /// There are no samples.
    #[error("the sound has no samples: add some, or leave the sound out")]
    Empty,

    /// The sample rate is out of range.
    #[error("a sample rate of {rate} Hz is out of range: it must be 1000 to 768000")]
    Rate {
        /// The rate that was given.
        rate: u32,
    },

    /// There are too few or too many channels.
    #[error("{channels} channels are out of range: {what} takes 1 to {most}")]
    Channels {
        /// The number of channels that were given.
        channels: u32,
        /// The codec or container that has the limit.
        what: &'static str,
        /// The largest number of channels that it takes.
        most: u32,
    },

    /// The codec cannot store these channels, and no layout that it stores has all of them.
    #[error(
        "{codec} in {container} cannot store the channels {layout}: choose flac in mkv, or pcm, which keep any channels, or \
         mix the sound to stereo"
    )]
    ChannelLayout {
        /// FFmpeg's name of the layout.
        layout: String,
        /// The codec.
        codec: &'static str,
        /// The container.
        container: &'static str,
    },

    /// Samples were written to a movie whose sound comes from a file, or that has no sound.
    #[error("the movie does not take samples: open it with Audio::written")]
    NotWritten,

    /// The samples have another type than the samples written before.
    #[error("the samples have a different type from the earlier ones: use one type for all")]
    OtherType,

    /// The written sound lags too far behind the frames in a movie that goes to a stream.
    #[error(
        "the sound is {behind:.1?} behind the frames, but a stream interleaves both: write the sound along with the frames"
    )]
    Behind {
        /// How far the sound lags behind.
        behind: Duration,
    },
}
