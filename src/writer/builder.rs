//! From settings to an open movie.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::plan::{Plan, SegmentLength};
use super::producer::Producer;
use super::setup::Setup;
use super::{Shared, Timeline, VideoWriter, encode_thread, size_limit};
use crate::audio::Audio;
use crate::convert::Converter;
use crate::error::{InvalidSettings, OptionId, Result};
use crate::frame::{ChromaLocation, ColorRange, PixelFormat};
use crate::output::{Interrupted, Output, Resumable};
use crate::settings::{Alpha, Codec, Container, Jobs, OddSize, Rgb, Settings};

/// Describes a movie; [`create`](Self::create) opens it.
#[derive(Debug)]
#[must_use = "a builder makes nothing until `create`"]
pub struct VideoWriterBuilder {
    pub(super) output: Output,
    pub(super) settings: Settings,
    pub(super) audio: Option<Audio>,
    is_resumed: bool,
    /// How long the movie may be, where it is a segment of a plan.
    segment: Option<SegmentLength>,
}

impl VideoWriterBuilder {
    pub(super) fn new(output: Output, settings: Settings) -> Self {
        Self { output, settings, audio: None, is_resumed: false, segment: None }
    }

    /// Replaces all settings at once, the size and the frame rate that the builder was made with among them.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// How frames are compressed: [`H264`](crate::H264), [`Mpeg4`](crate::Mpeg4), [`Mjpeg`](crate::Mjpeg), [`Ffv1`](crate::Ffv1), or
    /// any [`Codec`].
    pub fn codec(mut self, codec: impl Into<Codec>) -> Self {
        self.settings.codec = codec.into();
        self
    }

    /// The pixel format of the frames that will be written. A movie without loss is then opened to keep all of it: 16 bits
    /// of FFV1, for example. Without it such a movie refuses frames of more bits than it keeps.
    ///
    /// ```
    /// # use framemill::{Container, Ffv1, FrameRate, FrameView, Memory, Output, PixelFormat, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mkv);
    /// let mut video = VideoWriter::builder(output, 2, 2, FrameRate::new(30, 1))
    ///     .codec(Ffv1::default())
    ///     .frame_format(PixelFormat::Gray16Le)
    ///     .create()?;
    /// video.write(&FrameView::packed(PixelFormat::Gray16Le, &[0; 8], 2, 2, 4)?)?;
    /// video.finish()?;
    /// # Ok::<(), framemill::Error>(())
    /// ```
    pub fn frame_format(mut self, format: PixelFormat) -> Self {
        self.settings.frame_format = Some(format);
        self
    }

    /// Sets the pixel format of the movie, one of [`Codec::pixel_formats`].
    pub fn pixel_format(mut self, format: PixelFormat) -> Self {
        self.settings.pixel_format = Some(format);
        self
    }

    /// Sets the range of luma and chroma in the movie. Players expect the default: limited, and full in JPEG.
    pub fn color_range(mut self, range: ColorRange) -> Self {
        self.settings.color_range = Some(range);
        self
    }

    /// Sets where the chroma samples of 4:2:0 YUV frames lie; in the center by default. The movie keeps them there, and its
    /// stream and container record it.
    pub fn chroma_location(mut self, location: ChromaLocation) -> Self {
        self.settings.chroma_location = Some(location);
        self
    }

    /// Sets what happens to an odd width or height where chroma is subsampled.
    pub fn odd_size(mut self, odd_size: OddSize) -> Self {
        self.settings.odd_size = odd_size;
        self
    }

    /// Sets what becomes of the alpha of frames: by default they are drawn over the [`background`](Self::background).
    ///
    /// ```
    /// # use framemill::{Alpha, Container, Ffv1, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mkv);
    /// let mut video = VideoWriter::builder(output, 64, 48, FrameRate::new(30, 1))
    ///     .codec(Ffv1::default())
    ///     .alpha(Alpha::Keep)
    ///     .create()?;
    /// video.write(&FrameView::rgba(&[200, 0, 0, 128].repeat(64 * 48), 64, 48)?)?;
    /// # video.finish()?;
    /// # Ok::<(), framemill::Error>(())
    /// ```
    pub fn alpha(mut self, alpha: Alpha) -> Self {
        self.settings.alpha = alpha;
        self
    }

