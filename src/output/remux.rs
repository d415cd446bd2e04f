//! From what an encoder's run left, whole or cut short, to a plain movie: the same packets, with one index.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::av::{Demuxer, Layout, Muxer, Packet, Sink, StreamParameters};
use crate::error::Result;
use crate::settings::Container;
use crate::time::Timestamp;

/// FFmpeg needs 8 bytes more than the index for the box that fills the rest.
const FREE_BOX_BYTES: u64 = 8;

/// What a first reading found.
pub(super) struct Survey {
    /// Whole frames.
    pub(super) frames: u64,
    /// When the last frame ends.
    pub(super) end: Option<Timestamp>,
    /// Decoding times, where the container keeps none.
    decoding_times: Option<Vec<i64>>,
    layout: Layout,
}

/// Reads the movie that `open` opens once, to know what its copy needs.
pub(super) fn survey(open: &impl Fn() -> Result<Demuxer>, container: Container) -> Result<Survey> {
    let mut survey = Survey { frames: 0, end: None, decoding_times: None, layout: Layout::IndexLast };
    let mut presentation_times = Vec::new();
    let mut demuxer = open()?;
    let stream = demuxer.stream_parameters()?;
    let mut last_end = i64::MIN;
    let size = Size::default();
    let mut muxer = match container {
        Container::Mkv => None,
        _ => {
            Some(Muxer::open(Sink::Seekable(Box::new(Measure::new(&size))), container, Layout::IndexLast, &stream)?)
        }
    };
    while let Some(packet) = next_whole_packet(&mut demuxer)? {
        let pts = packet.pts().or(packet.dts()).unwrap_or(0);
        last_end = last_end.max(pts + packet.duration());
        survey.frames += 1;
        match &mut muxer {
            Some(muxer) => drop(muxer.write(packet)?),
            None => presentation_times.push(pts),
        }
    }
    if survey.frames > 0 {
        survey.end = Some(stream.time_base.at(last_end));
    }
    if container == Container::Mkv {
        survey.decoding_times = Some(decoding_times(presentation_times));
    }
    if let Some(mut muxer) = muxer
        && container.is_mp4_family()
    {
        muxer.cut()?;
        let frames_bytes = size.get();
        muxer.finish()?;
        survey.layout = Layout::IndexFirst { index_bytes: index_bytes(frames_bytes, size.get()) };
    }
    Ok(survey)
}

/// Copies the movie that `open` opens to `sink`, frame by frame, as the survey found it.
pub(super) fn copy(
    open: &impl Fn() -> Result<Demuxer>,
    container: Container,
    survey: Survey,
    sink: Sink,
) -> Result<()> {
    let mut demuxer = open()?;
    let stream: StreamParameters = demuxer.stream_parameters()?;
    let mut muxer = Muxer::open(sink, container, survey.layout, &stream)?;
    let mut decoding_times = survey.decoding_times.into_iter().flatten();
    while let Some(mut packet) = next_whole_packet(&mut demuxer)? {
        if let Some(dts) = decoding_times.next() {
            packet.set_times(packet.pts().unwrap_or(dts), dts, packet.duration());
        }
        muxer.write(packet)?;
    }
    muxer.finish()
}

/// The last packet of a movie that was cut short may be cut short too.
fn next_whole_packet(demuxer: &mut Demuxer) -> Result<Option<Packet>> {
    Ok(demuxer.next_packet()?.filter(|packet| !packet.is_corrupt()))
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

impl Measure {
    fn new(size: &Size) -> Self {
        Self { position: 0, size: size.clone() }
    }
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
