//! Converts 8-bit samples to 16-bit ones, exactly: 255 becomes 65535. swscale makes 65280 or 65283 of it.

use super::channels::Channels;
use crate::error::InvalidFrame;
use crate::frame::{FrameView, PixelFormat};

/// Makes 16-bit pictures. Reuses its memory from frame to frame.
#[derive(Default)]
pub(super) struct Widener {
    bytes: Vec<u8>,
}

impl Widener {
    /// Returns an 8-bit gray or RGB picture in 16 bits: in RGB if it or `target` is. Returns other pictures unchanged.
    pub(super) fn widened<'a>(
        &'a mut self,
        view: &FrameView<'a>,
        target: PixelFormat,
    ) -> Result<FrameView<'a>, InvalidFrame> {
        // The places of red, green and blue in a pixel; `None` for gray that stays gray.
        let colors = match Channels::of_8_bit_rgb(view.format()).map(|channels| channels.color) {
            None if view.format() != PixelFormat::Gray8 => return Ok(*view),
            None if target.is_rgb() => Some([0; 3]),
            colors => colors,
        };
        let format = if colors.is_some() { PixelFormat::Rgb48Le } else { PixelFormat::Gray16Le };
        let layout = view.layout(0);
        let target_bytes = format.plane_layout(0, view.width(), 1).row_bytes;
        self.bytes.resize(target_bytes * layout.rows, 0);
        for (row, target) in self.bytes.chunks_exact_mut(target_bytes).enumerate() {
            let pixels = view.planes()[0].row(row, layout).chunks_exact(view.format().pixel_bytes());
            // A sample times 257 has both bytes equal to it.
            match colors {
                Some([red, green, blue]) => {
                    for (pixel, target) in pixels.zip(target.as_chunks_mut().0) {
                        let [red, green, blue] = [pixel[red], pixel[green], pixel[blue]];
                        *target = [red, red, green, green, blue, blue];
                    }
                }
                None => {
                    for (pixel, target) in pixels.zip(target.as_chunks_mut().0) {
                        *target = [pixel[0]; 2];
                    }
                }
            }
        }
        FrameView::contiguous(format, &self.bytes, view.width(), view.height())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(view: &FrameView<'_>) -> Vec<u16> {
        view.planes()[0].data.chunks_exact(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]])).collect()
    }

    #[test]
    fn every_sample_is_257_times_as_large() {
        let gray: Vec<u8> = (0..=255).collect();
        let view = FrameView::gray(&gray, 16, 16).expect("valid");
        let mut widener = Widener::default();
        let wide = widener.widened(&view, PixelFormat::Gray16Le).expect("valid");
        assert_eq!(wide.format(), PixelFormat::Gray16Le);
        assert_eq!(samples(&wide), (0..=255).map(|sample| sample * 257).collect::<Vec<u16>>());
    }

    #[test]
    fn colors_and_rows_keep_their_places() {
        for (format, pixels) in [
            (PixelFormat::Rgb24, &[1, 2, 3, 4, 5, 6][..]),
            (PixelFormat::Bgr0, &[3, 2, 1, 9, 6, 5, 4, 9]),
            (PixelFormat::Xrgb, &[9, 1, 2, 3, 9, 4, 5, 6]),
        ] {
            let stride = -(format.pixel_bytes() as isize);
            let view = FrameView::packed(format, pixels, 1, 2, stride).expect("valid");
            let mut widener = Widener::default();
            let wide = widener.widened(&view, PixelFormat::Rgb48Le).expect("valid");
            assert_eq!(samples(&wide), [4, 5, 6, 1, 2, 3].map(|sample| sample * 257), "{format}");
        }
        let view = FrameView::gray(&[7, 8], 2, 1).expect("valid");
        let mut widener = Widener::default();
        let wide = widener.widened(&view, PixelFormat::Rgb48Le).expect("valid");
        assert_eq!(samples(&wide), [7, 7, 7, 8, 8, 8].map(|sample| sample * 257));
    }
}
