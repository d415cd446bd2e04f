//! Several encoders side by side: each encodes a segment, a run of frames that starts with a keyframe and refers to
//! nothing outside. Packets come out in the order in which one encoder after the other would give them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, unbounded};

use super::encoding::{NumberedPacket, OpenEncoder, numbered};
use crate::av::{Encoder, SharedFrame, panic_message};
use crate::error::{Error, LibavError, Result};
use crate::stats::EncoderReport;

/// Encodes frames, which it counts, segment by segment.
pub(crate) struct SideBySide {
    /// Segments that no thread has taken yet; `None` when no more will come.
    segments: Option<Sender<SegmentWork>>,
    threads: Vec<JoinHandle<()>>,
    /// An encoder that is open for the first segment.
    first: Option<Encoder>,
    segment_frames: usize,
    /// Frames that were sent.
    frames: i64,
    /// The segment that is being filled: its frames go in here, and so many were sent.
    filling: Option<(Sender<Waiting>, usize)>,
    /// What is made of each segment, in order. The first is that whose packets come next.
    made: VecDeque<Receiver<Result<Made>>>,
    /// The most segments that may be in the making: more would wait in memory for a slow one before them.
    most_segments: usize,
    /// Packets that were taken out of `made` and not received yet.
    ready: VecDeque<NumberedPacket>,
    /// What comes behind them, where that is an error.
    failure: Option<Error>,
    slots: FrameSlots,
    /// Whether all that was sent must come out before more is sent.
    is_ending: bool,
    reports: Vec<EncoderReport>,
    busy: Duration,
    state: Arc<State>,
}

/// What the threads and their owner see.
#[derive(Default)]
struct State {
    /// Whether nobody wants the movie any more.
    is_abandoned: AtomicBool,
    /// Whether a thread failed: the reason comes in place of its segment's packets.
    has_failed: AtomicBool,
}

/// A segment to be encoded, whose frames may still come.
struct SegmentWork {
    /// An encoder that is open already.
    encoder: Option<Encoder>,
    frames: Receiver<Waiting>,
    made: Sender<Result<Made>>,
}

/// A frame that waits for its encoder, and its number in the movie.
struct Waiting {
    frame: SharedFrame,
    index: i64,
    slot: FrameSlot,
}

enum Made {
    Packet(NumberedPacket),
    EndOfSegment { report: Option<Box<EncoderReport>>, busy: Duration },
}

/// Limits the frames that wait.
struct FrameSlots {
    /// Has an item for each of them.
    taken: Sender<()>,
    free: Receiver<()>,
}

/// The slot of one frame. Dropping it frees the slot.
struct FrameSlot(Receiver<()>);

impl FrameSlots {
    fn new(count: usize) -> Self {
        let (taken, free) = bounded(count);
        Self { taken, free }
    }

    /// Blocks while all slots are taken.
    fn take(&self) -> FrameSlot {
        // It never fails, as both ends are kept here.
        let _ = self.taken.send(());
        FrameSlot(self.free.clone())
    }
}

