//! A movie being written: its muxer, the index of what it wrote, and the ways in which it ends.

use std::time::Duration;

use super::live_sound::LiveSound;
use super::place::Place;
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

/// A movie on its way to where it belongs. Dropping it throws it away.
pub(crate) struct Movie {
    muxer: Muxer,
    sound: Sound,
    container: Container,
    place: Place,
    clock: FragmentClock,
    index: PacketIndex,
    stop: StopToken,
}

/// Where the sound is made, where there is some.
enum Sound {
    Silent,
    /// It is put to the frames at the end.
    Later(TrackMaker),
    /// It is muxed beside them.
    Live(Box<LiveSound>),
}

/// What came of a movie.
pub(crate) struct Published {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its sound.
    pub(crate) audio: Option<AudioStats>,
}

impl Movie {
    /// Opens the output and writes the header.
    ///
    /// A movie in a sink gets its `sound` beside the frames, and others at their end.
    ///
    /// When `stop` says so, finishing it ends early, and what is there stays to be recovered.
    pub(crate) fn create(
        output: Output,
        container: Container,
        stream: &StreamParameters,
        sound: Option<TrackMaker>,
        stop: StopToken,
    ) -> Result<Self> {
        let (place, sink) = Place::open(output, container)?;
        let layout = place.layout(&sink, container);
        let is_live = place.is_sink();
        let audio = sound.as_ref().filter(|_| is_live).map(|maker| &maker.stream);
        let clock = if place.waits() { FragmentClock::new() } else { FragmentClock::without_waiting() };
        let muxer = Muxer::open(sink, container, layout, stream, audio).map_err(|error| place.name_file(error))?;
        let sound = match sound {
            None => Sound::Silent,
            Some(maker) if is_live => {
                let clock = FragmentClock::new();
                Sound::Live(Box::new(LiveSound::new(maker, stream.time_base, clock)))
            }
            Some(maker) => Sound::Later(maker),
        };
        let index = PacketIndex::new(stream.time_base);
        Ok(Self { muxer, sound, container, place, clock, index, stop })
    }

    /// Writes a packet, which shows for `duration`; gives the bytes that it takes in the movie.
    pub(crate) fn write(&mut self, packet: Packet, duration: Duration) -> Result<u64> {
        let entry = IndexedPacket::of(&packet);
        if let Sound::Live(sound) = &mut self.sound {
            let bytes = self.muxer.bytes_of(&packet);
            sound.write(packet, &mut self.muxer).map_err(|error| self.place.name_file(error))?;
            self.index.push(entry, bytes);
            return Ok(bytes);
        }
        let bytes = self.muxer.write(packet).map_err(|error| self.place.name_file(error))?;
        self.index.push(entry, bytes);
        if let Some(cut) = self.clock.due(duration, bytes) {
            if cut == Cut::Late {
                self.place.cut_late();
            }
            self.muxer.cut().map_err(|error| self.place.name_file(error))?;
            self.place.check()?;
        }
        Ok(bytes)
    }

    /// Reports why no more sound comes, where that is so. Frames can still be written then, and no sound.
    pub(crate) fn check_sound(&mut self) -> Result<()> {
        let has_failed = match &self.sound {
            Sound::Silent => false,
            Sound::Later(maker) => maker.has_ended(),
            Sound::Live(sound) => sound.has_failed(),
        };
        if !has_failed {
            return Ok(());
        }
        match std::mem::replace(&mut self.sound, Sound::Silent) {
            Sound::Silent => Ok(()),
            Sound::Later(maker) => maker.join().map(drop),
            Sound::Live(sound) => Err(sound.fail(&mut self.muxer)),
        }
    }

    /// Ends the movie at `end`, whose packets say how long they are shown, and publishes it.
    pub(crate) fn finish(self, end: Timestamp) -> Result<Published> {
        let Self { mut muxer, sound, container, place, index, stop, .. } = self;
        let (mut track, audio) = match end_sound(sound, end, &mut muxer, &stop) {
            Ok(ended) => ended,
            Err(error) => {
                // What counts is why there is no sound.
                let _ = muxer.finish();
                return Err(place.keep(&index, error));
            }
        };
        if let Err(error) = muxer.finish() {
            let error = place.name_file(error);
            return Err(place.keep(&index, error));
        }
        let bytes = place.publish(container, &index, track.as_mut(), &stop)?;
        Ok(Published { bytes, audio })
    }

    /// Ends the movie, with `track` as its sound, and publishes nothing yet.
    pub(crate) fn finish_apart(self, track: Option<&mut Track>) -> Result<Finished> {
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
        let Self { muxer, place, index, .. } = self;
        if let Err(error) = muxer.finish() {
            let error = place.name_file(error);
            return Err(place.keep(&index, error));
        }
        match place {
            Place::Stored(stored) => Ok((stored, index)),
            _ => Err(InvalidSettings::NeedsFile.into()),
        }
    }

    /// Ends a movie whose making failed with `cause`: nothing is published, and what is there stays to be recovered.
    pub(crate) fn fail(self, cause: Error) -> Error {
        let Self { mut muxer, sound, place, index, .. } = self;
        if let Sound::Live(sound) = sound {
            sound.give_up(&mut muxer);
        }
        // The cause is what counts; whether the last second could still be saved changes nothing about it.
        let _ = muxer.finish();
        place.keep(&index, cause)
    }

    /// Ends a movie that was given up, in the same way; what goes wrong is the cause then.
    pub(crate) fn leave(self, cause: Error) -> Error {
        let Self { mut muxer, sound, mut place, index, .. } = self;
        if let Sound::Live(sound) = sound {
            sound.give_up(&mut muxer);
        }
        let ended = muxer.finish().and_then(|()| place.check());
        let cause = match ended {
            Ok(()) => cause,
            Err(error) => place.name_file(error),
        };
        place.keep(&index, cause)
    }
}

/// The whole sound of a movie that ends at `end`: a track, unless it is muxed by then.
fn end_sound(
    sound: Sound,
    end: Timestamp,
    muxer: &mut Muxer,
    stop: &StopToken,
) -> Result<(Option<Track>, Option<AudioStats>)> {
    match sound {
        Sound::Silent => Ok((None, None)),
        Sound::Live(sound) => Ok((None, Some(sound.finish(end, muxer)?))),
        Sound::Later(maker) => {
            let track = maker.finish(end, stop)?;
            let stats = track.stats.clone();
            Ok((Some(track), Some(stats)))
        }
    }
}
