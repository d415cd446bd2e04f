//! `--start` and `--frames`: a part of a source.

use std::path::{Path, PathBuf};

use framemill::{Error, FrameBuffer, FrameLayout, FrameRate, FrameSource, InvalidInput, Result, Strips};

use crate::plural::plural;

/// A range of frames of a source.
pub(crate) struct Trim {
    source: Box<dyn FrameSource>,
    start: u64,
    frames: Option<u64>,
    read: u64,
    /// The number of frames to skip because the movie already has them.
    kept: u64,
    /// The movie, for errors.
    movie: PathBuf,
}

impl Trim {
    /// Returns at most `frames` frames from `start` on. Waits for the frames before.
    pub(crate) fn new(mut source: Box<dyn FrameSource>, start: u64, frames: Option<u64>) -> Result<Self> {
        source.skip(start)?;
        Ok(Self { source, start, frames, read: 0, kept: 0, movie: PathBuf::new() })
    }

    /// Skips frames that `movie` already has, when the first frame is read, because a pipe may be slow.
    pub(crate) fn resume(&mut self, frames: u64, movie: &Path) {
        self.kept = frames;
        self.movie = movie.to_owned();
    }

    /// Returns whether there may be another frame.
    fn advance(&mut self) -> Result<bool> {
        let kept = std::mem::take(&mut self.kept);
        if kept > 0 {
            let most = self.frames.unwrap_or(kept).min(kept);
            let there = self.source.skip(most)?;
            if there < kept {
                let problem = InvalidInput::NotResumable {
                    problem: format!("has {}, but the input has {there}", plural(kept, "frame")),
                };
                let name = format!("the part file of {}", self.movie.display());
                return Err(Error::Input { name, problem });
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
            // A stream may end earlier, but this is as far as it could go.
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
