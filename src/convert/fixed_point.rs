//! 16-bit samples as swscale reads them: with 8 fractional bits. White is then 255 × 256, and 65535 would become
//! brighter than white.

use crate::error::InvalidFrame;
use crate::frame::FrameView;

/// Makes copies for swscale. Reuses its memory from frame to frame.
#[derive(Default)]
pub(super) struct FixedPoint {
    bytes: Vec<u8>,
}

impl FixedPoint {
    /// Returns a copy of a one-plane picture of 16-bit samples, scaled to 0 to 65280.
    pub(super) fn convert(&mut self, view: &FrameView<'_>) -> Result<FrameView<'_>, InvalidFrame> {
        let layout = view.layout(0);
        self.bytes.resize(layout.row_bytes * layout.rows, 0);
        for (index, target) in self.bytes.chunks_exact_mut(layout.row_bytes).enumerate() {
            let row = view.planes()[0].row(index, layout);
            for (sample, target) in row.chunks_exact(2).zip(target.chunks_exact_mut(2)) {
                let sample = u32::from(u16::from_le_bytes([sample[0], sample[1]]));
                // Multiplies by 256/257, which is 65280/65535, and rounds to nearest.
                target.copy_from_slice(&(((sample * 256 + 128) / 257) as u16).to_le_bytes());
            }
        }
        FrameView::contiguous(view.format(), &self.bytes, view.width(), view.height())
    }
}
