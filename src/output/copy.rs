//! Copies segments to a plain movie: the same packets, with one index.

use std::collections::VecDeque;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::interleaved::{Next, interleaved};
use crate::av::{Demuxer, FileLayout, Muxer, Packet, Sink, StreamParameters};
use crate::error::{Error, Result};
use crate::segment::{FragmentClock, IndexedPacket, PacketIndex, SegmentMark, SegmentSource};
use crate::settings::Container;
use crate::stop::StopToken;
use crate::time::FrameRate;
use crate::track::{Track, TrackPacket};

/// FFmpeg needs 8 bytes more than the index for the box that fills the remaining space.
const FREE_BOX_BYTES: u64 = 8;

/// The packets of one movie or of several, of which one at a time is open.
pub(super) struct MoviePackets {
    open: Demuxer,
    /// The name of the open segment in errors, if it is one of several.
    name: Option<PathBuf>,
    rest: VecDeque<SegmentFile>,
    /// Whether to remove the mark of a plan's segment, because the movie is not a segment.
    drops_mark: bool,
}

/// A movie to read.
pub(super) struct SegmentFile {
    pub(super) source: SegmentSource,
    /// The name in errors: its path, or its position among the given segments.
    pub(super) name: PathBuf,
    pub(super) container: Container,
}

impl SegmentFile {
    pub(super) fn open(&self) -> Result<Demuxer> {
        self.source.open(self.container).map_err(|error| error.on_path(&self.name))
    }
}

impl MoviePackets {
    /// Reads a movie from its start.
    pub(super) fn of(movie: Demuxer) -> Self {
        Self { open: movie, name: None, rest: VecDeque::new(), drops_mark: false }
    }

    /// Reads a movie from its start, of which `frames` exist. A plan's segment that is not complete loses its mark.
    pub(super) fn of_rest(movie: Demuxer, frames: u64) -> Result<Self> {
        let mark = SegmentMark::take_from(&mut movie.stream_parameters()?.metadata);
        let is_short = |mark: SegmentMark| frames < mark.length(mark.movie_frames.unwrap_or(u64::MAX));
        Ok(Self { drops_mark: mark.is_some_and(is_short), ..Self::of(movie) })
    }

    /// Reads several movies, one after another; `None` if there are none.
    pub(super) fn of_several(mut segments: VecDeque<SegmentFile>) -> Result<Option<Self>> {
        let Some(first) = segments.pop_front() else { return Ok(None) };
        Ok(Some(Self { open: first.open()?, name: Some(first.name), rest: segments, drops_mark: true }))
    }

    fn stream_parameters(&self) -> Result<StreamParameters> {
        let mut stream = self.open.stream_parameters()?;
        if self.drops_mark {
            SegmentMark::take_from(&mut stream.metadata);
        }
        Ok(stream)
    }

    fn next_packet(&mut self) -> Result<Option<Packet>> {
        loop {
            let packet = self.open.next_packet().map_err(|error| match &self.name {
                Some(name) => error.on_path(name),
                None => error,
            })?;
            if packet.is_some() {
                return Ok(packet);
            }
            let Some(next) = self.rest.pop_front() else { return Ok(None) };
            self.open = next.open()?;
            self.name = Some(next.name);
        }
    }
}

/// Segments to copy, the sound of all, and the size of the copy.
pub(super) struct Copy<'a> {
    packets: MoviePackets,
    stream: StreamParameters,
    index: &'a PacketIndex,
    track: Option<&'a mut Track>,
    container: Container,
    layout: FileLayout,
    bytes: u64,
}

impl<'a> Copy<'a> {
    /// Prepares a copy of the packets in `index`, and of `track`.
    pub(super) fn new(
        packets: MoviePackets,
        container: Container,
        index: &'a PacketIndex,
        track: Option<&'a mut Track>,
    ) -> Result<Self> {
        let mut copy = Self::laid_out(packets, container, index, track, FileLayout::IndexLast)?;
        if container.is_mp4_family() {
            let (frames_bytes, file_bytes) = measure(container, &copy.stream, index, copy.track.as_deref())?;
            let index_bytes = index_bytes(frames_bytes, file_bytes);
            copy.layout = FileLayout::IndexFirst { index_bytes };
            copy.bytes = frames_bytes + index_bytes;
        }
        Ok(copy)
    }

    /// Prepares a copy of the packets in `index`, and of `track`, to an output that takes bytes in order.
    pub(super) fn to_stream(
        packets: MoviePackets,
        container: Container,
        index: &'a PacketIndex,
        track: Option<&'a mut Track>,
    ) -> Result<Self> {
        let layout = if container.is_mp4_family() { FileLayout::Fragmented } else { FileLayout::IndexLast };
        Self::laid_out(packets, container, index, track, layout)
    }

    fn laid_out(
        packets: MoviePackets,
        container: Container,
        index: &'a PacketIndex,
        track: Option<&'a mut Track>,
        layout: FileLayout,
    ) -> Result<Self> {
        let mut stream = packets.stream_parameters()?;
        stream.time_base = index.time_base;
        if container.is_matroska() {
            // Matroska stores a frame's duration in nanoseconds.
            stream.frame_rate = stream.frame_rate.map(FrameRate::exact);
        }
        let video = index.packets().iter().map(|packet| u64::from(packet.bytes));
        let audio = track.iter().flat_map(|track| track.packets()).map(|packet| u64::from(packet.bytes));
        let bytes = video.chain(audio).sum();
        Ok(Self { packets, stream, index, track, container, layout, bytes })
    }

