//! The layout of a frame's pixels in one buffer.

use super::{ChromaLocation, ColorRange, FrameView, PixelFormat};
use crate::error::InvalidFrame;

/// The layout of a source's frames in the buffers that it fills.
///
/// ```
/// use framemill::{ColorRange, FrameLayout, PixelFormat};
/// let layout = FrameLayout::new(PixelFormat::Yuv420p, 640, 480).range(ColorRange::Full);
/// assert_eq!(layout.frame_bytes(), 460_800);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameLayout {
    /// The pixel format. Rows and planes follow each other without padding.
    pub format: PixelFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The range of YUV samples.
    pub range: ColorRange,
    /// The chroma location of 4:2:0, if the source reports it.
    pub chroma_location: Option<ChromaLocation>,
}

impl FrameLayout {
    /// Makes the layout of frames in `format`, with `width` × `height` pixels. YUV samples have limited range.
    #[must_use]
    pub const fn new(format: PixelFormat, width: u32, height: u32) -> Self {
        Self { format, width, height, range: ColorRange::Limited, chroma_location: None }
    }

    /// Sets the range of YUV samples.
    #[must_use]
    pub const fn range(mut self, range: ColorRange) -> Self {
        self.range = range;
        self
    }

    /// Sets the chroma location of 4:2:0.
    #[must_use]
    pub const fn chroma_location(mut self, location: ChromaLocation) -> Self {
        self.chroma_location = Some(location);
        self
    }

    /// Returns the bytes of a frame.
    #[must_use]
    pub const fn frame_bytes(&self) -> usize {
        self.format.frame_bytes(self.width, self.height)
    }

    /// Makes a view of a frame of this layout in `data`.
    ///
    /// # Errors
    /// [`InvalidFrame`] when `data` is shorter than [`frame_bytes`](Self::frame_bytes).
    pub fn view<'a>(&self, data: &'a [u8]) -> Result<FrameView<'a>, InvalidFrame> {
        let view = FrameView::contiguous(self.format, data, self.width, self.height)?.with_range(self.range);
        Ok(match self.chroma_location {
            Some(location) => view.with_chroma_location(location),
            None => view,
        })
    }
}
