//! Statistics of the sound.

use std::time::Duration;

/// The statistics of the sound in a finished movie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AudioStats {
    /// The codec: `aac`, `opus`, `flac`, `pcm_s16le`, `mp3`, or the codec of copied packets.
    pub codec: String,
    /// Samples per second of each channel.
    pub sample_rate: u32,
    /// The number of channels.
    pub channels: u32,
    /// The channel layout: `mono`, `stereo`, `5.1`, ….
    pub layout: String,
    /// The number of packets.
    pub packets: u64,
    /// The bytes of the packets.
    pub bytes: u64,
    /// The duration, which is that of the movie.
    pub duration: Duration,
    /// The silence added at the end, if the sound was shorter than the movie.
    pub silence: Duration,
    /// The part cut off at the end of the sound, if known.
    pub cut: Duration,
    /// The number of samples outside −1 to 1, which were clipped.
    pub clipped: u64,
    /// The number of frames that were left out because the movie ends with its sound.
    pub frames_left_out: u64,
    /// What differs from the sound that was given, in sentences. Each is also logged as a warning.
    pub warnings: Vec<String>,
}

impl AudioStats {
    /// Counts clipped samples, and adds a warning about them.
    pub(crate) fn add_clipped(&mut self, samples: u64) {
        self.clipped += samples;
        match samples {
            0 => {}
            1 => self.warnings.push("1 sample of the sound is outside -1 to 1 and was clipped".to_owned()),
            _ => self.warnings.push(format!("{samples} samples of the sound are outside -1 to 1 and were clipped")),
        }
    }
}
