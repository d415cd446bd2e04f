//! `--start` and `--frames`: a part of a source.

use framemill::{FrameBuffer, FrameLayout, FrameRate, FrameSource, Result, Strips};

/// The frames of a source from some on, at most so many of them.
pub(crate) struct Trim {
    source: Box<dyn FrameSource>,
    start: u64,
    frames: Option<u64>,
    read: u64,
}

impl Trim {
    /// The frames from `start` on, at most `frames` of them. Waits for those before.
    pub(crate) fn new(mut source: Box<dyn FrameSource>, start: u64, frames: Option<u64>) -> Result<Self> {
        source.skip(start)?;
        Ok(Self { source, start, frames, read: 0 })
    }

    /// Leaves out so many frames, which are in the movie already.
    pub(crate) fn resume(&mut self, frames: u64) -> Result<()> {
        self.read += frames;
        self.source.skip(frames).map(drop)
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

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        if self.frames.is_some_and(|frames| self.read >= frames) {
            return Ok(None);
        }
        self.read += 1;
        self.source.read_frame(buffer)
    }

    fn gives_strips(&self) -> bool {
        self.source.gives_strips()
    }

    fn next_strips(&mut self) -> Result<Option<Box<dyn Strips + '_>>> {
        if self.frames.is_some_and(|frames| self.read >= frames) {
            return Ok(None);
        }
        self.read += 1;
        self.source.next_strips()
    }
}
