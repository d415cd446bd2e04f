//! Several encoders side by side: each encodes a segment, a run of frames that starts with a keyframe and refers to
//! nothing outside. Packets come out in the order in which one encoder after the other would give them.

use std::collections::VecDeque;
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
    /// Segments that no thread has taken yet; `None` when no more will come.
    segments: Option<Sender<Segment>>,
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
    room: Room,
    /// Whether all that was sent must come out before more is sent.
    is_ending: bool,
    reports: Vec<EncoderReport>,
    busy: Duration,
    is_abandoned: Arc<AtomicBool>,
}

/// A segment to be encoded, whose frames may still come.
struct Segment {
    /// An encoder that is open already.
    encoder: Option<Encoder>,
    frames: Receiver<Waiting>,
    made: Sender<Result<Made>>,
}

/// A frame that waits for its encoder, and its number in the movie.
struct Waiting {
    frame: SharedFrame,
    index: i64,
    place: Place,
}

enum Made {
    Packet(NumberedPacket),
    EndOfSegment { report: Option<Box<EncoderReport>>, busy: Duration },
}

/// Room for frames that wait.
struct Room {
    /// Has an item for each of them.
    taken: Sender<()>,
    leave: Receiver<()>,
}

/// The place of one frame, free again when this is dropped.
struct Place(Receiver<()>);

impl Room {
    fn new(places: usize) -> Self {
        let (taken, leave) = bounded(places);
        Self { taken, leave }
    }

    /// Waits for a free place.
    fn take(&self) -> Place {
        // It never fails, as the room keeps both ends.
        let _ = self.taken.send(());
        Place(self.leave.clone())
    }
}

impl Drop for Place {
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
        let is_abandoned = Arc::<AtomicBool>::default();
        let (segments, given) = unbounded();
        let jobs = jobs.max(1);
        let threads = (0..jobs).map(|_| start_thread(given.clone(), Arc::clone(&open), Arc::clone(&is_abandoned)));
        Ok(Self {
            threads: threads.collect::<Result<_>>()?,
            segments: Some(segments),
            first: Some(first),
            segment_frames,
            frames: first_frame,
            filling: None,
            made: VecDeque::new(),
            room: Room::new(jobs * waiting_frames.max(1)),
            is_ending: false,
            reports: Vec::new(),
            busy: Duration::ZERO,
            is_abandoned,
        })
    }

    /// Encodes the next frame. Waits while as many frames wait as may.
    pub(crate) fn send(&mut self, frame: SharedFrame) -> Result<()> {
        let (frames, filled) = match self.filling.take().filter(|(_, filled)| *filled < self.segment_frames) {
            Some(filling) => filling,
            None => (self.start_segment()?, 0),
        };
        let waiting = Waiting { frame, index: self.frames, place: self.room.take() };
        if frames.send(waiting).is_err() {
            return Err(self.failure());
        }
        self.filling = Some((frames, filled + 1));
        self.frames += 1;
        Ok(())
    }

    /// Ends the segment that is being filled. All packets of what was sent can be received then.
    pub(crate) fn send_end(&mut self) -> Result<()> {
        self.filling = None;
        self.is_ending = true;
        Ok(())
    }

    /// The next packet; `None` where it is not there yet, or, after the end, where there is none left.
    pub(crate) fn receive(&mut self) -> Result<Option<NumberedPacket>> {
        while let Some(next) = self.made.front() {
            let made = match self.is_ending {
                true => next.recv().map_err(|_| died())?,
                false => match next.try_recv() {
                    Err(TryRecvError::Empty) => return Ok(None),
                    made => made.map_err(|_| died())?,
                },
            };
            match made? {
                Made::Packet(packet) => return Ok(Some(packet)),
                Made::EndOfSegment { report, busy } => {
                    self.reports.extend(report.map(|report| *report));
                    self.busy += busy;
                    self.made.pop_front();
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

    /// Hands out a segment, which whichever thread is free first encodes.
    fn start_segment(&mut self) -> Result<Sender<Waiting>> {
        let (sender, frames) = unbounded();
        let (made, packets) = unbounded();
        self.made.push_back(packets);
        let segment = Segment { encoder: self.first.take(), frames, made };
        let is_taken = self.segments.as_ref().is_some_and(|segments| segments.send(segment).is_ok());
        if is_taken { Ok(sender) } else { Err(self.failure()) }
    }

    /// Why a thread ended that was to encode: the last that it gave is the reason.
    fn failure(&self) -> Error {
        self.made.iter().flat_map(Receiver::try_iter).find_map(Result::err).unwrap_or_else(died)
    }
}

impl Drop for SideBySide {
    fn drop(&mut self) {
        self.is_abandoned.store(true, Ordering::Relaxed);
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
    segments: Receiver<Segment>,
    open: Arc<OpenEncoder>,
    is_abandoned: Arc<AtomicBool>,
) -> Result<JoinHandle<()>> {
    let work = move || {
        for segment in segments {
            let Segment { encoder, frames, made } = segment;
            let done = encode(encoder, &open, &frames, &is_abandoned, |packet| drop(made.send(Ok(packet))));
            if let Err(error) = done {
                // While the frames' channel is open, so that whoever finds it closed finds the reason, too.
                drop(made.send(Err(error)));
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
    for Waiting { frame, index, place } in frames {
        drop(place);
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
