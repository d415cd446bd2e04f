//! Several encoders side by side: each encodes a segment, a run of frames that starts with a keyframe and refers to
//! nothing outside. Packets come out in the order in which one encoder after the other would give them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, unbounded};

use super::encoding::{NumberedPacket, OpenEncoder, numbered};
use crate::av::{Encoder, SharedFrame};
use crate::error::{Error, LibavError, Result};
use crate::stats::EncoderReport;

/// Encodes frames, which it counts, segment by segment.
pub(crate) struct SideBySide {
    workers: Vec<Worker>,
    segment_frames: usize,
    /// Frames that were sent.
    frames: i64,
    /// Frames that were sent of the segment that is being filled.
    filled: usize,
    /// The segment that is being filled.
    filling: usize,
    /// The segment whose packets come next.
    reading: usize,
    /// Whether all that was sent must come out before more is sent.
    is_ending: bool,
    reports: Vec<EncoderReport>,
    busy: Duration,
    is_abandoned: Arc<AtomicBool>,
}

/// A thread that encodes segments: with three threads, each third one.
struct Worker {
    /// `None` when no more frames will come.
    frames: Option<Sender<Given>>,
    packets: Receiver<Result<Made>>,
    thread: Option<JoinHandle<()>>,
}

enum Given {
    /// A frame, and its number in the movie.
    Frame(SharedFrame, i64),
    EndOfSegment,
}

enum Made {
    Packet(NumberedPacket),
    EndOfSegment { report: Option<Box<EncoderReport>>, busy: Duration },
}

impl SideBySide {
    /// Starts `jobs` threads, for each of which at most `waiting_frames` frames wait. The first segment is encoded by
    /// `first`, each other one by an encoder that `open` opens. The first frame has the number `first_frame`.
    pub(crate) fn start(
        first: Encoder,
        open: OpenEncoder,
        jobs: usize,
        segment_frames: usize,
        waiting_frames: usize,
        first_frame: i64,
    ) -> Result<Self> {
        let open = Arc::new(open);
        let is_abandoned = Arc::<AtomicBool>::default();
        let mut first = Some(first);
        let workers = (0..jobs.max(1))
            .map(|_| Worker::start(first.take(), Arc::clone(&open), waiting_frames, Arc::clone(&is_abandoned)));
        Ok(Self {
            workers: workers.collect::<Result<_>>()?,
            segment_frames,
            frames: first_frame,
            filled: 0,
            filling: 0,
            reading: 0,
            is_ending: false,
            reports: Vec::new(),
            busy: Duration::ZERO,
            is_abandoned,
        })
    }

    /// Encodes the next frame. Waits while the thread that it is for has a segment of frames to do.
    pub(crate) fn send(&mut self, frame: SharedFrame) -> Result<()> {
        if self.filled == self.segment_frames {
            self.end_segment()?;
        }
        let index = self.frames;
        self.give(Given::Frame(frame, index))?;
        self.frames += 1;
        self.filled += 1;
        Ok(())
    }

    /// Ends the segment that is being filled. All packets of what was sent can be received then.
    pub(crate) fn send_end(&mut self) -> Result<()> {
        if self.filled > 0 {
            self.end_segment()?;
        }
        self.is_ending = true;
        Ok(())
    }

