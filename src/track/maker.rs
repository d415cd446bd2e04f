//! The thread that makes a track, and the interfaces for the caller's thread and the encoding thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::making::Making;
use super::spool::Track;
use crate::audio::{Audio, AudioSample, Samples};
use crate::av::{Packet, StreamParameters, panic_message};
use crate::error::{Error, InvalidAudio, InvalidSettings, OptionId, Result};
use crate::settings::{AudioSettings, Container};
use crate::stats::AudioStats;
use crate::stop::StopToken;
use crate::time::Timestamp;

/// The number of jobs that may wait for the thread.
const WAITING_JOBS: usize = 64;

/// How often `finish` checks whether the thread has ended, or the run was stopped.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// The destination of a track's packets.
pub(crate) enum TrackOutput {
    /// They are kept until the end of the movie; if there are many, in a file in this folder.
    Kept(Option<PathBuf>),
    /// They are muxed along with those of the video.
    Live,
}

/// A job for the thread.
enum TrackJob {
    /// Take samples.
    Write(Samples),
    /// Make packets up to this time of the movie.
    Reach(Timestamp),
    /// The same, and report that they are made.
    CatchUp(Timestamp, Sender<()>),
    /// Make the rest of a movie that ends here.
    End(Timestamp),
}

/// The caller's side of a track: it sends the movie's time, and samples.
pub(crate) struct TrackFeed {
    jobs: Sender<TrackJob>,
    /// The number of channels, if the caller writes the samples.
    written_channels: Option<u32>,
    kind: Option<std::mem::Discriminant<Samples>>,
    clipped: u64,
    /// When the sound ends, if the movie ends with it.
    pub(crate) end: Option<Timestamp>,
}

/// The encoding thread's side of a track.
pub(crate) struct TrackMaker {
    jobs: Sender<TrackJob>,
    thread: JoinHandle<Result<Track>>,
    /// The parameters that a muxer needs.
    pub(crate) stream: StreamParameters,
    /// Packets, if they are muxed along with those of the video.
    pub(crate) packets: Receiver<Packet>,
    /// Whether the caller who writes the frames also writes the samples.
    pub(crate) is_written: bool,
}

/// Opens the sound and its encoder, and starts the thread. Each frame of the movie lasts `frame_duration`.
pub(crate) fn open(
    audio: Audio,
    settings: &AudioSettings,
    container: Container,
    output: TrackOutput,
    frame_duration: Duration,
) -> Result<(TrackFeed, TrackMaker)> {
    let end = match settings.shortest {
        true => Some(length(audio.clone(), settings, container)?),
        false => None,
    };
    let making = Making::open(audio, settings, container)?;
    let written_channels = making.written_channels();
    let stream = making.stream_parameters()?;
    let (packet_sender, packets) = unbounded();
    let (folder, live) = match output {
        TrackOutput::Kept(folder) => (folder, None),
        TrackOutput::Live => (None, Some(packet_sender)),
    };
    let track = Track::new(making.stream_parameters()?, folder.as_deref());
    let worker = Worker { making, track, live, frame_duration };
    let (jobs, received) = bounded(WAITING_JOBS);
    let thread = thread::Builder::new().name("framemill-sound".to_owned()).spawn(move || {
        // A panic there becomes an error of the movie.
        catch_unwind(AssertUnwindSafe(|| worker.run(&received))).unwrap_or_else(|panic| {
            Err(Error::Panicked { what: "encoder of the sound", message: panic_message(&*panic) })
        })
    });
    let thread = thread.map_err(|source| Error::io("start a thread", None, source))?;
    let is_written = written_channels.is_some();
    let feed = TrackFeed { jobs: jobs.clone(), written_channels, kind: None, clipped: 0, end };
    Ok((feed, TrackMaker { jobs, thread, stream, packets, is_written }))
}

/// Returns the length of the sound in the movie.
fn length(audio: Audio, settings: &AudioSettings, container: Container) -> Result<Timestamp> {
    let making = Making::open(audio, settings, container)?;
    if making.written_channels().is_some() {
        let (option, with) = (OptionId::Shortest, "samples from write_audio".to_owned());
        let hint = "the length of the sound must be known in advance; leave this option out, and stop writing frames when the sound ends";
        return Err(InvalidSettings::Conflict { option, with, hint }.into());
    }
    making.length()
}

