//! Scales RGB and gray in 16 bits, before they are converted to deep YUV.

use super::widen::Widener;
use crate::av::{Filter, Frame, FramePool, Scaler};
use crate::error::Result;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::Color;

/// Scales pictures.
#[derive(Default)]
pub(super) struct Resizer {
    widener: Widener,
    /// The scaler for pictures like the last one.
    known: Option<(FramePool, Scaler)>,
}

impl Resizer {
    /// Returns an opaque RGB or gray picture in this size, in 16 bits.
    pub(super) fn resized(&mut self, view: &FrameView<'_>, size: (u32, u32)) -> Result<Frame> {
        let format = if view.format().is_gray() { PixelFormat::Gray16Le } else { PixelFormat::Rgb48Le };
        let wide = self.widener.widened(view, format)?;
        let (pool, scaler) = match &mut self.known {
            Some(known) if known.1.fits(&wide) => known,
            slot => slot.insert((
                FramePool::new(format, Color::SRGB, size.0, size.1)?,
                Scaler::new(&wide, format, size, Color::SRGB, Filter::Lanczos)?,
            )),
        };
        let mut frame = pool.frame()?;
        scaler.run(&wide, &mut frame)?;
        Ok(frame)
    }
}