    /// The next packet; `None` where it is not there yet, or, after the end, where there is none left.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        while !(self.is_ending && self.reading == self.filling) {
            let packets = &self.worker(self.reading).packets;
            let made = match self.is_ending {
                true => packets.recv().map_err(|_| died())?,
                false => match packets.try_recv() {
                    Err(TryRecvError::Empty) => return Ok(None),
                    made => made.map_err(|_| died())?,
                },
            };
            match made? {
                Made::Packet(packet) => return Ok(Some(packet)),
                Made::EndOfSegment { report, busy } => {
                    self.reports.extend(report.map(|report| *report));
                    self.busy += busy;
                    self.reading += 1;
                }
            }
        }
        Ok(None)
    }

    /// Goes on after the end with another segment.
    pub(crate) fn renew(&mut self) {
        self.is_ending = false;
    }

    /// What encoders reported at the ends of their segments, since this was called last.
    pub(crate) fn take_reports(&mut self) -> Vec<EncoderReport> {
        std::mem::take(&mut self.reports)
    }

    /// The time that encoders worked, in all, since this was called last.
    pub(crate) fn take_busy(&mut self) -> Duration {
        std::mem::take(&mut self.busy)
    }

    fn end_segment(&mut self) -> Result<()> {
        self.give(Given::EndOfSegment)?;
        self.filling += 1;
        self.filled = 0;
        Ok(())
    }

    fn give(&self, given: Given) -> Result<()> {
        let worker = self.worker(self.filling);
        let sent = worker.frames.as_ref().is_some_and(|frames| frames.send(given).is_ok());
        if sent {
            return Ok(());
        }
        // The thread has ended: it failed, and the reason is the last that it gave.
        Err(worker.packets.iter().find_map(Result::err).unwrap_or_else(died))
    }

    fn worker(&self, segment: usize) -> &Worker {
        &self.workers[segment % self.workers.len()]
    }
}

impl Drop for SideBySide {
    fn drop(&mut self) {
        self.is_abandoned.store(true, Ordering::Relaxed);
        for worker in &mut self.workers {
            worker.frames = None;
        }
        for worker in &mut self.workers {
            // A thread that panicked has nothing left to end.
            drop(worker.thread.take().map(JoinHandle::join));
        }
    }
}

impl Worker {
    fn start(
        first: Option<Encoder>,
        open: Arc<OpenEncoder>,
        waiting_frames: usize,
        is_abandoned: Arc<AtomicBool>,
    ) -> Result<Self> {
        let (frames, given) = bounded(waiting_frames);
        let (made, packets) = unbounded();
        let work = move || {
            let mut segments = Segments { next: first, open, busy: Duration::ZERO, current: None };
            for given in given {
                if is_abandoned.load(Ordering::Relaxed) {
                    return;
                }
                let done = segments.take(given, |packet| drop(made.send(Ok(packet))));
                if let Err(error) = done {
                    drop(made.send(Err(error)));
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("framemill-job".to_owned()).spawn(work);
        let thread = thread.map_err(|source| Error::io("start a thread", None, source))?;
        Ok(Self { frames: Some(frames), packets, thread: Some(thread) })
    }
}

/// What a thread does: one segment after the other.
struct Segments {
    /// An encoder that is open for the next segment.
    next: Option<Encoder>,
    open: Arc<OpenEncoder>,
    /// The time that the encoder of the segment worked.
    busy: Duration,
    /// The encoder of the segment, and its first frame's number.
    current: Option<(Encoder, i64)>,
}

impl Segments {
    fn take(&mut self, given: Given, mut made: impl FnMut(Made)) -> Result<()> {
        let started = Instant::now();
        let (encoder, first) = match (&mut self.current, &given) {
            (Some(current), _) => current,
            (None, Given::EndOfSegment) => return Ok(()),
            (current, Given::Frame(_, index)) => {
                let encoder = self.next.take().map_or_else(|| (self.open)(), Ok)?;
                current.insert((encoder, *index))
            }
        };
        let is_end = match given {
            Given::Frame(frame, index) => {
                encoder.send(frame, index - *first)?;
                false
            }
            Given::EndOfSegment => {
                encoder.send_end()?;
                true
            }
        };
        while let Some(packet) = encoder.receive()? {
            let NumberedPacket { packet, shown, decoded } = numbered(packet)?;
            made(Made::Packet(NumberedPacket { packet, shown: shown + *first, decoded: decoded + *first }));
        }
        self.busy += started.elapsed();
        if is_end {
            let report = self.current.take().and_then(|(encoder, _)| encoder.close()).map(Box::new);
            made(Made::EndOfSegment { report, busy: std::mem::take(&mut self.busy) });
        }
        Ok(())
    }
}

/// A thread ended without a reason, as after a panic.
fn died() -> Error {
    LibavError::unexpected("encode a segment", "its thread ended".to_owned()).into()
}
