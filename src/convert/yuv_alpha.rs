//! Converts YUV with alpha to RGB with alpha, which all other converters support.

use super::levels::Levels;
use super::yuv_rgb::YuvToRgb;
use crate::av::{Frame, FramePool};
use crate::error::{LibavError, Result};
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
pub(super) struct YuvAlpha {
    rgb: YuvToRgb,
    pool: Option<FramePool>,
}

impl YuvAlpha {
    /// Makes a converter of YUV with these colors.
    pub(super) fn new(color: Color) -> Self {
        Self { rgb: YuvToRgb::new(color), pool: None }
    }

    /// Returns a picture as RGB with straight alpha, in 8 or 16 bits.
    pub(super) fn rgba(&mut self, view: &FrameView<'_>) -> Result<Frame> {
        let (size, bits) = ((view.width(), view.height()), view.format().bits());
        let format = if bits == 8 { PixelFormat::Rgba } else { PixelFormat::Rgba64Le };
        let mut frame = FramePool::frame_of(&mut self.pool, format, Color::SRGB, size)?;
        self.rgb.convert(view, Levels::new(bits, view.range()), size, &mut frame)?;
        if bits == 8 {
            copy_alpha(view, &mut frame)?;
        }
        Ok(frame)
    }
}

/// Copies the 8-bit alpha of a picture to an RGBA frame.
fn copy_alpha(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    let layout = view.layout(ALPHA_PLANE);
    for plane in frame.planes_mut()? {
        for (row, target) in plane.data.chunks_exact_mut(plane.stride).take(layout.rows).enumerate() {
            let alpha = view.planes()[ALPHA_PLANE].row(row, layout);
            target.as_chunks_mut::<4>().0.iter_mut().zip(alpha).for_each(|(pixel, alpha)| pixel[3] = *alpha);
        }
    }
    Ok(())
}
