//! From the caller's picture to the encoder's frame: alpha, color, size, odd edges.

mod alpha;
mod fixed_point;
mod gray;
mod keep_alpha;
mod narrow;
mod pad;
mod rgb;
mod yuv_alpha;

use crate::av::{Filter, Frame, Scaler};
use crate::error::{LibavError, Result};
use crate::frame::{FrameLayout, FrameView, PixelFormat, Strips, ViewStrips};
use crate::settings::{Alpha, Color, Geometry, Rgb, Settings};
use alpha::Compositor;
use fixed_point::FixedPoint;
use gray::GrayConverter;
use keep_alpha::AlphaColors;
use narrow::Narrower;
use pad::Padder;
use rgb::RgbConverter;
use yuv_alpha::YuvAlpha;

/// Converts the frames of one movie.
pub(crate) struct Converter {
    picture: (u32, u32),
    scale: Option<(u32, u32)>,
    background: Rgb,
    alpha: Alpha,
    is_premultiplied: bool,
    yuv_alpha: YuvAlpha,
    /// Pictures with straight colors, and those with colors in their transparent pixels.
    straight: AlphaColors,
    spread: AlphaColors,
    /// The way of most frames; made anew when they come in another format.
    rgb: Option<RgbConverter>,
    gray: Option<GrayConverter>,
    narrower: Narrower,
    compositor: Compositor,
    pixels: PixelConverter,
}

impl Converter {
    /// A converter for valid `settings`.
    pub(crate) fn new(settings: &Settings, geometry: Geometry) -> Self {
        Self {
            picture: geometry.picture,
            scale: settings.scale,
            background: settings.background,
            alpha: settings.alpha,
            is_premultiplied: settings.is_premultiplied,
            yuv_alpha: YuvAlpha::default(),
            straight: AlphaColors::default(),
            spread: AlphaColors::default(),
            rgb: None,
            gray: GrayConverter::new(settings.encoder_pixel_format().without_alpha(), settings.color()),
            narrower: Narrower::default(),
            compositor: Compositor::new(settings.background),
            pixels: PixelConverter {
                geometry,
                format: settings.encoder_pixel_format().without_alpha(),
                color: settings.color(),
                fixed_point: FixedPoint::default(),
                padder: Padder::default(),
                scaler: None,
            },
        }
    }

    /// Fills `frame`, which has the movie's size and format, from a picture of the size of the caller's frames, or one
    /// that is to be scaled. Reads all of its rows.
    pub(crate) fn convert(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        let FrameLayout { format, width, height, .. } = picture.layout();
        if format.is_yuv() && format.has_alpha() && format != frame.format() {
            let view = picture.next_strip(height)?;
            if let Some(opaque) = yuv_alpha::opaque(&view)? {
                return self.convert(&mut ViewStrips::new(opaque), frame);
            }
            let rgba = self.yuv_alpha.rgba(&view, self.pixels.color)?;
            let view = FrameView::planar(rgba.format(), &[rgba.plane(0).into()], width, height)?;
            return self.convert(&mut ViewStrips::new(view), frame);
        }
        if self.is_premultiplied && format.has_alpha() {
            let mut colors = std::mem::take(&mut self.straight);
            let straight = colors.straight(&picture.next_strip(height)?)?;
            let converted = self.convert_straight(&mut ViewStrips::new(straight), frame);
            self.straight = colors;
            return converted;
        }
        self.convert_straight(picture, frame)
    }

    /// Converts a picture whose colors are not multiplied by its alpha.
    fn convert_straight(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        match self.alpha {
            Alpha::Composite => self.convert_opaque(picture, frame)?,
            Alpha::Keep => {
                let view = picture.next_strip(picture.layout().height)?;
                let (width, height) = self.picture;
                self.convert_with_alpha(&view.cropped(width, height), frame)?;
            }
        }
        Ok(pad::repeat_edges(frame, self.picture)?)
    }

    /// Converts a picture that keeps its alpha.
    fn convert_with_alpha(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        let (format, target) = (view.format(), frame.format());
        if format == target {
            return Ok(copy(view, frame)?);
        }
        if !target.is_yuv() {
            // Its samples are moved, unless they are YUV, which is opaque.
            let mut narrower = std::mem::take(&mut self.narrower);
            let view = if target.bits() == 8 { narrower.narrowed(view)? } else { *view };
            match keep_alpha::is_repacked(view.format(), target) {
                true => keep_alpha::repack(&view, frame)?,
                false => self.pixels.convert(&view, frame)?,
            }
            self.narrower = narrower;
            return Ok(());
        }
        keep_alpha::fill_alpha(view, frame)?;
        let (mut narrower, mut colors) = (std::mem::take(&mut self.narrower), std::mem::take(&mut self.spread));
        let colored = if target.bits() == 8 { narrower.narrowed(view)? } else { *view };
        let shares_chroma = target.chroma_shift() != (0, 0) && format.has_alpha();
        let colored = if shares_chroma { colors.spread(&colored)? } else { colored };
        let opaque = FrameView::planar(
            colored.format().without_alpha(),
            colored.planes(),
            colored.width(),
            colored.height(),
        )?;
        let converted = self.convert_opaque(&mut ViewStrips::new(opaque.with_range(view.range())), frame);
        (self.narrower, self.spread) = (narrower, colors);
        converted
    }