impl TrackFeed {
    /// Reports that the movie has frames up to `time`.
    pub(crate) fn reach(&self, time: Timestamp) {
        // If the queue is full, the thread gets a later time instead.
        let _ = self.jobs.try_send(TrackJob::Reach(time));
    }

    /// Sends the next samples of the sound.
    pub(crate) fn write<S: AudioSample>(&mut self, samples: &[S]) -> Result<()> {
        let Some(channels) = self.written_channels else { return Err(InvalidAudio::NotWritten.into()) };
        let mut samples = S::samples(samples.to_vec());
        let kind = std::mem::discriminant(&samples);
        if self.kind.is_some_and(|first| first != kind) {
            return Err(InvalidAudio::OtherType.into());
        }
        self.clipped += samples.check_and_clip(channels)?;
        self.kind = Some(kind);
        // If the thread failed, its error is reported when the next frame is encoded.
        let _ = self.jobs.send(TrackJob::Write(samples));
        Ok(())
    }

    /// Returns the number of samples that were clipped so far.
    pub(crate) fn clipped(&self) -> u64 {
        self.clipped
    }
}

impl TrackMaker {
    /// Returns whether the thread has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until there are packets up to `time` of the movie, as far as there are samples.
    pub(crate) fn catch_up(&self, time: Timestamp) {
        let (done, is_done) = bounded(1);
        // If the thread has ended, it failed, and joining it returns its error.
        if self.jobs.send(TrackJob::CatchUp(time, done)).is_ok() {
            let _ = is_done.recv();
        }
    }

    /// Makes the rest of a movie that ends at `time`.
    pub(crate) fn end(&self, time: Timestamp) {
        // If the thread has ended, it failed, and joining it returns its error.
        let _ = self.jobs.send(TrackJob::End(time));
    }

    /// Waits for the thread.
    pub(crate) fn join(self) -> Result<Track> {
        drop(self.jobs);
        self.thread.join().unwrap_or_else(|panic| {
            Err(Error::Panicked { what: "encoder of the sound", message: panic_message(&*panic) })
        })
    }

    /// Returns the track of a movie that ends at `time`.
    pub(crate) fn finish(self, time: Timestamp, stop: &StopToken) -> Result<Track> {
        self.end(time);
        // Polls instead of blocking, so that a stop request is noticed.
        while !self.has_ended() {
            stop.check()?;
            thread::sleep(POLL_INTERVAL);
        }
        self.join()
    }
}

/// The data of the thread.
struct Worker {
    making: Making,
    track: Track,
    live: Option<Sender<Packet>>,
    frame_duration: Duration,
}

impl Worker {
    fn run(mut self, jobs: &Receiver<TrackJob>) -> Result<Track> {
        let mut reached = None;
        for job in jobs {
            let mut done = None;
            match job {
                TrackJob::Write(samples) => self.making.write(samples),
                TrackJob::Reach(time) => reached = Some(time),
                TrackJob::CatchUp(time, report) => (reached, done) = (Some(time), Some(report)),
                TrackJob::End(time) => return self.finish(time),
            }
            if let Some(time) = reached {
                let Self { making, track, live, .. } = &mut self;
                making.reach(time, &mut |packet| deliver(packet, track, live.as_ref()))?;
            }
            if let Some(done) = done {
                let _ = done.send(());
            }
        }
        Err(Error::Unfinished)
    }

    fn finish(self, time: Timestamp) -> Result<Track> {
        let Self { mut making, mut track, live, frame_duration } = self;
        let stats =
            making.finish(time, frame_duration, &mut |packet| deliver(packet, &mut track, live.as_ref()))?;
        let AudioStats { packets, bytes, .. } = track.stats;
        track.stats = AudioStats { packets, bytes, ..stats };
        Ok(track)
    }
}

fn deliver(packet: Packet, track: &mut Track, live: Option<&Sender<Packet>>) -> Result<()> {
    track.count(&packet);
    match live {
        // If the receiver is gone, the movie has failed.
        Some(live) => live.send(packet).map_err(|_| Error::Unfinished),
        None => track.push(&packet),
    }
}
