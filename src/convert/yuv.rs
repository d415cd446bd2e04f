//! Converts YUV. swscale changes the size and the subsampling. Our own code converts to RGB and gray, and the levels of more
//! than 8 bits, because swscale is inexact.

use super::leveler::{DEEP_BITS, Leveler, in_frame};
use super::levels::Levels;
use super::opaque;
use super::resample::{Resampler, has_partial_chroma};
use super::swscale::SwscaleConverter;
use super::yuv_rgb::YuvToRgb;
use crate::av::Frame;
use crate::error::Result;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::{Color, Geometry};

/// Converts opaque YUV to the pictures of a movie.
pub(super) struct YuvConverter {
    picture: (u32, u32),
    format: PixelFormat,
    color: Color,
    deinterleaver: Resampler,
    leveler: Leveler,
    rgb: YuvToRgb,
    /// Gives each pixel its own chroma, before `scaler`.
    upsampler: Resampler,
    scaler: Resampler,
    swscale: SwscaleConverter,
}

impl YuvConverter {
    pub(super) fn new(geometry: Geometry, format: PixelFormat, color: Color) -> Self {
        Self {
            picture: geometry.picture,
            format,
            color,
            deinterleaver: Resampler::default(),
            leveler: Leveler::new(color),
            rgb: YuvToRgb::new(color),
            upsampler: Resampler::default(),
            scaler: Resampler::default(),
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
            return Ok(self.leveler.converter(source, target).convert(view, frame)?);
        }
        let sizes = [((view.width(), view.height()), view.format()), (self.picture, self.format)];
        if !self.has_size(view) && sizes.into_iter().any(|(size, format)| has_partial_chroma(size, format)) {
            let scaled = self.scaled_with_all_chroma(view)?;
            return self.convert(&scaled.view()?.with_range(view.range()), frame);
        }
        if (source.bits, target.bits) == (8, 8) && self.format.is_yuv() {
            return self.swscale.convert(view, frame);
        }
        let planar = self.deinterleaved(view)?;
        let view = in_frame(view, planar.as_ref())?;
        if !self.format.is_yuv() {
            return self.rgb.convert(&view, source, self.picture, frame);
        }
        let between = match target.bits {
            8 => Levels::shifted(DEEP_BITS, self.color.range),
            _ => target,
        };
        let leveled = self.leveler.leveled(&view, source, between)?;
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

    /// Scales a picture after each pixel got its own chroma: swscale would stretch chroma that covers more than the picture.
    fn scaled_with_all_chroma(&mut self, view: &FrameView<'_>) -> Result<Frame> {
        let format = if view.format().bits() == 8 { PixelFormat::Yuv444p } else { PixelFormat::Yuv444p10Le };
        let color = self.color_of(view);
        let upsampled = self.upsampler.resampled(view, (format, (view.width(), view.height()), color))?;
        self.scaler.resampled(&in_frame(view, Some(&upsampled))?, (format, self.picture, color))
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
}
