//! The builder of a movie.

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

/// The builder of a movie. [`create`](Self::create) opens the movie.
#[derive(Debug)]
#[must_use = "a builder does nothing until `create` is called"]
pub struct VideoWriterBuilder {
    pub(super) output: Output,
    pub(super) settings: Settings,
    pub(super) audio: Option<Audio>,
    is_resumed: bool,
    expected_frames: Option<u64>,
    /// The allowed length of the movie, if it is a segment of a plan.
    segment: Option<SegmentLength>,
}

impl VideoWriterBuilder {
    pub(super) fn new(output: Output, settings: Settings) -> Self {
        Self { output, settings, audio: None, is_resumed: false, expected_frames: None, segment: None }
    }

    /// Replaces all settings at once, including the size and the frame rate that were passed to the builder.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets the codec: [`H264`](crate::H264), [`Mpeg4`](crate::Mpeg4), [`Mjpeg`](crate::Mjpeg), [`Ffv1`](crate::Ffv1), or
    /// any [`Codec`].
    pub fn codec(mut self, codec: impl Into<Codec>) -> Self {
        self.settings.codec = codec.into();
        self
    }

    /// Sets the pixel format of the frames that will be written. A lossless movie then keeps all of their bits, 16 bits
    /// in FFV1 for example. Without this, a lossless movie rejects frames with more bits than it keeps.
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

    /// Sets the range of luma and chroma values in the movie. Players expect the default: limited, or full in JPEG.
    pub fn color_range(mut self, range: ColorRange) -> Self {
        self.settings.color_range = Some(range);
        self
    }

    /// Sets the chroma location of 4:2:0 YUV frames; the center by default. The movie keeps it, and its stream and
    /// container record it.
    pub fn chroma_location(mut self, location: ChromaLocation) -> Self {
        self.settings.chroma_location = Some(location);
        self
    }

    /// Sets how to handle an odd width or height if chroma is subsampled.
    pub fn odd_size(mut self, odd_size: OddSize) -> Self {
        self.settings.odd_size = odd_size;
        self
    }

    /// Sets how to handle the alpha of frames. By default they are drawn over the [`background`](Self::background).
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

    /// Expects frames whose colors are premultiplied by alpha, as cairo and Skia draw them. The colors are divided by
    /// alpha, and rounded to nearest.
    pub fn premultiplied(mut self) -> Self {
        self.settings.is_premultiplied = true;
        self
    }

    /// Sets the color behind transparent pixels; white by default.
    pub fn background(mut self, background: Rgb) -> Self {
        self.settings.background = background;
        self
    }

    /// Scales each frame to `width` × `height`, without keeping the aspect ratio. Frames may then have any size.
    pub fn scale(mut self, width: u32, height: u32) -> Self {
        self.settings.scale = Some((width, height));
        self
    }

