//! What became of the sound.

use std::time::Duration;

/// The sound of a finished movie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AudioStats {
    /// The codec: `aac`, `opus`, `flac`, `pcm_s16le`, `mp3`, or that of packets that were copied.
    pub codec: String,
    /// Samples a second of each channel.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u32,
    /// The channels by name: `mono`, `stereo`, `5.1`, ….
    pub layout: String,
    /// Packets of the sound.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How long it plays: as long as the movie.
    pub duration: Duration,
    /// Silence at its end, as the sound that was given was shorter than the movie.
    pub silence: Duration,
    /// What was left out at the end of the sound that was given, where that is known.
    pub cut: Duration,
    /// Samples beyond −1 and 1, which were clipped.
    pub clipped: u64,
    /// Frames that were left out, as the movie was to end with its sound.
    pub frames_left_out: u64,
    /// What is not as it was given, in sentences. It is logged as a warning too.
    pub warnings: Vec<String>,
}

impl AudioStats {
    /// Counts samples that were clipped, and warns of them.
    pub(crate) fn add_clipped(&mut self, samples: u64) {
        self.clipped += samples;
        match samples {
            0 => {}
            1 => self.warnings.push("1 sample of the sound is beyond -1 and 1, and clipped".to_owned()),
            _ => self.warnings.push(format!("{samples} samples of the sound are beyond -1 and 1, and clipped")),
        }
    }
}
