//! Samples that wait for an encoder.

use super::audio_format::AudioFormat;

/// Samples in an encoder's format, oldest first. A sample frame is one sample of each channel.
pub(crate) struct AudioBuffer {
    format: AudioFormat,
    /// One run of samples per channel if the format is planar, otherwise one for all.
    planes: Vec<Vec<u8>>,
    /// The bytes of a sample frame in each plane.
    sample_frame_bytes: usize,
    /// The number of sample frames at the start that were read already.
    taken: usize,
}

impl AudioBuffer {
    /// Makes an empty buffer.
    pub(crate) fn new(format: AudioFormat) -> Self {
        let (planes, sample_frame_bytes) = format.planes();
        Self { format, planes: vec![Vec::new(); planes], sample_frame_bytes, taken: 0 }
    }

    /// Returns the format of the samples.
    pub(crate) fn format(&self) -> &AudioFormat {
        &self.format
    }

    /// Returns the number of sample frames in the buffer.
    pub(crate) fn sample_frames(&self) -> usize {
        self.planes.first().map_or(0, Vec::len) / self.sample_frame_bytes - self.taken
    }

    /// Drops up to `sample_frames` of the oldest sample frames; returns how many.
    pub(crate) fn skip(&mut self, sample_frames: usize) -> usize {
        let sample_frames = sample_frames.min(self.sample_frames());
        self.taken += sample_frames;
        // The rest moves to the start once most of the buffer was read, so each byte moves once on average.
        if self.taken > self.sample_frames() {
            let bytes = std::mem::take(&mut self.taken) * self.sample_frame_bytes;
            self.planes.iter_mut().for_each(|plane| drop(plane.drain(..bytes)));
        }
        sample_frames
    }

    /// Adds silence, which is zeros in all formats that encoders take.
    pub(crate) fn add_silence(&mut self, sample_frames: usize) {
        let bytes = sample_frames * self.sample_frame_bytes;
        self.planes.iter_mut().for_each(|plane| plane.resize(plane.len() + bytes, 0));
    }

    /// Returns the oldest `sample_frames` of each plane. The buffer must have as many.
    pub(super) fn first(&self, sample_frames: usize) -> impl Iterator<Item = &[u8]> {
        let start = self.taken * self.sample_frame_bytes;
        self.planes.iter().map(move |plane| &plane[start..start + sample_frames * self.sample_frame_bytes])
    }

    /// Reserves space for `sample_frames` at the end of each plane. `fill` writes them and returns how many it wrote.
    pub(super) fn extend_with<E>(
        &mut self,
        sample_frames: usize,
        fill: impl FnOnce(&mut [*mut u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let before = self.planes.first().map_or(0, Vec::len);
        let mut ends: Vec<*mut u8> = Vec::with_capacity(self.planes.len());
        for plane in &mut self.planes {
            plane.resize(before + sample_frames * self.sample_frame_bytes, 0);
            ends.push(plane[before..].as_mut_ptr());
        }
        let filled = fill(&mut ends);
        let written = filled.as_ref().map_or(0, |written| (*written).min(sample_frames));
        self.planes.iter_mut().for_each(|plane| plane.truncate(before + written * self.sample_frame_bytes));
        filled.map(drop)
    }
}
