//! Reads as much as possible of a movie that was cut short.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use super::holes::{Coded, without_holes};
use crate::av::{Demuxer, Packet, Parser};
use crate::error::{Error, InvalidInput, Result};
use crate::segment::{self, PacketIndex, SegmentSource, damage_check};
use crate::settings::Container;

/// The most ticks between two packets: containers store them in 32 bits, which FFmpeg reads as signed.
const MAX_GAP: i64 = i32::MAX as i64;

/// The complete frames of a movie.
pub(super) struct Salvage {
    path: PathBuf,
    container: Container,
    /// The number of bytes at its start that are readable.
    bytes: u64,
    pub(super) index: PacketIndex,
    /// The duration that a finished movie records, in ticks, if all of its frames are readable.
    pub(super) recorded_length: Option<i64>,
}

impl Salvage {
    /// Reads the movie at `path`.
    ///
    /// # Errors
    /// [`Error::Input`] if it has no complete frame, a damaged header, or other streams; [`Error::Io`] if it cannot be
    /// read.
    pub(super) fn of(path: &Path, container: Container) -> Result<Self> {
        let input_error = |problem| Error::Input { name: path.display().to_string(), problem };
        let bytes = segment::bytes_with_frames(path, container)?;
        let open = || segment::open_up_to(path, container, bytes);
        let mut movie = match open() {
            Ok(movie) if movie.has_other_streams() => return Err(input_error(InvalidInput::OtherStreams)),
            // A run that was killed before its first fragment left no index, or only a part of it.
            Err(Error::Libav(_)) => return Err(input_error(InvalidInput::NothingToRecover)),
            opened => opened?,
        };
        if !movie.stream_parameters()?.describes_frames(container) {
            return Err(input_error(InvalidInput::DamagedHeader));
        }
        let (mut index, is_complete) = read_index(&mut movie, container).map_err(|error| error.on_path(path))?;
        let recorded_length = if is_complete { recorded_length(path, container, &movie, &index)? } else { None };
        index.lengthen(recorded_length.unwrap_or(0));
        if index.packets().is_empty() {
            return Err(input_error(InvalidInput::NothingToRecover));
        }
        // The decoder checks the header.
        match open()?.stream_info() {
            Ok(stream) if stream.pixel_format.is_some() => {
                Ok(Self { path: path.to_owned(), container, bytes, index, recorded_length })
            }
            Ok(_) | Err(Error::Libav(_)) => Err(input_error(InvalidInput::DamagedHeader)),
            Err(error) => Err(error.on_path(path)),
        }
    }

    /// Opens the movie at its start.
    pub(super) fn open(&self) -> Result<Demuxer> {
        segment::open_up_to(&self.path, self.container, self.bytes)
    }

    pub(super) fn container(&self) -> Container {
        self.container
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Returns the duration of the video of a finished movie in ticks. Until a movie is finished, its container records no
/// duration, or one that is too short.
fn recorded_length(path: &Path, container: Container, movie: &Demuxer, index: &PacketIndex) -> Result<Option<i64>> {
    let source = SegmentSource::path(path);
    if !source.is_whole(container)? {
        return Ok(None);
    }
    let nearest_tick = |length| index.time_base.nearest_tick(length);
    if container.is_mp4_family() {
        let header = source.header_duration()?.map(nearest_tick);
        let summed = if source.has_fragment_index()? { movie.duration() } else { None };
        return Ok(header.or(summed));
    }
    let length = match movie.audio_info() {
        // Sound may end later.
        Some(_) => movie.duration(),
        None => movie.stated_duration().map(nearest_tick),
    };
    // Matroska rounds times to its ticks, so a frame may seem a tick longer.
    Ok(length.filter(|length| *length > index.length() + 1))
}

/// Returns the index of `movie`, up to the first frame with missing bytes or a damaged time, and without frames at the end
/// that are shown after a missing one. Also returns whether these are all frames.
fn read_index(movie: &mut Demuxer, container: Container) -> Result<(PacketIndex, bool)> {
    let stream = movie.stream_parameters()?;
    let is_damaged = damage_check(&stream);
    let last = Cell::new(None);
    // Matroska has no decoding times, and FFmpeg makes some up.
    let follows = |packet: &Packet| match packet.dts() {
        Some(dts) if !container.is_matroska() => {
            let gap = last.replace(Some(dts)).map_or(1, |last: i64| dts.saturating_sub(last));
            (1..=MAX_GAP).contains(&gap) && packet.pts().is_none_or(|pts| pts >= dts)
        }
        _ => true,
    };
    // Packets of other codecs are in presentation order.
    let parser = RefCell::new(if stream.has_lengths() { Parser::open(&stream)? } else { None });
    let coded = RefCell::new(Vec::new());
    let has_ended = Cell::new(false);
    // An FFmpeg error after complete frames means damage, such as a size larger than memory.
    let next_packet = |movie: &mut Demuxer| {
        let mut packet = match movie.next_packet() {
            Err(Error::Libav(_)) => return Ok(None),
            packet => packet?,
        };
        has_ended.set(packet.is_none());
        if let (Some(parser), Some(packet)) = (&mut *parser.borrow_mut(), &mut packet) {
            let order = parser.picture_order(packet);
            coded.borrow_mut().push(Coded { keyframe: packet.is_keyframe(), order });
        }
        Ok(packet)
    };
    let mut index = PacketIndex::read(movie, container, next_packet, |packet: &Packet| {
        !packet.is_corrupt() && !is_damaged(packet.data()) && follows(packet)
    })?;
    let frames = index.packets().len();
    if parser.into_inner().is_some() {
        let mut coded = coded.into_inner();
        coded.truncate(index.packets().len());
        // In H.264 each field has an order.
        let usual_step = if stream.codec_name() == "hevc" { 1 } else { 2 };
        index.truncate(without_holes(&coded, usual_step), movie)?;
    }
    let is_complete = has_ended.get() && index.packets().len() == frames;
    Ok((index, is_complete))
}
