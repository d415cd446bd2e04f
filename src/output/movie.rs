//! A movie being written: its muxer, the index of what it wrote, and the ways in which it ends.

use std::time::Duration;

use super::place::Place;
use super::stored::{Finished, Stored};
use super::{Kept, Output};
use crate::av::{Muxer, Packet, StreamParameters};
use crate::error::{Error, InvalidSettings, Result};
use crate::segment::{Cut, FragmentClock, IndexedPacket, PacketIndex};
use crate::settings::Container;
use crate::stop::StopToken;

/// A movie of one stream, on its way to where it belongs. Dropping it throws it away.
pub(crate) struct Movie {
    muxer: Muxer,
    container: Container,
    place: Place,
    clock: FragmentClock,
    index: PacketIndex,
    stop: StopToken,
}

impl Movie {
    /// Opens the output and writes the header.
    ///
    /// When `stop` says so, finishing it ends early, and what is there stays to be recovered.
    pub(crate) fn create(
        output: Output,
        container: Container,
        stream: &StreamParameters,
        stop: StopToken,
    ) -> Result<Self> {
        let (place, sink) = Place::open(output, container)?;
        let layout = place.layout(&sink, container);
        let muxer = Muxer::open(sink, container, layout, stream).map_err(|error| place.name_file(error))?;
        let index = PacketIndex::new(stream.time_base);
        let clock = if place.waits() { FragmentClock::new() } else { FragmentClock::without_waiting() };
        Ok(Self { muxer, container, place, clock, index, stop })
    }

    /// Writes a packet, which shows for `duration`; gives the bytes that it takes in the movie.
    pub(crate) fn write(&mut self, packet: Packet, duration: Duration) -> Result<u64> {
        let entry = IndexedPacket::of(&packet);
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

    /// Ends the movie, whose packets say how long they are shown, and publishes it; gives its size in bytes.
    pub(crate) fn finish(self) -> Result<u64> {
        let Self { muxer, container, place, index, stop, .. } = self;
        match muxer.finish() {
            Ok(()) => place.publish(container, &index, &stop),
            Err(error) => {
                let error = place.name_file(error);
                Err(place.keep(&index, error))
            }
        }
    }

    /// Ends the movie and publishes nothing yet.
    pub(crate) fn finish_apart(self) -> Result<Finished> {
        let stop = self.stop.clone();
        let (stored, index) = self.end_stored()?;
        stored.finish(&index, &stop)
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
        let Self { muxer, place, index, .. } = self;
        // The cause is what counts; whether the last second could still be saved changes nothing about it.
        let _ = muxer.finish();
        place.keep(&index, cause)
    }

    /// Ends a movie that was given up, in the same way; what goes wrong is the cause then.
    pub(crate) fn leave(self, cause: Error) -> Error {
        let Self { muxer, mut place, index, .. } = self;
        let ended = muxer.finish().and_then(|()| place.check());
        let cause = match ended {
            Ok(()) => cause,
            Err(error) => place.name_file(error),
        };
        place.keep(&index, cause)
    }
}
