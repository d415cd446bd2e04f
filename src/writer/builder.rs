//! From settings to an open movie.

use std::sync::Arc;
use std::time::Instant;

use super::encode_thread;
use super::{EncodeThread, Shared, Timeline, VideoWriter};
use crate::av::{Encoder, FramePool};
use crate::convert::Converter;
use crate::error::{Error, Result};
use crate::frame::{ColorRange, PixelFormat};
use crate::output::{Movie, Output};
use crate::settings::{Codec, Container, Mpeg4, OddSize, Rgb, Settings};

/// Describes a movie; [`create`](Self::create) opens it.
#[derive(Debug)]
#[must_use = "a builder makes nothing until `create`"]
pub struct VideoWriterBuilder {
    output: Output,
    settings: Settings,
}

impl VideoWriterBuilder {
    pub(super) fn new(output: Output, settings: Settings) -> Self {
        Self { output, settings }
    }

    /// Replaces all settings at once, the size and the frame rate that the builder was made with among them.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// How frames are compressed: [`H264`](crate::H264), [`Mpeg4`], [`Mjpeg`](crate::Mjpeg), [`Ffv1`](crate::Ffv1), or
    /// any [`Codec`].
    pub fn codec(mut self, codec: impl Into<Codec>) -> Self {
        self.settings.codec = codec.into();
        self
    }

    /// The encoder's pixel format, one of [`Codec::pixel_formats`].
    pub fn pixel_format(mut self, format: PixelFormat) -> Self {
        self.settings.pixel_format = Some(format);
        self
    }

    /// The range of luma and chroma in the movie. Players expect what is the default: limited, and full in JPEG.
    pub fn color_range(mut self, range: ColorRange) -> Self {
        self.settings.color_range = Some(range);
        self
    }

    /// What becomes of an odd width or height where chroma is halved.
    pub fn odd_size(mut self, odd_size: OddSize) -> Self {
        self.settings.odd_size = odd_size;
        self
    }

    /// What is seen through transparent pixels; white unless said.
    pub fn background(mut self, background: Rgb) -> Self {
        self.settings.background = background;
        self
    }

    /// Scales each frame to `width` × `height`, whatever its own size and shape: frames may then have other sizes than
    /// the movie was opened for.
    pub fn scale(mut self, width: u32, height: u32) -> Self {
        self.settings.scale = Some((width, height));
        self
    }

    /// Says something about the movie, as in `metadata("title", "Ripples")`: one of the container's
    /// [`metadata_names`](Container::metadata_names).
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.metadata.push((name.into(), value.into()));
        self
    }

    /// Threads of the encoder.
    pub fn threads(mut self, threads: u32) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// Says the container, whatever the file's name ends in.
    pub fn container(mut self, container: Container) -> Self {
        self.output = self.output.container(container);
        self
    }

    /// Refuses to replace a file that exists.
    pub fn no_clobber(mut self) -> Self {
        self.output = self.output.no_clobber();
        self
    }

    /// Checks all settings, opens the encoder, and opens the output.
    ///
    /// # Errors
    /// [`Error::Settings`] for the first setting that cannot be; [`Error::Libav`] where the encoder does not open;
    /// [`Error::Io`] where the output does not. Nothing is left behind then.
    pub fn create(self) -> Result<VideoWriter> {
        let Self { output, settings } = self;
        let container = output.resolved_container()?;
        settings.validate(container)?;
        let geometry = settings.geometry()?;
        let timeline = Timeline::new(settings.frame_rate, container);
        let clock = timeline.clock();
        let encoder = Encoder::open(&settings, container, geometry.coded)?;
        let mut stream = encoder.stream_parameters(clock.time_base)?;
        stream.metadata.clone_from(&settings.metadata);
        if let Some(fourcc) = fourcc(&settings.codec, container) {
            stream.set_fourcc(fourcc);
        }
        let (width, height) = geometry.coded;
        let pool = FramePool::new(settings.encoder_pixel_format(), settings.color(), width, height)?;
        let movie = Movie::create(output, container, &stream)?;
        let shared = Arc::new(Shared::default());
        let (jobs, handle) = encode_thread::spawn(encoder, movie, clock, Arc::clone(&shared))
            .map_err(|source| Error::io("start a thread", None, source))?;
        Ok(VideoWriter {
            converter: Converter::new(&settings, geometry),
            settings,
            pool,
            timeline,
            started: Instant::now(),
            shared,
            thread: Some(EncodeThread { jobs, handle }),
            failure: None,
        })
    }
}

/// AVI players know MPEG-4 Part 2 by the name XVID best; other containers have one name for it only.
fn fourcc(codec: &Codec, container: Container) -> Option<[u8; 4]> {
    match codec {
        Codec::Mpeg4(Mpeg4 { fourcc, .. }) | Codec::Xvid(Mpeg4 { fourcc, .. }) if container == Container::Avi => {
            Some(fourcc.unwrap_or(*b"XVID"))
        }
        _ => None,
    }
}
