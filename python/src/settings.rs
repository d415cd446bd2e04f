//! Python's keywords as settings.

use framemill::{
    Codec, Container, Error, H264, InvalidSettings, OddSize, PixelFormat, Preset, QuantiserOrBitrate, Result, Rgb,
    Settings,
};
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
        let mut codec: Codec = self.codec.parse()?;
        self.refuse_foreign(&codec)?;
        match &mut codec {
            Codec::H264(h264) | Codec::H264Rgb(h264) => *h264 = self.h264()?,
            Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => {
                mpeg4.rate_control = self.rate_control(mpeg4.rate_control);
                mpeg4.gop = self.gop.unwrap_or(mpeg4.gop);
                mpeg4.fourcc = self.fourcc.as_deref().map(fourcc).transpose()?;
            }
            Codec::Mjpeg(mjpeg) => mjpeg.rate_control = self.rate_control(mjpeg.rate_control),
            Codec::Ffv1(ffv1) => ffv1.gop = self.gop.unwrap_or(ffv1.gop),
            _ => {}
        }
        Ok(codec)
    }

    fn h264(&self) -> Result<H264> {
        let mut h264 = match (self.crf, self.qp, self.bitrate, self.lossless) {
            (Some(crf), ..) => H264::crf(crf),
            (_, Some(qp), ..) => H264::qp(qp),
            (_, _, Some(bitrate), _) => H264::bitrate(bitrate),
            (.., true) => H264::lossless(),
            _ => H264::default(),
        };
        if let Some(preset) = &self.preset {
            h264.preset = preset.parse::<Preset>()?;
        }
        h264.tune = self.tune.as_deref().map(str::parse).transpose()?;
        h264.profile = self.profile.as_deref().map(str::parse).transpose()?;
        h264.gop = self.gop;
        if let (Some(max_bits_per_second), Some(buffer_bits)) = (self.maxrate, self.bufsize) {
            h264 = h264.vbv(max_bits_per_second, buffer_bits);
        }
        h264.x264_params.clone_from(&self.x264_params);
        Ok(h264)
    }

    fn rate_control(&self, default: QuantiserOrBitrate) -> QuantiserOrBitrate {
        match (self.qp, self.bitrate) {
            (Some(qp), _) => QuantiserOrBitrate::Qp(qp),
            (_, Some(bitrate)) => QuantiserOrBitrate::Bitrate(bitrate),
            _ => default,
        }
    }

    /// A keyword that the codec does not have is an error, not a wish.
    fn refuse_foreign(&self, codec: &Codec) -> Result<()> {
        let given = [
            ("crf", self.crf.is_some()),
            ("qp", self.qp.is_some()),
            ("bitrate", self.bitrate.is_some()),
            ("max_size", self.max_size.is_some()),
            ("lossless", self.lossless),
            ("maxrate", self.maxrate.is_some()),
            ("preset", self.preset.is_some()),
            ("tune", self.tune.is_some()),
            ("profile", self.profile.is_some()),
            ("gop", self.gop.is_some()),
            ("fourcc", self.fourcc.is_some()),
            ("x264_params", !self.x264_params.is_empty()),
        ];
        let own: &[&str] = match codec {
            Codec::H264(_) | Codec::H264Rgb(_) => &[
                "crf",
                "qp",
                "bitrate",
                "max_size",
                "lossless",
                "maxrate",
                "preset",
                "tune",
                "profile",
                "gop",
                "x264_params",
            ],
            Codec::Mpeg4(_) | Codec::Xvid(_) => &["qp", "bitrate", "max_size", "gop", "fourcc"],
            Codec::Mjpeg(_) => &["qp", "bitrate", "max_size"],
            _ => &["lossless", "gop"],
        };
        match given.into_iter().find(|(name, is_given)| *is_given && !own.contains(name)) {
            Some((setting, _)) => Err(Error::Settings(InvalidSettings::NotForCodec {
                setting,
                codec: codec.name(),
                mend: format!("leave {setting} out; it takes {}", own.join(", ")),
            })),
            None => Ok(()),
        }
    }
}

fn fourcc(text: &str) -> Result<[u8; 4]> {
    let malformed = |_| InvalidSettings::Malformed {
        setting: "fourcc",
        value: text.to_owned(),
        expected: "give four printable characters, as in XVID",
    };
    Ok(text.as_bytes().try_into().map_err(malformed)?)
}
