//! Samples that wait for an encoder.

use super::audio_format::AudioFormat;

/// Samples in an encoder's format, oldest first. A moment is one sample of each channel.
pub(crate) struct AudioBuffer {
    format: AudioFormat,
    /// One run of samples per channel if the format is planar, otherwise one for all.
    planes: Vec<Vec<u8>>,
    /// The bytes of a moment in each plane.
    moment_bytes: usize,
    /// The number of moments at the start that were read already.
    taken: usize,
}

impl AudioBuffer {
    /// Makes an empty buffer.
    pub(crate) fn new(format: AudioFormat) -> Self {
        let (planes, moment_bytes) = format.planes();
        Self { format, planes: vec![Vec::new(); planes], moment_bytes, taken: 0 }
    }

    /// Returns the format of the samples.
    pub(crate) fn format(&self) -> &AudioFormat {
        &self.format
    }

    /// Returns the number of moments in the buffer.
    pub(crate) fn moments(&self) -> usize {
        self.planes.first().map_or(0, Vec::len) / self.moment_bytes - self.taken
    }

    /// Drops up to `moments` of the oldest moments; returns how many.
    pub(crate) fn skip(&mut self, moments: usize) -> usize {
        let moments = moments.min(self.moments());
        self.taken += moments;
        // The rest moves to the start once most of the buffer was read, so each byte moves once on average.
        if self.taken > self.moments() {
            let bytes = std::mem::take(&mut self.taken) * self.moment_bytes;
            self.planes.iter_mut().for_each(|plane| drop(plane.drain(..bytes)));
        }
        moments
    }

    /// Adds silence, which is zeros in all formats that encoders take.
    pub(crate) fn add_silence(&mut self, moments: usize) {
        let bytes = moments * self.moment_bytes;
        self.planes.iter_mut().for_each(|plane| plane.resize(plane.len() + bytes, 0));
    }

    /// Returns the oldest `moments` of each plane. The buffer must have as many.
    pub(super) fn first(&self, moments: usize) -> impl Iterator<Item = &[u8]> {
        let start = self.taken * self.moment_bytes;
        self.planes.iter().map(move |plane| &plane[start..start + moments * self.moment_bytes])
    }

    /// Reserves space for `moments` at the end of each plane. `fill` writes them and returns how many it wrote.
    pub(super) fn extend_with<E>(
        &mut self,
        moments: usize,
        fill: impl FnOnce(&mut [*mut u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let before = self.planes.first().map_or(0, Vec::len);
        let mut ends: Vec<*mut u8> = Vec::with_capacity(self.planes.len());
        for plane in &mut self.planes {
            plane.resize(before + moments * self.moment_bytes, 0);
            ends.push(plane[before..].as_mut_ptr());
        }
        let filled = fill(&mut ends);
        let written = filled.as_ref().map_or(0, |written| (*written).min(moments));
        self.planes.iter_mut().for_each(|plane| plane.truncate(before + written * self.moment_bytes));
        filled.map(drop)
    }
}
