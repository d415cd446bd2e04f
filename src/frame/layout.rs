//! How a whole picture lies in a buffer.

use super::{ColorRange, FrameView, PixelFormat};
use crate::error::InvalidFrame;

/// A picture's pixel format, size and range. Rows and planes follow each other without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLayout {
    /// How the pixels lie.
    pub format: PixelFormat,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The range of YUV samples.
    pub range: ColorRange,
}

impl FrameLayout {
    /// Bytes of a frame.
    #[must_use]
    pub const fn frame_bytes(&self) -> usize {
        self.format.frame_bytes(self.width, self.height)
    }

    /// A frame of this layout in `data`.
    ///
    /// # Errors
    /// [`InvalidFrame`] when `data` is shorter than [`frame_bytes`](Self::frame_bytes).
    pub fn view<'a>(&self, data: &'a [u8]) -> Result<FrameView<'a>, InvalidFrame> {
        Ok(FrameView::contiguous(self.format, data, self.width, self.height)?.with_range(self.range))
    }
}
