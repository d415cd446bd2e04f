//! The thread that encodes and muxes: jobs come in, packets get their times, the movie ends one way or another.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Shared;
use crate::av::{Encoder, Frame, Packet, panic_message};
use crate::error::{Error, LibavError, Result};
use crate::output::Movie;
use crate::settings::{Codec, Settings};
use crate::stats::PacketStats;
use crate::time::TimeBase;

/// Frames that wait for the encoder at most: enough to ride out a slow one, few enough to be cheap.
const QUEUE_FRAMES: usize = 4;

/// MPEG-4 Part 2 has 16 bits for the ticks of a second.
const MAX_MPEG4_TICKS: u32 = 65_535;

/// Something to do.
pub(super) enum Job {
    /// Encode a frame that is shown at `pts`.
    Frame { frame: Frame, pts: i64 },
    /// Call this with each packet's statistics.
    OnPacket(PacketCallback),
    /// End the movie, whose last frame is shown until `end`.
    Finish { end: i64 },
}

type PacketCallback = Box<dyn FnMut(&PacketStats) + Send>;

/// In what the encoder counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// As the movie does: x264's rate control weighs frames by how long they last, and it reorders them.
    Presentation,
    /// By frames: the other encoders keep the order of frames, and some know coarse time bases only.
    Frames,
}

impl Clock {
    /// The clock for a codec, and its time base, in a movie of `time_base`.
    pub(super) fn of(settings: &Settings, time_base: TimeBase) -> (Self, TimeBase) {
        if matches!(settings.codec, Codec::H264(_) | Codec::H264Rgb(_)) {
            return (Self::Presentation, time_base);
        }
        let mut frame = settings.frame_rate.frame_time_base();
        if frame.denominator > MAX_MPEG4_TICKS {
            // The container keeps the exact rate; the stream's own copy of it is only near.
            let ticks = u64::from(frame.numerator) * u64::from(MAX_MPEG4_TICKS);
            frame.numerator = (ticks / u64::from(frame.denominator)).max(1) as u32;
            frame.denominator = MAX_MPEG4_TICKS;
        }
        (Self::Frames, frame)
    }
}

/// Starts the thread. It ends after `Job::Finish`, after a failure, or when the sender is dropped.
pub(super) fn spawn(
    encoder: Encoder,
    movie: Movie,
    time_base: TimeBase,
    clock: Clock,
    shared: Arc<Shared>,
) -> io::Result<(Sender<Job>, JoinHandle<Result<u64>>)> {
    let (sender, jobs) = bounded(QUEUE_FRAMES);
    let work = Work {
        encoder,
        movie,
        time_base,
        clock,
        shared,
        callback: None,
        shown: VecDeque::new(),
        waiting: VecDeque::new(),
        frames: 0,
    };
    let handle = thread::Builder::new().name("framemill-encode".to_owned()).spawn(move || work.run(&jobs))?;
    Ok((sender, handle))
}

struct Work {
    encoder: Encoder,
    movie: Movie,
    time_base: TimeBase,
    clock: Clock,
    shared: Arc<Shared>,
    callback: Option<PacketCallback>,
    /// Frames whose packets are not muxed, in the order of showing.
    shown: VecDeque<Shown>,
    /// Packets whose frames' durations may not be known yet, in the order of decoding.
    waiting: VecDeque<Packet>,
    frames: u64,
}

/// When a frame is shown.
struct Shown {
    index: u64,
    /// What the encoder calls its time.
    encoder_ticks: i64,
    pts: i64,
    /// Known when the next frame, or the end, is.
    duration: Option<i64>,
}

impl Work {
    fn run(mut self, jobs: &Receiver<Job>) -> Result<u64> {
        for job in jobs {
            if self.shared.aborted.load(Ordering::Relaxed) {
                break;
            }
            let done = match job {
                Job::Frame { frame, pts } => self.encode(frame, pts).map(|()| false),
                Job::OnPacket(callback) => {
                    self.callback = Some(callback);
                    Ok(false)
                }
                Job::Finish { end } => self.drain(end).map(|()| true),
            };
            match done {
                Ok(false) => {}
                Ok(true) => return self.finish(),
                Err(error) => return Err(self.movie.fail(error)),
            }
        }
        self.movie.discard();
        Ok(0)
    }

    fn finish(self) -> Result<u64> {
        let Self { encoder, movie, .. } = self;
        // The encoder's memory is free for what finishing the file takes.
        drop(encoder);
        movie.finish()
    }

    fn encode(&mut self, frame: Frame, pts: i64) -> Result<()> {
        self.end_last_frame(pts);
        let index = self.frames;
        let encoder_ticks = match self.clock {
            Clock::Presentation => pts,
            Clock::Frames => index as i64,
        };
        self.shown.push_back(Shown { index, encoder_ticks, pts, duration: None });
        self.frames += 1;
        self.encoder.send(frame, encoder_ticks)?;
        self.receive_packets()
    }

    fn drain(&mut self, end: i64) -> Result<()> {
        self.end_last_frame(end);
        self.encoder.send_end()?;
        self.receive_packets()?;
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
        while let Some(packet) = self.encoder.receive()? {
            self.waiting.push_back(packet);
        }
        self.mux_packets()
    }

    /// Muxes the packets whose times are all known.
    fn mux_packets(&mut self) -> Result<()> {
        while let Some(packet) = self.waiting.pop_front() {
            let position = self.shown.iter().position(|frame| Some(frame.encoder_ticks) == packet.pts());
            let Some(position) = position else {
                return Err(lost_frames(1).into());
            };
            match self.shown[position].duration {
                Some(duration) => {
                    let frame = self.shown.remove(position);
                    if let Some(frame) = frame {
                        self.mux(packet, &frame, duration)?;
                    }
                }
                None => {
                    self.waiting.push_front(packet);
                    break;
                }
            }
        }
        Ok(())
    }

    fn mux(&mut self, mut packet: Packet, frame: &Shown, duration: i64) -> Result<()> {
        let dts = match self.clock {
            Clock::Presentation => packet.dts().unwrap_or(frame.pts),
            Clock::Frames => frame.pts,
        };
        packet.set_times(frame.pts, dts, duration);
        let quality = packet.quality();
        let stats = PacketStats {
            index: frame.index,
            pts: self.time_base.at(frame.pts),
            dts: self.time_base.at(dts),
            duration: self.time_base.at(duration),
            bytes: packet.bytes(),
            keyframe: packet.is_keyframe(),
            picture_type: quality.map(|(picture_type, _)| picture_type),
            qp: quality.and_then(|(_, qp)| qp),
        };
        let shown_for = Duration::try_from_secs_f64(stats.duration.as_secs_f64()).unwrap_or_default();
        self.movie.write(packet, shown_for)?;
        self.shared.with_stats(|totals| totals.add(&stats));
        if let Some(callback) = &mut self.callback {
            catch_unwind(AssertUnwindSafe(|| callback(&stats)))
                .map_err(|panic| Error::Panicked { what: "packet callback", message: panic_message(&*panic) })?;
        }
        Ok(())
    }
}

/// Frames in are frames out; an encoder that breaks this must not go unnoticed.
fn lost_frames(frames: usize) -> LibavError {
    LibavError {
        operation: "match packets to frames".to_owned(),
        code: 0,
        message: format!("the encoder lost or added {frames} frames"),
        log_line: None,
        path: None,
    }
}
