//! From what an encoder's run left, whole or cut short, to a plain movie: the same packets, with one index.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::av::{Demuxer, Layout, Muxer, Packet, Sink, StreamParameters};
use crate::error::Result;
use crate::settings::Container;
use crate::time::{TimeBase, Timestamp};

/// FFmpeg needs 8 bytes more than the index for the box that fills the rest.
const FREE_BOX_BYTES: u64 = 8;

/// What a first reading found.
pub(super) struct Survey {
    /// When each whole frame is shown, in the order of showing.
    shown: Vec<i64>,
    /// When the last frame ends.
    end: i64,
    time_base: TimeBase,
    /// When each frame is decoded, where the container keeps no such times.
    decoded: Option<Vec<i64>>,
    layout: Layout,
}

impl Survey {
    /// Whole frames.
    pub(super) fn frames(&self) -> u64 {
        self.shown.len() as u64
    }

    /// When the last frame ends.
    pub(super) fn end(&self) -> Timestamp {
        self.time_base.at(self.end)
    }

    /// Puts the times of a frame on its packet. Demuxers do not tell durations reliably: a frame lasts until the next.
    fn set_times(&self, packet: &mut Packet, position: usize) {
        let pts = presentation_time(packet);
        let dts = match &self.decoded {
            Some(times) => times.get(position).copied(),
            None => packet.dts(),
        };
        let next = self.shown.partition_point(|time| *time <= pts);
        let end = self.shown.get(next).copied().unwrap_or(self.end);
        packet.set_times(pts, dts.unwrap_or(pts), end - pts);
    }
}

/// Reads the movie that `open` opens once, to know what its copy needs. `end` is when the last frame ends, where that
/// is known; else the last frame is taken to last a frame period, or as long as the one before it.
pub(super) fn survey(
    open: &impl Fn() -> Result<Demuxer>,
    container: Container,
    end: Option<Timestamp>,
) -> Result<Survey> {
    let mut demuxer = open()?;
    let stream = demuxer.stream_parameters()?;
    let mut shown = Vec::new();
    while let Some(packet) = next_whole_packet(&mut demuxer)? {
        shown.push(presentation_time(&packet));
    }
    let decoded = (container == Container::Mkv).then(|| decoding_times(shown.clone()));
    shown.sort_unstable();
    let end = match end {
        Some(end) => end.rescale(stream.time_base).ticks,
        None => guess_end(&shown, &demuxer, &stream),
    };
    let mut survey = Survey { shown, end, time_base: stream.time_base, decoded, layout: Layout::IndexLast };
    if container.is_mp4_family() {
        let index_bytes = measure_index(open, container, &survey)?;
        survey.layout = Layout::IndexFirst { index_bytes };
    }
    Ok(survey)
}

/// Copies the movie that `open` opens to `sink`, frame by frame, as the survey found it.
pub(super) fn copy(
    open: &impl Fn() -> Result<Demuxer>,
    container: Container,
    survey: &Survey,
    sink: Sink,
) -> Result<()> {
    copy_frames(open, container, survey, sink)?.finish()
}

fn copy_frames(
    open: &impl Fn() -> Result<Demuxer>,
    container: Container,
    survey: &Survey,
    sink: Sink,
) -> Result<Muxer> {
    let mut demuxer = open()?;
    let mut muxer = Muxer::open(sink, container, survey.layout, &demuxer.stream_parameters()?)?;
    let mut position = 0;
    while let Some(mut packet) = next_whole_packet(&mut demuxer)? {
        survey.set_times(&mut packet, position);
        muxer.write(packet)?;
        position += 1;
    }
    Ok(muxer)
}

/// Room for the index: what a copy that goes nowhere needs for it.
fn measure_index(open: &impl Fn() -> Result<Demuxer>, container: Container, survey: &Survey) -> Result<u64> {
    let size = Size::default();
    let sink = Sink::Seekable(Box::new(Measure { position: 0, size: size.clone() }));
    let mut muxer = copy_frames(open, container, survey, sink)?;
    muxer.cut()?;
    let frames_bytes = size.get();
    muxer.finish()?;
    Ok(index_bytes(frames_bytes, size.get()))
}

/// The last packet of a movie that was cut short may be cut short too.
fn next_whole_packet(demuxer: &mut Demuxer) -> Result<Option<Packet>> {
    Ok(demuxer.next_packet()?.filter(|packet| !packet.is_corrupt()))
}

/// AVI tells when frames are decoded only, and they are shown then.
fn presentation_time(packet: &Packet) -> i64 {
    packet.pts().or(packet.dts()).unwrap_or(0)
}

fn guess_end(shown: &[i64], demuxer: &Demuxer, stream: &StreamParameters) -> i64 {
    let Some(last) = shown.last() else {
        return 0;
    };
    let before = shown.len().checked_sub(2).map(|index| last - shown[index]);
    last + stream.frame_ticks().or(before).or_else(|| demuxer.duration()).unwrap_or(1)
}

/// Room for an index that took the file from `frames_bytes` to `file_bytes` when it was behind the frames. Beyond
/// 4 GiB its offsets take twice the room, and being first it moves the frames towards that.
fn index_bytes(frames_bytes: u64, file_bytes: u64) -> u64 {
    let index = file_bytes - frames_bytes;
    let near_4_gib = file_bytes + index > u64::from(u32::MAX) / 2;
    FREE_BOX_BYTES + if near_4_gib { 2 * index } else { index }
}

/// A decoding time for each frame, given when each is shown, in the order of decoding: the earliest time that this or
/// a later frame is shown. It never falls, and is never after the frame's own.
fn decoding_times(mut presentation_times: Vec<i64>) -> Vec<i64> {
    let mut earliest = i64::MAX;
    for time in presentation_times.iter_mut().rev() {
        earliest = earliest.min(*time);
        *time = earliest;
    }
    presentation_times
}

/// How long a file has become.
#[derive(Clone, Default)]
struct Size(Arc<AtomicU64>);

impl Size {
    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A file that only counts.
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
    fn decoding_times_never_fall_and_never_follow_the_picture() {
        let shown = vec![0, 160, 80, 40, 120, 320, 240];
        let decoded = decoding_times(shown.clone());
        assert_eq!(decoded, [0, 40, 40, 40, 120, 240, 240]);
        assert!(decoded.iter().zip(&shown).all(|(dts, pts)| dts <= pts));
    }

    #[test]
    fn an_index_near_4_gib_gets_room_for_long_offsets() {
        assert_eq!(index_bytes(1_000, 1_500), 508);
        assert_eq!(index_bytes(4_294_967_000, 4_294_968_000), 2_008);
    }
}