    /// Returns the approximate size of the movie in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns where the movie is cut, as if its frames came at once: Matroska into clusters, and MP4 into fragments.
    fn clock(&self) -> Option<FragmentClock> {
        let is_fragmented = self.layout == FileLayout::Fragmented;
        let clock = (self.container.is_matroska() || is_fragmented).then(FragmentClock::without_waiting)?;
        Some(if is_fragmented && self.track.is_some() { clock.with_sound() } else { clock })
    }

    /// Writes the movie to `sink`, until `stop` stops it. Each packet is read once, and must be unchanged.
    pub(super) fn write(mut self, sink: Sink, stop: &StopToken) -> Result<()> {
        let audio = self.track.as_ref().map(|track| &track.stream);
        let mut muxer = Muxer::open(sink, self.container, self.layout, &self.stream, audio)?;
        let mut clock = self.clock();
        let time_base = self.index.time_base;
        let (audio_time_base, mut audio) = match self.track.take() {
            Some(track) => (track.stream.time_base, Some(track.read()?)),
            None => (time_base, None),
        };
        let listed: &[TrackPacket] = audio.as_ref().map_or(&[], |(listed, _)| listed);
        for next in interleaved(self.index, listed, audio_time_base) {
            stop.check()?;
            match next {
                Next::Audio(place) => {
                    if let Some((listed, reader)) = &mut audio {
                        muxer.write_audio(reader.next_packet(listed[place])?)?;
                    }
                }
                Next::Video(place) => {
                    let bytes = muxer.write(self.next_packet(place)?)?;
                    let shown_for = time_base.at(self.index.packets()[place].duration).as_secs_f64();
                    let shown_for = Duration::try_from_secs_f64(shown_for).unwrap_or_default();
                    if clock.as_mut().is_some_and(|clock| clock.due(shown_for, bytes).is_some()) {
                        muxer.cut()?;
                    }
                }
            }
        }
        muxer.finish()
    }

    /// Returns the next packet of the video, which must be the one in the index.
    fn next_packet(&mut self, place: usize) -> Result<Packet> {
        let expected = self.index.packets()[place];
        let packet = self.packets.next_packet()?.filter(|packet| !packet.is_corrupt());
        let Some(mut packet) = packet.filter(|packet| packet.bytes() == u64::from(expected.bytes)) else {
            return Err(lost(place, self.index.packets().len()));
        };
        packet.set_times(expected.pts, expected.dts, self.index.stored_duration(place, self.container));
        Ok(packet)
    }
}

/// Makes the error for packets that cannot be read again: a disk or a file system may have lost them.
fn lost(read: usize, written: usize) -> Error {
    let lost = format!("{written} frames were written, but only {read} can be read");
    Error::io("read back", None, io::Error::new(io::ErrorKind::InvalidData, lost))
}

/// Returns the size of the movie without and with its index at the end, by writing blank packets.
fn measure(
    container: Container,
    stream: &StreamParameters,
    index: &PacketIndex,
    track: Option<&Track>,
) -> Result<(u64, u64)> {
    let size = Size::default();
    let sink = Sink::Seekable(Box::new(Measure { position: 0, size: size.clone() }));
    let mut muxer = Muxer::open(sink, container, FileLayout::IndexLast, stream, track.map(|track| &track.stream))?;
    let (audio, audio_time_base) = match track {
        Some(track) => (track.packets(), track.stream.time_base),
        None => (&[][..], index.time_base),
    };
    for next in interleaved(index, audio, audio_time_base) {
        match next {
            Next::Audio(place) => {
                let mut packet = Packet::of_bytes(&vec![0; audio[place].bytes as usize], true)?;
                audio[place].apply_to(&mut packet)?;
                muxer.write_audio(packet)?;
            }
            Next::Video(place) => {
                let IndexedPacket { pts, dts, bytes, keyframe, .. } = index.packets()[place];
                let mut packet = Packet::blank(bytes, keyframe, stream)?;
                packet.set_times(pts, dts, index.stored_duration(place, container));
                muxer.write(packet)?;
            }
        }
    }
    muxer.cut()?;
    let frames_bytes = size.get();
    muxer.finish()?;
    Ok((frames_bytes, size.get()))
}

/// Returns the space for an index that extended the file from `frames_bytes` to `file_bytes` when it came after the
/// frames. Beyond 4 GiB its offsets need twice the space, and an index before the frames moves them further.
fn index_bytes(frames_bytes: u64, file_bytes: u64) -> u64 {
    let index = file_bytes - frames_bytes;
    let near_4_gib = file_bytes + index > u64::from(u32::MAX) / 2;
    FREE_BOX_BYTES + if near_4_gib { 2 * index } else { index }
}

/// The length that a file has reached.
#[derive(Clone, Default)]
struct Size(Arc<AtomicU64>);

impl Size {
    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A file that only counts bytes.
struct Measure {
    position: u64,
    size: Size,
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.position += bytes.len() as u64;
        self.size.0.fetch_max(self.position, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Measure {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.size.get().checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_near_4_gib_gets_space_for_long_offsets() {
        assert_eq!(index_bytes(1_000, 1_500), 508);
        assert_eq!(index_bytes(4_294_967_000, 4_294_968_000), 2_008);
    }
}
