//! A movie of at most so many bytes: frames are kept without loss while they come, and encoded from there as often as
//! it takes to find the quality at which the movie just fits.

mod rate_parameter;
mod search;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};

use self::rate_parameter::RateParameter;
use self::search::Search;
use super::encode_thread::{Job, NewFrame, Work, spawn_for_jobs};
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
    // What the settings ask for is known to be possible before the first frame comes.
    drop(setup.encoder(&setup.settings.codec)?);
    // The statistics of the lossless intermediate are of no interest to the caller.
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

/// What the lossless movie does not keep of a frame: not every container keeps its time exactly.
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
    /// Keeps frames in `keeper` until all are there, and makes the movie.
    fn run(mut self, mut keeper: Work, jobs: &Receiver<Job>) -> Result<u64> {
        for job in jobs {
            if self.is_aborted() {
                break;
            }
            let kept = match job {
                Job::Frame(frame) => {
                    self.frames.push(KeptFrame { pts: frame.pts, converting: frame.converting });
                    self.shared.stop.check().and_then(|()| keeper.encode(frame))
                }
                Job::OnPacket(callback) => {
                    self.callback = Some(callback);
                    Ok(())
                }
                Job::Finish { end } => match keeper.drain(end) {
                    Ok(()) => return self.finish(keeper.into_kept()?, end),
                    Err(error) => Err(error),
                },
                Job::Leave { end } => return Err(keeper.leave(end)),
            };
            if let Err(error) = kept {
                return Err(keeper.fail(error));
            }
        }
        // Aborted: dropping what was kept throws it away.
        Ok(0)
    }

    fn is_aborted(&self) -> bool {
        self.shared.aborted.load(Ordering::Relaxed)
    }

    /// The sound of a movie that ends at `end`: the same in each attempt.
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

    /// Encodes what is in `kept` until a movie is found that fits, and to which nothing can be added.
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
                // What fits is a movie, if not the best one.
                Err(Error::Stopped) if best.is_some() => break,
                made => made?,
            };
            let bytes = attempt.bytes;
            tracing::info!("{}: {bytes} bytes of {}", parameter.describe(rate_factor), self.max_bytes);
            if search.learn(rate_factor, bytes) {
                best = Some(Candidate { attempt, stats: shared.with_stats(|stats| stats.clone()), packets });
            }
        }
        // The same frames may take a few bytes more the next time: see vendor-notes/x264.md.
        let (max_bytes, least_bytes) = (self.max_bytes, search.least_bytes() + search.least_bytes().div_ceil(100));
        best.ok_or(Error::TooLarge { max_bytes, least_bytes })
    }

    /// Encodes what is in `kept`.
    fn encode(&self, kept: &Kept, mut work: Work, track: Option<&mut Track>, end: i64) -> Result<Finished> {
        let mut frames = Frames::open(kept, &self.setup)?;
        for KeptFrame { pts, converting } in &self.frames {
            self.shared.stop.check()?;
            let frame = frames.next()?.ok_or_else(lost_frame)?;
            work.encode(NewFrame { frame, pts: *pts, converting: *converting, converted: Instant::now() })?;
        }
        work.drain(end)?;
        work.finish_apart(track)
    }
}

/// A codec that gives back what `codec` would get, bit for bit, and soon. H.264 does in every container.
fn lossless(codec: &Codec) -> Codec {
    let h264 = H264::lossless().preset(Preset::Ultrafast);
    match codec {
        Codec::H264Rgb(_) => Codec::H264Rgb(h264),
        _ => Codec::H264(h264),
    }
}

/// The frames that were kept, as they came.
struct Frames {
    demuxer: Demuxer,
    decoder: Decoder,
    ended: bool,
}

impl Frames {
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

/// What was kept must be there when it is read again: a disk may have lost it.
fn lost_frame() -> Error {
    LibavError::unexpected("read the frames back that were kept", "some are missing").into()
}
