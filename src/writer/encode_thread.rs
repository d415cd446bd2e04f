//! The thread that encodes and muxes: it receives jobs, sets the times of packets, and ends the movie.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use super::recorder::{PacketCallback, Recorder};
use super::{EncodeThread, Shared};
use crate::av::SharedFrame;
use crate::encode::{Encoding, MovieClock, NumberedPacket, PacketTimes, lost_frames};
use crate::error::{Error, Result};
use crate::output::{Finished, Interrupted, Kept, Movie, Published, ResumedPacket};
use crate::stats::{FrameTimes, PacketStats};
use crate::track::Track;

/// The memory that frames may take while they wait for the encoder, and the fewest and most frames. Many small frames
/// may wait: programs that draw them pause now and then, and the encoder continues meanwhile.
const QUEUE_BYTES: usize = 8 << 20;
const QUEUE_FRAMES: RangeInclusive<usize> = 2..=16;

/// Returns how many frames of this size may wait for the encoder.
pub(super) fn queue_frames(frame_bytes: usize) -> usize {
    (QUEUE_BYTES / frame_bytes.max(1)).clamp(*QUEUE_FRAMES.start(), *QUEUE_FRAMES.end())
}

/// A job for the thread.
pub(super) enum EncodeJob {
    /// Encode a frame.
    Frame(NewFrame),
    /// Call this callback with each packet's statistics.
    OnPacket(PacketCallback),
    /// End the movie, whose last frame is shown until `end`, and publish it.
    Finish { end: i64 },
    /// End the movie, whose last frame is shown until `end`, and publish nothing.
    Leave { end: i64 },
}

/// A frame for the encoder.
pub(super) struct NewFrame {
    pub(super) frame: SharedFrame,
    /// The time at which it is shown.
    pub(super) pts: i64,
    /// How long its conversion took.
    pub(super) converting: Duration,
    /// When it was ready.
    pub(super) converted: Instant,
}

/// Starts the thread. It ends after `EncodeJob::Finish`, after a failure, or when the sender is dropped.
pub(super) fn spawn(work: Work, queue_frames: usize) -> Result<EncodeThread> {
    spawn_for_jobs(queue_frames, move |jobs| work.run(jobs))
}

/// Starts a thread that runs `work` on the jobs that are sent to it.
pub(super) fn spawn_for_jobs(
    queue_frames: usize,
    work: impl FnOnce(&Receiver<EncodeJob>) -> Result<u64> + Send + 'static,
) -> Result<EncodeThread> {
    let (sender, jobs) = bounded(queue_frames);
    let thread = thread::Builder::new().name("framemill-encode".to_owned()).spawn(move || work(&jobs));
    let handle = thread.map_err(|source| Error::io("start a thread", None, source))?;
    Ok(EncodeThread { jobs: sender, handle })
}

/// An encoder, the movie that receives its packets, and the recorder of their statistics.
pub(super) struct Work {
    encoding: Encoding,
    times: PacketTimes,
    movie: Movie,
    clock: MovieClock,
    shared: Arc<Shared>,
    recorder: Recorder,
    /// The measurements of the frames whose packets are not muxed yet, in presentation order.
    frames: VecDeque<FrameHistory>,
    /// Packets whose durations may not be known yet, in decoding order.
    waiting: VecDeque<WaitingPacket>,
}

/// A packet, and when the encoder returned it.
struct WaitingPacket {
    packet: NumberedPacket,
    at: Instant,
}

/// The measurements of a frame before the encoder took it.
struct FrameHistory {
    index: i64,
    converting: Duration,
    converted: Instant,
    taken: Instant,
}

impl Work {
    pub(super) fn new(
        encoding: Encoding,
        movie: Movie,
        clock: MovieClock,
        shared: Arc<Shared>,
        recorder: Recorder,
    ) -> Self {
        let (frames, waiting) = (VecDeque::new(), VecDeque::new());
        let times = PacketTimes::new(clock);
        Self { encoding, times, movie, clock, shared, recorder, frames, waiting }
    }

    /// Begins the movie with the frames of an interrupted run.
    pub(super) fn keep(mut self, interrupted: &Interrupted) -> Result<Self> {
        // On failure, dropping the movie removes what was written. The frames remain in the interrupted run's part
        // file.
        interrupted.each(|kept| self.keep_packet(kept))?;
        interrupted.adopt();
        Ok(self)
    }

