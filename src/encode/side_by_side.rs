//! Encodes with several encoders in parallel: each encodes a segment, a run of frames that starts with a keyframe and
//! references nothing outside. Packets are returned in the order in which encoders one after another would return them.

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

/// Encodes and counts frames, segment by segment.
pub(crate) struct SideBySide {
    /// Segments that no thread has taken yet; `None` when there will be no more.
    segments: Option<Sender<SegmentWork>>,
    threads: Vec<JoinHandle<()>>,
    /// The encoder that is already open for the first segment.
    first: Option<Encoder>,
    segment_frames: usize,
    /// The number of frames that were sent.
    frames: i64,
    /// The segment that receives frames: its channel, and the number of frames sent to it.
    filling: Option<(Sender<Waiting>, usize)>,
    /// The outputs of each segment, in order. The first segment is the one whose packets are returned next.
    outputs: VecDeque<Receiver<Result<SegmentOutput>>>,
    /// The largest number of unfinished segments: more would wait in memory for a slow one before them.
    most_segments: usize,
    /// Packets that were taken out of `outputs` and not returned yet.
    ready: VecDeque<NumberedPacket>,
    /// The error that follows these packets, if there is one.
    failure: Option<Error>,
    slots: FrameSlots,
    /// Whether everything that was sent must be returned before more is sent.
    is_ending: bool,
    reports: Vec<EncoderReport>,
    busy: Duration,
    state: Arc<SharedState>,
}

/// The state that the threads and their owner share.
#[derive(Default)]
struct SharedState {
    /// Whether the movie is not needed any more.
    is_abandoned: AtomicBool,
    /// Whether a thread failed: its error replaces its segment's packets.
    has_failed: AtomicBool,
}

/// A segment to encode, whose frames may still arrive.
struct SegmentWork {
    /// An encoder that is already open.
    encoder: Option<Encoder>,
    frames: Receiver<Waiting>,
    outputs: Sender<Result<SegmentOutput>>,
}

/// A frame that waits for its encoder, and its number in the movie.
struct Waiting {
    frame: SharedFrame,
    index: i64,
    slot: FrameSlot,
}

/// A packet of a segment, or its end.
enum SegmentOutput {
    Packet(NumberedPacket),
    EndOfSegment { report: Option<Box<EncoderReport>>, busy: Duration },
}

