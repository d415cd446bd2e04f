//! Pictures in another format or size, which a later step converts further.

use crate::av::{Filter, Frame, FramePool, Scaler};
use crate::error::LibavError;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::Color;

/// Makes pictures of one kind from views of one kind. Makes a new scaler when the views change.
#[derive(Default)]
pub(super) struct Resampler {
    known: Option<(FramePool, Scaler)>,
}

impl Resampler {
    /// Returns the picture in this format and size, with the colors of `color`. These must not change from call to call.
    pub(super) fn resampled(
        &mut self,
        view: &FrameView<'_>,
        format: PixelFormat,
        size: (u32, u32),
        color: Color,
        filter: Filter,
    ) -> Result<Frame, LibavError> {
        let (pool, scaler) = match &mut self.known {
            Some(known) if known.1.fits(view) => known,
            slot => slot.insert((
                FramePool::new(format, color, size.0, size.1)?,
                Scaler::new(view, format, size, color, filter)?,
            )),
        };
        let mut frame = pool.frame()?;
        scaler.run(view, &mut frame)?;
        Ok(frame)
    }
}
