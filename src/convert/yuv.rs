//! Converts YUV. swscale changes the size and the subsampling; the levels of more than 8 bits are converted by our own code,
//! because swscale is inexact.

use super::levels::{Levels, LevelsConverter};
use super::opaque;
use super::resample::Resampler;
use super::swscale::SwscaleConverter;
use super::yuv_rgb::YuvToRgb;
use crate::av::{Frame, FramePool};
use crate::error::{InvalidFrame, LibavError, Result};
use crate::frame::{FrameView, PixelFormat};
use crate::settings::{Color, Geometry};

/// The bits of intermediate pictures: the most that YUV has.
const DEEP_BITS: u32 = 10;

/// Converts opaque YUV to the pictures of a movie.
pub(super) struct YuvConverter {
    picture: (u32, u32),
    format: PixelFormat,
    color: Color,
    deinterleaver: Resampler,
    /// The converter for pictures like the last one.
    converter: Option<LevelsConverter>,
    /// The frames for pictures with other levels.
    pool: Option<FramePool>,
    resampler: Resampler,
    rgb: YuvToRgb,
    swscale: SwscaleConverter,
}

impl YuvConverter {
    pub(super) fn new(geometry: Geometry, format: PixelFormat, color: Color) -> Self {
        Self {
            picture: geometry.picture,
            format,
            color,
            deinterleaver: Resampler::default(),
            converter: None,
            pool: None,
            resampler: Resampler::default(),
            rgb: YuvToRgb::new(color.matrix),
            swscale: SwscaleConverter::new(geometry, format, color),
        }
    }

    /// Fills the color of `frame`. The picture is scaled unless it has the movie's size.
    pub(super) fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        let source = Levels::new(view.format().bits(), view.range());
        let target = Levels::new(self.format.bits(), self.color.range);
        if self.has_same_samples(view) {
            if source == target {
                return Ok(opaque::copy(view, frame)?);
            }
            return Ok(self.converter(source, target).convert(view, frame)?);
        }
        if (source.bits, target.bits) == (8, 8) {
            return self.swscale.convert(view, frame);
        }
        let planar = self.deinterleaved(view)?;
        let view = in_frame(view, planar.as_ref())?;
        if !self.format.is_yuv() {
            return self.convert_to_rgb(&view, source, frame);
        }
        let between = match target.bits {
            8 => Levels::shifted(DEEP_BITS, self.color.range),
            _ => target,
        };
        let leveled = self.leveled(&view, source, between)?;
        let view = in_frame(&view, leveled.as_ref())?.with_range(self.color.range);
        self.swscale.convert(&view, frame)
    }

    /// Returns whether the planes of `view` have the samples of the movie's at the same locations.
    fn has_same_samples(&self, view: &FrameView<'_>) -> bool {
        let is_moved = view.chroma_location().is_some_and(|location| location != self.color.chroma_location);
        let (source, target) = (view.format(), self.format);
        let has_same_planes = target.is_yuv()
            && source.chroma_shift() == target.chroma_shift()
            && source.plane_count() == target.plane_count();
        has_same_planes && self.has_size(view) && !is_moved
    }

    /// Fills RGB or gray from planar YUV.
    fn convert_to_rgb(&mut self, view: &FrameView<'_>, source: Levels, frame: &mut Frame) -> Result<()> {
        let has_all_samples = self.format.is_gray() || view.format().chroma_shift() == (0, 0);
        if has_all_samples && self.has_size(view) {
            return Ok(self.rgb.convert(view, source, frame)?);
        }
        let between = match source.bits {
            8 => Levels::shifted(DEEP_BITS, view.range()),
            _ => source,
        };
        let leveled = self.leveled(view, source, between)?;
        let view = in_frame(view, leveled.as_ref())?;
        let target = (PixelFormat::Yuv444p10Le, self.picture, self.color_of(&view));
        let resampled = self.resampler.resampled(&view, target)?;
        let (width, height) = self.picture;
        Ok(self.rgb.convert(&resampled.view()?.cropped(width, height), between, frame)?)
    }

    fn has_size(&self, view: &FrameView<'_>) -> bool {
        (view.width(), view.height()) == self.picture
    }

    /// Returns the colors of `view`.
    fn color_of(&self, view: &FrameView<'_>) -> Color {
        let chroma_location = view.chroma_location().unwrap_or(self.color.chroma_location);
        Color { range: view.range(), chroma_location, ..self.color }
    }

    /// Returns a picture whose chroma is interleaved as a planar one; `None` if it is planar.
    fn deinterleaved(&mut self, view: &FrameView<'_>) -> Result<Option<Frame>> {
        if view.format() != PixelFormat::Nv12 {
            return Ok(None);
        }
        let target = (PixelFormat::Yuv420p, (view.width(), view.height()), self.color_of(view));
        self.deinterleaver.resampled(view, target).map(Some)
    }

    /// Returns a planar picture in 10 bits with other levels; `None` if they are the same.
    fn leveled(&mut self, view: &FrameView<'_>, from: Levels, to: Levels) -> Result<Option<Frame>, LibavError> {
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

    fn converter(&mut self, from: Levels, to: Levels) -> &LevelsConverter {
        self.converter.take_if(|known| !known.fits(from, to));
        self.converter.get_or_insert_with(|| LevelsConverter::new(from, to))
    }
}

/// Returns `frame` as a picture with the size, the range and the chroma location of `view`; `view` itself if there is no
/// frame.
fn in_frame<'a>(view: &FrameView<'a>, frame: Option<&'a Frame>) -> Result<FrameView<'a>, InvalidFrame> {
    let Some(frame) = frame else { return Ok(*view) };
    Ok(frame.view()?.cropped(view.width(), view.height()).with_samples_of(view))
}
