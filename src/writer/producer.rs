//! The caller's side of a movie: pictures become frames for the encoder.

use std::time::Instant;

use super::encode_thread::NewFrame;
use crate::av::{FramePool, SharedFrame};
use crate::convert::Converter;
use crate::error::Result;
use crate::frame::Strips;
use crate::measure::are_equal;

/// Converts pictures, and finds those that are equal.
pub(super) struct Producer {
    converter: Converter,
    pool: FramePool,
    /// The frame before.
    previous: Option<SharedFrame>,
    /// Frames that were equal to the one before.
    pub(super) duplicates: u64,
}

impl Producer {
    pub(super) fn new(converter: Converter, pool: FramePool) -> Self {
        Self { converter, pool, previous: None, duplicates: 0 }
    }

    /// Makes a frame, which is shown at `pts`, of a picture.
    pub(super) fn produce(&mut self, picture: &mut dyn Strips, pts: i64) -> Result<NewFrame> {
        let started = Instant::now();
        let mut frame = self.pool.frame()?;
        self.converter.convert(picture, &mut frame)?;
        let converting = started.elapsed();
        let frame = frame.share();
        // Here, where the frame is still in the processor's cache.
        let is_duplicate = self.previous.as_ref().is_some_and(|previous| are_equal(previous, &frame));
        self.duplicates += u64::from(is_duplicate);
        self.previous = Some(frame.try_clone()?);
        Ok(NewFrame { frame, pts, converting, converted: Instant::now() })
    }
}
