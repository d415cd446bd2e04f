//! The length of a file according to its container: an incomplete copy is shorter.

use std::io::{self, Read, Seek, SeekFrom};

use crate::settings::Container;

/// Returns the length of the file that it records: an AVI in its RIFF chunks, a Matroska file in its segment. An
/// unfinished run has not recorded it.
pub(super) fn declared_bytes(file: &mut (impl Read + Seek), container: Container) -> io::Result<Option<u64>> {
    file.rewind()?;
    match container {
        Container::Avi => riff_bytes(file),
        Container::Mkv | Container::Webm => matroska_bytes(file),
        _ => Ok(None),
    }
}

/// Adds the RIFF chunks, which follow each other; a large AVI has several.
fn riff_bytes(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let mut end = 0;
    let mut header = [0; 8];
    while file.read_exact(&mut header).is_ok() && header.starts_with(b"RIFF") {
        let [.., a, b, c, d] = header;
        let size = u64::from(u32::from_le_bytes([a, b, c, d]));
        if size == 0 {
            return Ok(None);
        }
        end += 8 + size + size % 2;
        file.seek(SeekFrom::Start(end))?;
    }
    Ok((end > 0).then_some(end))
}

/// Reads the EBML header, and the segment after it, which is the rest of the file (RFC 8794, RFC 9559).
fn matroska_bytes(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    const EBML: [u8; 4] = [0x1a, 0x45, 0xdf, 0xa3];
    const SEGMENT: [u8; 4] = [0x18, 0x53, 0x80, 0x67];
    let mut end = 0;
    for expected in [EBML, SEGMENT] {
        file.seek(SeekFrom::Start(end))?;
        let mut id = [0; 4];
        if file.read_exact(&mut id).is_err() || id != expected {
            return Ok(None);
        }
        let Some((size, length)) = element_size(file)? else { return Ok(None) };
        end = end.saturating_add(4 + length).saturating_add(size);
    }
    Ok(Some(end))
}

/// Returns the size of an element's content, and the bytes of the size field; `None` if unknown.
fn element_size(file: &mut impl Read) -> io::Result<Option<(u64, u64)>> {
    let mut bytes = [0; 8];
    if file.read_exact(&mut bytes[..1]).is_err() {
        return Ok(None);
    }
    let length = bytes[0].leading_zeros() as usize + 1;
    if length > 8 || file.read_exact(&mut bytes[1..length]).is_err() {
        return Ok(None);
    }
    let bits = 7 * length as u32;
    let mask = (1_u64 << bits) - 1;
    let value = bytes[..length].iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)) & mask;
    Ok((value != mask).then_some((value, length as u64)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn riff_chunks_are_added_up() {
        let chunk =
            |size: u32| [&b"RIFF"[..], &size.to_le_bytes(), &vec![0; size as usize + size as usize % 2]].concat();
        let bytes = |file: Vec<u8>| riff_bytes(&mut Cursor::new(file)).expect("read");
        assert_eq!(bytes([chunk(20), chunk(7)].concat()), Some(28 + 16));
        assert_eq!(bytes(chunk(20)[..15].to_vec()), Some(28));
        assert_eq!(bytes(b"RIFF\0\0\0\0AVI ".to_vec()), None);
        assert_eq!(bytes(b"something".to_vec()), None);
    }

    #[test]
    fn a_matroska_segment_may_have_an_unknown_size() {
        let file = |size: &[u8]| {
            let mut file = vec![0x1a, 0x45, 0xdf, 0xa3, 0x82, 1, 2, 0x18, 0x53, 0x80, 0x67];
            file.extend(size);
            matroska_bytes(&mut Cursor::new(file)).expect("read")
        };
        assert_eq!(file(&[0x01, 0, 0, 0, 0, 0, 1, 0]), Some(7 + 4 + 8 + 256));
        assert_eq!(file(&[0x85]), Some(7 + 4 + 1 + 5));
        assert_eq!(file(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(file(&[0xff]), None);
        assert_eq!(file(&[]), None);
    }
}
