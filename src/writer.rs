//! The writer of a movie, and the only orchestrator: the caller's thread converts frames, another thread encodes and
//! muxes, and a bounded queue of a few frames connects them.

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
use encode_thread::EncodeJob;
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
/// The complete movie appears at its path when [`finish`](Self::finish) succeeds. Until then it grows in a part file
/// beside it (`out.mp4.part`). If the run ends early, by an error, a panic or a killed process,
/// [`recover`](crate::recover()) makes a movie from the part file. Dropping a writer without finishing it publishes
/// nothing and keeps the part file, as [`leave`](Self::leave) does.
///
/// After an error in encoding or writing, every further call fails. After a rejected frame or time, the movie continues
/// ([`Error::leaves_movie_usable`]).
pub struct VideoWriter {
    settings: Settings,
    container: Container,
    producer: Producer,
    timeline: Timeline,
    /// The allowed length of the movie, if it is a segment of a plan.
    segment: Option<SegmentLength>,
    /// The movie's sound, if it has one.
    sound: Option<TrackFeed>,
    /// The number of frames left out because they come after the end of the sound that ends the movie.
    frames_left_out: u64,
    shared: Arc<Shared>,
    thread: Option<EncodeThread>,
    failure: Option<String>,
}

struct EncodeThread {
    jobs: Sender<EncodeJob>,
    handle: JoinHandle<Result<u64>>,
}

impl VideoWriter {
    /// Starts a builder for a movie of `width` × `height` pixels at `frame_rate`. The output is a path or any other
    /// [`Output`].
    #[must_use = "a builder does nothing until `create` is called"]
    pub fn builder(
        output: impl Into<Output>,
        width: u32,
        height: u32,
        frame_rate: FrameRate,
    ) -> VideoWriterBuilder {
        VideoWriterBuilder::new(output.into(), Settings::new(width, height, frame_rate))
    }

    /// Writes the next frame, one frame period after the previous one. Returns when it is converted; the pixels may
    /// then be overwritten. Waits if the encoder is more than a few frames behind.
    ///
    /// # Errors
    /// [`Error::Frame`] for a frame of another size, unless frames are [scaled](VideoWriterBuilder::scale). Otherwise
    /// the error of the encoder or the output since the last call.
    pub fn write(&mut self, frame: &FrameView<'_>) -> Result<()> {
        self.write_strips(&mut ViewStrips::new(*frame))
    }

    /// Writes the next frame as [`write`](Self::write) does, from a picture that arrives a few rows at a time. Each row
    /// is converted while it is in the processor's cache.
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
    /// As [`write`](Self::write), and the errors of `picture`; the movie then continues without the frame.
    pub fn write_strips(&mut self, picture: &mut dyn Strips) -> Result<()> {
        self.check_frame(picture.layout())?;
        let pts = self.timeline.next()?;
        self.encode(picture, pts)
    }

    /// Writes a frame that is shown from `time` until the next frame. Times count from the start of the movie, must
    /// increase, and are exact to 1/60000 s or better. The encoder's rate control assumes the constant frame rate, so
    /// an average bit rate only holds for frames that come at it.
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
    /// As [`write`](Self::write); [`Error::Time`] if `time` is not after the previous frame, or does not fit a
    /// container with a constant frame rate (AVI).
    pub fn write_at(&mut self, time: Duration, frame: &FrameView<'_>) -> Result<()> {
        self.write_strips_at(time, &mut ViewStrips::new(*frame))
    }

    /// Writes a frame that is shown from `time` as [`write_at`](Self::write_at) does, from a picture that arrives a few
    /// rows at a time.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at), and the errors of `picture`; the movie then continues without the frame.
    pub fn write_strips_at(&mut self, time: Duration, picture: &mut dyn Strips) -> Result<()> {
        self.check_frame(picture.layout())?;
        let pts = self.timeline.at(time)?;
        self.encode(picture, pts)
    }

    /// Shows the last frame for `duration` longer, which delays the next frame by as much.
    ///
    /// # Errors
    /// [`Error::Time`] before the first frame, and in a container with a constant frame rate (AVI).
    pub fn hold(&mut self, duration: Duration) -> Result<()> {
        self.check_alive()?;
        self.timeline.hold(duration)?;
        self.reach_sound();
        Ok(())
    }

