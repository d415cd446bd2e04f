//! Reads an MP4 that was cut short. FFmpeg reads the frames of a fragment that is cut, but rejects the whole file if it
//! is cut in the index before them, or if that index is damaged.

use std::io::{self, Read, Seek, SeekFrom};

/// The largest index of a fragment that is accepted: ours have some hundred bytes.
const MAX_INDEX_BYTES: u64 = 64 << 20;

/// Boxes that describe a movie or a fragment from inside (ISO/IEC 14496-12). FFmpeg takes them for the movie's if
/// damage leaves them on the top level.
const INNER_BOXES: &[&[u8; 4]] = &[
    b"co64", b"ctts", b"edts", b"elst", b"hdlr", b"mdhd", b"mdia", b"minf", b"mvex", b"mvhd", b"stbl", b"stco",
    b"stsc", b"stsd", b"stss", b"stsz", b"stts", b"tfdt", b"tfhd", b"tkhd", b"traf", b"trak", b"trex", b"trun",
];

/// The readable part of an MP4.
pub(super) struct Mp4Extent {
    /// How many bytes FFmpeg can read: up to the first incomplete box, unless that box holds frames.
    pub(super) readable_bytes: u64,
    /// The ends of the fragments, where the movie can be cut.
    pub(super) ends: Vec<u64>,
}

impl Mp4Extent {
    pub(super) fn of(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let file_bytes = file.seek(SeekFrom::End(0))?;
        let (mut bytes, mut ends, mut has_fragment) = (0, Vec::new(), false);
        while let Some((name, length)) = read_box_header(file, bytes)? {
            if INNER_BOXES.contains(&&name) {
                break;
            }
            let end = bytes.saturating_add(length);
            if end > file_bytes {
                bytes = if &name == b"mdat" { file_bytes } else { bytes };
                break;
            }
            if &name == b"moof" {
                if !is_whole_index(file, bytes, length)? {
                    break;
                }
                has_fragment = true;
            }
            bytes = end;
            if has_fragment && &name == b"mdat" {
                ends.push(end);
            }
        }
        Ok(Self { readable_bytes: bytes, ends })
    }
}

/// Returns a box's name and length (ISO/IEC 14496-12, 4.2); `None` if the header is incomplete.
pub(super) fn read_box_header(file: &mut (impl Read + Seek), start: u64) -> io::Result<Option<([u8; 4], u64)>> {
    file.seek(SeekFrom::Start(start))?;
    let mut header = Vec::new();
    file.take(16).read_to_end(&mut header)?;
    let (Some(length), Some(name)) = (header.first_chunk::<4>(), header.get(4..8)) else {
        return Ok(None);
    };
    let length = match (u32::from_be_bytes(*length), header.get(8..16)) {
        (1, Some(long)) => u64::from_be_bytes(long.try_into().unwrap_or_default()),
        (length, _) => length.into(),
    };
    // Less than a header is invalid, and 0 means the rest of the file, which framemill never writes.
    let name = name.try_into().unwrap_or_default();
    Ok((length >= 8).then_some((name, length)))
}

/// Returns whether the index of a fragment, at `start`, is consistent.
fn is_whole_index(file: &mut (impl Read + Seek), start: u64, length: u64) -> io::Result<bool> {
    if length > MAX_INDEX_BYTES {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(start))?;
    let mut index = Vec::new();
    file.take(length).read_to_end(&mut index)?;
    Ok(index.get(8..).and_then(|inside| check_boxes(inside, b"moof")).is_some())
}

/// Checks that boxes fill `inside`, the contents of a box named `parent`, and that no listed sample is empty.
/// After a power loss the last page may be zeros, and FFmpeg would read those as boxes or samples.
fn check_boxes(inside: &[u8], parent: &[u8]) -> Option<()> {
    let mut rest = inside;
    while !rest.is_empty() {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let name = rest.get(4..8)?;
        let contents = rest.get(8..length)?;
        match (parent, name) {
            (b"moof", b"traf") => check_boxes(contents, b"traf")?,
            (b"traf", b"trun") => check_sample_list(contents)?,
            (b"moof", b"mfhd") | (b"traf", b"tfhd" | b"tfdt") => (),
            // Other writers use more boxes; names are letters.
            _ => name.iter().all(u8::is_ascii_graphic).then_some(())?,
        }
        rest = &rest[length..];
    }
    Some(())
}

/// Checks a list of samples (ISO/IEC 14496-12, 8.8.8): it must be as long as its number of samples says, and no listed
/// size may be 0.
fn check_sample_list(run: &[u8]) -> Option<()> {
    let flags = u32::from_be_bytes(*run.first_chunk()?);
    let count = u32::from_be_bytes(*run.get(4..)?.first_chunk()?) as usize;
    let has = |flag: u32| usize::from(flags & flag != 0);
    let header_bytes = 8 + 4 * (has(0x001) + has(0x004));
    let size_offset = 4 * has(0x100);
    let entry_bytes = 4 * (has(0x100) + has(0x200) + has(0x400) + has(0x800));
    let entries = run.get(header_bytes..)?;
    if entry_bytes.checked_mul(count)? != entries.len() || count == 0 {
        return None;
    }
    if has(0x200) == 0 {
        return Some(());
    }
    entries.chunks_exact(entry_bytes).all(|sample| sample[size_offset..size_offset + 4] != [0; 4]).then_some(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn readable(movie: &[u8]) -> usize {
        Mp4Extent::of(&mut Cursor::new(movie)).expect("in memory").readable_bytes as usize
    }

    #[test]
    fn a_cut_index_is_dropped_and_cut_frames_are_read() {
        let movie = b"\0\0\0\x0cftypmp42\0\0\0\x10moof\0\0\0\x08mfhd\0\0\0\x0cmdat....\0\0\0\x10moof\0\0\0\x08mfhd";
        let ends = [12, 28, 40, 56];
        for cut in 0..=movie.len() {
            let in_frames = (28 + 8..40).contains(&cut);
            let whole = ends.into_iter().filter(|end| *end <= cut).max().unwrap_or(0);
            assert_eq!(readable(&movie[..cut]), if in_frames { cut } else { whole }, "cut to {cut} bytes");
        }
    }

    #[test]
    fn an_index_with_lost_bytes_ends_the_movie_before_it() {
        // Two samples of 9 and 8 bytes, with their sizes only.
        let run = b"\0\0\0\x18trun\0\0\x02\0\0\0\0\x02\0\0\0\x09\0\0\0\x08";
        let index = [&b"\0\0\0\x28moof\0\0\0\x20traf"[..], run].concat();
        assert_eq!(readable(&index), 40);
        for lost in 9..index.len() {
            let mut index = index.clone();
            index[lost..].fill(0);
            assert_eq!(readable(&index), 0, "zeros from {lost} on");
        }
    }

    #[test]
    fn long_boxes_are_followed() {
        let mut movie = b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14....\0\0\0\x09free.".to_vec();
        assert_eq!(readable(&movie), 29);
        movie.truncate(28);
        assert_eq!(readable(&movie), 20);
        assert_eq!(readable(b"\0\0\0\x00ftyp...."), 0);
    }
}
