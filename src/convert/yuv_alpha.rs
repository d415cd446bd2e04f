//! Converts YUV with alpha to RGB with alpha, which all other converters support.

use super::levels::Levels;
use super::resample::Resampler;
use super::yuv_rgb::YuvToRgb;
use crate::av::{Frame, FramePool};
use crate::error::Result;
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
    color: Color,
    /// Converts 8 bits.
    resampler: Resampler,
    /// Converts more bits.
    deep: YuvToRgb,
    /// The frames with more bits.
    pool: Option<FramePool>,
}

impl YuvAlpha {
    /// Makes a converter of YUV with these colors.
    pub(super) fn new(color: Color) -> Self {
        Self { color, resampler: Resampler::default(), deep: YuvToRgb::new(color.matrix), pool: None }
    }

    /// Returns a picture as RGB with straight alpha, in 8 or 16 bits. The frame is larger than an odd size.
    pub(super) fn rgba(&mut self, view: &FrameView<'_>) -> Result<Frame> {
        let size = (view.width(), view.height());
        if view.format().bits() == 8 {
            return self.resampler.resampled(view, (PixelFormat::Rgba, size, self.color));
        }
        let mut frame = FramePool::frame_of(&mut self.pool, PixelFormat::Rgba64Le, Color::SRGB, size)?;
        self.deep.convert(view, Levels::new(view.format().bits(), view.range()), &mut frame)?;
        Ok(frame)
    }
}
