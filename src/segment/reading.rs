//! Opens existing movies, complete or cut short.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::cut_mp4::Mp4Extent;
use super::declared::declared_bytes;
use super::first_bytes::FirstBytes;
use crate::av::{Demuxer, SeekableSource};
use crate::error::{Error, Result};
use crate::settings::Container;

/// The number of evenly spaced places to probe.
const EVEN_PROBES: u64 = 32;

/// Opens a movie in `container` at its start.
pub(crate) fn open(path: &Path, container: Container) -> Result<Demuxer> {
    open_up_to(path, container, u64::MAX)
}

/// Opens a movie as if it ended after `bytes` bytes.
pub(crate) fn open_up_to(path: &Path, container: Container, bytes: u64) -> Result<Demuxer> {
    let file = File::open(path).map_err(|source| Error::io("read", Some(path), source))?;
    open_source_up_to(file, container, bytes).map_err(|error| error.on_path(path))
}

/// Opens a movie as if it ended after `bytes` bytes, or earlier if the end of an MP4 is incomplete. Errors do not name
/// the file.
pub(super) fn open_source_up_to(
    mut file: impl SeekableSource + 'static,
    container: Container,
    bytes: u64,
) -> Result<Demuxer> {
    let failed = |source| Error::io("read", None, source);
    let readable = bytes.min(readable_bytes_of(&mut file, container).map_err(failed)?);
    let file = FirstBytes::new(file, readable).map_err(failed)?;
    Demuxer::open(Box::new(file), container)
}

/// Returns how many bytes at the start of a movie FFmpeg can read frames from. It rejects a whole movie for damage in
/// one place, but can read the part before.
pub(crate) fn bytes_with_frames(path: &Path, container: Container) -> Result<u64> {
    if has_frames(path, container, u64::MAX)? {
        return Ok(u64::MAX);
    }
    let ends = Ends::of(path, container)?;
    let mut refused = ends.count();
    let mut found = None;
    for probe in probes(refused) {
        if has_frames(path, container, ends.at(probe))? {
            found = Some(probe);
            break;
        }
        refused = probe;
    }
    let Some(mut readable) = found else { return Ok(u64::MAX) };
    while readable + 1 < refused {
        let middle = readable + (refused - readable) / 2;
        if has_frames(path, container, ends.at(middle))? {
            readable = middle;
        } else {
            refused = middle;
        }
    }
    Ok(ends.at(readable))
}

/// Returns where to probe for a readable place among `count`, from the last one on: near the end in growing steps, as
/// most damage is there, and evenly elsewhere.
fn probes(count: u64) -> Vec<u64> {
    let near = (0..u64::BITS).map_while(|step| count.checked_sub(1 << step));
    let mut probes: Vec<u64> = near.chain((0..EVEN_PROBES).map(|part| count / EVEN_PROBES * part)).collect();
    probes.retain(|probe| *probe < count);
    probes.sort_unstable();
    probes.dedup();
    probes.reverse();
    probes
}

/// The places where a movie can be cut.
enum Ends {
    /// After the frames of each fragment of an MP4.
    Fragments(Vec<u64>),
    /// Anywhere.
    Bytes(u64),
}

impl Ends {
    fn of(path: &Path, container: Container) -> Result<Self> {
        let failed = |source| Error::io("read", Some(path), source);
        let mut file = File::open(path).map_err(failed)?;
        if !container.is_mp4_family() {
            return Ok(Self::Bytes(file.metadata().map_err(failed)?.len()));
        }
        Ok(Self::Fragments(Mp4Extent::of(&mut file).map_err(failed)?.ends))
    }

    fn count(&self) -> u64 {
        match self {
            Self::Fragments(ends) => ends.len() as u64,
            Self::Bytes(bytes) => *bytes,
        }
    }

    fn at(&self, place: u64) -> u64 {
        match self {
            Self::Fragments(ends) => ends[place as usize],
            Self::Bytes(_) => place,
        }
    }
}

/// Returns whether FFmpeg reads a frame from the first `bytes`. A failing disk is an error.
fn has_frames(path: &Path, container: Container, bytes: u64) -> Result<bool> {
    match open_up_to(path, container, bytes).and_then(|mut movie| movie.next_packet()) {
        Ok(packet) => Ok(packet.is_some()),
        Err(Error::Libav(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns whether a movie in `container` has no complete frame. An unreadable movie may have some.
pub(crate) fn is_blank(path: &Path, container: Container) -> bool {
    match open(path, container).and_then(|mut movie| movie.next_packet()) {
        Ok(packet) => packet.is_none(),
        Err(error) => matches!(error, Error::Libav(_)),
    }
}

/// Returns whether a file has all the bytes that its container records.
pub(super) fn is_whole(file: &mut (impl Read + Seek), container: Container) -> io::Result<bool> {
    let bytes = file.seek(SeekFrom::End(0))?;
    if container.is_mp4_family() {
        return Ok(Mp4Extent::of(file)?.readable_bytes >= bytes);
    }
    Ok(declared_bytes(file, container)?.is_none_or(|declared| declared <= bytes))
}

/// Returns how many bytes are missing from a file according to its container.
pub(crate) fn missing_bytes(path: &Path, container: Container) -> Result<u64> {
    let missing = || {
        let mut file = File::open(path)?;
        let bytes = file.seek(SeekFrom::End(0))?;
        Ok(declared_bytes(&mut file, container)?.map_or(0, |declared| declared.saturating_sub(bytes)))
    };
    missing().map_err(|source| Error::io("read", Some(path), source))
}

/// Returns how many bytes of a file belong to a movie that FFmpeg can read, as far as the container shows.
pub(crate) fn readable_bytes(path: &Path, container: Container) -> Result<u64> {
    let bytes = File::open(path).and_then(|mut file| readable_bytes_of(&mut file, container));
    bytes.map_err(|source| Error::io("read", Some(path), source))
}

fn readable_bytes_of(file: &mut (impl Read + Seek), container: Container) -> io::Result<u64> {
    match container.is_mp4_family() {
        true => Ok(Mp4Extent::of(file)?.readable_bytes),
        false => file.seek(SeekFrom::End(0)),
    }
}

/// The number of bytes at the start of a file that show its container. A Matroska file has its kind in its first
/// element.
const FIRST_BYTES: u64 = 64;

/// The kind (DocType, RFC 8794, 11.2.6) of a WebM file, with its element's name and length.
const WEBM: &[u8] = b"\x42\x82\x84webm";

/// Detects the container from a file's first bytes.
pub(crate) fn container(path: &Path) -> Result<Option<Container>> {
    let container = File::open(path).and_then(|mut file| container_of(&mut file));
    container.map_err(|source| Error::io("read", Some(path), source))
}

/// Detects the container of a file that is at its start.
pub(super) fn container_of(file: &mut impl Read) -> io::Result<Option<Container>> {
    let mut start = Vec::new();
    file.take(FIRST_BYTES).read_to_end(&mut start)?;
    Ok(match (start.get(..4), start.get(4..8), start.get(8..12)) {
        (_, Some(b"ftyp"), Some(b"qt  ")) => Some(Container::Mov),
        (_, Some(b"ftyp"), Some(b"M4V ")) => Some(Container::M4v),
        (_, Some(b"ftyp"), Some(_)) => Some(Container::Mp4),
        (Some(b"RIFF"), _, Some(b"AVI ")) => Some(Container::Avi),
        (Some([0x1a, 0x45, 0xdf, 0xa3]), _, _) => Some(match memchr::memmem::find(&start, WEBM) {
            Some(_) => Container::Webm,
            None => Container::Mkv,
        }),
        _ => None,
    })
}
