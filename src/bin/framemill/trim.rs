//! `--start` and `--frames`: a part of a source.

use framemill::{FrameLayout, FrameRate, FrameSource, Result};

/// The frames of a source from `start` on, at most `frames` of them.
pub(crate) struct Trim {
    source: Box<dyn FrameSource>,
    start: u64,
    frames: Option<u64>,
    read: u64,
}

impl Trim {
    pub(crate) fn new(source: Box<dyn FrameSource>, start: u64, frames: Option<u64>) -> Self {
        Self { source, start, frames, read: 0 }
    }
}

impl FrameSource for Trim {
    fn layout(&self) -> FrameLayout {
        self.source.layout()
    }

    fn frame_rate(&self) -> Option<FrameRate> {
        self.source.frame_rate()
    }

    fn frame_count(&self) -> Option<u64> {
        let left = self.source.frame_count().map(|count| count.saturating_sub(self.start));
        match (left, self.frames) {
            (Some(left), Some(frames)) => Some(left.min(frames)),
            // A stream may end before, but then this is as far as it could go.
            (left, frames) => left.or(frames),
        }
    }

    fn skipped_frames(&self) -> u64 {
        self.source.skipped_frames()
    }

    fn read_frame(&mut self, buffer: &mut Vec<u8>) -> Result<Option<FrameLayout>> {
        while self.read < self.start {
            if self.source.read_frame(buffer)?.is_none() {
                return Ok(None);
            }
            self.read += 1;
        }
        if self.frames.is_some_and(|frames| self.read - self.start >= frames) {
            return Ok(None);
        }
        self.read += 1;
        self.source.read_frame(buffer)
    }
}
