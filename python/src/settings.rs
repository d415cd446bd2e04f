//! Python's keywords as settings.

use framemill::{Codec, CodecOptions, Container, OddSize, PixelFormat, Result, Rgb, Settings, Vbv};
use pyo3::prelude::*;

/// The keywords of `VideoWriter` that are settings of the library, as Python gives them.
#[derive(Clone, FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Options {
    pub(crate) fps: String,
    codec: String,
    crf: Option<f32>,
    qp: Option<u32>,
    bitrate: Option<u64>,
    lossless: bool,
    maxrate: Option<u64>,
    bufsize: Option<u64>,
    preset: Option<String>,
    tune: Option<String>,
    profile: Option<String>,
    pixel_format: Option<String>,
    gop: Option<u32>,
    threads: Option<u32>,
    fourcc: Option<String>,
    x264_params: Vec<(String, String)>,
    background: Option<String>,
    odd: String,
    scale: Option<(u32, u32)>,
    metadata: Vec<(String, String)>,
    max_size: Option<u64>,
    quality: bool,
    pub(crate) container: Option<String>,
    pub(crate) clobber: bool,
}

impl Options {
    /// The settings of a movie of `width` × `height`.
    pub(crate) fn settings(&self, width: u32, height: u32) -> Result<Settings> {
        let mut settings = Settings::new(width, height, self.fps.parse()?);
        settings.codec = self.codec()?;
        settings.pixel_format = self.pixel_format.as_deref().map(str::parse::<PixelFormat>).transpose()?;
        settings.odd_size = self.odd.parse::<OddSize>()?;
        settings.background = self.background.as_deref().map(str::parse::<Rgb>).transpose()?.unwrap_or(Rgb::WHITE);
        settings.scale = self.scale;
        settings.metadata.clone_from(&self.metadata);
        settings.threads = self.threads;
        settings.max_bytes = self.max_size;
        settings.measure_quality = self.quality;
        Ok(settings)
    }

    /// The container that was asked for by its name.
    pub(crate) fn container(&self) -> Result<Option<Container>> {
        Ok(self.container.as_deref().map(str::parse::<Container>).transpose()?)
    }

    fn codec(&self) -> Result<Codec> {
        let vbv = self.maxrate.zip(self.bufsize);
        let options = CodecOptions {
            name: self.codec.clone(),
            crf: self.crf,
            qp: self.qp,
            bitrate: self.bitrate,
            max_size: self.max_size.is_some(),
            lossless: self.lossless,
            vbv: vbv.map(|(max_bits_per_second, buffer_bits)| Vbv::new(max_bits_per_second, buffer_bits)),
            preset: self.preset.as_deref().map(str::parse).transpose()?,
            tune: self.tune.as_deref().map(str::parse).transpose()?,
            profile: self.profile.as_deref().map(str::parse).transpose()?,
            gop: self.gop,
            fourcc: self.fourcc.clone(),
            x264_params: self.x264_params.clone(),
        };
        Ok(options.codec(|name| name.replace('-', "_"))?)
    }
}
