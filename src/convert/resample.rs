//! Pictures in another format or size, which a later step converts further or copies.

use super::pad::Padder;
use crate::av::{Filter, Frame, FramePool, Scaler};
use crate::error::Result;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::Color;

/// Makes pictures. Makes a new scaler when their kind, or that of the views, changes.
#[derive(Default)]
pub(super) struct Resampler {
    padder: Padder,
    pool: Option<FramePool>,
    /// The scaler to pictures of this kind.
    scaler: Option<(Target, Scaler)>,
}

/// The format, the size and the colors of pictures.
pub(super) type Target = (PixelFormat, (u32, u32), Color);

impl Resampler {
    /// Returns the picture in this format and size, with the matrix, range and chroma location of the color. If it is
    /// not scaled, an odd size is padded to [`whole_chroma`], and the frame is larger.
    pub(super) fn resampled(&mut self, view: &FrameView<'_>, (format, size, color): Target) -> Result<Frame> {
        let is_scaled = (view.width(), view.height()) != size;
        let padded_size = if is_scaled { size } else { whole_chroma(size, view.format(), format) };
        let view = if padded_size == size { *view } else { self.padder.padded(view, padded_size)? };
        let target = (format, padded_size, color);
        let (_, scaler) = match &mut self.scaler {
            Some(known) if known.0 == target && known.1.fits(&view) => known,
            slot => {
                let filter = filter(view.format(), is_scaled);
                slot.insert((target, Scaler::new(&view, format, padded_size, color, filter)?))
            }
        };
        let mut frame = FramePool::frame_of(&mut self.pool, format, color, padded_size)?;
        scaler.run(&view, &mut frame)?;
        Ok(frame)
    }
}

/// Returns the size that the chroma samples of both formats cover. swscale would stretch the chroma of an odd size, 320.5
/// columns over 321.
pub(super) fn whole_chroma((width, height): (u32, u32), a: PixelFormat, b: PixelFormat) -> (u32, u32) {
    let (across, down) = (a.chroma_shift().0.max(b.chroma_shift().0), a.chroma_shift().1.max(b.chroma_shift().1));
    (width.next_multiple_of(1 << across), height.next_multiple_of(1 << down))
}

/// Returns whether the outermost chroma samples of a picture cover more than it.
pub(super) fn has_partial_chroma(size: (u32, u32), format: PixelFormat) -> bool {
    whole_chroma(size, format, format) != size
}

/// Returns how swscale interpolates pictures in this format.
pub(super) fn filter(format: PixelFormat, is_scaled: bool) -> Filter {
    match format {
        _ if is_scaled => Filter::Lanczos,
        format if format.is_yuv() => Filter::Bicubic,
        _ => Filter::Mean,
    }
}