/// Limits the number of waiting frames.
struct FrameSlots {
    /// Contains an item for each waiting frame.
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
        // This cannot fail, because both ends are kept here.
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
    /// Starts `jobs` threads, each with room for `waiting_frames` frames. `first` encodes the first segment, and
    /// encoders from `open` the others. The first frame has the number `first_frame`.
    pub(crate) fn start(
        first: Encoder,
        open: OpenEncoder,
        jobs: usize,
        segment_frames: usize,
        waiting_frames: usize,
        first_frame: i64,
    ) -> Result<Self> {
        let open = Arc::new(open);
        let state = Arc::<SharedState>::default();
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
            outputs: VecDeque::new(),
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

    /// Encodes the next frame. Blocks while the queue is full. If a thread failed, [`receive`](Self::receive) returns
    /// its error, after the packets of the segments before.
    pub(crate) fn send(&mut self, frame: SharedFrame) {
        let (frames, filled) = match self.filling.take().filter(|(_, filled)| *filled < self.segment_frames) {
            Some(filling) => filling,
            None => (self.start_segment(), 0),
        };
        // This fails if its thread failed.
        let _ = frames.send(Waiting { frame, index: self.frames, slot: self.slots.take() });
        self.filling = Some((frames, filled + 1));
        self.frames += 1;
    }

    /// Ends the segment that receives frames. All packets of the sent frames can then be received.
    pub(crate) fn send_end(&mut self) {
        self.filling = None;
        self.is_ending = true;
    }

    /// Returns the next packet; `None` if it is not ready yet, or if none is left after the end.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        if let Some(packet) = self.ready.pop_front() {
            return Ok(Some(packet));
        }
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let has_failed = self.state.has_failed.load(Ordering::Acquire);
        if has_failed {
            // The packets before the failed segment are returned, and then its error.
            self.filling = None;
        }
        while !self.outputs.is_empty() {
            match self.next_output(self.is_ending || has_failed)? {
                Some(SegmentOutput::Packet(packet)) => return Ok(Some(packet)),
                Some(SegmentOutput::EndOfSegment { .. }) => {}
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Returns the next output of the first segment; `None` if it is not ready and `waits` is not set.
    fn next_output(&mut self, waits: bool) -> Result<Option<SegmentOutput>> {
        let Some(next) = self.outputs.front() else { return Ok(None) };
        let output = match waits {
            true => next.recv().map_err(|_| died())?,
            false => match next.try_recv() {
                Err(TryRecvError::Empty) => return Ok(None),
                output => output.map_err(|_| died())?,
            },
        };
        let mut output = output?;
        if let SegmentOutput::EndOfSegment { report, busy } = &mut output {
            self.reports.extend(report.take().map(|report| *report));
            self.busy += *busy;
            self.outputs.pop_front();
        }
        Ok(Some(output))
    }

    /// Continues after the end with another segment.
    pub(crate) fn renew(&mut self) {
        self.is_ending = false;
    }

    /// Returns the reports that encoders made at the ends of their segments since the last call.
    pub(crate) fn take_reports(&mut self) -> Vec<EncoderReport> {
        std::mem::take(&mut self.reports)
    }

    /// Returns the time that encoders worked, in total, since the last call.
    pub(crate) fn take_busy(&mut self) -> Duration {
        std::mem::take(&mut self.busy)
    }

    /// Starts a segment, which the next free thread encodes.
    fn start_segment(&mut self) -> Sender<Waiting> {
        while self.failure.is_none() && self.outputs.len() >= self.most_segments {
            match self.next_output(true) {
                Ok(Some(SegmentOutput::Packet(packet))) => self.ready.push_back(packet),
                Ok(_) => {}
                Err(error) => self.failure = Some(error),
            }
        }
        let (sender, frames) = unbounded();
        let (outputs, received) = unbounded();
        self.outputs.push_back(received);
        let segment = SegmentWork { encoder: self.first.take(), frames, outputs };
        // This fails if all threads failed, and then the segment has no outputs.
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
            // A thread that panicked needs no cleanup.
            drop(thread.join());
        }
    }
}

/// Starts a thread that encodes segments until there are no more, or one fails.
fn start_thread(
    segments: Receiver<SegmentWork>,
    open: Arc<OpenEncoder>,
    state: Arc<SharedState>,
) -> Result<JoinHandle<()>> {
    let work = move || {
        for SegmentWork { encoder, frames, outputs } in segments {
            let send = |output| drop(outputs.send(Ok(output)));
            let encode = || encode(encoder, &open, &frames, &state.is_abandoned, send);
            let done = catch_unwind(AssertUnwindSafe(encode)).unwrap_or_else(|panic| {
                Err(Error::Panicked { what: "encoding thread", message: panic_message(&*panic) })
            });
            if let Err(error) = done {
                drop(outputs.send(Err(error)));
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
    mut send: impl FnMut(SegmentOutput),
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
        send_packets(encoder, first, &mut send)?;
        busy += started.elapsed();
    }
    let Some((mut encoder, Some(first))) = current else { return Ok(()) };
    if is_abandoned.load(Ordering::Relaxed) {
        return Ok(());
    }
    let started = Instant::now();
    encoder.send_end()?;
    send_packets(&mut encoder, first, &mut send)?;
    busy += started.elapsed();
    send(SegmentOutput::EndOfSegment { report: encoder.close().map(Box::new), busy });
    Ok(())
}

/// Sends the packets that are ready, with their frames' numbers in the movie.
fn send_packets(encoder: &mut Encoder, first: i64, send: &mut impl FnMut(SegmentOutput)) -> Result<()> {
    while let Some(packet) = encoder.receive()? {
        let NumberedPacket { packet, shown, decoded } = numbered(packet)?;
        send(SegmentOutput::Packet(NumberedPacket { packet, shown: shown + first, decoded: decoded + first }));
    }
    Ok(())
}

/// Makes the error for a thread that ended without one, as after a panic.
fn died() -> Error {
    LibavError::unexpected("encode a segment", "its thread ended".to_owned()).into()
}

#[cfg(test)]
mod tests;
