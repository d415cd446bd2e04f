//! One movie of many: segments that were encoded apart, or movies of equal parameters, one after the other.

use std::cell::Cell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::{Packets, Segment};
use super::destination::Destination;
use super::joint::{Joint, MILLISECONDS};
use super::stored::copy_to;
use super::{Output, OutputTarget};
use crate::av::{Demuxer, Packet, StreamParameters};
use crate::error::{Error, InvalidInput, InvalidSettings, Result};
use crate::segment::{self, PacketIndex, is_frame_damaged, is_h264_damaged};
use crate::settings::Container;
use crate::stop::StopToken;

/// More ticks than any movie has, of which some can be added up.
const MOST_TICKS: u64 = 1 << 48;

/// What [`join`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Joined {
    /// The movie.
    pub path: PathBuf,
    /// Movies that it was made of.
    pub segments: u64,
    /// Frames in it.
    pub frames: u64,
    /// How long it plays.
    pub duration: Duration,
    /// Its size.
    pub bytes: u64,
}

/// Makes one movie of `segments`, one after the other, without encoding anything again.
///
/// They are finished movies in the same container, of the same size, codec and settings: segments that
/// [jobs](crate::VideoWriterBuilder::jobs) on other machines made, or movies. Each frame is shown as long as in its segment. The
/// description of the movie, such as its title, is that of the first. One segment at a time is open. Only the index is in
/// memory: 33 bytes per frame, and about 270 while an MP4 is written. The movie is published whole, or not at all.
///
/// ```no_run
/// let joined = framemill::join(["part-0.mp4", "part-1.mp4"], "movie.mp4")?;
/// println!("{} frames", joined.frames);
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] for a segment that is still written, is shorter than its container says, has frames of which bytes are
/// missing, or does not go with the first: it names the segment.
/// [`Error::Io`] where reading or writing fails. [`Error::NoFrames`] where there are no segments, and
/// [`Error::Settings`] for an output that is no file.
pub fn join<P: AsRef<Path>>(segments: impl IntoIterator<Item = P>, output: impl Into<Output>) -> Result<Joined> {
    join_until(segments, output, &StopToken::default())
}

/// Joins as [`join`] does, until `stop` says to stop: then it fails with [`Error::Stopped`], and nothing is left.
///
/// # Errors
/// As [`join`], and [`Error::Stopped`].
pub fn join_until<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    output: impl Into<Output>,
    stop: &StopToken,
) -> Result<Joined> {
    let output = output.into();
    let container = output.resolved_container()?;
    let OutputTarget::Path(path) = output.target else { return Err(InvalidSettings::NeedsPath.into()) };
    let destination = Destination::new(&path, output.clobber)?;
    let mut joint: Option<Joint> = None;
    let mut segments = VecDeque::new();
    for path in paths.into_iter().map(|path| path.as_ref().to_owned()) {
        stop.check()?;
        refuse_itself(&path, destination.path())?;
        let segment = Segment { container: fitting_container(&path, container)?, path };
        let (stream, index) = read_whole(&segment)?;
        let info = match stream.has_setup() {
            true => None,
            false => {
                let info = segment::open(&segment.path, segment.container)?.stream_info();
                Some(info.map_err(|error| error.on_path(&segment.path))?)
            }
        };
        match &mut joint {
            None => joint = Some(Joint::new(stream, info, index, container)),
            Some(joint) => {
                joint.add(&stream, info, &index).map_err(|problem| not_joinable(&segment.path, problem))?
            }
        }
        segments.push_back(segment);
    }
    let count = segments.len() as u64;
    // Read twice: once to know that all fits, and once to copy.
    let (Some(joint), Some(packets)) = (joint, Packets::of_several(segments)?) else { return Err(Error::NoFrames) };
    let bytes = copy_to(packets, container, &joint.index, &destination, stop)?.publish(&destination)?;
    let duration = Duration::try_from_secs_f64(joint.index.end().as_secs_f64()).unwrap_or_default();
    Ok(Joined { path, segments: count, frames: joint.index.packets().len() as u64, duration, bytes })
}

/// The movie must not take the place of what it is made of.
fn refuse_itself(segment: &Path, destination: &Path) -> Result<()> {
    match std::fs::canonicalize(segment) {
        Ok(same) if std::fs::canonicalize(destination).is_ok_and(|movie| movie == same) => {
            Err(not_joinable(segment, "is the movie to be made: give the movie another name"))
        }
        _ => Ok(()),
    }
}

