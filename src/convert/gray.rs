//! Converts 8-bit luminance to the luma of 8-bit YUV, with neutral chroma.

use super::formulas::SampleScale;
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::Color;

/// The chroma value of gray.
const NEUTRAL: u8 = 128;

/// Converts gray pictures.
pub(super) struct GrayConverter {
    /// The luma of each luminance value.
    luma: [u8; 256],
}

impl GrayConverter {
    /// Makes a converter to pictures in `target`; `None` if they are not 8-bit YUV.
    pub(super) fn new(target: PixelFormat, color: Color) -> Option<Self> {
        let is_target = target.is_yuv() && target.bits() == 8;
        let scale = SampleScale::luma(8, color.range);
        let luma = |gray: usize| (scale.origin + gray as f64 * scale.steps / 255.0).round() as u8;
        is_target.then(|| Self { luma: std::array::from_fn(luma) })
    }

    /// Fills the rows of `frame` from row `first` on from `view`, and, with the first row, all of its chroma.
    pub(super) fn convert(&self, view: &FrameView<'_>, first: u32, frame: &mut Frame) -> Result<(), LibavError> {
        let layout = view.layout(0);
        let mut planes = frame.planes_mut()?;
        if let Some(y) = planes.next() {
            let targets = y.data.chunks_exact_mut(y.stride).skip(first as usize).take(layout.rows);
            for (index, target) in targets.enumerate() {
                let row = view.planes()[0].row(index, layout);
                target.iter_mut().zip(row).for_each(|(y, gray)| *y = self.luma[usize::from(*gray)]);
            }
        }
        if first == 0 {
            planes.take(2).for_each(|chroma| chroma.data.fill(NEUTRAL));
        }
        Ok(())
    }
}