    fn keep_packet(&mut self, kept: ResumedPacket) -> Result<()> {
        let ResumedPacket { mut packet, shown, dts, picture_type } = kept;
        let MovieClock { time_base, frame_ticks, .. } = self.clock;
        let pts = shown * frame_ticks;
        packet.set_times(pts, dts, frame_ticks);
        let keyframe = packet.is_keyframe();
        let shown_for = time_base.at(frame_ticks);
        let seconds = Duration::try_from_secs_f64(shown_for.as_secs_f64()).unwrap_or_default();
        let bytes = self.movie.write(packet, seconds)?;
        self.times.keep(dts);
        self.recorder.keep(PacketStats {
            index: shown as u64,
            pts: time_base.at(pts),
            dts: time_base.at(dts),
            duration: shown_for,
            bytes,
            second_bytes: 0,
            keyframe,
            picture_type,
            qp: None,
            times: FrameTimes::default(),
            quality: None,
        });
        Ok(())
    }

    /// Calls `callback` with the statistics of each packet from now on, and those of an earlier run.
    pub(super) fn on_packet(&mut self, callback: PacketCallback) -> Result<()> {
        self.recorder.on_packet(callback)
    }

    fn run(mut self, jobs: &Receiver<EncodeJob>) -> Result<u64> {
        for job in jobs {
            if self.shared.aborted.load(Ordering::Relaxed) {
                break;
            }
            let done = match job {
                EncodeJob::Frame(frame) => {
                    let end = frame.pts + self.clock.frame_ticks;
                    let encoded = self.shared.stop.check().and_then(|()| self.encode(frame));
                    encoded.and_then(|()| self.check_sound(end))
                }
                EncodeJob::OnPacket(callback) => self.on_packet(callback),
                EncodeJob::Finish { end } => match self.drain(end) {
                    Ok(()) => return self.finish(end),
                    Err(error) => Err(error),
                },
                EncodeJob::Leave { end } => return Err(self.leave(end)),
            };
            if let Err(error) = done {
                return Err(self.fail(error));
            }
        }
        // The movie was aborted: dropping it removes it.
        Ok(0)
    }

    /// Returns the error of the sound, if it has failed. All frames up to `end` are then in the movie.
    fn check_sound(&mut self, end: i64) -> Result<()> {
        let Err(cause) = self.movie.check_sound() else { return Ok(()) };
        // If this fails too, fewer frames are kept, and the first error remains the cause.
        let _ = self.drain(end);
        Err(cause)
    }

    /// Ends the movie, whose last frame is shown until `end`, publishes it, and returns its size in bytes.
    pub(super) fn finish(self, end: i64) -> Result<u64> {
        let shared = Arc::clone(&self.shared);
        let end = self.clock.time_base.at(end);
        let Published { bytes, audio } = self.end_with(|movie| movie.finish(end))?;
        shared.with_stats(|stats| stats.audio = audio);
        Ok(bytes)
    }

    /// Ends the movie, with `track` as its sound, without publishing it.
    pub(super) fn finish_unpublished(self, track: Option<&mut Track>) -> Result<Finished> {
        self.end_with(|movie| movie.finish_unpublished(track))
    }

    fn end_with<R>(self, end: impl FnOnce(Movie) -> Result<R>) -> Result<R> {
        let Self { encoding, movie, recorder, shared, .. } = self;
        let started = Instant::now();
        // This frees the encoder's memory before the file is finished, which needs memory too.
        recorder.report(encoding.close());
        let ended = end(movie);
        shared.with_stats(|totals| totals.stages.finishing += started.elapsed());
        ended
    }

    /// Encodes the remaining frames, and keeps the movie where it can be recovered.
    pub(super) fn leave(mut self, end: i64) -> Error {
        match self.drain(end) {
            Ok(()) => self.movie.leave(Error::Unfinished),
            Err(error) => self.fail(error),
        }
    }

    /// Ends the movie so that another one can be made from it.
    pub(super) fn into_kept(self) -> Result<Kept> {
        let Self { encoding, movie, .. } = self;
        drop(encoding);
        movie.into_kept()
    }

    /// Ends the movie as it is, because of `cause`.
    pub(super) fn fail(self, cause: Error) -> Error {
        self.movie.fail(cause)
    }

