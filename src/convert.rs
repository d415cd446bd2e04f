//! From the caller's picture to the encoder's frame: alpha, colour, size, odd edges.

mod alpha;
mod fixed_point;
mod pad;

use crate::av::{Filter, Frame, Scaler};
use crate::error::Result;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::{Color, Geometry, Rgb, Settings};
use alpha::Compositor;
use fixed_point::FixedPoint;
use pad::Padder;

/// Converts the frames of one movie. It remembers how, and does it anew when frames come in another format.
pub(crate) struct Converter {
    geometry: Geometry,
    scaled: bool,
    format: PixelFormat,
    color: Color,
    compositor: Compositor,
    fixed_point: FixedPoint,
    padder: Padder,
    scaler: Option<Scaler>,
}

impl Converter {
    /// A converter for valid `settings`.
    pub(crate) fn new(settings: &Settings, geometry: Geometry) -> Self {
        let background: Rgb = settings.background;
        Self {
            geometry,
            scaled: settings.scale.is_some_and(|size| size != (settings.width, settings.height)),
            format: settings.encoder_pixel_format(),
            color: settings.color(),
            compositor: Compositor::new(background),
            fixed_point: FixedPoint::default(),
            padder: Padder::default(),
            scaler: None,
        }
    }

    /// Fills `frame`, which has the movie's size and format, from `view`, which has the size of the caller's frames.
    pub(crate) fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        let (width, height) = self.geometry.picture;
        let view = if self.scaled { *view } else { view.cropped(width, height) };
        let mut compositor = std::mem::take(&mut self.compositor);
        let result =
            compositor.opaque(&view).map_err(Into::into).and_then(|opaque| self.convert_opaque(&opaque, frame));
        self.compositor = compositor;
        result?;
        pad::repeat_edges(frame, (width, height));
        Ok(())
    }

    fn convert_opaque(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        if !self.scaled && view.format() == self.format && view.range() == self.color.range {
            copy(view, frame);
            return Ok(());
        }
        let narrowed = view.format().bits() == 16 && self.format.bits() < 16;
        let view = if narrowed { self.fixed_point.of(view)? } else { *view };
        let Geometry { picture, coded } = self.geometry;
        // swscale would stretch the chroma of an odd size, 320.5 columns over 321, so it gets an even one.
        let padded = !self.scaled && picture != coded;
        let view = if padded { self.padder.padded(&view, coded)? } else { view };
        let target = if padded { coded } else { picture };
        if !self.scaler.as_ref().is_some_and(|scaler| scaler.fits(&view)) {
            let filter = match view.format() {
                _ if self.scaled => Filter::Lanczos,
                format if format.is_yuv() => Filter::Bicubic,
                _ => Filter::Mean,
            };
            self.scaler = Some(Scaler::new(&view, self.format, target, self.color, filter)?);
        }
        if let Some(scaler) = &mut self.scaler {
            scaler.run(&view, frame)?;
        }
        Ok(())
    }
}

/// Copies a picture that needs no conversion, row by row.
fn copy(view: &FrameView<'_>, frame: &mut Frame) {
    for (index, target) in frame.planes_mut().enumerate() {
        let layout = view.layout(index);
        let source = view.planes()[index];
        for (row, target_row) in target.data.chunks_mut(target.stride).take(layout.rows).enumerate() {
            target_row[..layout.row_bytes].copy_from_slice(source.row(row, layout));
        }
    }
}
