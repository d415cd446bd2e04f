//! An interrupted movie that another run continues.

use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::destination::Destination;
use super::memory::SharedBuffer;
use super::salvage::Salvage;
use super::{Output, OutputTarget, leftovers};
use crate::av::{Demuxer, FileLayout, MAX_B_FRAMES, Muxer, Packet, Parser, Sink, StreamParameters};
use crate::error::{Error, InvalidInput, Result, plural};
use crate::segment::{self, IndexedPacket, parts_of};
use crate::settings::Container;
use crate::stats::PictureType;
use crate::time::TimeBase;

/// The frames of an interrupted run that another encoder can continue: all frames up to some number, without references
/// to others.
pub(crate) struct Interrupted {
    salvage: Salvage,
    /// The times of the kept packets, in decoding order.
    times: Vec<ResumedTimes>,
    /// The path of the movie.
    destination: Destination,
    /// Part files of the same movie, this one among them, and their numbers of frames. A run that is resumed repeatedly
    /// leaves several.
    copies: Vec<(PathBuf, usize)>,
}

/// The times of a kept packet.
#[derive(Clone, Copy)]
struct ResumedTimes {
    /// The number of its frame.
    shown: i64,
    /// The decoding time in ticks of the movie.
    dts: i64,
}

/// The frames of an interrupted run that another run would keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resumable {
    /// The number of frames.
    pub frames: u64,
    /// The encoded width in pixels, with an odd width padded.
    pub width: u32,
    /// The encoded height in pixels.
    pub height: u32,
}

/// A packet of an interrupted run.
pub(crate) struct ResumedPacket {
    pub(crate) packet: Packet,
    /// The number of its frame.
    pub(crate) shown: i64,
    /// The decoding time in ticks of the movie.
    pub(crate) dts: i64,
    pub(crate) picture_type: Option<PictureType>,
}

impl Interrupted {
    /// Finds the part file beside `output` that has the most frames; `None` if there is none with a frame. With
    /// `segment_frames`, whole segments are kept.
    pub(crate) fn find(
        output: &Output,
        container: Container,
        frame_period: (TimeBase, i64),
        segment_frames: Option<usize>,
    ) -> Result<Option<Self>> {
        let OutputTarget::Path(path) = &output.target else { return Ok(None) };
        let destination = Destination::new(path, output.clobber)?;
        let mut all = Vec::new();
        for part in parts_of(destination.path()) {
            let Some(salvage) = readable(&part, container)? else { continue };
            let times = kept_times(&salvage, frame_period, segment_frames)?;
            // A part file of less than a segment cannot be compared, because its last frames were encoded differently. It
            // is left beside the movie.
            if !times.is_empty() {
                all.push(Self { salvage, times, destination: destination.clone(), copies: Vec::new() });
            }
        }
        let most = (0..all.len()).max_by_key(|place| all[*place].times.len());
        let Some(mut found) = most.map(|place| all.swap_remove(place)) else { return Ok(None) };
        for other in &all {
            if !other.is_start_of(&found)? {
                let problem = InvalidInput::OtherPart { other: other.path().to_owned() };
                return Err(Error::Input { name: found.path().display().to_string(), problem });
            }
        }
        let copies = all.iter().chain([&found]);
        found.copies = copies.map(|part| (part.path().to_owned(), part.packets().len())).collect();
        Ok(Some(found))
    }

