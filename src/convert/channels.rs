//! Where the channels of a pixel are.

use crate::frame::PixelFormat;

/// The positions of red, green, blue and alpha in a packed pixel, in samples. Gray has one position for all three.
pub(super) struct Channels {
    pub(super) samples: usize,
    pub(super) color: [usize; 3],
    pub(super) alpha: Option<usize>,
}

impl Channels {
    /// Returns the channels of packed RGB and gray; `None` for YUV.
    pub(super) fn of(format: PixelFormat) -> Option<Self> {
        let (samples, color, alpha) = match format {
            PixelFormat::Gray8 | PixelFormat::Gray16Le => (1, [0; 3], None),
            PixelFormat::Rgb24 | PixelFormat::Rgb48Le => (3, [0, 1, 2], None),
            PixelFormat::Bgr24 => (3, [2, 1, 0], None),
            PixelFormat::Rgb0 => (4, [0, 1, 2], None),
            PixelFormat::Bgr0 => (4, [2, 1, 0], None),
            PixelFormat::Xrgb => (4, [1, 2, 3], None),
            PixelFormat::Xbgr => (4, [3, 2, 1], None),
            PixelFormat::Rgba | PixelFormat::Rgba64Le => (4, [0, 1, 2], Some(3)),
            PixelFormat::Bgra => (4, [2, 1, 0], Some(3)),
            PixelFormat::Argb => (4, [1, 2, 3], Some(0)),
            PixelFormat::Abgr => (4, [3, 2, 1], Some(0)),
            _ => return None,
        };
        Some(Self { samples, color, alpha })
    }

    /// Returns the channels of 8-bit RGB; `None` for other formats.
    pub(super) fn of_8_bit_rgb(format: PixelFormat) -> Option<Self> {
        Self::of(format).filter(|_| format.is_rgb() && format.bits() == 8)
    }
}
