//! A movie of limited size: the frames are first stored without loss, and encoded from there repeatedly, until the
//! quality is found at which the movie just fits.

mod rate_parameter;
mod search;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};

use self::rate_parameter::RateParameter;
use self::search::Search;
use super::encode_thread::{EncodeJob, NewFrame, Work, spawn_for_jobs};
use super::recorder::{PacketCallback, call};
use super::setup::Setup;
use super::{EncodeThread, Shared};
use crate::av::{Decoder, Demuxer, SharedFrame};
use crate::error::{Error, LibavError, Result};
use crate::output::{Finished, Kept, Output};
use crate::settings::{Codec, H264, Preset};
use crate::stats::{EncodeStats, PacketStats};
use crate::track::{Track, TrackMaker};

/// Starts the thread that makes a movie of at most `max_bytes`.
pub(super) fn spawn(
    setup: Setup,
    output: Output,
    max_bytes: u64,
    sound: Option<TrackMaker>,
    shared: Arc<Shared>,
    queue_frames: usize,
) -> Result<EncodeThread> {
    // This checks the requested settings before the first frame comes.
    drop(setup.encoder(&setup.settings.codec)?);
    // The caller does not see the statistics of the lossless intermediate movie.
    let keeper = setup.open_unmeasured(&lossless(&setup.settings.codec), output)?;
    let limited = Limited { setup, max_bytes, sound, shared, callback: None, frames: Vec::new() };
    spawn_for_jobs(queue_frames, move |jobs| limited.run(keeper, jobs))
}

struct Limited {
    setup: Setup,
    max_bytes: u64,
    sound: Option<TrackMaker>,
    shared: Arc<Shared>,
    callback: Option<PacketCallback>,
    frames: Vec<KeptFrame>,
}

/// Properties of a frame that the lossless movie does not store; not every container stores its exact time.
struct KeptFrame {
    pts: i64,
    converting: Duration,
}

/// A movie that fits, and its statistics.
struct Candidate {
    attempt: Finished,
    stats: EncodeStats,
    packets: Receiver<PacketStats>,
}

impl Limited {
    /// Stores frames in `keeper` until all have come, and makes the movie.
    fn run(mut self, mut keeper: Work, jobs: &Receiver<EncodeJob>) -> Result<u64> {
        for job in jobs {
            if self.is_aborted() {
                break;
            }
            let kept = match job {
                EncodeJob::Frame(frame) => {
                    self.frames.push(KeptFrame { pts: frame.pts, converting: frame.converting });
                    self.shared.stop.check().and_then(|()| keeper.encode(frame))
                }
                EncodeJob::OnPacket(callback) => {
                    self.callback = Some(callback);
                    Ok(())
                }
                EncodeJob::Finish { end } => match keeper.drain(end) {
                    Ok(()) => return self.finish(keeper.into_kept()?, end),
                    Err(error) => Err(error),
                },
                EncodeJob::Leave { end } => return Err(keeper.leave(end)),
            };
            if let Err(error) = kept {
                return Err(keeper.fail(error));
            }
        }
        // The movie was aborted: dropping the stored frames removes them.
        Ok(0)
    }

    fn is_aborted(&self) -> bool {
        self.shared.aborted.load(Ordering::Relaxed)
    }

    /// Finishes the sound of a movie that ends at `end`. It is the same for each attempt.
    fn finish_sound(&mut self, end: i64) -> Result<Option<Track>> {
        let end = self.setup.time_base.at(end);
        self.sound.take().map(|maker| maker.finish(end, &self.shared.stop)).transpose()
    }

    fn finish(mut self, kept: Kept, end: i64) -> Result<u64> {
        let mut track = match self.finish_sound(end) {
            Ok(track) => track,
            Err(cause) => return Err(kept.keep(cause)),
        };
        let made = self.largest_that_fits(&kept, track.as_mut(), end).and_then(|best| {
            if let Some(callback) = &mut self.callback {
                best.packets.try_iter().try_for_each(|packet| call(callback, &packet))?;
            }
            self.shared.with_stats(|stats| {
                let (frames, duplicates, caller) = (stats.frames, stats.duplicates, stats.stages);
                let audio = track.as_ref().map(|track| track.stats.clone());
                *stats = EncodeStats { frames, duplicates, audio, ..best.stats };
                stats.stages.converting = caller.converting;
                stats.stages.waiting = caller.waiting;
            });
            Ok(best.attempt)
        });
        match made {
            Ok(attempt) => kept.publish(attempt),
            Err(cause) => Err(kept.keep(cause)),
        }
    }

