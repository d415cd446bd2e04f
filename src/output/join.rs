//! One movie of many: segments that were encoded apart, or movies of equal parameters, one after the other.

use std::cell::Cell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::{Packets, Segment};
use super::destination::Destination;
use super::stored::copy_to;
use super::{Output, OutputTarget};
use crate::av::{Demuxer, Packet, StreamInfo, StreamParameters};
use crate::error::{Error, InvalidInput, InvalidSettings, Result};
use crate::segment::{self, IndexedPacket, PacketIndex, is_frame_damaged, is_h264_damaged};
use crate::settings::Container;
use crate::stop::StopToken;
use crate::time::{FrameRate, TimeBase};

/// The most frames by which a packet is decoded before it is shown; x264's limit.
const MOST_REORDERED: usize = 32;

/// The time base of Matroska, in which most frame periods are rounded.
const MILLISECONDS: TimeBase = TimeBase { numerator: 1, denominator: 1_000 };

/// More ticks than any movie has, of which some can be added up.
const MOST_TICKS: u64 = 1 << 56;

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
            false => Some(segment::open(&segment.path, segment.container)?.stream_info()?),
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
    if !stream.is_of_known_codec() {
        return Err(not_joinable(path, "is of a codec that framemill does not write"));
    }
    let is_damaged = if stream.has_lengths() { is_h264_damaged } else { is_frame_damaged };
    let (are_whole, are_shown) = (Cell::new(true), Cell::new(true));
    let keep = |packet: &Packet| {
        are_whole.set(!packet.is_corrupt() && !is_damaged(packet.data()));
        are_shown.set(are_shown.get() && !packet.is_hidden());
        are_whole.get()
    };
    let mut index = PacketIndex::read(&mut movie, *container, keep).map_err(named)?;
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

/// The movie so far.
struct Joint {
    stream: StreamParameters,
    /// What the first packets say, where the stream does not.
    info: Option<StreamInfo>,
    /// Where all frames last equally long, how many come in a second.
    constant_rate: Option<FrameRate>,
    index: PacketIndex,
    /// Ticks of a frame period, where the rate is known.
    frame_ticks: Option<i64>,
    /// When the last frames are shown, in that order.
    shown: VecDeque<i64>,
    /// When the movie ends.
    end: i64,
}

impl Joint {
    fn new(stream: StreamParameters, info: Option<StreamInfo>, index: PacketIndex, container: Container) -> Self {
        let mut joint = Self {
            info,
            constant_rate: stream.frame_rate.filter(|_| container.is_constant_rate()),
            index: PacketIndex::new(clock(&stream, index.time_base)),
            frame_ticks: None,
            shown: VecDeque::new(),
            end: 0,
            stream,
        };
        joint.frame_ticks = joint
            .stream
            .frame_rate
            .map(|rate| rate.exact().frame_time_base().at(1).rescale(joint.index.time_base).ticks);
        // The first segment has none before it that it could meet.
        let _ = joint.push(&index);
        joint
    }

    /// Adds a segment, or returns why it does not fit.
    fn add(
        &mut self,
        stream: &StreamParameters,
        info: Option<StreamInfo>,
        index: &PacketIndex,
    ) -> Result<(), String> {
        if let Some(difference) = self.stream.difference(stream) {
            return Err(difference);
        }
        if self.info != info {
            return Err("was encoded with other settings, or by another version".to_owned());
        }
        if let Some(rate) = self.constant_rate
            && stream.frame_rate != Some(rate)
        {
            return Err(format!("has another frame rate than {rate}, and the container has one for all frames"));
        }
        self.push(index)
    }

    fn push(&mut self, index: &PacketIndex) -> Result<(), String> {
        let from = index.time_base;
        let to_movie = |ticks: i64| self.on_frame(from, ticks);
        let first = index.packets().iter().map(|packet| packet.pts).min().unwrap_or(0);
        // The first segment keeps the time at which it starts.
        let offset = if self.index.packets().is_empty() { 0 } else { self.end - to_movie(first) };
        let mut packets: Vec<IndexedPacket> = index
            .packets()
            .iter()
            .map(|packet| {
                let (pts, end) = (to_movie(packet.pts) + offset, to_movie(packet.pts + packet.duration) + offset);
                IndexedPacket { pts, dts: to_movie(packet.dts) + offset, duration: end - pts, ..*packet }
            })
            .collect();
        self.decode_before(&mut packets)?;
        let mut shown: Vec<i64> = packets.iter().map(|packet| packet.pts).collect();
        shown.sort_unstable();
        self.shown.extend(shown);
        self.shown.drain(..self.shown.len().saturating_sub(MOST_REORDERED));
        self.end = packets.iter().map(|packet| packet.pts + packet.duration).max().unwrap_or(self.end);
        for packet in packets {
            self.index.push(packet, packet.bytes.into());
        }
        Ok(())
    }

    /// Gives packets that are decoded before the segment's first frame is shown the times of the frames before, as one
    /// encoder for all would.
    fn decode_before(&self, packets: &mut [IndexedPacket]) -> Result<(), String> {
        let Some(last) = self.index.packets().last().map(|packet| packet.dts) else { return Ok(()) };
        let start = self.end;
        let early = packets.iter().take_while(|packet| packet.dts < start).count();
        let before = self.shown.len().checked_sub(early).map(|first| self.shown.range(first..));
        let times: Vec<i64> = match before {
            Some(times) if times.clone().next().is_none_or(|first| *first > last) => times.copied().collect(),
            _ => (1..=early as i64).map(|step| last + (start - last) * step / (early as i64 + 1)).collect(),
        };
        for (packet, dts) in packets.iter_mut().zip(times) {
            packet.dts = dts;
        }
        let early: Vec<i64> =
            [last].into_iter().chain(packets.iter().take(early).map(|packet| packet.dts)).collect();
        match early.windows(2).all(|pair| pair[0] < pair[1]) {
            true => Ok(()),
            false => {
                Err("comes too close to the one before it: its frames would be decoded at the same time".to_owned())
            }
        }
    }

    /// A time of a segment in ticks of the movie. A time that the segment rounded, and that is nearest to a whole number
    /// of frame periods, becomes that number of periods.
    fn on_frame(&self, from: TimeBase, ticks: i64) -> i64 {
        let to = self.index.time_base;
        let time = from.at(ticks).rescale(to).ticks;
        let Some(period) = self.frame_ticks.filter(|period| *period > 0) else { return time };
        let nearest = (time + period / 2).div_euclid(period) * period;
        if to.at(nearest).rescale(from).ticks == ticks { nearest } else { time }
    }
}

/// In what the movie counts its time: as the segments do, or, where these round it, so that a frame period is whole.
fn clock(stream: &StreamParameters, time_base: TimeBase) -> TimeBase {
    match stream.frame_rate.map(FrameRate::exact) {
        Some(rate) if time_base == MILLISECONDS => rate.fine_time_base().0,
        _ => time_base,
    }
}