fn not_joinable(path: &Path, problem: impl Into<String>) -> Error {
    let problem = InvalidInput::NotJoinable { problem: problem.into() };
    Error::Input { name: path.display().to_string(), problem }
}

/// The container of a segment, which must be that of the movie.
fn fitting_container(path: &Path, container: Container) -> Result<Container> {
    let data = std::fs::metadata(path).map_err(|source| Error::io("read", Some(path), source))?;
    if !data.is_file() {
        return Err(not_joinable(path, "is no file, and is read twice"));
    }
    if segment::is_in_use(path)? {
        return Err(Error::Input { name: path.display().to_string(), problem: InvalidInput::StillWritten });
    }
    let found = segment::container(path)?.ok_or_else(|| not_joinable(path, "is no movie"))?;
    if found == container {
        return Ok(found);
    }
    Err(not_joinable(path, format!("is {}, and the movie is to be {}", found.name(), container.name())))
}

/// The description and the packets of a segment, of which nothing may be missing.
fn read_whole(segment: &Segment) -> Result<(StreamParameters, PacketIndex)> {
    let Segment { path, container } = segment;
    let named = |error: Error| match error {
        Error::Libav(cause) => not_joinable(path, format!("is damaged, or not finished: {cause}")),
        error => error.on_path(path),
    };
    let mut movie = segment::open(path, *container).map_err(named)?;
    if movie.stream_count() > 1 {
        return Err(not_joinable(path, "has other streams beside a video"));
    }
    let stream = movie.stream_parameters().map_err(|error| named(error.into()))?;
    if !stream.describes_frames(*container) {
        return Err(not_joinable(path, "is of a codec that framemill does not write"));
    }
    let is_damaged = if stream.has_lengths() { is_h264_damaged } else { is_frame_damaged };
    let (are_whole, are_shown) = (Cell::new(true), Cell::new(true));
    let keep = |packet: &Packet| {
        are_whole.set(!packet.is_corrupt() && !is_damaged(packet.data()));
        are_shown.set(are_shown.get() && !packet.is_hidden());
        are_whole.get()
    };
    let mut index = PacketIndex::read(&mut movie, *container, Demuxer::next_packet, keep).map_err(named)?;
    let is_whole = are_whole.get() && segment::is_whole(path, *container)?;
    let is_possible = |ticks: i64| ticks.unsigned_abs() < MOST_TICKS;
    let are_possible =
        index.packets().iter().all(|packet| [packet.pts, packet.dts, packet.duration].into_iter().all(is_possible));
    match index.packets().first() {
        _ if !are_possible => Err(not_joinable(path, "has times that no movie has")),
        _ if !are_shown.get() => Err(not_joinable(path, "hides some of its frames by an edit list")),
        _ if !is_whole => Err(not_joinable(path, "is damaged, or not whole")),
        None => Err(not_joinable(path, "has no frames")),
        Some(first) if !first.keyframe => Err(not_joinable(path, "does not start with a keyframe")),
        Some(_) => {
            complete_last_duration(&movie, stream.frame_ticks(), &mut index)
                .map_err(|problem| not_joinable(path, problem))?;
            Ok((stream, index))
        }
    }
}

/// The last frame lasts until the movie ends, as its container says: its own duration may be that of any frame.
fn complete_last_duration(
    movie: &Demuxer,
    frame_ticks: Option<i64>,
    index: &mut PacketIndex,
) -> Result<(), &'static str> {
    let time_base = index.time_base;
    let Some(length) = movie.told_duration() else { return Ok(()) };
    let first = index.packets().iter().map(|packet| packet.pts).min().unwrap_or(0);
    let Some(last) = index.packets_mut().iter_mut().max_by_key(|packet| packet.pts) else { return Ok(()) };
    let duration = first.saturating_add(time_base.nearest_tick(length)) - last.pts;
    // Movies that framemill did not write may round their length to a millisecond, where frames have finer times.
    let rounding = if time_base == MILLISECONDS { 0 } else { time_base.nearest_tick(Duration::from_micros(500)) };
    let is_rounded = frame_ticks == Some(last.duration) && (duration - last.duration).abs() <= rounding;
    if duration <= 0 && !is_rounded {
        return Err("has frames behind its end, so its times are damaged");
    }
    if !is_rounded {
        last.duration = duration;
    }
    Ok(())
}