    /// Calls `callback` with the statistics of each packet from now on, in decoding order. A
    /// [resumed](VideoWriterBuilder::resume) run first reports the packets that it keeps. The callback runs on the
    /// encoding thread, which waits for it. A panic in it fails the movie.
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
    /// The error of the encoder or the output since the last call.
    pub fn on_packet(&mut self, callback: impl FnMut(&PacketStats) + Send + 'static) -> Result<()> {
        self.check_alive()?;
        self.send(EncodeJob::OnPacket(Box::new(callback)))
    }

    /// Returns the statistics so far. Packets lag behind frames by the encoder's look-ahead. The call takes tens of
    /// microseconds.
    #[must_use]
    pub fn stats(&self) -> EncodeStats {
        self.monitor().stats()
    }

    /// Returns a view of the statistics that outlives the writer: for another thread, or to read them after the movie
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

    /// Returns the number of frames in the movie so far, including those of an interrupted run that it
    /// [resumes](VideoWriterBuilder::resume).
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.timeline.frames()
    }

    /// Returns the container of the movie.
    #[must_use]
    pub fn container(&self) -> Container {
        self.container
    }

    /// Returns the time base of the packets.
    #[must_use]
    pub fn time_base(&self) -> TimeBase {
        self.timeline.clock().0
    }

    /// Encodes the remaining frames, ends the movie, and publishes it at its path.
    ///
    /// # Errors
    /// [`Error::NoFrames`] if there are none; [`Error::ShortSegment`] for a segment of a [`Plan`] that does not have
    /// all its frames; otherwise the error of the encoder or the output. The destination is then unchanged.
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
        self.send(EncodeJob::Finish { end: self.timeline.end() })?;
        let file_bytes = self.join()?;
        self.shared.with_stats(|stats| {
            stats.file_bytes = file_bytes;
            // This is exact; the packets' durations are rounded down to nanoseconds.
            stats.duration = self.timeline.length();
            self.shared.clock(stats);
            if let Some(audio) = &mut stats.audio {
                self.complete_audio(audio);
            }
        });
        Ok(self.stats())
    }

    /// Encodes the remaining frames, publishes nothing, and keeps the part file for [`recover`](crate::recover()), as
    /// dropping the writer does. Returns the path of the part file; `None` if no frame was encoded, or if the output is
    /// not a file.
    ///
    /// If one process starts several runs with one output path and they end early, the newest part file and the one with
    /// the most frames stay. A run that finishes removes part files that do not have more frames than its own movie.
    ///
    /// # Errors
    /// The error of the encoder or the output, now or since the last call. It names the part file, if there is one
    /// ([`Error::Interrupted`]).
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

    /// Stops at once, and removes everything that was written.
    pub fn abort(mut self) {
        self.shared.aborted.store(true, Ordering::Relaxed);
        // Nothing uses the result any more.
        let _ = self.join();
    }

    /// Returns a token that stops this movie from another thread.
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
        self.settings.check_chroma(self.container(), self.timeline.frames(), &frame)?;
        self.settings.check_matrix(self.container, frame.format)?;
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
            self.timeline.leave_out(pts);
            return Ok(());
        }
        let produced = self.producer.produce(picture, pts);
        let frame = produced.inspect_err(|error| {
            // All other errors come from the picture, of which nothing was written.
            if matches!(error, Error::Libav(_)) {
                self.failure = Some(error.with_causes());
            }
        })?;
        let converting = frame.converting;
        let started = Instant::now();
        self.send(EncodeJob::Frame(frame))?;
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

    /// Sends a job to the encoding thread. If that thread has ended, it failed, and this call returns its error.
    fn send(&mut self, job: EncodeJob) -> Result<()> {
        let sent = self.thread.as_ref().is_some_and(|thread| thread.jobs.send(job).is_ok());
        if sent { Ok(()) } else { self.join().map(drop) }
    }

    /// Waits for the encoding thread, and returns the movie's size in bytes.
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
        let ended = self.send(EncodeJob::Leave { end: self.timeline.end() }).and_then(|()| self.join());
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
                tracing::warn!("a movie was not finished; the encoded frames are in {}", part.display());
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
