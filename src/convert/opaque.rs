//! Converts the color of a picture to the movie's, over the background unless alpha is kept, and scales it.

use super::alpha::Compositor;
use super::float::FloatConverter;
use super::gray::GrayConverter;
use super::narrow::Narrower;
use super::resample::{Resampler, has_partial_chroma};
use super::rgb::RgbConverter;
use super::swscale::SwscaleConverter;
use super::threads::Threads;
use super::widen::Widener;
use super::yuv::YuvConverter;
use crate::av::Frame;
use crate::error::{LibavError, Result};
use crate::frame::{FrameLayout, FrameView, PixelFormat, Strips, ViewStrips};
use crate::settings::{Alpha, Color, Geometry, Rgb, Settings};

/// Converts pictures to the colors of a movie.
pub(super) struct OpaqueConverter {
    picture: (u32, u32),
    scale: Option<(u32, u32)>,
    color: Color,
    background: Rgb,
    /// The fast converter for most frames; replaced when their format changes.
    rgb: Option<RgbConverter>,
    threads: Threads,
    gray: Option<GrayConverter>,
    narrower: Narrower,
    /// Set unless alpha is kept.
    compositor: Option<Compositor>,
    /// Scales RGB before chroma is made of it.
    scaler: Resampler,
    pixels: PixelConverter,
}

impl OpaqueConverter {
    /// Makes a converter for valid `settings`.
    pub(super) fn new(settings: &Settings, geometry: Geometry, threads: Threads) -> Self {
        let (format, color) = (settings.encoder_pixel_format().without_alpha(), settings.color());
        Self {
            picture: geometry.picture,
            scale: settings.scale,
            color,
            background: settings.background,
            rgb: None,
            threads,
            gray: GrayConverter::new(format, color),
            narrower: Narrower::default(),
            compositor: (settings.alpha == Alpha::Composite).then(|| Compositor::new(settings.background)),
            scaler: Resampler::default(),
            pixels: PixelConverter::new(geometry, format, color),
        }
    }

    /// Fills the color of `frame` from a picture, over the background if it is transparent. Reads all of its rows.
    pub(super) fn convert(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        let layout = picture.layout();
        let scaled = self.scale.is_some_and(|size| size != (layout.width, layout.height));
        if scaled || !self.convert_strips(picture, frame)? {
            let view = picture.next_strip(layout.height)?;
            let (width, height) = self.picture;
            let view = if scaled { view } else { view.cropped(width, height) };
            let view = match &mut self.compositor {
                Some(compositor) => compositor.opaque(&view)?,
                None => view,
            };
            let view = if self.pixels.format.bits() == 8 { self.narrower.narrowed(&view)? } else { view };
            let is_bytes = self.pixels.format.bits() == 8;
            if scaled && is_bytes && view.format().is_rgb() && has_partial_chroma(self.picture, self.pixels.format)
            {
                // swscale would stretch chroma that covers more than the picture.
                let scaled = self.scaler.resampled(&view, (view.format(), self.picture, Color::SRGB))?;
                return self.convert(&mut ViewStrips::new(scaled.view()?), frame);
            }
            self.pixels.convert(&view, frame)?;
        }
        Ok(())
    }

    /// Converts without swscale, including alpha and odd sizes; returns whether that is possible.
    fn convert_strips(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<bool> {
        let FrameLayout { format, width, height, .. } = picture.layout();
        if !self.knows(format, frame.format().without_alpha()) {
            return Ok(false);
        }
        let (kept_width, kept_height) = self.picture;
        let strip_rows = strip_rows(format, width, self.threads.count());
        for first in (0..height).step_by(strip_rows as usize) {
            let strip = picture.next_strip(strip_rows.min(height - first))?;
            let kept = strip.height().min(kept_height.saturating_sub(first));
            if kept > 0 {
                let strip = self.narrower.narrowed(&strip.cropped(kept_width, kept))?;
                match (&self.gray, &self.rgb) {
                    (Some(gray), _) if strip.format() == PixelFormat::Gray8 => {
                        gray.convert(&strip, first, frame)?
                    }
                    (_, Some(rgb)) => rgb.convert(&strip, first, frame, &self.threads)?,
                    _ => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    /// Prepares for pictures in `format`; returns whether they can be converted without swscale.
    fn knows(&mut self, format: PixelFormat, target: PixelFormat) -> bool {
        // For an 8-bit movie, samples become 8-bit first, as floats do: swscale takes several times as long, and
        // dithers.
        let format = if target.bits() == 8 { Narrower::format(format) } else { format };
        if format == PixelFormat::Gray8 {
            return self.gray.is_some();
        }
        if self.rgb.as_ref().is_none_or(|known| known.source() != format) {
            self.rgb = RgbConverter::new(format, target, self.color, self.background);
        }
        self.rgb.is_some()
    }
}

/// Returns the rows of a strip: as many as fit easily in the caches of the processors that convert it, in whole pairs,
/// which share chroma.
fn strip_rows(format: PixelFormat, width: u32, threads: usize) -> u32 {
    const STRIP_BYTES: usize = 256 * 1024;
    let rows = threads * STRIP_BYTES / format.plane_layout(0, width, 1).row_bytes;
    (rows as u32 / 2 * 2).max(2)
}

/// Converts the pictures that the fast converters do not support: by our own code where swscale is inexact, otherwise by
/// swscale.
struct PixelConverter {
    picture: (u32, u32),
    format: PixelFormat,
    yuv: YuvConverter,
    /// Set if the movie is planar YUV or gray.
    float: Option<FloatConverter>,
    widener: Widener,
    /// Scales RGB and gray in 16 bits.
    resampler: Resampler,
    swscale: SwscaleConverter,
}

impl PixelConverter {
    fn new(geometry: Geometry, format: PixelFormat, color: Color) -> Self {
        Self {
            picture: geometry.picture,
            format,
            yuv: YuvConverter::new(geometry, format, color),
            float: FloatConverter::new(format, color),
            widener: Widener::default(),
            resampler: Resampler::default(),
            swscale: SwscaleConverter::new(geometry, format, color),
        }
    }

    fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        if view.format().is_yuv() {
            return self.yuv.convert(view, frame);
        }
        let scaled = (view.width(), view.height()) != self.picture;
        if !scaled && view.format() == self.format {
            return Ok(copy(view, frame)?);
        }
        match &mut self.float {
            Some(float) if !scaled => Ok(float.convert(view, frame)?),
            Some(float) if self.format.bits() > 8 => {
                let format = if view.format().is_gray() { PixelFormat::Gray16Le } else { PixelFormat::Rgb48Le };
                let wide = self.widener.widened(view, format)?;
                let resampled = self.resampler.resampled(&wide, (format, self.picture, Color::SRGB))?;
                Ok(float.convert(&resampled.view()?, frame)?)
            }
            _ => {
                let view = if self.format.bits() == 16 { self.widener.widened(view, self.format)? } else { *view };
                if !scaled && view.format() == self.format {
                    return Ok(copy(&view, frame)?);
                }
                self.swscale.convert(&view, frame)
            }
        }
    }
}

/// Copies a picture that needs no conversion, row by row.
pub(super) fn copy(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    for (index, target) in frame.planes_mut()?.enumerate().take(view.planes().len()) {
        let layout = view.layout(index);
        let source = view.planes()[index];
        for (row, target_row) in target.data.chunks_mut(target.stride).take(layout.rows).enumerate() {
            target_row[..layout.row_bytes].copy_from_slice(source.row(row, layout));
        }
    }
    Ok(())
}