    /// Converts a picture to the colors of `frame`, over the background where it is transparent.
    fn convert_opaque(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        let layout = picture.layout();
        let scaled = self.scale.is_some_and(|size| size != (layout.width, layout.height));
        if scaled || !self.convert_strips(picture, frame)? {
            let view = picture.next_strip(layout.height)?;
            let (width, height) = self.picture;
            let view = if scaled { view } else { view.cropped(width, height) };
            self.pixels.convert(&self.compositor.opaque(&view)?, frame)?;
        }
        Ok(())
    }

    /// Converts without swscale, alpha and odd sizes included; says whether there is such a way.
    fn convert_strips(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<bool> {
        let FrameLayout { format, width, height, .. } = picture.layout();
        if !self.knows(format, frame.format().without_alpha()) {
            return Ok(false);
        }
        let (kept_width, kept_height) = self.picture;
        let strip_rows = strip_rows(format, width);
        for first in (0..height).step_by(strip_rows as usize) {
            let strip = picture.next_strip(strip_rows.min(height - first))?;
            let kept = strip.height().min(kept_height.saturating_sub(first));
            if kept > 0 {
                let strip = self.narrower.narrowed(&strip.cropped(kept_width, kept))?;
                match (&self.gray, &self.rgb) {
                    (Some(gray), _) if strip.format() == PixelFormat::Gray8 => {
                        gray.convert(&strip, first, frame)?
                    }
                    (_, Some(rgb)) => rgb.convert(&strip, first, frame)?,
                    _ => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    /// Gets ready for pictures in `format`; says whether they are converted without swscale.
    fn knows(&mut self, format: PixelFormat, target: PixelFormat) -> bool {
        // A movie of 8 bits gets samples of 8 bits, as of floats: swscale takes several times as long, and dithers.
        let format = if target.bits() == 8 { Narrower::format(format) } else { format };
        if format == PixelFormat::Gray8 {
            return self.gray.is_some();
        }
        if self.rgb.as_ref().is_none_or(|known| known.source() != format) {
            self.rgb = RgbConverter::new(format, target, self.pixels.color, self.background);
        }
        self.rgb.is_some()
    }
}

/// Rows of a strip: what stays in the processor's cache with room to spare, and whole pairs, which share chroma.
fn strip_rows(format: PixelFormat, width: u32) -> u32 {
    const STRIP_BYTES: usize = 256 * 1024;
    let rows = STRIP_BYTES / format.plane_layout(0, width, 1).row_bytes;
    (rows as u32 / 2 * 2).max(2)
}

/// Converts all other pictures, which are opaque, by swscale. It remembers how, and makes a new scaler when frames come in another format or size.
struct PixelConverter {
    geometry: Geometry,
    format: PixelFormat,
    color: Color,
    fixed_point: FixedPoint,
    padder: Padder,
    /// With whether it makes another size. A picture that was padded has the size of the encoder's frames, and one to be
    /// scaled may have it too.
    scaler: Option<(bool, Scaler)>,
}

impl PixelConverter {
    fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        let scaled = (view.width(), view.height()) != self.geometry.picture;
        if !scaled && view.format() == self.format && view.range() == self.color.range {
            return Ok(copy(view, frame)?);
        }
        let filter = filter(view.format(), scaled);
        let narrowed = view.format().bits() == 16 && self.format.bits() < 16;
        let view = if narrowed { self.fixed_point.of(view)? } else { *view };
        let Geometry { picture, coded } = self.geometry;
        // swscale would stretch the chroma of an odd size, 320.5 columns over 321, so it gets an even one.
        let padded = !scaled && picture != coded;
        let view = if padded { self.padder.padded(&view, coded)? } else { view };
        let target = if padded { coded } else { picture };
        let (_, scaler) = match &mut self.scaler {
            Some(known) if known.0 == scaled && known.1.fits(&view) => known,
            slot => slot.insert((scaled, Scaler::new(&view, self.format, target, self.color, filter)?)),
        };
        Ok(scaler.run(&view, frame)?)
    }
}

fn filter(format: PixelFormat, scaled: bool) -> Filter {
    match format {
        _ if scaled => Filter::Lanczos,
        format if format.is_yuv() => Filter::Bicubic,
        _ => Filter::Mean,
    }
}

/// Copies a picture that needs no conversion, row by row.
fn copy(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    for (index, target) in frame.planes_mut()?.enumerate().take(view.planes().len()) {
        let layout = view.layout(index);
        let source = view.planes()[index];
        for (row, target_row) in target.data.chunks_mut(target.stride).take(layout.rows).enumerate() {
            target_row[..layout.row_bytes].copy_from_slice(source.row(row, layout));
        }
    }
    Ok(())
}
