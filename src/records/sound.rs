//! The sound in the totals.

use serde::Serialize;

use crate::stats::AudioStats;

/// The statistics of the sound.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AudioRecord {
    codec: String,
    sample_rate: u32,
    channels: u32,
    layout: String,
    packets: u64,
    bytes: u64,
    seconds: Option<f64>,
    silence_seconds: Option<f64>,
    cut_seconds: Option<f64>,
    clipped: Option<u64>,
    frames_left_out: Option<u64>,
    warnings: Vec<String>,
}

impl From<&AudioStats> for AudioRecord {
    fn from(audio: &AudioStats) -> Self {
        Self {
            codec: audio.codec.clone(),
            sample_rate: audio.sample_rate,
            channels: audio.channels,
            layout: audio.layout.clone(),
            packets: audio.packets,
            bytes: audio.bytes,
            seconds: Some(audio.duration.as_secs_f64()),
            silence_seconds: Some(audio.silence.as_secs_f64()),
            cut_seconds: Some(audio.cut.as_secs_f64()),
            clipped: Some(audio.clipped),
            frames_left_out: Some(audio.frames_left_out),
            warnings: audio.warnings.clone(),
        }
    }
}

impl AudioRecord {
    /// Removes the values that a movie does not record.
    pub(super) fn of_movie(self) -> Self {
        let (seconds, silence_seconds, cut_seconds) = (None, None, None);
        Self { seconds, silence_seconds, cut_seconds, clipped: None, frames_left_out: None, ..self }
    }
}
