//! Converts 16-bit samples to 8-bit ones, rounded to nearest.

use crate::error::InvalidFrame;
use crate::frame::{FrameView, PixelFormat};

/// Makes 8-bit pictures. Reuses its memory from frame to frame.
#[derive(Default)]
pub(super) struct Narrower {
    bytes: Vec<u8>,
}

impl Narrower {
    /// Returns the 8-bit format of pictures in `format`; the same if they have 8 bits.
    pub(super) fn format(format: PixelFormat) -> PixelFormat {
        match format {
            PixelFormat::Gray16Le => PixelFormat::Gray8,
            PixelFormat::Rgb48Le => PixelFormat::Rgb24,
            PixelFormat::Rgba64Le => PixelFormat::Rgba,
            other => other,
        }
    }

    /// Returns the picture in 8 bits: a copy, unless it already has 8 bits.
    pub(super) fn narrowed<'a>(&'a mut self, view: &FrameView<'a>) -> Result<FrameView<'a>, InvalidFrame> {
        let format = Self::format(view.format());
        if format == view.format() {
            return Ok(*view);
        }
        let layout = view.layout(0);
        self.bytes.resize(layout.row_bytes / 2 * layout.rows, 0);
        for (row, target) in self.bytes.chunks_exact_mut(layout.row_bytes / 2).enumerate() {
            let (samples, _) = view.planes()[0].row(row, layout).as_chunks();
            samples.iter().zip(target).for_each(|(sample, target)| *target = narrow(u16::from_le_bytes(*sample)));
        }
        FrameView::contiguous(format, &self.bytes, view.width(), view.height())
    }
}

/// Divides by 257, rounded to nearest, within 16 bits.
fn narrow(sample: u16) -> u8 {
    ((sample - (sample.saturating_add(128) >> 8) + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_rounded_to_nearest() {
        for sample in 0..=u16::MAX {
            assert_eq!(u32::from(narrow(sample)), (2 * u32::from(sample) + 257) / 514, "{sample}");
        }
    }

    #[test]
    fn pixels_keep_their_places() {
        let samples: Vec<u8> =
            [257_u16, 514, 771, 0, 65_535, 65_407].into_iter().flat_map(u16::to_le_bytes).collect();
        let view = FrameView::packed(PixelFormat::Rgb48Le, &samples, 1, 2, -6).expect("valid");
        let mut narrower = Narrower::default();
        let narrow = narrower.narrowed(&view).expect("valid");
        assert_eq!((narrow.format(), narrow.planes()[0].data), (PixelFormat::Rgb24, &[0, 255, 255, 1, 2, 3][..]));
    }
}