impl Drop for FrameSlot {
    fn drop(&mut self) {
        let _ = self.0.try_recv();
    }
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
        let state = Arc::<State>::default();
        let (segments, given) = unbounded();
        let jobs = jobs.max(1);
        let threads = (0..jobs).map(|_| start_thread(given.clone(), Arc::clone(&open), Arc::clone(&state)));
        Ok(Self {
            threads: threads.collect::<Result<_>>()?,
            segments: Some(segments),
            first: Some(first),
            segment_frames,
            frames: first_frame,
            filling: None,
            made: VecDeque::new(),
            most_segments: 2 * jobs,
            ready: VecDeque::new(),
            failure: None,
            slots: FrameSlots::new(jobs * waiting_frames.max(1)),
            is_ending: false,
            reports: Vec::new(),
            busy: Duration::ZERO,
            state,
        })
    }

    /// Encodes the next frame. Blocks while the queue is full. Where a thread failed, [`receive`](Self::receive) returns the
    /// error, behind the packets of the segments before.
    pub(crate) fn send(&mut self, frame: SharedFrame) {
        let (frames, filled) = match self.filling.take().filter(|(_, filled)| *filled < self.segment_frames) {
            Some(filling) => filling,
            None => (self.start_segment(), 0),
        };
        // It fails where its thread did.
        let _ = frames.send(Waiting { frame, index: self.frames, slot: self.slots.take() });
        self.filling = Some((frames, filled + 1));
        self.frames += 1;
    }

    /// Ends the segment that is being filled. All packets of what was sent can be received then.
    pub(crate) fn send_end(&mut self) {
        self.filling = None;
        self.is_ending = true;
    }

    /// The next packet; `None` where it is not there yet, or, after the end, where there is none left.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        if let Some(packet) = self.ready.pop_front() {
            return Ok(Some(packet));
        }
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let has_failed = self.state.has_failed.load(Ordering::Acquire);
        if has_failed {
            // What is before the failed segment comes out, and then the reason.
            self.filling = None;
        }
        while !self.made.is_empty() {
            match self.next_made(self.is_ending || has_failed)? {
                Some(Made::Packet(packet)) => return Ok(Some(packet)),
                Some(Made::EndOfSegment { .. }) => {}
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The next thing that is made of the first segment; `None` where it is not there yet and `waits` is not set.
    fn next_made(&mut self, waits: bool) -> Result<Option<Made>> {
        let Some(next) = self.made.front() else { return Ok(None) };
        let made = match waits {
            true => next.recv().map_err(|_| died())?,
            false => match next.try_recv() {
                Err(TryRecvError::Empty) => return Ok(None),
                made => made.map_err(|_| died())?,
            },
        };
        let mut made = made?;
        if let Made::EndOfSegment { report, busy } = &mut made {
            self.reports.extend(report.take().map(|report| *report));
            self.busy += *busy;
            self.made.pop_front();
        }
        Ok(Some(made))
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

    /// Hands out a segment, which whichever thread is free first encodes.
    fn start_segment(&mut self) -> Sender<Waiting> {
        while self.failure.is_none() && self.made.len() >= self.most_segments {
            match self.next_made(true) {
                Ok(Some(Made::Packet(packet))) => self.ready.push_back(packet),
                Ok(_) => {}
                Err(error) => self.failure = Some(error),
            }
        }
        let (sender, frames) = unbounded();
        let (made, packets) = unbounded();
        self.made.push_back(packets);
        let segment = SegmentWork { encoder: self.first.take(), frames, made };
        // It fails where all threads did, and then nothing is made of the segment.
        drop(self.segments.as_ref().map(|segments| segments.send(segment)));
        sender
    }
}

impl Drop for SideBySide {
    fn drop(&mut self) {
        self.state.is_abandoned.store(true, Ordering::Relaxed);
        self.filling = None;
        self.segments = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to end.
            drop(thread.join());
        }
    }
}

/// Starts a thread that encodes segments until none come any more, or one fails.
fn start_thread(
    segments: Receiver<SegmentWork>,
    open: Arc<OpenEncoder>,
    state: Arc<State>,
) -> Result<JoinHandle<()>> {
    let work = move || {
        for SegmentWork { encoder, frames, made } in segments {
            let give = |packet| drop(made.send(Ok(packet)));
            let encode = || encode(encoder, &open, &frames, &state.is_abandoned, give);
            let done = catch_unwind(AssertUnwindSafe(encode)).unwrap_or_else(|panic| {
                Err(Error::Panicked { what: "encoding thread", message: panic_message(&*panic) })
            });
            if let Err(error) = done {
                drop(made.send(Err(error)));
                state.has_failed.store(true, Ordering::Release);
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("framemill-job".to_owned()).spawn(work);
    thread.map_err(|source| Error::io("start a thread", None, source))
}

/// Encodes the frames of a segment, until they end.
fn encode(
    encoder: Option<Encoder>,
    open: &OpenEncoder,
    frames: &Receiver<Waiting>,
    is_abandoned: &AtomicBool,
    mut give: impl FnMut(Made),
) -> Result<()> {
    let mut busy = Duration::ZERO;
    let mut current = encoder.map(|encoder| (encoder, None));
    for Waiting { frame, index, slot } in frames {
        drop(slot);
        if is_abandoned.load(Ordering::Relaxed) {
            return Ok(());
        }
        let started = Instant::now();
        let (encoder, first) = match &mut current {
            Some(current) => current,
            current => current.insert((open()?, None)),
        };
        let first = *first.get_or_insert(index);
        encoder.send(frame, index - first)?;
        give_packets(encoder, first, &mut give)?;
        busy += started.elapsed();
    }
    let Some((mut encoder, Some(first))) = current else { return Ok(()) };
    if is_abandoned.load(Ordering::Relaxed) {
        return Ok(());
    }
    let started = Instant::now();
    encoder.send_end()?;
    give_packets(&mut encoder, first, &mut give)?;
    busy += started.elapsed();
    give(Made::EndOfSegment { report: encoder.close().map(Box::new), busy });
    Ok(())
}

/// Gives the packets that are there, with their frames' numbers in the movie.
fn give_packets(encoder: &mut Encoder, first: i64, give: &mut impl FnMut(Made)) -> Result<()> {
    while let Some(packet) = encoder.receive()? {
        let NumberedPacket { packet, shown, decoded } = numbered(packet)?;
        give(Made::Packet(NumberedPacket { packet, shown: shown + first, decoded: decoded + first }));
    }
    Ok(())
}

/// A thread ended without a reason, as after a panic.
fn died() -> Error {
    LibavError::unexpected("encode a segment", "its thread ended".to_owned()).into()
}

#[cfg(test)]
mod tests;
