//! [`VideoWriter`]: frames in, movie out. The only orchestrator: the caller's thread converts, another thread
//! encodes and muxes, and between them is a queue that is never longer than a few frames.

mod builder;
mod encode_thread;
mod measurer;
mod monitor;
mod plan;
mod process;
mod producer;
mod recorder;
mod setup;
mod size_limit;
mod sound;
mod timeline;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

pub use builder::VideoWriterBuilder;
use encode_thread::Job;
pub use monitor::Monitor;
use monitor::Shared;
pub use plan::Plan;
use plan::SegmentLength;
use producer::Producer;
use timeline::Timeline;

use crate::error::{Error, InvalidFrame, Result};
use crate::frame::{FrameLayout, FrameView, Strips, ViewStrips};
use crate::output::Output;
use crate::settings::{Container, Settings};
use crate::stats::{EncodeStats, PacketStats};
use crate::stop::StopToken;
use crate::time::{FrameRate, TimeBase};
use crate::track::TrackFeed;

/// Writes a movie, frame by frame.
///
/// ```
/// use framemill::{FrameRate, FrameView, H264, Preset, VideoWriter};
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("out.mp4");
/// let mut video = VideoWriter::builder(path, 320, 240, FrameRate::new(30, 1))
///     .codec(H264::crf(18.0).preset(Preset::Fast))
///     .create()?;
/// let mut pixels = vec![0_u8; 320 * 240 * 4];
/// for frame in 0..30_u8 {
///     pixels.fill(frame * 8);
///     video.write(&FrameView::bgr0(&pixels, 320, 240)?)?;
/// }
/// let stats = video.finish()?;
/// assert_eq!((stats.frames, stats.packets), (30, 30));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The movie appears at its path when [`finish`](Self::finish) succeeds, whole. Until then it grows in a part file
/// beside it (`out.mp4.part`), from which [`recover`](crate::recover()) makes a movie when the run ended early: by an
/// error, by a panic, or because the process was killed. Dropping a writer without finishing it
/// [leaves](Self::leave) the part file there; only [`abort`](Self::abort) removes it.
///
/// After an error in encoding or writing every further call fails; after a frame or a time that was refused, the
/// movie goes on ([`Error::leaves_movie_usable`]).
pub struct VideoWriter {
    settings: Settings,
    container: Container,
    producer: Producer,
    timeline: Timeline,
    /// How long the movie may be, where it is a segment of a plan.
    segment: Option<SegmentLength>,
    /// The movie's sound, if it has one.
    sound: Option<TrackFeed>,
    /// Frames after the end of a sound with which the movie is to end.
    frames_left_out: u64,
    shared: Arc<Shared>,
    thread: Option<EncodeThread>,
    failure: Option<String>,
}

struct EncodeThread {
    jobs: Sender<Job>,
    handle: JoinHandle<Result<u64>>,
}

impl VideoWriter {
    /// Starts to describe a movie of frames of `width` × `height` pixels, `frame_rate` a second. The output is a path,
    /// or any other [`Output`].
    #[must_use = "a builder makes nothing until `create`"]
    pub fn builder(
        output: impl Into<Output>,
        width: u32,
        height: u32,
        frame_rate: FrameRate,
    ) -> VideoWriterBuilder {
        VideoWriterBuilder::new(output.into(), Settings::new(width, height, frame_rate))
    }

    /// Writes the next frame, one frame period after the one before. Returns once it is converted: the pixels may then
    /// be overwritten. Waits when the encoder is more than a few frames behind.
    ///
    /// # Errors
    /// [`Error::Frame`] for a frame of another size, where frames are not [scaled](VideoWriterBuilder::scale); else
    /// what made the encoder or the output fail since the last call.
    pub fn write(&mut self, frame: &FrameView<'_>) -> Result<()> {
        self.write_strips(&mut ViewStrips::new(*frame))
    }

