//! Gives planar YUV other levels, in 10 bits, before it is resampled.

use super::levels::{Levels, LevelsConverter};
use crate::av::{Frame, FramePool};
use crate::error::{InvalidFrame, LibavError};
use crate::frame::{FrameView, PixelFormat};
use crate::settings::Color;

/// The bits of intermediate pictures: the most that YUV has.
pub(super) const DEEP_BITS: u32 = 10;

/// Changes levels. Keeps what it needs for pictures like the last one.
pub(super) struct Leveler {
    color: Color,
    converter: Option<LevelsConverter>,
    pool: Option<FramePool>,
}

impl Leveler {
    pub(super) fn new(color: Color) -> Self {
        Self { color, converter: None, pool: None }
    }

    /// Returns a planar picture in 10 bits with other levels; `None` if they are the same.
    pub(super) fn leveled(
        &mut self,
        view: &FrameView<'_>,
        from: Levels,
        to: Levels,
    ) -> Result<Option<Frame>, LibavError> {
        if from == to {
            return Ok(None);
        }
        let format = match view.format().chroma_shift() {
            (1, 1) => PixelFormat::Yuv420p10Le,
            (1, _) => PixelFormat::Yuv422p10Le,
            _ => PixelFormat::Yuv444p10Le,
        };
        let size = (view.width(), view.height());
        let mut frame = FramePool::frame_of(&mut self.pool, format, self.color, size)?;
        self.converter(from, to).convert(view, &mut frame)?;
        Ok(Some(frame))
    }

    /// Returns the converter between these levels.
    pub(super) fn converter(&mut self, from: Levels, to: Levels) -> &LevelsConverter {
        self.converter.take_if(|known| !known.fits(from, to));
        self.converter.get_or_insert_with(|| LevelsConverter::new(from, to))
    }
}

/// Returns `frame` as a picture with the size, the range and the chroma location of `view`; `view` itself if there is no
/// frame.
pub(super) fn in_frame<'a>(view: &FrameView<'a>, frame: Option<&'a Frame>) -> Result<FrameView<'a>, InvalidFrame> {
    let Some(frame) = frame else { return Ok(*view) };
    Ok(frame.view()?.cropped(view.width(), view.height()).with_samples_of(view))
}
