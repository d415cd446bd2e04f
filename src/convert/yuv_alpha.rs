//! Converts YUV with alpha to RGB with alpha, which all other converters support.

use crate::av::{Filter, Frame, FramePool, Scaler};
use crate::error::LibavError;
use crate::frame::{ALPHA_PLANE, FrameView, PixelFormat};
use crate::settings::Color;

/// Returns the picture without its alpha, if all of it is opaque.
pub(super) fn opaque<'a>(view: &FrameView<'a>) -> Option<FrameView<'a>> {
    let layout = view.layout(ALPHA_PLANE);
    let is_opaque = |row: &[u8]| match view.format().bits() {
        8 => row.iter().all(|alpha| *alpha == u8::MAX),
        bits => row.as_chunks().0.iter().all(|alpha| u16::from_le_bytes(*alpha) == (1 << bits) - 1),
    };
    let mut rows = (0..layout.rows).map(|row| view.planes()[ALPHA_PLANE].row(row, layout));
    rows.all(is_opaque).then(|| view.without_alpha())
}

/// Converts YUV pictures with alpha to RGB.
#[derive(Default)]
pub(super) struct YuvAlpha {
    /// The converter for pictures like the last one.
    known: Option<(FramePool, Scaler)>,
}

impl YuvAlpha {
    /// Returns a picture as RGB with straight alpha, in 8 or 16 bits. Its YUV must have the movie's colors.
    pub(super) fn rgba(&mut self, view: &FrameView<'_>, color: Color) -> Result<Frame, LibavError> {
        let format = if view.format().bits() == 8 { PixelFormat::Rgba } else { PixelFormat::Rgba64Le };
        let size = (view.width(), view.height());
        let (pool, scaler) = match &mut self.known {
            Some(known) if known.1.fits(view) => known,
            slot => slot.insert((
                FramePool::new(format, Color::SRGB, size.0, size.1)?,
                Scaler::new(view, format, size, color, Filter::Bicubic)?,
            )),
        };
        let mut frame = pool.frame()?;
        scaler.run(view, &mut frame)?;
        Ok(frame)
    }
}