    /// Returns whether another part file of the same movie starts with the frames that are kept of this one.
    fn is_start_of(&self, other: &Self) -> Result<bool> {
        let (mut own, mut others) = (self.salvage.open()?, other.salvage.open()?);
        for _ in 0..self.times.len().min(other.packets().len()) {
            let own = own.next_packet().map_err(|error| error.on_path(self.path()))?;
            let others = others.next_packet().map_err(|error| error.on_path(other.path()))?;
            match (own, others) {
                (Some(own), Some(others)) if own.has_same_bytes(&others) => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn packets(&self) -> &[IndexedPacket] {
        self.salvage.index.packets()
    }

    /// Marks the part files whose frames are kept for removal once the movie is published.
    pub(crate) fn adopt(&self) {
        leftovers::adopt(&self.destination, &self.copies);
    }

    /// Returns the number of kept frames.
    pub(crate) fn frames(&self) -> u64 {
        self.times.len() as u64
    }

    pub(crate) fn resumable(&self) -> Result<Resumable> {
        let stream = self.salvage.open()?.stream_info()?;
        Ok(Resumable { frames: self.frames(), width: stream.width, height: stream.height })
    }

    /// Returns the part file.
    pub(crate) fn path(&self) -> &Path {
        self.salvage.path()
    }

    /// Passes each packet to `take`, in decoding order, as an encoder returns packets.
    pub(crate) fn each(&self, take: impl FnMut(ResumedPacket) -> Result<()>) -> Result<()> {
        self.each_of(&self.times, take)
    }

    fn each_of(&self, times: &[ResumedTimes], mut take: impl FnMut(ResumedPacket) -> Result<()>) -> Result<()> {
        let mut movie = self.salvage.open()?;
        let stream = movie.stream_parameters()?;
        let mut parser = Parser::open(&stream)?;
        for (&ResumedTimes { shown, dts }, expected) in times.iter().zip(self.salvage.index.packets()) {
            let packet = movie.next_packet().map_err(|error| error.on_path(self.path()))?;
            let packet = packet.filter(|packet| packet.bytes() == u64::from(expected.bytes));
            let Some(mut packet) = packet else {
                return Err(refused(self.path(), "was changed while it was read"));
            };
            let picture_type = parser.as_mut().and_then(|parser| parser.picture_type(&mut packet));
            if stream.has_lengths() {
                packet.replace_lengths()?;
            }
            take(ResumedPacket { packet, shown, dts, picture_type })?;
        }
        Ok(())
    }

    /// Checks that packets of a `new` encoder can follow the kept ones.
    pub(crate) fn check_stream(&self, new: &StreamParameters) -> Result<()> {
        let kept = self.salvage.open()?.stream_parameters()?;
        let written = self.as_it_is_written(new)?;
        let has_other_rate = match (kept.frame_rate, written.frame_rate) {
            // An MP4 has no frame rate, and FFmpeg guesses one.
            (Some(kept), Some(written)) => !self.salvage.container().is_mp4_family() && kept != written,
            _ => false,
        };
        let difference = kept.difference(&written);
        match difference.or_else(|| has_other_rate.then(|| "has another frame rate".to_owned())) {
            None => Ok(()),
            Some(difference) => {
                Err(refused(self.path(), format!("was made with other settings: the new run {difference}")))
            }
        }
    }

    /// Returns the parameters as the container stores them, since muxers describe a stream differently from encoders.
    fn as_it_is_written(&self, stream: &StreamParameters) -> Result<StreamParameters> {
        let buffer = SharedBuffer::default();
        let sink = Sink::Seekable(Box::new(buffer.clone()));
        let mut muxer = Muxer::open(sink, self.salvage.container(), FileLayout::IndexLast, stream, None)?;
        self.each_of(&self.times[..1], |kept| muxer.write(kept.packet).map(drop))?;
        muxer.finish()?;
        let mut written = buffer;
        written.seek(SeekFrom::Start(0)).map_err(|source| Error::io("read", None, source))?;
        Ok(Demuxer::open(Box::new(written), self.salvage.container())?.stream_parameters()?)
    }
}

/// Returns what can be read of a part file; `None` if it has no frame.
fn readable(part: &Path, container: Container) -> Result<Option<Salvage>> {
    if segment::is_in_use(part)? {
        return Err(Error::Input { name: part.display().to_string(), problem: InvalidInput::StillWritten });
    }
    match segment::container(part)? {
        None => return Ok(None),
        Some(found) if found != container => {
            return Err(refused(
                part,
                format!("is {}, but the movie should be {}", found.name(), container.name()),
            ));
        }
        Some(_) => {}
    }
    match Salvage::of(part, container) {
        Ok(salvage) => Ok(Some(salvage)),
        Err(Error::Input { problem: InvalidInput::NothingToRecover, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the times of the packets to keep. With `segment_frames`, these are whole segments.
fn kept_times(
    salvage: &Salvage,
    frame_period: (TimeBase, i64),
    segment_frames: Option<usize>,
) -> Result<Vec<ResumedTimes>> {
    let mut times = times_of(salvage, frame_period)?;
    let (mut last, mut closed, mut kept) = (-1, 0, 0);
    for (place, packet) in (1..).zip(&times) {
        if packet.shown > last && closed + 1 < place {
            // An encoder returns all frames before the last one first, so the missing ones will not come any more.
            return Err(not_constant(salvage, frame_period));
        }
        last = last.max(packet.shown);
        // Packets are distinct frames, so this many of them, none with a higher number, are all of them.
        if last + 1 == place as i64 {
            closed = place;
            if segment_frames.is_none_or(|frames| place % frames.max(1) == 0) {
                kept = place;
            }
        }
    }
    let missing = last + 1 - times.len() as i64;
    // Frames may be missing only because the encoder would have returned these B-frames next. Of H.264 and HEVC,
    // `Salvage` already dropped the frames after a missing one.
    let has_b_frames = times.windows(2).any(|pair| pair[0].shown > pair[1].shown);
    let is_complete = !has_b_frames || salvage.open()?.stream_parameters()?.has_lengths();
    let most_missing = if is_complete { 0 } else { i64::from(MAX_B_FRAMES) };
    if missing > most_missing || is_last_held(salvage, frame_period) {
        return Err(not_constant(salvage, frame_period));
    }
    if let Some(frames) = segment_frames {
        check_segments(salvage, &times, frames.max(1))?;
    }
    times.truncate(kept);
    Ok(times)
}

/// Returns whether the last frame is shown for longer than a frame period, as far as the part file records it.
fn is_last_held(salvage: &Salvage, (time_base, frame_ticks): (TimeBase, i64)) -> bool {
    let shown = salvage.index.packets().iter().map(|packet| packet.pts);
    let (Some(length), Some(first), Some(last)) = (salvage.recorded_length, shown.clone().min(), shown.max())
    else {
        return false;
    };
    let period = time_base.at(frame_ticks).rescale(salvage.index.time_base).ticks;
    // A container may round times to its own ticks.
    length - (last - first) > period + 1
}

/// Checks that each segment starts with a keyframe.
fn check_segments(salvage: &Salvage, times: &[ResumedTimes], frames: usize) -> Result<()> {
    let starts = |shown: i64| shown % frames as i64 == 0;
    let is_whole =
        times.iter().zip(salvage.index.packets()).all(|(time, packet)| packet.keyframe || !starts(time.shown));
    if is_whole {
        return Ok(());
    }
    let problem = format!(
        "was not made in segments of {}, and needs the length that it was made with",
        plural(frames as u64, "frame")
    );
    Err(refused(salvage.path(), problem))
}

/// Returns the times of all packets, whose frames must come at a constant rate.
fn times_of(salvage: &Salvage, (time_base, frame_ticks): (TimeBase, i64)) -> Result<Vec<ResumedTimes>> {
    let from = salvage.index.time_base;
    let number = |ticks: i64| {
        let exact = from.at(ticks).rescale(time_base).ticks;
        (exact + frame_ticks / 2).div_euclid(frame_ticks)
    };
    // A container may round times to its own ticks.
    let is_on_time = |ticks: i64| {
        let expected = time_base.at(number(ticks) * frame_ticks).rescale(from).ticks;
        (expected - ticks).abs() <= 1
    };
    let packets = salvage.index.packets();
    if packets.iter().any(|packet| !is_on_time(packet.pts) || packet.pts < 0) {
        return Err(not_constant(salvage, (time_base, frame_ticks)));
    }
    let shown = packets.iter().map(|packet| number(packet.pts));
    // The number of frames by which decoding is ahead of presentation. Matroska does not store decoding times, and those
    // that FFmpeg computes from rounded times may lie after the frame is shown.
    let ahead = (0..).zip(shown.clone()).map(|(place, shown)| place - shown).max().unwrap_or(0);
    let mut last = i64::MIN;
    let times = (0..).zip(packets).zip(shown).map(|((place, packet), shown)| {
        let dts = if from == time_base { packet.dts } else { (place - ahead) * frame_ticks };
        last = dts.max(last.saturating_add(1));
        ResumedTimes { shown, dts: last }
    });
    Ok(times.collect())
}

/// Returns why the frames of a part file are not those of a run with this frame period.
fn not_constant(salvage: &Salvage, (time_base, frame_ticks): (TimeBase, i64)) -> Error {
    let new_period = time_base.at(frame_ticks).as_secs_f64();
    let problem = match other_period(salvage, new_period) {
        Some(period) => format!(
            "has {} frames per second, and the new run has {}",
            rate_text(period.recip()),
            rate_text(new_period.recip())
        ),
        None => {
            "has frames that do not follow the frame rate, such as held ones, and only a movie with a constant \
                 frame rate can be resumed"
                .to_owned()
        }
    };
    refused(salvage.path(), problem)
}

/// Returns the period in seconds of a part file whose frames are all shown equally long; `None` if they are not, or if it
/// is `new`.
fn other_period(salvage: &Salvage, new: f64) -> Option<f64> {
    let tick = salvage.index.time_base.at(1).as_secs_f64();
    let mut shown: Vec<i64> = salvage.index.packets().iter().map(|packet| packet.pts).collect();
    shown.sort_unstable();
    let (first, last) = (*shown.first()?, *shown.last()?);
    let period = (last - first) as f64 * tick / (shown.len() as f64 - 1.0);
    // A container may round times to its own ticks.
    let has_period = |period: f64| {
        let mut shown = (0..).zip(&shown);
        shown.all(|(number, shown)| ((shown - first) as f64 - f64::from(number) * period / tick).abs() <= 1.0)
    };
    // Two frames always have a period.
    (shown.len() > 2 && last > first && has_period(period) && !has_period(new)).then_some(period)
}

/// Formats a rate with at most three decimals.
fn rate_text(rate: f64) -> String {
    format!("{rate:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn refused(part: &Path, problem: impl Into<String>) -> Error {
    let problem = InvalidInput::NotResumable { problem: problem.into() };
    Error::Input { name: part.display().to_string(), problem }
}