    /// Encodes the stored frames until a movie fits and no better one can be found.
    fn largest_that_fits(&self, kept: &Kept, mut track: Option<&mut Track>, end: i64) -> Result<Candidate> {
        let codec = &self.setup.settings.codec;
        let parameter = RateParameter::of(codec);
        let mut search = Search::new(self.max_bytes, parameter.range(), parameter.current(codec));
        let mut best = None;
        while let Some(rate_factor) = search.next() {
            let codec = parameter.set_to(rate_factor, codec);
            let (packet_sender, packets) = unbounded();
            let shared = Shared::stopped_by(self.shared.stop.clone());
            let mut work = self.setup.open(&codec, kept.attempt(), Arc::clone(&shared), None, None)?;
            if self.callback.is_some() {
                work.on_packet(Box::new(move |packet| drop(packet_sender.send(packet.clone()))))?;
            }
            let attempt = match self.encode(kept, work, track.as_deref_mut(), end) {
                // A movie that fits is usable, even if it is not the best one.
                Err(Error::Stopped) if best.is_some() => break,
                made => made?,
            };
            let bytes = attempt.bytes;
            tracing::info!("{}: {bytes} bytes of {}", parameter.describe(rate_factor), self.max_bytes);
            if search.learn(rate_factor, bytes) {
                best = Some(Candidate { attempt, stats: shared.with_stats(|stats| stats.clone()), packets });
            }
        }
        // Encoding the same frames again may take a few bytes more: see vendor-notes/x264.md.
        let (max_bytes, least_bytes) = (self.max_bytes, search.least_bytes() + search.least_bytes().div_ceil(100));
        best.ok_or(Error::TooLarge { max_bytes, least_bytes })
    }

    /// Encodes the stored frames.
    fn encode(&self, kept: &Kept, mut work: Work, track: Option<&mut Track>, end: i64) -> Result<Finished> {
        let mut frames = StoredFrames::open(kept, &self.setup)?;
        for KeptFrame { pts, converting } in &self.frames {
            self.shared.stop.check()?;
            let frame = frames.next()?.ok_or_else(lost_frame)?;
            work.encode(NewFrame { frame, pts: *pts, converting: *converting, converted: Instant::now() })?;
        }
        work.drain(end)?;
        work.finish_unpublished(track)
    }
}

/// Returns a codec that stores the input of `codec` without loss, quickly. H.264 can do that in every container.
fn lossless(codec: &Codec) -> Codec {
    let h264 = H264::lossless().preset(Preset::Ultrafast);
    match codec {
        Codec::H264Rgb(_) => Codec::H264Rgb(h264),
        _ => Codec::H264(h264),
    }
}

/// The stored frames, in the order in which they came.
struct StoredFrames {
    demuxer: Demuxer,
    decoder: Decoder,
    ended: bool,
}

impl StoredFrames {
    fn open(kept: &Kept, setup: &Setup) -> Result<Self> {
        let demuxer = kept.open()?;
        let threads = Decoder::most_threads();
        let decoder = Decoder::open(&demuxer.stream_parameters()?, setup.frame_pool()?, threads)?;
        Ok(Self { demuxer, decoder, ended: false })
    }

    fn next(&mut self) -> Result<Option<SharedFrame>> {
        loop {
            if let Some(frame) = self.decoder.receive()? {
                return Ok(Some(frame));
            }
            if self.ended {
                return Ok(None);
            }
            let packet = self.demuxer.next_packet()?;
            self.ended = packet.is_none();
            self.decoder.send(packet)?;
        }
    }
}

/// Makes the error for stored frames that cannot be read again, because the disk lost them.
fn lost_frame() -> Error {
    LibavError::unexpected("read the stored frames back", "some are missing").into()
}
