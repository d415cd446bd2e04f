//! Checks a segment to join: its container, its mark, and whether it is complete.

use std::cell::{Cell, OnceCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::SegmentFile;
use super::joined_timeline::MILLISECONDS;
use crate::av::{Demuxer, Packet, StreamParameters};
use crate::error::{Error, InvalidInput, Result};
use crate::segment::{self, PacketIndex, SegmentMark, SegmentSource, damage_check, x264_version};
use crate::settings::Container;
use crate::time::TimeBase;

/// More ticks than any movie has, but few enough that sums do not overflow.
const MAX_TICKS: u64 = 1 << 48;

pub(super) fn not_joinable(name: &Path, problem: impl Into<String>) -> Error {
    let problem = InvalidInput::NotJoinable { problem: problem.into() };
    Error::Input { name: name.display().to_string(), problem }
}

/// Opens a segment, which must have the same container as the movie. `place` is its position among the given segments,
/// from 0.
pub(super) fn segment_file(source: SegmentSource, place: usize, container: Container) -> Result<SegmentFile> {
    let name = source.as_path().map_or_else(|| PathBuf::from(format!("segments[{place}]")), Path::to_owned);
    if let Some(path) = source.as_path() {
        check_file(path)?;
    }
    let found = source.container()?.ok_or_else(|| not_joinable(&name, "is not a movie"))?;
    if found == container {
        return Ok(SegmentFile { source, name, container });
    }
    Err(not_joinable(&name, format!("is {}, but the movie should be {}", found.name(), container.name())))
}

/// Checks that a file can be read twice, and that no run is writing it.
fn check_file(path: &Path) -> Result<()> {
    let data = std::fs::metadata(path).map_err(|source| Error::io("read", Some(path), source))?;
    if !data.is_file() {
        return Err(not_joinable(path, "is not a regular file, but a join reads it twice"));
    }
    if segment::is_in_use(path)? {
        return Err(Error::Input { name: path.display().to_string(), problem: InvalidInput::StillWritten });
    }
    Ok(())
}

/// Returns the mark of a segment; `None` if the movie is not a segment of a plan.
pub(super) fn read_mark(segment: &SegmentFile) -> Result<Option<SegmentMark>> {
    let movie = open(segment)?;
    let mut stream = movie.stream_parameters().map_err(|error| of_segment(segment, error.into()))?;
    Ok(SegmentMark::take_from(&mut stream.metadata))
}

pub(super) fn open(segment: &SegmentFile) -> Result<Demuxer> {
    segment.open().map_err(|error| of_segment(segment, error))
}

/// Makes the error for reading a segment.
fn of_segment(segment: &SegmentFile, error: Error) -> Error {
    match error {
        Error::Libav(cause) => not_joinable(&segment.name, format!("is damaged or not finished: {cause}")),
        error => error.on_path(&segment.name),
    }
}

/// A complete segment.
pub(super) struct Whole {
    pub(super) stream: StreamParameters,
    pub(super) index: PacketIndex,
    /// The version of x264 that encoded it, if x264 did.
    pub(super) x264: Option<String>,
}

/// Returns the parameters and the packets of a segment, which must be complete. Sound is an error unless `drops_sound`.
pub(super) fn read_whole(segment: &SegmentFile, drops_sound: bool) -> Result<Whole> {
    let SegmentFile { source, name, container } = segment;
    let named = |error| of_segment(segment, error);
    let mut movie = open(segment)?;
    if movie.has_other_streams() {
        return Err(not_joinable(name, "has streams other than one video and its sound"));
    }
    if movie.audio_info().is_some() && !drops_sound {
        let problem = "has sound, which cannot be joined without gaps: add the sound of the whole movie once, as \
                       by --audio FILE";
        return Err(not_joinable(name, problem));
    }
    let stream = movie.stream_parameters().map_err(|error| named(error.into()))?;
    if !stream.describes_frames(*container) {
        return Err(not_joinable(name, "has a codec that framemill does not write"));
    }
    let is_damaged = damage_check(&stream);
    let (are_whole, are_shown) = (Cell::new(true), Cell::new(true));
    let x264 = OnceCell::new();
    let keep = |packet: &Packet| {
        x264.get_or_init(|| x264_version(packet.data()));
        are_whole.set(!packet.is_corrupt() && !is_damaged(packet.data()));
        are_shown.set(are_shown.get() && !packet.is_hidden());
        are_whole.get()
    };
    let mut index = PacketIndex::read(&mut movie, *container, Demuxer::next_packet, keep).map_err(named)?;
    let is_whole = are_whole.get() && source.is_whole(*container)?;
    let is_possible = |ticks: i64| ticks.unsigned_abs() < MAX_TICKS;
    let are_possible =
        index.packets().iter().all(|packet| [packet.pts, packet.dts, packet.duration].into_iter().all(is_possible));
    match index.packets().first() {
        _ if !are_possible => Err(not_joinable(name, "has impossible timestamps")),
        _ if !are_shown.get() => Err(not_joinable(name, "hides some of its frames by an edit list")),
        _ if !is_whole => Err(not_joinable(name, "is damaged or incomplete")),
        None => Err(not_joinable(name, "has no frames")),
        Some(first) if !first.keyframe => Err(not_joinable(name, "does not start with a keyframe")),
        Some(_) => {
            let length = video_length(&movie, segment, index.time_base)?;
            if length.is_none() && container.is_mp4_family() {
                // A fragmented movie only has the times between packets, and FFmpeg adds them up.
                index.lengthen(movie.duration().unwrap_or(0));
            }
            complete_last_duration(length, stream.frame_ticks(), &mut index)
                .map_err(|problem| not_joinable(name, problem))?;
            Ok(Whole { stream, index, x264: x264.into_inner().flatten() })
        }
    }
}

/// Returns the duration of the video of a movie in ticks; `None` if the container does not record it.
fn video_length(movie: &Demuxer, segment: &SegmentFile, time_base: TimeBase) -> Result<Option<i64>> {
    let recorded = match movie.audio_info() {
        _ if segment.container.is_mp4_family() => segment.source.header_duration()?,
        // Sound may end later, by the delay of its codec.
        Some(_) => return Ok(movie.duration()),
        None => movie.stated_duration(),
    };
    Ok(recorded.map(|length| time_base.nearest_tick(length)))
}

/// Sets the duration of the last frame so that it ends with the movie, `length` ticks after the first frame starts: the
/// packet may only have the usual duration of a frame. Returns why that is impossible, if it is.
fn complete_last_duration(
    length: Option<i64>,
    frame_ticks: Option<i64>,
    index: &mut PacketIndex,
) -> Result<(), &'static str> {
    let time_base = index.time_base;
    let Some(length) = length else { return Ok(()) };
    let first = index.packets().iter().map(|packet| packet.pts).min().unwrap_or(0);
    let Some(last) = index.packets_mut().iter_mut().max_by_key(|packet| packet.pts) else { return Ok(()) };
    let duration = first.saturating_add(length) - last.pts;
    // Movies that framemill did not write may round their length to a millisecond, even if frames have finer times.
    let rounding = if time_base == MILLISECONDS { 0 } else { time_base.nearest_tick(Duration::from_micros(500)) };
    let is_rounded = frame_ticks == Some(last.duration) && (duration - last.duration).abs() <= rounding;
    if duration <= 0 && !is_rounded {
        // FFmpeg 9 records when decoding ends.
        return Err(
            "has frames after its stated end: its timestamps are damaged, or they vary and another program wrote it",
        );
    }
    if !is_rounded {
        last.duration = duration;
    }
    Ok(())
}
