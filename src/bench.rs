//! What this project's own benches measure alone. Not part of the library: it may change at any time.

use crate::av::FramePool;
use crate::convert::Converter;
use crate::error::Result;
use crate::frame::FrameView;
use crate::settings::Settings;

/// The conversion of one movie's frames, with no encoder behind it.
pub struct Conversion {
    converter: Converter,
    pool: FramePool,
}

impl Conversion {
    /// The conversion that a writer with these settings does.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for a size that cannot be; [`Error::Libav`](crate::Error::Libav)
    /// where there is no memory.
    pub fn new(settings: &Settings) -> Result<Self> {
        let geometry = settings.geometry()?;
        let (width, height) = geometry.coded;
        Ok(Self {
            converter: Converter::new(settings, geometry),
            pool: FramePool::new(settings.encoder_pixel_format(), settings.color(), width, height)?,
        })
    }

    /// Converts a frame into one of the pool's, and gives that back.
    ///
    /// # Errors
    /// As [`VideoWriter::write`](crate::VideoWriter::write).
    pub fn run(&mut self, view: &FrameView<'_>) -> Result<()> {
        let mut frame = self.pool.frame()?;
        self.converter.convert(view, &mut frame)
    }
}
