//! `--start` and `--frames`: a part of a source.

use framemill::{Error, FrameBuffer, FrameLayout, FrameRate, FrameSource, InvalidInput, Result, Strips};

/// The frames of a source from some on, at most so many of them.
pub(crate) struct Trim {
    source: Box<dyn FrameSource>,
    start: u64,
    frames: Option<u64>,
    read: u64,
    /// Frames that are in the movie already, and were not left out yet.
    kept: u64,
}

impl Trim {
    /// The frames from `start` on, at most `frames` of them. Waits for those before.
    pub(crate) fn new(mut source: Box<dyn FrameSource>, start: u64, frames: Option<u64>) -> Result<Self> {
        source.skip(start)?;
        Ok(Self { source, start, frames, read: 0, kept: 0 })
    }

    /// Leaves out so many frames, which are in the movie already, when the first one is read: a pipe may take its time.
    pub(crate) fn resume(&mut self, frames: u64) {
        self.kept = frames;
    }

    /// Whether there may be another frame.
    fn advance(&mut self) -> Result<bool> {
        let kept = std::mem::take(&mut self.kept);
        if kept > 0 {
            let most = self.frames.unwrap_or(kept).min(kept);
            let there = self.source.skip(most)?;
            if there < kept {
                let problem =
                    InvalidInput::NotResumable { problem: format!("has {kept} frames, and the input {there}") };
                return Err(Error::Input { name: "the part file".to_owned(), problem });
            }
            self.read = kept;
        }
        if self.frames.is_some_and(|frames| self.read >= frames) {
            return Ok(false);
        }
        self.read += 1;
        Ok(true)
    }
}

impl FrameSource for Trim {
    fn layout(&self) -> FrameLayout {
        self.source.layout()
    }

    fn frame_rate(&self) -> Option<FrameRate> {
        self.source.frame_rate()
    }

    fn frame_periods(&self) -> Option<u64> {
        self.source.frame_periods()
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
        if !self.advance()? {
            return Ok(None);
        }
        self.source.read_frame(buffer)
    }

    fn gives_strips(&self) -> bool {
        self.source.gives_strips()
    }

    fn next_strips(&mut self) -> Result<Option<Box<dyn Strips + '_>>> {
        if !self.advance()? {
            return Ok(None);
        }
        self.source.next_strips()
    }
}