    /// Adds metadata, as in `metadata("title", "Ripples")`. The name must be one of the container's
    /// [`metadata_names`](Container::metadata_names).
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.metadata.push((name.into(), value.into()));
        self
    }

    /// Sets the number of encoder threads; by default as many as this process may use.
    pub fn threads(mut self, threads: u32) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// Encodes the movie in segments, with `jobs` encoders in parallel. A segment is a run of frames that starts with a
    /// keyframe and references nothing outside; [`segment_frames`](Self::segment_frames) sets its length. Each encoder
    /// has one thread unless [`threads`](Self::threads) is set. The movie's bytes do not depend on the number of jobs.
    ///
    /// Frames wait for their encoder, so up to `jobs` segments are in memory: 256 MiB for each encoder, or 25 frames if
    /// these are larger, and twice that with [`measure_quality`](Self::measure_quality). A rate control over the whole
    /// movie, a bit rate or a [`Vbv`](crate::Vbv), is rejected.
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

    /// Sets the number of frames per segment when [`jobs`](Self::jobs) is set: 250 by default, fewer for large frames and
    /// for movies whose [length is known](Self::expected_frames).
    pub fn segment_frames(mut self, frames: u32) -> Self {
        self.settings.segment_frames = Some(frames);
        self
    }

    /// Sets how many frames the movie will have, if you know. When [`jobs`](Self::jobs) is set, a short movie then has
    /// shorter segments, so that each of many encoders gets some: by default a 64th of the frames, from 50 to 250. The
    /// movie may turn out longer or shorter.
    pub fn expected_frames(mut self, frames: u64) -> Self {
        self.expected_frames = Some(frames);
        self
    }

    /// Measures PSNR and SSIM of each encoded picture against the frame that the encoder received, in
    /// [`PacketStats::quality`] and [`EncodeStats::quality`]. x264 and FFmpeg's filters report the same values. Losses
    /// of the conversion before, such as the detail of subsampled chroma, do not count.
    ///
    /// A separate thread decodes the packets, and the encoder waits if that is slower. Frames are kept for as long as
    /// the encoder looks ahead, about 50 frames at preset medium. Packets are reported after they are measured.
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

    /// Makes a movie of at most `max_bytes`, including the container, with the best quality that fits. The output must
    /// be a file.
    ///
    /// The size of a frame is known only after encoding. So the part file first stores the frames without loss, and
    /// [`finish`](VideoWriter::finish) encodes them from there, usually two to five times, until the movie has 97 % to
    /// 100 % of the bytes. It is smaller if it reaches the best quality before (crf 1, quantizer 1), and may be
    /// slightly smaller if its frames hardly differ, because encoders round quantizers. The disk needs space for the
    /// lossless frames and two movies.
    ///
    /// The codec's rate control must be a crf or a quantizer, from which the search starts. `finish` reports all
    /// packets: [`on_packet`](VideoWriter::on_packet) and [`stats`](VideoWriter::stats) have none before, and encoding
    /// times are those of the last encoding. If even the lowest quality needs more bytes, `finish` fails with
    /// [`Error::TooLarge`](crate::Error::TooLarge) as the cause, and the part file is kept.
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

    /// Continues an interrupted run to the same path. The movie begins with the frames of the part file, which are
    /// copied. [`frames`](VideoWriter::frames) returns their number, which is also the number of the next frame to
    /// write. If there is no part file, a new movie begins.
    ///
    /// Only frames that depend on nothing lost are kept: all except those that were still in the encoder or the queue.
    /// With [`jobs`](Self::jobs), whole segments are kept, and the movie has the same bytes as one made without
    /// interruption.
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
    /// [`create`](Self::create) fails with [`InvalidInput::NotResumable`](crate::InvalidInput::NotResumable) if the
    /// part file was made with other settings, or if its frames do not follow the frame rate, such as held ones. A bit rate or
    /// [`max_bytes`](Self::max_bytes) applies to a whole movie, and is rejected.
    pub fn resume(mut self) -> Self {
        self.is_resumed = true;
        self
    }

    /// Returns what [`resume`](Self::resume) would keep now; `None` if there is nothing. The frame size of the builder
    /// matters only for the default length of segments.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn resumable(&self) -> Result<Option<Resumable>> {
        let (setup, _) = self.setup()?;
        self.interrupted(&setup)?.map(|interrupted| interrupted.resumable()).transpose()
    }

    /// Sets the container, regardless of the file extension.
    pub fn container(mut self, container: Container) -> Self {
        self.output = self.output.container(container);
        self
    }

    /// Fails instead of replacing an existing file.
    pub fn no_clobber(mut self) -> Self {
        self.output = self.output.no_clobber();
        self
    }

    /// Fixes everything that decides the movie's bytes, so that several writers can each make a
    /// [segment](Plan::segment) of its frames: in this process, in other processes, or on other machines. Only the
    /// container of the output matters. A segment has [`segment_frames`](Self::segment_frames) frames, and each encoder
    /// has one thread unless [`threads`](Self::threads) is set.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for the first invalid setting, such as a bit rate, which applies to
    /// the whole movie, or several [`jobs`](Self::jobs), because a segment has one encoder.
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
                "it applies to the whole movie, but a writer encodes one segment; choose a crf or a quantizer";
            return Err(InvalidSettings::Conflict { option, with, hint }.into());
        }
        self.check_no_sound()?;
        let (setup, _) = self.setup()?;
        let frames = setup.segment_frames()?.map_or(1, |frames| frames.max(1) as u32);
        let settings = Settings { segment_frames: Some(frames), ..setup.settings };
        Plan::new(settings, setup.container, NonZeroU32::new(frames).unwrap_or(NonZeroU32::MIN).into())
    }

    /// Accepts at most `frames` frames, and no fewer if `is_exact`.
    pub(super) fn segment_length(mut self, frames: u64, is_exact: bool) -> Self {
        self.segment = Some(SegmentLength { frames, is_exact });
        self
    }

    /// Checks all settings, opens the encoder, and opens the output.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for the first invalid setting; [`Error::Libav`](crate::Error::Libav)
    /// if the encoder does not open; [`Error::Io`](crate::Error::Io) if the output does not open. Nothing is left
    /// behind then.
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
        let converter = Converter::new(&settings, geometry)?;
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
        timeline.resume_after(interrupted.map_or(0, |interrupted| interrupted.frames()));
        if let Some(end) = feed.as_ref().and_then(|feed| feed.end) {
            timeline.end_at(end);
        }
        shared.with_stats(|stats| stats.frames = timeline.frames());
        Ok(VideoWriter {
            producer: Producer::new(converter, pool),
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

    /// Returns the settings of the encoder, and the times of the frames.
    fn setup(&self) -> Result<(Setup, Timeline)> {
        let (settings, container) = (&self.settings, self.output.resolved_container()?);
        settings.validate(container)?;
        let timeline = Timeline::new(settings.frame_rate, container);
        let (time_base, frame_ticks) = timeline.clock();
        let size = settings.geometry()?.coded;
        let (settings, expected_frames) = (settings.clone(), self.expected_frames);
        Ok((Setup { settings, container, time_base, frame_ticks, size, expected_frames }, timeline))
    }

    fn interrupted(&self, setup: &Setup) -> Result<Option<Interrupted>> {
        let size_limit = self.settings.max_bytes.map(|_| "a size limit");
        let elsewhere = (!self.output.is_published()).then_some("an output that is not a file");
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