    /// Writes the next frame as [`write`](Self::write) does, from a picture that comes a few rows at a time: each row is
    /// converted while it is in the processor's cache.
    ///
    /// ```
    /// # use framemill::{ArrayView, Container, FrameRate, Memory, Output, SampleType, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// # let mut video = VideoWriter::builder(output, 16, 16, FrameRate::new(30, 1)).create()?;
    /// let half: Vec<u8> = [0.5_f32; 16 * 16].into_iter().flat_map(f32::to_ne_bytes).collect();
    /// let array = ArrayView::new(SampleType::F32, &half, 0, [16, 16, 1], [16 * 4, 4, 4])?;
    /// video.write_strips(&mut array.strips(&mut Vec::new()))?;
    /// assert_eq!(video.finish()?.packets, 1);
    /// # Ok::<(), framemill::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`write`](Self::write), and what `picture` gives: the movie then goes on without the frame.
    pub fn write_strips(&mut self, picture: &mut dyn Strips) -> Result<()> {
        self.check_frame(picture.layout())?;
        let pts = self.timeline.next()?;
        self.encode(picture, pts)
    }

    /// Writes a frame that is shown from `time` on, until the next one. Times count from the start of the movie, are
    /// kept to 1/60000 s or finer, and must grow. The encoder's rate control takes frames to come at the frame rate, so
    /// an average bit rate holds for frames that do.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// # let mut video = VideoWriter::builder(output, 2, 2, FrameRate::new(30, 1)).create()?;
    /// # let slide = FrameView::gray(&[0; 4], 2, 2)?;
    /// for second in [0, 4, 9] {
    ///     video.write_at(Duration::from_secs(second), &slide)?;
    /// }
    /// // The last slide shows for 3 s, and not for a thirtieth only.
    /// video.hold(Duration::from_secs(3) - Duration::from_secs(1) / 30)?;
    /// let stats = video.finish()?;
    /// assert!((stats.duration.as_secs_f64() - 12.0).abs() < 1e-4);
    /// # Ok::<(), framemill::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`write`](Self::write); [`Error::Time`] for a time that is not after the frame before, or not on the grid of
    /// a container with a constant rate (AVI).
    pub fn write_at(&mut self, time: Duration, frame: &FrameView<'_>) -> Result<()> {
        self.write_strips_at(time, &mut ViewStrips::new(*frame))
    }

    /// Writes a frame that is shown from `time` on, as [`write_at`](Self::write_at) does, from a picture that comes a few
    /// rows at a time.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at), and what `picture` gives: the movie then goes on without the frame.
    pub fn write_strips_at(&mut self, time: Duration, picture: &mut dyn Strips) -> Result<()> {
        self.check_frame(picture.layout())?;
        let pts = self.timeline.at(time)?;
        self.encode(picture, pts)
    }

    /// Shows the last frame for `duration` longer; the next one comes that much later.
    ///
    /// # Errors
    /// [`Error::Time`] before the first frame, and in a container with a constant rate (AVI).
    pub fn hold(&mut self, duration: Duration) -> Result<()> {
        self.check_alive()?;
        self.timeline.hold(duration)?;
        self.reach_sound();
        Ok(())
    }

    /// Calls `callback` with the statistics of each packet from now on, in decoding order, and before them of the
    /// packets that a [resumed](VideoWriterBuilder::resume) run keeps. The encoding thread calls it: what it takes there, the encoder waits. A panic in it fails the movie.
    ///
    /// ```
    /// # use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// # let mut video = VideoWriter::builder(output, 16, 16, FrameRate::new(30, 1)).create()?;
    /// let (sender, packets) = std::sync::mpsc::channel();
    /// video.on_packet(move |packet| sender.send((packet.index, packet.bytes)).unwrap_or_default())?;
    /// for shade in [0, 100, 200] {
    ///     video.write(&FrameView::gray(&[shade; 256], 16, 16)?)?;
    /// }
    /// video.finish()?;
    /// assert_eq!(packets.iter().count(), 3);
    /// # Ok::<(), framemill::Error>(())
    /// ```
    ///
    /// # Errors
    /// What made the encoder or the output fail since the last call.
    pub fn on_packet(&mut self, callback: impl FnMut(&PacketStats) + Send + 'static) -> Result<()> {
        self.check_alive()?;
        self.send(Job::OnPacket(Box::new(callback)))
    }

