//! A movie that is being written: its muxer, the index of its packets, and the ways in which it ends.

use std::time::Duration;

use super::live_sound::LiveSound;
use super::storage::Storage;
use super::stored::{Finished, Stored};
use super::{Kept, Output};
use crate::av::{Muxer, Packet, StreamParameters};
use crate::error::{Error, InvalidSettings, Result};
use crate::segment::{Cut, FragmentClock, IndexedPacket, PacketIndex};
use crate::settings::Container;
use crate::stats::AudioStats;
use crate::stop::StopToken;
use crate::time::Timestamp;
use crate::track::{Track, TrackMaker};

/// An unfinished movie. Dropping it removes it.
pub(crate) struct Movie {
    muxer: Muxer,
    sound: SoundTrack,
    container: Container,
    storage: Storage,
    clock: FragmentClock,
    index: PacketIndex,
    stop: StopToken,
}

/// The sound of the movie, if there is some.
enum SoundTrack {
    Silent,
    /// It is combined with the frames at the end.
    Later(TrackMaker),
    /// It is muxed along with the frames.
    Live(Box<LiveSound>),
}

/// The result of a movie.
pub(crate) struct Published {
    /// The size in bytes.
    pub(crate) bytes: u64,
    /// The sound.
    pub(crate) audio: Option<AudioStats>,
}

impl Movie {
    /// Opens the output and writes the header.
    ///
    /// `sound` is muxed along with the frames if the movie goes to a sink, and otherwise at the end.
    ///
    /// When `stop` stops it, finishing ends early, and what was written can be recovered.
    pub(crate) fn create(
        output: Output,
        container: Container,
        stream: &StreamParameters,
        sound: Option<TrackMaker>,
        stop: StopToken,
    ) -> Result<Self> {
        let (storage, sink) = Storage::open(output, container)?;
        let layout = storage.layout(&sink, container);
        let is_live = storage.is_sink();
        let audio = sound.as_ref().filter(|_| is_live).map(|maker| &maker.stream);
        let clock = if storage.waits() { FragmentClock::new() } else { FragmentClock::without_waiting() };
        let muxer =
            Muxer::open(sink, container, layout, stream, audio).map_err(|error| storage.name_file(error))?;
        let sound = match sound {
            None => SoundTrack::Silent,
            Some(maker) if is_live => {
                let clock = FragmentClock::new();
                SoundTrack::Live(Box::new(LiveSound::new(maker, stream.time_base, clock)))
            }
            Some(maker) => SoundTrack::Later(maker),
        };
        let index = PacketIndex::new(stream.time_base);
        Ok(Self { muxer, sound, container, storage, clock, index, stop })
    }

    /// Writes a packet that is shown for `duration`; returns its bytes in the movie.
    pub(crate) fn write(&mut self, packet: Packet, duration: Duration) -> Result<u64> {
        let entry = IndexedPacket::of(&packet);
        self.write_as(entry, packet, duration)
    }

    /// Writes the last packet, in decoding order. Unlike the muxer of a fragmented movie, that of a plain one does not keep
    /// a packet back, so this sets how long the last one lasts.
    pub(crate) fn write_last(&mut self, mut packet: Packet, duration: Duration) -> Result<u64> {
        let entry = IndexedPacket::of(&packet);
        let stored = self.index.stored_last_duration(entry, self.container);
        packet.set_times(entry.pts, entry.dts, stored);
        self.write_as(entry, packet, duration)
    }

    fn write_as(&mut self, entry: IndexedPacket, packet: Packet, duration: Duration) -> Result<u64> {
        if let SoundTrack::Live(sound) = &mut self.sound {
            let bytes = self.muxer.bytes_of(&packet);
            sound.write(packet, &mut self.muxer).map_err(|error| self.storage.name_file(error))?;
            self.index.push(entry, bytes);
            return Ok(bytes);
        }
        let bytes = self.muxer.write(packet).map_err(|error| self.storage.name_file(error))?;
        self.index.push(entry, bytes);
        if let Some(cut) = self.clock.due(duration, bytes) {
            if cut == Cut::Late {
                self.storage.cut_late();
            }
            self.muxer.cut().map_err(|error| self.storage.name_file(error))?;
            self.storage.check()?;
        }
        Ok(bytes)
    }

