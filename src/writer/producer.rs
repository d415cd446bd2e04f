//! The caller's side of a movie: it converts pictures to frames for the encoder.

use std::time::Instant;

use super::encode_thread::NewFrame;
use crate::av::{FramePool, SharedFrame};
use crate::convert::Converter;
use crate::error::Result;
use crate::frame::Strips;
use crate::measure::are_equal;

/// Converts pictures, and detects equal frames.
pub(super) struct Producer {
    converter: Converter,
    pool: FramePool,
    /// The previous frame.
    previous: Option<SharedFrame>,
    /// The number of frames that equal their previous frame.
    pub(super) duplicates: u64,
}

impl Producer {
    pub(super) fn new(converter: Converter, pool: FramePool) -> Self {
        Self { converter, pool, previous: None, duplicates: 0 }
    }

    /// Converts a picture to a frame that is shown at `pts`.
    pub(super) fn produce(&mut self, picture: &mut dyn Strips, pts: i64) -> Result<NewFrame> {
        let started = Instant::now();
        let mut frame = self.pool.frame()?;
        self.converter.convert(picture, &mut frame)?;
        let converting = started.elapsed();
        let frame = frame.share();
        // Compared here, while the frame is still in the processor's cache.
        let is_duplicate = self.previous.as_ref().is_some_and(|previous| are_equal(previous, &frame));
        self.duplicates += u64::from(is_duplicate);
        self.previous = Some(frame.try_clone()?);
        Ok(NewFrame { frame, pts, converting, converted: Instant::now() })
    }
}
