//! Muxes sound along with the frames, for a movie that goes to a sink and cannot be combined at its end.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::time::Duration;

use crate::av::{Muxer, Packet};
use crate::error::{Error, InvalidAudio, Result};
use crate::segment::FragmentClock;
use crate::stats::AudioStats;
use crate::time::{TimeBase, Timestamp};
use crate::track::TrackMaker;

/// When more bytes of frames than this wait for sound, the sound catches up before the next frame.
const MANY_BYTES: u64 = 64 << 20;

/// How long frames of that many bytes may wait for written samples. A packet of sound is shorter.
const MAX_BEHIND: Duration = Duration::from_secs(1);

/// The sound of such a movie, and the frames that wait for it.
pub(super) struct LiveSound {
    maker: TrackMaker,
    video_time_base: TimeBase,
    /// Packets of frames, in decoding order.
    waiting: VecDeque<Packet>,
    waiting_bytes: u64,
    /// The next packet of sound.
    next: Option<Packet>,
    /// Whether the muxer has received a packet of sound.
    has_started: bool,
    clock: FragmentClock,
}

impl LiveSound {
    pub(super) fn new(maker: TrackMaker, video_time_base: TimeBase, clock: FragmentClock) -> Self {
        let (waiting, clock) = (VecDeque::new(), clock.with_sound());
        Self { maker, video_time_base, waiting, waiting_bytes: 0, next: None, has_started: false, clock }
    }

    /// Takes a packet of the video, and writes what is ready.
    pub(super) fn write(&mut self, packet: Packet, muxer: &mut Muxer) -> Result<()> {
        self.waiting_bytes += packet.bytes();
        self.waiting.push_back(packet);
        while let Some(frame) = self.waiting.front() {
            let time = self.video_time_base.at(frame.dts().unwrap_or(0));
            if self.next.is_none() {
                self.next = self.maker.packets.try_recv().ok();
            }
            if self.next.is_none() && self.waiting_bytes > MANY_BYTES {
                self.next = self.catch_up(time)?;
            }
            match &self.next {
                // It is not known yet whether sound comes before this frame.
                None => return Ok(()),
                Some(_) => self.write_next(muxer)?,
            }
        }
        Ok(())
    }

    /// Waits for the sound of the waiting frames, the first of which is at `first`. Returns its next packet, unless that
    /// also contains sound of later frames.
    fn catch_up(&self, first: Timestamp) -> Result<Option<Packet>> {
        let last = self.video_time_base.at(self.waiting.back().and_then(Packet::dts).unwrap_or(0));
        self.maker.catch_up(last);
        let packet = self.maker.packets.try_recv().ok();
        let behind = Duration::try_from_secs_f64(last.as_secs_f64() - first.as_secs_f64()).unwrap_or_default();
        if packet.is_none() && self.maker.is_written && behind > MAX_BEHIND {
            return Err(InvalidAudio::Behind { behind }.into());
        }
        Ok(packet)
    }

    /// Writes either the next packet of sound or the next frame, whichever comes first, and cuts the movie if that is
    /// due.
    fn write_next(&mut self, muxer: &mut Muxer) -> Result<()> {
        let rate = self.maker.stream.time_base;
        let video_time = self.waiting.front().map(|packet| self.video_time_base.at(packet.dts().unwrap_or(0)));
        let audio_time = self.next.as_ref().map(|packet| rate.at(packet.pts().unwrap_or(0)));
        let is_audio = match (video_time, audio_time) {
            (Some(video), Some(audio)) => audio.compare(video) != Ordering::Greater,
            (video, _) => video.is_none(),
        };
        if is_audio {
            self.has_started = true;
            return self.next.take().map_or(Ok(()), |packet| muxer.write_audio(packet));
        }
        let Some(packet) = self.waiting.pop_front() else { return Ok(()) };
        self.waiting_bytes -= packet.bytes();
        let shown_for = self.video_time_base.at(packet.duration()).as_secs_f64();
        let shown_for = Duration::try_from_secs_f64(shown_for).unwrap_or_default();
        let bytes = muxer.write(packet)?;
        let is_due = self.clock.due(shown_for, bytes).is_some();
        // The index of a fragmented movie is written with the first fragment, and describes the sound in it.
        if is_due && self.has_started { muxer.cut() } else { Ok(()) }
    }

    /// Writes the rest of a movie that ends at `end`.
    pub(super) fn finish(mut self, end: Timestamp, muxer: &mut Muxer) -> Result<AudioStats> {
        self.maker.end(end);
        loop {
            if self.next.is_none() {
                self.next = self.maker.packets.recv().ok();
            }
            if self.next.is_none() && self.waiting.is_empty() {
                break;
            }
            self.write_next(muxer)?;
        }
        Ok(self.maker.join()?.stats)
    }

    /// Writes the waiting frames without sound, because the movie has failed.
    pub(super) fn give_up(self, muxer: &mut Muxer) {
        write_waiting(self.waiting, muxer);
    }

    /// Returns whether the thread ended too early.
    pub(super) fn has_failed(&self) -> bool {
        self.maker.has_ended()
    }

    /// Writes the waiting frames without sound. Returns the error of the sound.
    pub(super) fn fail(self, muxer: &mut Muxer) -> Error {
        let Self { maker, waiting, .. } = self;
        write_waiting(waiting, muxer);
        maker.join().err().unwrap_or(Error::Unfinished)
    }
}

/// Writes frames of a movie that has failed, ignoring errors of its sink, because the cause is known.
fn write_waiting(waiting: VecDeque<Packet>, muxer: &mut Muxer) {
    let _ = waiting.into_iter().try_for_each(|packet| muxer.write(packet).map(drop));
}