    /// Encodes a frame.
    pub(super) fn encode(&mut self, new: NewFrame) -> Result<()> {
        let NewFrame { frame, pts, converting, converted } = new;
        if self.times.end_last(pts) {
            self.renew_encoder()?;
        }
        let index = self.times.add(pts);
        self.measured(|recorder| recorder.frame(&frame))?;
        self.frames.push_back(FrameHistory { index, converting, converted, taken: Instant::now() });
        self.work_encoder(|encoding| encoding.send(frame))?;
        self.receive_packets()
    }

    /// Ends the encoder, so that no later frame is decoded at the time of an earlier one.
    fn renew_encoder(&mut self) -> Result<()> {
        self.work_encoder(Encoding::send_end)?;
        self.receive_packets()?;
        let reports = self.work_encoder(Encoding::renew)?;
        self.recorder.report(reports);
        self.times.restart();
        Ok(())
    }

    /// Runs `work` on the encoder, and counts the time that it takes.
    fn work_encoder<R>(&mut self, work: impl FnOnce(&mut Encoding) -> R) -> R {
        let started = Instant::now();
        let result = work(&mut self.encoding);
        let busy = self.encoding.take_busy().unwrap_or_else(|| started.elapsed());
        self.shared.with_stats(|totals| totals.stages.encoding += busy);
        result
    }

    /// Runs `give` on the recorder, and counts the time in which the measuring thread was not ready.
    fn measured<R>(&mut self, give: impl FnOnce(&mut Recorder) -> R) -> R {
        if !self.recorder.measures() {
            return give(&mut self.recorder);
        }
        let started = Instant::now();
        let result = give(&mut self.recorder);
        self.shared.with_stats(|totals| totals.stages.measuring += started.elapsed());
        result
    }

    /// Encodes the frames that the encoder still holds. The last frame is shown until `end`.
    pub(super) fn drain(&mut self, end: i64) -> Result<()> {
        self.times.complete(end);
        self.work_encoder(Encoding::send_end)?;
        self.receive_packets()?;
        self.measured(Recorder::end)?;
        if self.waiting.is_empty() && self.times.missing() == 0 {
            return Ok(());
        }
        Err(lost_frames(self.times.missing()).into())
    }

    fn receive_packets(&mut self) -> Result<()> {
        while let Some(packet) = self.work_encoder(Encoding::receive)? {
            self.shared.stop.check()?;
            let at = Instant::now();
            self.measured(|recorder| recorder.encoded(&packet.packet))?;
            self.waiting.push_back(WaitingPacket { packet, at });
        }
        self.mux_packets()
    }

    /// Muxes the packets whose times are all known.
    fn mux_packets(&mut self) -> Result<()> {
        while let Some(encoded) = self.waiting.front() {
            match self.times.is_known(encoded.packet.shown) {
                None => return Err(lost_frames(1).into()),
                Some(false) => return Ok(()),
                Some(true) => {
                    if let Some(encoded) = self.waiting.pop_front() {
                        self.mux(encoded)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn mux(&mut self, encoded: WaitingPacket) -> Result<()> {
        let WaitingPacket { packet: NumberedPacket { mut packet, shown, decoded }, at } = encoded;
        let times = self.times.take(shown, decoded).ok_or_else(|| lost_frames(1))?;
        let frame = self.frames.iter().position(|frame| frame.index == shown);
        let frame = frame.and_then(|place| self.frames.remove(place)).ok_or_else(|| lost_frames(1))?;
        packet.set_times(times.pts, times.dts, times.duration);
        let (picture_type, qp, keyframe) = (packet.picture_type(), packet.qp, packet.is_keyframe());
        let shown_for = self.clock.time_base.at(times.duration);
        let seconds = Duration::try_from_secs_f64(shown_for.as_secs_f64()).unwrap_or_default();
        let started = Instant::now();
        let bytes = match self.times.have_ended() {
            true => self.movie.write_last(packet, seconds)?,
            false => self.movie.write(packet, seconds)?,
        };
        let muxing = started.elapsed();
        self.shared.with_stats(|totals| totals.stages.muxing += muxing);
        self.recorder.muxed(PacketStats {
            index: shown as u64,
            pts: self.clock.time_base.at(times.pts),
            dts: self.clock.time_base.at(times.dts),
            duration: shown_for,
            bytes,
            second_bytes: 0,
            keyframe,
            picture_type,
            qp,
            times: FrameTimes {
                converting: frame.converting,
                waiting: frame.taken - frame.converted,
                encoding: at - frame.taken,
                muxing,
            },
            quality: None,
        })
    }
}
