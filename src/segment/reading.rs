//! Opening movies that exist, whole or cut short.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::cut_mp4::CutMp4;
use super::declared::declared_bytes;
use crate::av::{Demuxer, SeekableSource};
use crate::error::{Error, Result};
use crate::settings::Container;

/// Opens a movie in `container` at its start.
pub(crate) fn open(path: &Path, container: Container) -> Result<Demuxer> {
    open_up_to(path, container, u64::MAX)
}

/// Opens the first `bytes` of a movie at their start. Of other containers than the MP4 family it opens all.
pub(crate) fn open_up_to(path: &Path, container: Container, bytes: u64) -> Result<Demuxer> {
    let told = |source| Error::io("read", Some(path), source);
    let file = File::open(path).map_err(told)?;
    let source: Box<dyn SeekableSource> = if container.is_mp4_family() {
        Box::new(CutMp4::new(file).map_err(told)?.up_to(bytes))
    } else {
        Box::new(file)
    };
    Demuxer::open(source, container).map_err(|error| error.on_path(path))
}

/// How many bytes at the start of a movie FFmpeg reads frames from. It refuses all of a fragmented MP4 where it does not
/// understand the index of one fragment; those before it can be read without it.
pub(crate) fn bytes_with_frames(path: &Path, container: Container) -> Result<u64> {
    if !container.is_mp4_family() || has_frames(path, container, u64::MAX)? {
        return Ok(u64::MAX);
    }
    let failed = |source| Error::io("read", Some(path), source);
    let movie = CutMp4::new(File::open(path).map_err(failed)?).map_err(failed)?;
    // Each of these ends a whole fragment at least. FFmpeg reads up to all that lie before the one that it refuses.
    let ends = movie.fragments().get(1..).unwrap_or_default();
    let (mut readable, mut refused) = (0, ends.len());
    while readable < refused {
        let middle = readable + (refused - readable) / 2;
        if has_frames(path, container, ends[middle])? {
            readable = middle + 1;
        } else {
            refused = middle;
        }
    }
    Ok(readable.checked_sub(1).map_or(u64::MAX, |last| ends[last]))
}

/// Whether FFmpeg reads a frame from the first `bytes`. A disk that fails says nothing about that, and is an error.
fn has_frames(path: &Path, container: Container, bytes: u64) -> Result<bool> {
    match open_up_to(path, container, bytes).and_then(|mut movie| movie.next_packet()) {
        Ok(packet) => Ok(packet.is_some()),
        Err(Error::Libav(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a movie in `container` has no whole frame in it. One that cannot be read may have some.
pub(crate) fn is_blank(path: &Path, container: Container) -> bool {
    match open(path, container).and_then(|mut movie| movie.next_packet()) {
        Ok(packet) => packet.is_none(),
        Err(error) => matches!(error, Error::Libav(_)),
    }
}

/// Whether a file has all the bytes that its container says it has.
pub(crate) fn is_whole(path: &Path, container: Container) -> Result<bool> {
    let failed = |source| Error::io("read", Some(path), source);
    let mut file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    if container.is_mp4_family() {
        return Ok(CutMp4::new(file).map_err(failed)?.readable_bytes() >= bytes);
    }
    Ok(declared_bytes(&mut file, container).map_err(failed)?.is_none_or(|declared| declared <= bytes))
}

/// How many bytes of a file belong to a movie that FFmpeg can read, as far as the container says.
pub(crate) fn readable_bytes(path: &Path, container: Container) -> Result<u64> {
    let told = |source| Error::io("read", Some(path), source);
    let file = File::open(path).map_err(told)?;
    let bytes = file.metadata().map_err(told)?.len();
    if !container.is_mp4_family() {
        return Ok(bytes);
    }
    Ok(CutMp4::new(file).map_err(told)?.readable_bytes())
}

/// The container that a file's first bytes tell.
pub(crate) fn container(path: &Path) -> Result<Option<Container>> {
    let told = |source| Error::io("read", Some(path), source);
    let mut start = Vec::new();
    File::open(path).map_err(told)?.take(12).read_to_end(&mut start).map_err(told)?;
    Ok(match (start.get(..4), start.get(4..8), start.get(8..12)) {
        (_, Some(b"ftyp"), Some(b"qt  ")) => Some(Container::Mov),
        (_, Some(b"ftyp"), Some(b"M4V ")) => Some(Container::M4v),
        (_, Some(b"ftyp"), Some(_)) => Some(Container::Mp4),
        (Some(b"RIFF"), _, Some(b"AVI ")) => Some(Container::Avi),
        (Some([0x1a, 0x45, 0xdf, 0xa3]), _, _) => Some(Container::Mkv),
        _ => None,
    })
}
