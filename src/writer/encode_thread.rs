//! The thread that encodes and muxes: jobs come in, packets get their times, the movie ends one way or another.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use super::teller::{PacketCallback, Teller};
use super::{EncodeThread, Shared};
use crate::av::{Encoder, Packet, SharedFrame};
use crate::error::{Error, LibavError, Result};
use crate::output::{Finished, Kept, Movie};
use crate::stats::{FrameTimes, PacketStats};
use crate::time::TimeBase;

/// The memory that frames may take while they wait for the encoder, and how many they are at least and at most. Small
/// frames may be many: programs that draw them pause now and then, and the encoder goes on meanwhile.
const QUEUE_BYTES: usize = 8 << 20;
const QUEUE_FRAMES: RangeInclusive<usize> = 2..=16;

/// How many frames of this size may wait for the encoder.
pub(super) fn queue_frames(frame_bytes: usize) -> usize {
    (QUEUE_BYTES / frame_bytes.max(1)).clamp(*QUEUE_FRAMES.start(), *QUEUE_FRAMES.end())
}

/// Something to do.
pub(super) enum Job {
    /// Encode a frame.
    Frame(NewFrame),
    /// Call this with each packet's statistics.
    OnPacket(PacketCallback),
    /// End the movie, whose last frame is shown until `end`, and publish it.
    Finish { end: i64 },
    /// End it likewise, and publish nothing.
    Leave { end: i64 },
}

/// A frame for the encoder.
pub(super) struct NewFrame {
    pub(super) frame: SharedFrame,
    /// When it is shown.
    pub(super) pts: i64,
    /// How long its conversion took.
    pub(super) converting: Duration,
    /// When it was there.
    pub(super) converted: Instant,
}

/// Starts the thread. It ends after `Job::Finish`, after a failure, or when the sender is dropped.
pub(super) fn spawn(work: Work, queue_frames: usize) -> Result<EncodeThread> {
    spawn_for_jobs(queue_frames, move |jobs| work.run(jobs))
}

/// Starts a thread that runs `work` on what is sent to it.
pub(super) fn spawn_for_jobs(
    queue_frames: usize,
    work: impl FnOnce(&Receiver<Job>) -> Result<u64> + Send + 'static,
) -> Result<EncodeThread> {
    let (sender, jobs) = bounded(queue_frames);
    let thread = thread::Builder::new().name("framemill-encode".to_owned()).spawn(move || work(&jobs));
    let handle = thread.map_err(|source| Error::io("start a thread", None, source))?;
    Ok(EncodeThread { jobs: sender, handle })
}

/// An encoder, the movie that its packets go to, and their times.
pub(super) struct Work {
    encoder: Encoder,
    movie: Movie,
    clock: MovieClock,
    shared: Arc<Shared>,
    teller: Teller,
    /// Frames that went in. The encoder counts time by them: the movie's own times, which may vary, are put on its
    /// packets here.
    frames: u64,
    /// Frames whose packets are not muxed, in the order of showing.
    shown: VecDeque<Shown>,
    /// When frames are shown, from the one on at whose time the next packet is decoded.
    decoded: VecDeque<(i64, i64)>,
    /// Packets whose frames' durations may not be known yet, in the order of decoding.
    waiting: VecDeque<Encoded>,
}

/// A packet, and when it came out of the encoder.
struct Encoded {
    packet: Packet,
    at: Instant,
}

/// In what the movie counts time.
#[derive(Clone, Copy, Debug)]
pub(super) struct MovieClock {
    pub(super) time_base: TimeBase,
    /// Ticks of a frame period.
    pub(super) frame_ticks: i64,
}

/// When a frame is shown, and what it went through until the encoder took it.
struct Shown {
    index: i64,
    pts: i64,
    converting: Duration,
    converted: Instant,
    taken: Instant,
    /// Known when the next frame, or the end, is.
    duration: Option<i64>,
}