    /// Takes frames whose colors are already multiplied by their alpha, as cairo and Skia draw them. They are divided by it,
    /// and rounded to nearest.
    pub fn premultiplied(mut self) -> Self {
        self.settings.is_premultiplied = true;
        self
    }

    /// Sets the color behind transparent pixels; white by default.
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

    /// Adds metadata, as in `metadata("title", "Ripples")`. The name is one of the container's
    /// [`metadata_names`](Container::metadata_names).
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.metadata.push((name.into(), value.into()));
        self
    }

    /// Sets the threads of the encoder; by default as many as this process may use.
    pub fn threads(mut self, threads: u32) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// Encodes the movie in segments, `jobs` of them side by side. A segment is a run of frames that starts with a keyframe
    /// and refers to nothing outside; [`segment_frames`](Self::segment_frames) has their length. Each encoder has one thread
    /// unless [`threads`](Self::threads) says otherwise, and the movie's bytes are the same whatever `jobs` is.
    ///
    /// Frames wait for their encoder: up to `jobs` segments of them are in memory, which is 256 MiB for each encoder, or 25
    /// frames where these take more, and twice that with [`measure_quality`](Self::measure_quality). A rate that is kept over the whole movie, a bitrate or a [`Vbv`](crate::Vbv), is
    /// refused.
    ///
    /// ```
    /// # use framemill::{Container, FrameRate, FrameView, Jobs, Memory, Output, VideoWriter};
    /// # let make = |jobs| {
    /// # let memory = Memory::new();
    /// # let output = Output::memory(&memory, Container::Mp4);
    /// let mut video = VideoWriter::builder(output, 64, 48, FrameRate::new(30, 1))
    ///     .jobs(Jobs::Count(jobs))
    ///     .segment_frames(10)
    ///     .create()?;
    /// for frame in 0..35_u8 {
    ///     video.write(&FrameView::gray(&[frame; 64 * 48], 64, 48)?)?;
    /// }
    /// let stats = video.finish()?;
    /// assert_eq!(stats.gops.count, 4);
    /// # Ok::<_, framemill::Error>(memory.take())
    /// # };
    /// # assert_eq!(make(1)?, make(3)?);
    /// # Ok::<(), framemill::Error>(())
    /// ```
    pub fn jobs(mut self, jobs: Jobs) -> Self {
        self.settings.jobs = Some(jobs);
        self
    }

    /// Sets the frames of a segment, for a movie that is made by [`jobs`](Self::jobs): 250 by default, and fewer for large
    /// frames.
    pub fn segment_frames(mut self, frames: u32) -> Self {
        self.settings.segment_frames = Some(frames);
        self
    }

    /// Measures how close each encoded picture is to the frame that the encoder got, in [`PacketStats::quality`] and
    /// [`EncodeStats::quality`]: PSNR and SSIM. x264 and FFmpeg's filters measure the same values. What the conversion
    /// lost before, such as the detail of subsampled chroma, does not count.
    ///
    /// A separate thread decodes the packets, and the encoder waits when that is slower. Frames are kept as long as the
    /// encoder looks ahead, some 50 of them at preset medium. Packets are reported when they are measured.
    ///
    /// ```
    /// # use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// let mut video = VideoWriter::builder(output, 64, 48, FrameRate::new(30, 1)).measure_quality().create()?;
    /// for frame in 0..30_u32 {
    ///     let wave: Vec<u8> = (0..64 * 48).map(|i| ((i % 64 * i / 64 + frame) % 256) as u8).collect();
    ///     video.write(&FrameView::gray(&wave, 64, 48)?)?;
    /// }
    /// let quality = video.finish()?.quality.expect("was measured");
    /// assert_eq!(quality.frames, 30);
    /// assert!(quality.mean_psnr() > Some(30.0) && quality.mean_ssim() > Some(0.9));
    /// # Ok::<(), framemill::Error>(())
    /// ```
    ///
    /// [`PacketStats::quality`]: crate::PacketStats::quality
    /// [`EncodeStats::quality`]: crate::EncodeStats::quality
    pub fn measure_quality(mut self) -> Self {
        self.settings.measure_quality = true;
        self
    }

    /// Makes a movie of at most `max_bytes`, container included, as good as fits. Needs an output that is a file.
    ///
    /// How large frames become is known when they are encoded. So they are kept without loss in the part file while
    /// they come, and [`finish`](VideoWriter::finish) encodes them from there, some two to five times over, until the
    /// movie has 97 % to 100 % of the bytes. It has fewer where it is at its best before (crf 1, quantizer 1), and may
    /// have a little fewer where its frames hardly differ, since encoders round quantizers. The disk must hold the
    /// frames without loss beside two movies.
    ///
    /// The codec's rate control, which must be a crf or a quantizer, says where the search starts. All packets come out
    /// of `finish`: [`on_packet`](VideoWriter::on_packet) and [`stats`](VideoWriter::stats) have none before, and the times
    /// of encoding are those of the last one. Where
    /// even the worst quality takes more bytes, `finish` fails with [`Error::TooLarge`](crate::Error::TooLarge) as the
    /// cause, and the part file stays.
    ///
    /// ```
    /// # use framemill::{FrameRate, FrameView, H264, Preset, VideoWriter};
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("out.mp4");
    /// let mut video = VideoWriter::builder(path, 64, 48, FrameRate::new(30, 1))
    ///     .codec(H264::default().preset(Preset::Fast))
    ///     .max_bytes(40_000)
    ///     .create()?;
    /// for frame in 0..60_u32 {
    ///     let noise = (0..64 * 48 * 3_u32).map(|i| (i.wrapping_mul(frame * 977 + 7919) >> 8) as u8);
    ///     video.write(&FrameView::rgb(&noise.collect::<Vec<_>>(), 64, 48)?)?;
    /// }
    /// let bytes = video.finish()?.file_bytes;
    /// assert!(bytes <= 40_000 && bytes >= 38_800);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_bytes(mut self, max_bytes: u64) -> Self {
        self.settings.max_bytes = Some(max_bytes);
        self
    }

    /// Goes on with what an interrupted run to the same path left. The movie begins with the frames of its part file, which
    /// are copied; [`frames`](VideoWriter::frames) says how many there are, and the next frame to write is the one with
    /// that number. Where there is no part file, the movie begins anew.
    ///
    /// Frames are kept up to one behind which an encoder can go on: all but those that were on their way. With
    /// [`jobs`](Self::jobs) whole segments are kept, and the movie gets the bytes of one that was never interrupted.
    ///
    /// ```
    /// # use framemill::{FrameRate, FrameView, VideoWriter};
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("out.mp4");
    /// let builder = || VideoWriter::builder(&path, 16, 16, FrameRate::new(30, 1)).resume();
    /// let mut video = builder().create()?;
    /// for shade in 0..40 {
    ///     video.write(&FrameView::gray(&[shade; 256], 16, 16)?)?;
    /// }
    /// drop(video);
    /// let mut video = builder().create()?;
    /// for shade in video.frames() as u8..100 {
    ///     video.write(&FrameView::gray(&[shade; 256], 16, 16)?)?;
    /// }
    /// assert_eq!(video.finish()?.frames, 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`create`](Self::create) fails with [`InvalidInput::NotResumable`](crate::InvalidInput::NotResumable) where the part
    /// file was made with other settings, or its frames came at varying times. A bit rate or
    /// [`max_bytes`](Self::max_bytes) are about a whole movie, and are refused.
    pub fn resume(mut self) -> Self {
        self.is_resumed = true;
        self
    }

    /// Finds what [`resume`](Self::resume) would keep now; `None` where there is nothing. The size of the builder's frames
    /// counts only for the length of segments, where that is not set.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn resumable(&self) -> Result<Option<Resumable>> {
        let (setup, _) = self.setup()?;
        self.interrupted(&setup)?.map(|interrupted| interrupted.resumable()).transpose()
    }

    /// Sets the container, whatever the file's name ends in.
    pub fn container(mut self, container: Container) -> Self {
        self.output = self.output.container(container);
        self
    }

    /// Refuses to replace a file that exists.
    pub fn no_clobber(mut self) -> Self {
        self.output = self.output.no_clobber();
        self
    }

    /// Fixes all that decides the movie's bytes, so that several writers can make it, each a [segment](Plan::segment) of its
    /// frames: in this process, in others, or on other machines. Of the output, only the container counts. A segment has
    /// [`segment_frames`](Self::segment_frames), and each encoder one thread unless [`threads`](Self::threads) are set.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for the first setting that cannot be, such as a bit rate, which spans the
    /// whole movie, or several [`jobs`](Self::jobs), as a segment has one encoder.
    pub fn plan(mut self) -> Result<Plan> {
        if self.settings.jobs.is_some_and(|jobs| jobs != Jobs::Count(1)) {
            let (option, with) = (OptionId::Jobs, "a plan".to_owned());
            let hint = "a segment has one encoder; leave it out, and make several segments at a time";
            return Err(InvalidSettings::Conflict { option, with, hint }.into());
        }
        self.settings.jobs = Some(Jobs::Count(1));
        if self.is_resumed {
            return Err(InvalidSettings::NotResumable { with: "a plan" }.into());
        }
        if self.settings.max_bytes.is_some() {
            let (option, with) = (OptionId::MaxSize, "a plan".to_owned());
            let hint =
                "it spans the whole movie, and a writer encodes a segment of it; choose a crf or a quantizer";
            return Err(InvalidSettings::Conflict { option, with, hint }.into());
        }
        self.check_no_sound()?;
        let (setup, _) = self.setup()?;
        let frames = setup.segment_frames()?.map_or(1, |frames| frames.max(1) as u32);
        let settings = Settings { segment_frames: Some(frames), ..setup.settings };
        Plan::new(settings, setup.container, NonZeroU32::new(frames).unwrap_or(NonZeroU32::MIN).into())
    }

    /// Takes `frames` frames at most, and no fewer where `is_exact`.
    pub(super) fn segment_length(mut self, frames: u64, is_exact: bool) -> Self {
        self.segment = Some(SegmentLength { frames, is_exact });
        self
    }

    /// Checks all settings, opens the encoder, and opens the output.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for the first setting that cannot be;
    /// [`Error::Libav`](crate::Error::Libav) where the encoder does not open; [`Error::Io`](crate::Error::Io) where the
    /// output does not. Nothing is left behind then.
    pub fn create(self) -> Result<VideoWriter> {
        let shared = Arc::new(Shared::default());
        let (setup, mut timeline) = self.setup()?;
        if self.settings.max_bytes.is_some() && !self.output.is_published() {
            return Err(InvalidSettings::NeedsFile.into());
        }
        let interrupted = if self.is_resumed { self.interrupted(&setup)? } else { None };
        let (feed, sound) = self.sound(&setup)?.unzip();
        let Self { output, settings, segment, .. } = self;
        let geometry = settings.geometry()?;
        let pool = setup.frame_pool()?;
        let container = setup.container;
        let queue_frames = encode_thread::queue_frames(pool.frame_bytes());
        let thread = match settings.max_bytes {
            Some(max_bytes) => {
                size_limit::spawn(setup, output, max_bytes, sound, Arc::clone(&shared), queue_frames)?
            }
            None => {
                let work = setup.open(&settings.codec, output, Arc::clone(&shared), interrupted.as_ref(), sound)?;
                encode_thread::spawn(work, queue_frames)?
            }
        };
        timeline.keep(interrupted.map_or(0, |interrupted| interrupted.frames()));
        shared.with_stats(|stats| stats.frames = timeline.frames());
        Ok(VideoWriter {
            producer: Producer::new(Converter::new(&settings, geometry), pool),
            settings,
            container,
            timeline,
            segment,
            sound: feed,
            frames_left_out: 0,
            shared,
            thread: Some(thread),
            failure: None,
        })
    }

    /// What decides how frames are encoded, and when they are shown.
    fn setup(&self) -> Result<(Setup, Timeline)> {
        let (settings, container) = (&self.settings, self.output.resolved_container()?);
        settings.validate(container)?;
        let timeline = Timeline::new(settings.frame_rate, container);
        let (time_base, frame_ticks) = timeline.clock();
        let size = settings.geometry()?.coded;
        Ok((Setup { settings: settings.clone(), container, time_base, frame_ticks, size }, timeline))
    }

    fn interrupted(&self, setup: &Setup) -> Result<Option<Interrupted>> {
        let size_limit = self.settings.max_bytes.map(|_| "a size limit");
        let elsewhere = (!self.output.is_published()).then_some("an output that is no file");
        if let Some(with) = size_limit.or(self.settings.codec.shared_rate()).or(elsewhere) {
            return Err(InvalidSettings::NotResumable { with }.into());
        }
        Interrupted::find(
            &self.output,
            setup.container,
            (setup.time_base, setup.frame_ticks),
            setup.segment_frames()?,
        )
    }
}
