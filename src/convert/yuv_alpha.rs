//! YUV with alpha as RGB with alpha, from where there is a way to everything else.

use crate::av::{Filter, Frame, FramePool, Scaler};
use crate::error::{InvalidFrame, LibavError};
use crate::frame::{ALPHA_PLANE, FrameView, PixelFormat};
use crate::settings::Color;

/// The picture without its alpha, if all of it is opaque.
pub(super) fn opaque<'a>(view: &FrameView<'a>) -> Result<Option<FrameView<'a>>, InvalidFrame> {
    let layout = view.layout(ALPHA_PLANE);
    let is_opaque = |row: &[u8]| match view.format().bits() {
        8 => row.iter().all(|alpha| *alpha == u8::MAX),
        bits => row.as_chunks().0.iter().all(|alpha| u16::from_le_bytes(*alpha) == (1 << bits) - 1),
    };
    if !(0..layout.rows).all(|row| is_opaque(view.planes()[ALPHA_PLANE].row(row, layout))) {
        return Ok(None);
    }
    let (planes, size) = (&view.planes()[..ALPHA_PLANE], (view.width(), view.height()));
    let opaque = FrameView::planar(view.format().without_alpha(), planes, size.0, size.1)?.with_range(view.range());
    Ok(Some(view.chroma_location().map_or(opaque, |location| opaque.with_chroma_location(location))))
}

/// Converts YUV pictures with alpha to RGB ones.
#[derive(Default)]
pub(super) struct YuvAlpha {
    /// For pictures like the last one.
    known: Option<(FramePool, Scaler)>,
}

impl YuvAlpha {
    /// A picture as RGB with straight alpha, in 8 bits or 16. Its YUV is of the movie's color.
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
