//! Converts opaque pictures with swscale.

use super::opaque;
use super::resample::{Resampler, filter, whole_chroma};
use crate::av::{Frame, Scaler};
use crate::error::Result;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::{Color, Geometry};

/// Converts and scales pictures. It keeps the scaler, and makes a new one when the format or size of frames changes.
pub(super) struct SwscaleConverter {
    geometry: Geometry,
    format: PixelFormat,
    color: Color,
    /// Converts odd sizes.
    resampler: Resampler,
    scaler: Option<Scaler>,
}

impl SwscaleConverter {
    pub(super) fn new(geometry: Geometry, format: PixelFormat, color: Color) -> Self {
        Self { geometry, format, color, resampler: Resampler::default(), scaler: None }
    }

    /// Fills `frame` from an opaque picture, which is scaled unless it has the movie's size.
    pub(super) fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        let Geometry { picture, coded } = self.geometry;
        let is_scaled = (view.width(), view.height()) != picture;
        if !is_scaled && whole_chroma(picture, view.format(), self.format) != picture {
            let whole = self.resampler.resampled(view, (self.format, picture, self.color))?;
            return Ok(opaque::copy(&whole.view()?.cropped(coded.0, coded.1), frame)?);
        }
        self.scaler.take_if(|scaler| !scaler.fits(view));
        let scaler = match self.scaler.take() {
            Some(scaler) => scaler,
            None => Scaler::new(view, self.format, picture, self.color, filter(view.format(), is_scaled))?,
        };
        Ok(self.scaler.insert(scaler).run(view, frame)?)
    }
}
