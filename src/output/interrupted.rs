//! A movie whose run was interrupted, and that another run goes on with.

use std::io::{Seek, SeekFrom};
use std::path::Path;

use super::memory::SharedBuffer;
use super::salvage::Salvage;
use super::{Output, OutputTarget};
use crate::av::{Demuxer, Layout, Muxer, Packet, Parser, Sink, StreamParameters};
use crate::error::{Error, InvalidInput, Result};
use crate::segment::{self, parts_of};
use crate::settings::Container;
use crate::stats::PictureType;
use crate::time::TimeBase;

/// The frames of an interrupted run behind which another encoder goes on: all frames of some number are there, and
/// refer to no other ones.
pub(crate) struct Interrupted {
    salvage: Salvage,
    /// When its packets are shown and decoded, by the numbers of frames, in the order of decoding.
    numbers: Vec<(i64, i64)>,
}

/// What an interrupted run left of a movie, and another one would keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resumable {
    /// Frames that are there.
    pub frames: u64,
    /// Pixels a row, as they were encoded: an odd width was padded.
    pub width: u32,
    /// Rows, as they were encoded.
    pub height: u32,
}

/// A packet of an interrupted run.
pub(crate) struct KeptPacket {
    pub(crate) packet: Packet,
    /// The frame that it holds.
    pub(crate) shown: i64,
    /// The frame at whose time it is decoded; it may lie before the first.
    pub(crate) decoded: i64,
    pub(crate) picture_type: Option<PictureType>,
}

impl Interrupted {
    /// Finds the part file beside `output` that has the most frames; `None` where there is none with a frame. With
    /// `segment_frames`, whole segments are kept.
    pub(crate) fn find(
        output: &Output,
        container: Container,
        frame_period: (TimeBase, i64),
        segment_frames: Option<usize>,
    ) -> Result<Option<Self>> {
        let OutputTarget::Path(path) = &output.target else { return Ok(None) };
        let mut found: Option<Self> = None;
        for part in parts_of(path) {
            let Some(salvage) = readable(&part, container)? else { continue };
            let interrupted = Self::of(salvage, frame_period, segment_frames)?;
            if interrupted.frames() > found.as_ref().map_or(0, Self::frames) {
                found = Some(interrupted);
            }
        }
        Ok(found)
    }

    fn of(salvage: Salvage, frame_period: (TimeBase, i64), segment_frames: Option<usize>) -> Result<Self> {
        let numbers = numbers_of(&salvage, frame_period)?;
        let (mut last, mut kept) = (-1, 0);
        for (place, (shown, _)) in (1..).zip(&numbers) {
            last = last.max(*shown);
            // Packets are distinct frames: so many of them with none beyond are all of them.
            let is_closed = last + 1 == place as i64;
            if is_closed && segment_frames.is_none_or(|frames| place % frames.max(1) == 0) {
                kept = place;
            }
        }
        Ok(Self { salvage, numbers: numbers[..kept].to_vec() })
    }

    /// How many frames are kept.
    pub(crate) fn frames(&self) -> u64 {
        self.numbers.len() as u64
    }

    pub(crate) fn resumable(&self) -> Result<Resumable> {
        let stream = self.salvage.open()?.stream_info()?;
        Ok(Resumable { frames: self.frames(), width: stream.width, height: stream.height })
    }

    /// The file that has them.
    pub(crate) fn path(&self) -> &Path {
        self.salvage.path()
    }

    /// Gives each packet to `take`, in the order of decoding, as an encoder gives packets.
    pub(crate) fn each(&self, take: impl FnMut(KeptPacket) -> Result<()>) -> Result<()> {
        self.each_of(&self.numbers, take)
    }

    fn each_of(&self, numbers: &[(i64, i64)], mut take: impl FnMut(KeptPacket) -> Result<()>) -> Result<()> {
        let mut movie = self.salvage.open()?;
        let stream = movie.stream_parameters()?;
        let mut parser = Parser::open(&stream)?;
        for (&(shown, decoded), expected) in numbers.iter().zip(self.salvage.index.packets()) {
            let packet = movie.next_packet().map_err(|error| error.on_path(self.path()))?;
            let packet = packet.filter(|packet| packet.bytes() == u64::from(expected.bytes));
            let Some(mut packet) = packet else {
                return Err(refused(self.path(), "was changed while it was read"));
            };
            let picture_type = parser.as_mut().and_then(|parser| parser.picture_type(&mut packet));
            if stream.has_lengths() {
                packet.replace_lengths()?;
            }
            take(KeptPacket { packet, shown, decoded, picture_type })?;
        }
        Ok(())
    }

    /// Checks that packets of `new`, as an encoder describes them, can follow those that are kept.
    pub(crate) fn check_stream(&self, new: &StreamParameters) -> Result<()> {
        let kept = self.salvage.open()?.stream_parameters()?;
        match kept.difference(&self.as_it_is_written(new)?) {
            None => Ok(()),
            Some(difference) => {
                Err(refused(self.path(), format!("was made with other settings: the new run {difference}")))
            }
        }
    }

    /// What the container says of a stream: muxers describe it in other words than encoders.
    fn as_it_is_written(&self, stream: &StreamParameters) -> Result<StreamParameters> {
        let buffer = SharedBuffer::default();
        let sink = Sink::Seekable(Box::new(buffer.clone()));
        let mut muxer = Muxer::open(sink, self.salvage.container(), Layout::IndexLast, stream)?;
        self.each_of(&self.numbers[..1], |kept| muxer.write(kept.packet).map(drop))?;
        muxer.finish()?;
        let mut written = buffer;
        written.seek(SeekFrom::Start(0)).map_err(|source| Error::io("read", None, source))?;
        Ok(Demuxer::open(Box::new(written), self.salvage.container())?.stream_parameters()?)
    }
}

/// What can be read of a part file; `None` where it has no frame, or a run is writing it.
fn readable(part: &Path, container: Container) -> Result<Option<Salvage>> {
    if segment::is_in_use(part)? {
        return Ok(None);
    }
    match segment::container(part)? {
        None => return Ok(None),
        Some(found) if found != container => {
            return Err(refused(part, format!("is {}, and the movie is to be {}", found.name(), container.name())));
        }
        Some(_) => {}
    }
    match Salvage::of(part, container) {
        Ok(salvage) => Ok(Some(salvage)),
        Err(Error::Input { problem: InvalidInput::NothingToRecover, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The times of packets by the numbers of frames, which come at a constant rate.
fn numbers_of(salvage: &Salvage, (time_base, frame_ticks): (TimeBase, i64)) -> Result<Vec<(i64, i64)>> {
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
    let mut numbers = Vec::with_capacity(salvage.index.packets().len());
    for packet in salvage.index.packets() {
        if !is_on_time(packet.pts) || packet.pts < 0 {
            return Err(refused(
                salvage.path(),
                "has frames at other times than the frame rate gives, and only a movie of a constant rate is resumed",
            ));
        }
        numbers.push((number(packet.pts), number(packet.dts)));
    }
    Ok(numbers)
}

fn refused(part: &Path, problem: impl Into<String>) -> Error {
    let problem = InvalidInput::NotResumable { problem: problem.into() };
    Error::Input { name: part.display().to_string(), problem }
}
