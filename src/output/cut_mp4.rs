//! Reading an MP4 that was cut short: FFmpeg takes the frames of a fragment that breaks off, and refuses the whole file
//! where it breaks off in the index before them.

use std::io::{self, Read, Seek, SeekFrom};

/// The part of a file that FFmpeg can read: up to the first box that is not whole, unless that holds frames.
pub(super) struct CutMp4<F> {
    file: F,
    position: u64,
    bytes: u64,
}

impl<F: Read + Seek> CutMp4<F> {
    pub(super) fn new(mut file: F) -> io::Result<Self> {
        let file_bytes = file.seek(SeekFrom::End(0))?;
        let mut bytes = 0;
        while let Some((name, length)) = read_box_header(&mut file, bytes)? {
            let end = bytes.saturating_add(length);
            if end > file_bytes {
                bytes = if &name == b"mdat" { file_bytes } else { bytes };
                break;
            }
            bytes = end;
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, position: 0, bytes })
    }
}

/// A box's name and length (ISO/IEC 14496-12, 4.2); `None` where there is no whole header.
fn read_box_header(file: &mut (impl Read + Seek), start: u64) -> io::Result<Option<([u8; 4], u64)>> {
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
    // Less than a header is nonsense, and 0 means the rest of the file, which framemill never writes.
    let name = name.try_into().unwrap_or_default();
    Ok((length >= 8).then_some((name, length)))
}

impl<F: Read> Read for CutMp4<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let bytes = self.file.read(&mut buffer[..wanted])?;
        self.position += bytes as u64;
        Ok(bytes)
    }
}

impl<F: Seek> Seek for CutMp4<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.bytes.checked_add_signed(offset),
        };
        self.position = self.file.seek(SeekFrom::Start(position.ok_or(io::ErrorKind::InvalidInput)?))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn readable(movie: &[u8]) -> usize {
        let mut bytes = Vec::new();
        CutMp4::new(Cursor::new(movie)).and_then(|mut cut| cut.read_to_end(&mut bytes)).expect("in memory");
        assert_eq!(bytes, movie[..bytes.len()]);
        bytes.len()
    }

    #[test]
    fn what_is_cut_in_an_index_ends_before_it_and_what_is_cut_in_frames_does_not() {
        let movie = b"\0\0\0\x0cftypmp42\0\0\0\x0amoof..\0\0\0\x0cmdat....\0\0\0\x0amoof..";
        let ends = [12, 22, 34, 44];
        for cut in 0..=movie.len() {
            let in_frames = (22 + 8..34).contains(&cut);
            let whole = ends.into_iter().filter(|end| *end <= cut).max().unwrap_or(0);
            assert_eq!(readable(&movie[..cut]), if in_frames { cut } else { whole }, "cut to {cut} bytes");
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