    /// Returns the error of the sound, if it has failed. Frames can still be written then, but no sound.
    pub(crate) fn check_sound(&mut self) -> Result<()> {
        let has_failed = match &self.sound {
            SoundTrack::Silent => false,
            SoundTrack::Later(maker) => maker.has_ended(),
            SoundTrack::Live(sound) => sound.has_failed(),
        };
        if !has_failed {
            return Ok(());
        }
        match std::mem::replace(&mut self.sound, SoundTrack::Silent) {
            SoundTrack::Silent => Ok(()),
            SoundTrack::Later(maker) => maker.join().map(drop),
            SoundTrack::Live(sound) => Err(sound.fail(&mut self.muxer)),
        }
    }

    /// Ends the movie at `end`, sets the durations of its packets, and publishes it.
    pub(crate) fn finish(self, end: Timestamp) -> Result<Published> {
        let Self { mut muxer, sound, container, storage, index, stop, .. } = self;
        let (mut track, audio) = match end_sound(sound, end, &mut muxer, &stop) {
            Ok(ended) => ended,
            Err(error) => {
                // The error of the sound is the one to report.
                let _ = muxer.finish();
                return Err(storage.keep(&index, error));
            }
        };
        if let Err(error) = muxer.finish() {
            let error = storage.name_file(error);
            return Err(storage.keep(&index, error));
        }
        let bytes = storage.publish(container, &index, track.as_mut(), &stop)?;
        Ok(Published { bytes, audio })
    }

    /// Completes the movie, with `track` as its sound, but does not publish it: the caller may try another quality.
    pub(crate) fn finish_unpublished(self, track: Option<&mut Track>) -> Result<Finished> {
        let stop = self.stop.clone();
        let (stored, index) = self.end_stored()?;
        stored.finish(&index, track, &stop)
    }

    /// Ends a movie from which another one is made, which is published in its place.
    pub(crate) fn into_kept(self) -> Result<Kept> {
        let container = self.container;
        let (mut stored, index) = self.end_stored()?;
        match stored.rest() {
            Ok(()) => Ok(Kept::new(stored, index, container)),
            Err(cause) => Err(stored.keep(&index, cause)),
        }
    }

    fn end_stored(self) -> Result<(Stored, PacketIndex)> {
        let Self { muxer, storage, index, .. } = self;
        if let Err(error) = muxer.finish() {
            let error = storage.name_file(error);
            return Err(storage.keep(&index, error));
        }
        match storage {
            Storage::Stored(stored) => Ok((stored, index)),
            _ => Err(InvalidSettings::NeedsFile.into()),
        }
    }

    /// Ends a movie that failed with `cause`: nothing is published, and what was written can be recovered.
    pub(crate) fn fail(self, cause: Error) -> Error {
        let Self { mut muxer, sound, storage, index, .. } = self;
        if let SoundTrack::Live(sound) = sound {
            sound.give_up(&mut muxer);
        }
        // The cause is the error to report, even if the last second cannot be saved.
        let _ = muxer.finish();
        storage.keep(&index, cause)
    }

    /// Ends an abandoned movie in the same way; an error on the way becomes the cause.
    pub(crate) fn leave(self, cause: Error) -> Error {
        let Self { mut muxer, sound, mut storage, index, .. } = self;
        if let SoundTrack::Live(sound) = sound {
            sound.give_up(&mut muxer);
        }
        let ended = muxer.finish().and_then(|()| storage.check());
        let cause = match ended {
            Ok(()) => cause,
            Err(error) => storage.name_file(error),
        };
        storage.keep(&index, cause)
    }
}

/// Ends the sound of a movie that ends at `end`, and returns its statistics. The rest of a `Live` sound is muxed here. A
/// `Later` sound is returned as a track, which the caller must mux.
fn end_sound(
    sound: SoundTrack,
    end: Timestamp,
    muxer: &mut Muxer,
    stop: &StopToken,
) -> Result<(Option<Track>, Option<AudioStats>)> {
    match sound {
        SoundTrack::Silent => Ok((None, None)),
        SoundTrack::Live(sound) => Ok((None, Some(sound.finish(end, muxer)?))),
        SoundTrack::Later(maker) => {
            let track = maker.finish(end, stop)?;
            let stats = track.stats.clone();
            Ok((Some(track), Some(stats)))
        }
    }
}
