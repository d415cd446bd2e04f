//! What can be read of a movie that was cut short.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use super::holes::{Coded, without_holes};
use crate::av::{Demuxer, Packet, Parser};
use crate::error::{Error, InvalidInput, Result};
use crate::segment::{self, PacketIndex, is_frame_damaged, is_h264_damaged};
use crate::settings::Container;

/// The most ticks from one packet to the next: containers keep them in 32 bits, which FFmpeg reads signed.
const MOST_GAP: i64 = i32::MAX as i64;

/// The frames of a movie that are whole.
pub(super) struct Salvage {
    path: PathBuf,
    container: Container,
    /// Bytes at its start that are read.
    bytes: u64,
    pub(super) index: PacketIndex,
}

impl Salvage {
    /// Reads the movie at `path`.
    ///
    /// # Errors
    /// [`Error::Input`] where it has no whole frame, a damaged header, or other streams; [`Error::Io`] where it cannot be
    /// read.
    pub(super) fn of(path: &Path, container: Container) -> Result<Self> {
        let input_error = |problem| Error::Input { name: path.display().to_string(), problem };
        let bytes = segment::bytes_with_frames(path, container)?;
        let open = || segment::open_up_to(path, container, bytes);
        let mut movie = match open() {
            Ok(movie) if movie.has_other_streams() => return Err(input_error(InvalidInput::OtherStreams)),
            // A run that was killed before its first fragment left no index, or not all of it.
            Err(Error::Libav(_)) => return Err(input_error(InvalidInput::NothingToRecover)),
            opened => opened?,
        };
        if !movie.stream_parameters()?.describes_frames(container) {
            return Err(input_error(InvalidInput::DamagedHeader));
        }
        let index = read_index(&mut movie, container).map_err(|error| error.on_path(path))?;
        if index.packets().is_empty() {
            return Err(input_error(InvalidInput::NothingToRecover));
        }
        // The decoder knows what a header must say.
        match open()?.stream_info() {
            Ok(stream) if stream.pixel_format.is_some() => {
                Ok(Self { path: path.to_owned(), container, bytes, index })
            }
            Ok(_) | Err(Error::Libav(_)) => Err(input_error(InvalidInput::DamagedHeader)),
            Err(error) => Err(error.on_path(path)),
        }
    }

    /// Opens it at its start.
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

/// What `movie` holds, up to the first frame of which bytes were lost, or whose time is damaged, and without frames at the end
/// that are shown behind one that is missing.
fn read_index(movie: &mut Demuxer, container: Container) -> Result<PacketIndex> {
    let stream = movie.stream_parameters()?;
    let is_damaged = if stream.has_lengths() { is_h264_damaged } else { is_frame_damaged };
    let last = Cell::new(None);
    // Matroska has no decoding times, and FFmpeg makes some up.
    let follows = |packet: &Packet| match packet.dts() {
        Some(dts) if !container.is_matroska() => {
            let gap = last.replace(Some(dts)).map_or(1, |last: i64| dts.saturating_sub(last));
            (1..=MOST_GAP).contains(&gap) && packet.pts().is_none_or(|pts| pts >= dts)
        }
        _ => true,
    };
    // Of other codecs, packets come in the order in which they are shown.
    let parser = RefCell::new(if stream.has_lengths() { Parser::open(&stream)? } else { None });
    let coded = RefCell::new(Vec::new());
    // What FFmpeg refuses behind whole frames is damage: a size that is larger than memory, for example.
    let next_packet = |movie: &mut Demuxer| {
        let mut packet = match movie.next_packet() {
            Err(Error::Libav(_)) => return Ok(None),
            packet => packet?,
        };
        if let (Some(parser), Some(packet)) = (&mut *parser.borrow_mut(), &mut packet) {
            let order = parser.picture_order(packet);
            coded.borrow_mut().push(Coded { keyframe: packet.is_keyframe(), order });
        }
        Ok(packet)
    };
    let mut index = PacketIndex::read(movie, container, next_packet, |packet: &Packet| {
        !packet.is_corrupt() && !is_damaged(packet.data()) && follows(packet)
    })?;
    if parser.into_inner().is_some() {
        let mut coded = coded.into_inner();
        coded.truncate(index.packets().len());
        // In H.264 each field has an order.
        let usual_step = if stream.codec_name() == "hevc" { 1 } else { 2 };
        index.truncate(without_holes(&coded, usual_step), movie)?;
    }
    Ok(index)
}