    /// The statistics up to now: packets trail frames by what the encoder looks ahead. It takes tens of microseconds.
    #[must_use]
    pub fn stats(&self) -> EncodeStats {
        self.monitor().stats()
    }

    /// A view of the statistics that outlives the writer: for another thread, or for what is known of a movie after it
    /// failed.
    ///
    /// ```
    /// # use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// let mut video = VideoWriter::builder(output, 16, 16, FrameRate::new(30, 1)).create()?;
    /// let monitor = video.monitor();
    /// video.write(&FrameView::gray(&[0; 256], 16, 16)?)?;
    /// video.abort();
    /// assert_eq!(monitor.stats().frames, 1);
    /// # Ok::<(), framemill::Error>(())
    /// ```
    #[must_use]
    pub fn monitor(&self) -> Monitor {
        Monitor::new(Arc::clone(&self.shared))
    }

    /// How many frames the movie has so far, those of an interrupted run that it [resumes](VideoWriterBuilder::resume)
    /// among them.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.timeline.frames()
    }

    /// What the movie is written in.
    #[must_use]
    pub fn container(&self) -> Container {
        self.container
    }

    /// In which the times of packets count.
    #[must_use]
    pub fn time_base(&self) -> TimeBase {
        self.timeline.clock().0
    }

    /// Encodes what is left, ends the movie, and puts it in its place.
    ///
    /// # Errors
    /// [`Error::NoFrames`] when there is none; [`Error::ShortSegment`] for a segment of a [`Plan`] that has not all its frames;
    /// else what made the encoder or the output fail. The destination is then as it was before.
    pub fn finish(mut self) -> Result<EncodeStats> {
        self.check_alive()?;
        if self.timeline.frames() == 0 {
            return Err(Error::NoFrames);
        }
        if let Some(SegmentLength { frames: expected, is_exact: true }) = self.segment
            && self.timeline.frames() < expected
        {
            return Err(Error::ShortSegment { frames: self.timeline.frames(), expected });
        }
        self.send(Job::Finish { end: self.timeline.end() })?;
        let file_bytes = self.join()?;
        self.shared.with_stats(|stats| {
            stats.file_bytes = file_bytes;
            // Exactly; the packets' sum is of nanoseconds that were rounded down.
            stats.duration = self.timeline.length();
            self.shared.clock(stats);
            if let Some(audio) = &mut stats.audio {
                self.complete_audio(audio);
            }
        });
        Ok(self.stats())
    }

    /// Encodes what is left, publishes nothing, and leaves the part file for [`recover`](crate::recover()): what dropping
    /// the writer does. Gives the part file's path; `None` where no frame was encoded, and for an output that is no file.
    ///
    /// # Errors
    /// What made the encoder or the output fail, now or since the last call. It names the part file where there is one
    /// ([`Error::Interrupted`]).
    ///
    /// Of the runs of one process to one path, the last part file stays and the one with the most frames; a run that
    /// finishes removes those with no more frames than its own.
    ///
    /// ```
    /// # use framemill::{FrameRate, FrameView, VideoWriter};
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("out.mp4");
    /// let mut video = VideoWriter::builder(&path, 16, 16, FrameRate::new(30, 1)).create()?;
    /// video.write(&FrameView::gray(&[0; 256], 16, 16)?)?;
    /// let part = video.leave()?.expect("one frame was encoded");
    /// assert!(!path.exists());
    /// assert_eq!(framemill::recover(part, None)?.frames, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leave(mut self) -> Result<Option<PathBuf>> {
        self.break_off()
    }

    /// Stops at once, and removes what was written.
    pub fn abort(mut self) {
        self.shared.aborted.store(true, Ordering::Relaxed);
        // Nobody waits for the result any more.
        let _ = self.join();
    }

    /// What stops this movie from elsewhere.
    ///
    /// ```
    /// # use framemill::{Container, Error, FrameRate, FrameView, Memory, Output, VideoWriter};
    /// # let output = Output::memory(&Memory::new(), Container::Mp4);
    /// let mut video = VideoWriter::builder(output, 16, 16, FrameRate::new(30, 1)).create()?;
    /// video.write(&FrameView::gray(&[0; 256], 16, 16)?)?;
    /// video.stop_token().stop();
    /// assert!(matches!(video.finish(), Err(Error::Stopped)));
    /// # Ok::<(), framemill::Error>(())
    /// ```
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        self.shared.stop.clone()
    }

    fn check_frame(&mut self, frame: FrameLayout) -> Result<()> {
        self.check_alive()?;
        let (expected_width, expected_height) = (self.settings.width, self.settings.height);
        self.settings.check_depth(self.timeline.frames(), frame.format)?;
        self.settings.check_chroma(self.timeline.frames(), &frame)?;
        if let Some(SegmentLength { frames, .. }) = self.segment
            && self.timeline.frames() >= frames
        {
            return Err(InvalidFrame::BeyondSegment { frames }.into());
        }
        let scaled = self.settings.scale.is_some();
        if scaled || (frame.width, frame.height) == (expected_width, expected_height) {
            return Ok(());
        }
        Err(InvalidFrame::OtherSize {
            index: self.timeline.frames(),
            width: frame.width,
            height: frame.height,
            expected_width,
            expected_height,
        }
        .into())
    }

    fn check_alive(&self) -> Result<()> {
        match &self.failure {
            Some(cause) => Err(Error::FailedEarlier { cause: cause.clone() }),
            None => Ok(()),
        }
    }

    fn encode(&mut self, picture: &mut dyn Strips, pts: i64) -> Result<()> {
        if self.is_after_sound(pts) {
            self.frames_left_out += 1;
            return Ok(());
        }
        let produced = self.producer.produce(picture, pts);
        let frame = produced.inspect_err(|error| {
            // All other errors are the picture's, of which nothing was written.
            if matches!(error, Error::Libav(_)) {
                self.failure = Some(error.with_causes());
            }
        })?;
        let converting = frame.converting;
        let started = Instant::now();
        self.send(Job::Frame(frame))?;
        let waiting = started.elapsed();
        self.timeline.accept(pts);
        self.reach_sound();
        self.shared.with_stats(|stats| {
            stats.frames = self.timeline.frames();
            stats.duplicates = self.producer.duplicates;
            stats.stages.converting += converting;
            stats.stages.waiting += waiting;
        });
        Ok(())
    }

    /// Hands a job to the encoding thread. Where that has ended, it failed, and its error is this call's.
    fn send(&mut self, job: Job) -> Result<()> {
        let sent = self.thread.as_ref().is_some_and(|thread| thread.jobs.send(job).is_ok());
        if sent { Ok(()) } else { self.join().map(drop) }
    }

    /// Waits for the encoding thread; gives the movie's size in bytes.
    fn join(&mut self) -> Result<u64> {
        let Some(EncodeThread { jobs, handle }) = self.thread.take() else {
            return Err(Error::FailedEarlier { cause: self.failure.clone().unwrap_or_default() });
        };
        drop(jobs);
        let result = handle.join().unwrap_or_else(|panic| {
            let message = crate::av::panic_message(&*panic);
            Err(Error::Panicked { what: "encoding thread", message })
        });
        if let Err(error) = &result {
            self.failure = Some(error.with_causes());
        }
        result
    }

    fn break_off(&mut self) -> Result<Option<PathBuf>> {
        if self.thread.is_none() {
            return Ok(None);
        }
        let ended = self.send(Job::Leave { end: self.timeline.end() }).and_then(|()| self.join());
        match ended {
            Err(Error::Interrupted { part_file, cause }) if matches!(*cause, Error::Unfinished) => {
                Ok(Some(part_file))
            }
            Ok(_) | Err(Error::Unfinished) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for VideoWriter {
    fn drop(&mut self) {
        match self.break_off() {
            Ok(Some(part)) => {
                tracing::warn!("a movie was not finished; what was encoded is in {}", part.display());
            }
            Ok(None) => {}
            Err(error) => tracing::warn!("a movie was not finished: {}", error.with_causes()),
        }
    }
}

impl fmt::Debug for VideoWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoWriter")
            .field("settings", &self.settings)
            .field("container", &self.container)
            .field("frames", &self.timeline.frames())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