impl Work {
    pub(super) fn new(
        encoder: Encoder,
        movie: Movie,
        clock: MovieClock,
        shared: Arc<Shared>,
        teller: Teller,
    ) -> Self {
        Self {
            encoder,
            movie,
            clock,
            shared,
            teller,
            frames: 0,
            shown: VecDeque::new(),
            decoded: VecDeque::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Calls this with each packet's statistics from now on.
    pub(super) fn on_packet(&mut self, callback: PacketCallback) {
        self.teller.on_packet(callback);
    }

    fn run(mut self, jobs: &Receiver<Job>) -> Result<u64> {
        for job in jobs {
            if self.shared.aborted.load(Ordering::Relaxed) {
                break;
            }
            let done = match job {
                Job::Frame(frame) => self.shared.stop.check().and_then(|()| self.encode(frame)),
                Job::OnPacket(callback) => {
                    self.on_packet(callback);
                    Ok(())
                }
                Job::Finish { end } => match self.drain(end) {
                    Ok(()) => return self.finish(),
                    Err(error) => Err(error),
                },
                Job::Leave { end } => return Err(self.leave(end)),
            };
            if let Err(error) = done {
                return Err(self.fail(error));
            }
        }
        // Aborted: dropping the movie throws it away.
        Ok(0)
    }

    /// Ends the movie and publishes it; gives its size in bytes.
    pub(super) fn finish(self) -> Result<u64> {
        self.end_with(Movie::finish)
    }

    /// Ends the movie and publishes nothing yet.
    pub(super) fn finish_apart(self) -> Result<Finished> {
        self.end_with(Movie::finish_apart)
    }

    fn end_with<R>(self, end: impl FnOnce(Movie) -> Result<R>) -> Result<R> {
        let Self { encoder, movie, teller, shared, .. } = self;
        let started = Instant::now();
        // Its memory is free then for what finishing the file takes.
        teller.report(encoder.close());
        let ended = end(movie);
        shared.with_stats(|totals| totals.stages.finishing += started.elapsed());
        ended
    }

    /// Encodes what is left, and leaves the movie where it can be recovered.
    pub(super) fn leave(mut self, end: i64) -> Error {
        match self.drain(end) {
            Ok(()) => self.movie.leave(Error::Unfinished),
            Err(error) => self.fail(error),
        }
    }

    /// Ends the movie, to make another one from it.
    pub(super) fn into_kept(self) -> Result<Kept> {
        let Self { encoder, movie, .. } = self;
        drop(encoder);
        movie.into_kept()
    }

    /// Ends the movie where it is, because of `cause`.
    pub(super) fn fail(self, cause: Error) -> Error {
        self.movie.fail(cause)
    }

    /// Encodes a frame.
    pub(super) fn encode(&mut self, new: NewFrame) -> Result<()> {
        let NewFrame { frame, pts, converting, converted } = new;
        self.end_last_frame(pts);
        let index = self.frames as i64;
        self.frames += 1;
        self.measured(|teller| teller.frame(&frame))?;
        let taken = Instant::now();
        self.shown.push_back(Shown { index, pts, converting, converted, taken, duration: None });
        self.decoded.push_back((index, pts));
        self.work_encoder(|encoder| encoder.send(frame, index))?;
        self.receive_packets()
    }

    /// Lets the encoder do something, and counts the time that it takes.
    fn work_encoder<R>(&mut self, work: impl FnOnce(&mut Encoder) -> R) -> R {
        let started = Instant::now();
        let result = work(&mut self.encoder);
        self.shared.with_stats(|totals| totals.stages.encoding += started.elapsed());
        result
    }

    /// Gives the measuring thread something to do, and counts the time in which it was not ready for it.
    fn measured<R>(&mut self, give: impl FnOnce(&mut Teller) -> R) -> R {
        if !self.teller.measures() {
            return give(&mut self.teller);
        }
        let started = Instant::now();
        let result = give(&mut self.teller);
        self.shared.with_stats(|totals| totals.stages.measuring += started.elapsed());
        result
    }

    /// Encodes what the encoder still holds; the last frame is shown until `end`.
    pub(super) fn drain(&mut self, end: i64) -> Result<()> {
        self.end_last_frame(end);
        self.work_encoder(Encoder::send_end)?;
        self.receive_packets()?;
        self.measured(Teller::end)?;
        if self.waiting.is_empty() && self.shown.is_empty() {
            return Ok(());
        }
        Err(lost_frames(self.shown.len()).into())
    }

    fn end_last_frame(&mut self, end: i64) {
        if let Some(last) = self.shown.back_mut() {
            last.duration = Some(end - last.pts);
        }
    }

    fn receive_packets(&mut self) -> Result<()> {
        while let Some(packet) = self.work_encoder(Encoder::receive)? {
            let at = Instant::now();
            self.measured(|teller| teller.encoded(&packet))?;
            self.waiting.push_back(Encoded { packet, at });
        }
        self.mux_packets()
    }

    /// Muxes the packets whose times are all known.
    fn mux_packets(&mut self) -> Result<()> {
        while let Some(encoded) = self.waiting.pop_front() {
            let position = self.shown.iter().position(|frame| Some(frame.index) == encoded.packet.pts());
            let Some(position) = position else {
                return Err(lost_frames(1).into());
            };
            match self.shown[position].duration {
                Some(duration) => {
                    let frame = self.shown.remove(position);
                    if let Some(frame) = frame {
                        self.mux(encoded, &frame, duration)?;
                    }
                }
                None => {
                    self.waiting.push_front(encoded);
                    break;
                }
            }
        }
        Ok(())
    }

    /// The time for which the encoder says `index`: that of the frame with this number. What is decoded before the
    /// movie starts keeps a frame period's distance.
    fn decoding_time(&mut self, index: i64) -> i64 {
        while self.decoded.front().is_some_and(|(earlier, _)| *earlier < index) {
            self.decoded.pop_front();
        }
        match self.decoded.front() {
            Some((first, pts)) => pts - (first - index) * self.clock.frame_ticks,
            None => index * self.clock.frame_ticks,
        }
    }

    fn mux(&mut self, encoded: Encoded, frame: &Shown, duration: i64) -> Result<()> {
        let Encoded { mut packet, at } = encoded;
        let dts = self.decoding_time(packet.dts().unwrap_or(frame.index));
        packet.set_times(frame.pts, dts, duration);
        let (picture_type, qp, keyframe) = (packet.picture_type(), packet.qp, packet.is_keyframe());
        let shown_for = self.clock.time_base.at(duration);
        let seconds = Duration::try_from_secs_f64(shown_for.as_secs_f64()).unwrap_or_default();
        let started = Instant::now();
        let bytes = self.movie.write(packet, seconds)?;
        let muxing = started.elapsed();
        self.shared.with_stats(|totals| totals.stages.muxing += muxing);
        self.teller.muxed(PacketStats {
            index: frame.index as u64,
            pts: self.clock.time_base.at(frame.pts),
            dts: self.clock.time_base.at(dts),
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

/// Frames in are frames out; an encoder that breaks this must not go unnoticed.
fn lost_frames(frames: usize) -> LibavError {
    LibavError::unexpected("match packets to frames", format!("the encoder lost or added {frames} frames"))
}
