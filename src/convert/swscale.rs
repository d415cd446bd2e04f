//! Converts opaque pictures with swscale.

use super::pad::Padder;
use crate::av::{Filter, Frame, Scaler};
use crate::error::Result;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::{Color, Geometry};

/// Converts and scales pictures. It keeps the scaler, and makes a new one when the format or size of frames changes.
pub(super) struct SwscaleConverter {
    geometry: Geometry,
    format: PixelFormat,
    color: Color,
    padder: Padder,
    /// The scaler, and whether it changes the size. A padded picture has the size of the encoder's frames, but one to
    /// be scaled may have it too.
    scaler: Option<(bool, Scaler)>,
}

impl SwscaleConverter {
    pub(super) fn new(geometry: Geometry, format: PixelFormat, color: Color) -> Self {
        Self { geometry, format, color, padder: Padder::default(), scaler: None }
    }

    /// Fills `frame` from an opaque picture, which is scaled unless it has the movie's size.
    pub(super) fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        let Geometry { picture, coded } = self.geometry;
        let scaled = (view.width(), view.height()) != picture;
        let filter = filter(view.format(), scaled);
        // swscale would stretch the chroma of an odd size, 320.5 columns over 321, so the picture is padded to an even
        // size.
        let padded = !scaled && picture != coded;
        let view = if padded { self.padder.padded(view, coded)? } else { *view };
        let target = if padded { coded } else { picture };
        let (_, scaler) = match &mut self.scaler {
            Some(known) if known.0 == scaled && known.1.fits(&view) => known,
            slot => slot.insert((scaled, Scaler::new(&view, self.format, target, self.color, filter)?)),
        };
        Ok(scaler.run(&view, frame)?)
    }
}

/// Returns how swscale interpolates pictures in this format.
pub(super) fn filter(format: PixelFormat, scaled: bool) -> Filter {
    match format {
        _ if scaled => Filter::Lanczos,
        format if format.is_yuv() => Filter::Bicubic,
        _ => Filter::Mean,
    }
}
