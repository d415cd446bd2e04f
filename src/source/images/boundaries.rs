//! Finds the end of a picture by its structure, without decoding it. Nothing is read here: bytes are examined as they
//! arrive, each once.

use memchr::memchr;

use super::kind::PictureKind;
use super::pnm;
use super::refusal::{ANIMATED, Refusal};

/// The largest size of a picture's file. A larger one is more likely a damaged length.
const MAX_BYTES: usize = 1 << 30;

/// Finds the end of one picture.
pub(super) struct EndFinder {
    kind: PictureKind,
    /// The position up to which the structure is known.
    at: usize,
    /// Whether `at` is in the entropy-coded data of a JPEG.
    in_scan: bool,
}

impl EndFinder {
    pub(super) fn new(kind: PictureKind) -> Self {
        Self { kind, at: 0, in_scan: false }
    }

    /// Returns the length of the picture that starts with `bytes`, or `None` if more bytes are needed. Each call must
    /// pass the bytes of the call before, and more.
    ///
    /// # Errors
    /// The problem, if the bytes cannot be such a picture.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        let end = match self.kind {
            PictureKind::Png => self.png(bytes).map_err(Refusal::Broken)?,
            PictureKind::Jpeg => self.jpeg(bytes).map_err(Refusal::Broken)?,
            PictureKind::WebP => {
                number::<4>(bytes, 4).map(u32::from_le_bytes).map(|bytes| (bytes as usize).saturating_add(8))
            }
            PictureKind::Bmp => bmp(bytes).map_err(Refusal::Broken)?,
            PictureKind::Pnm => pnm::end(bytes).map_err(Refusal::Broken)?,
            PictureKind::Tiff | PictureKind::Exr => {
                return Err(Refusal::Unsupported(format!(
                    "{} does not record where it ends: save the pictures to files and use those, or stream PNG",
                    self.kind.name()
                )));
            }
            PictureKind::Gif => return Err(Refusal::Unsupported(ANIMATED.to_owned())),
        };
        match end {
            Some(end) if end > MAX_BYTES => {
                Err(Refusal::Broken(format!("it would have {end} bytes, but the limit is 1 GiB")))
            }
            None if self.at.max(bytes.len()) > MAX_BYTES => {
                Err(Refusal::Broken("it is longer than 1 GiB, the limit".to_owned()))
            }
            end => Ok(end.filter(|end| *end <= bytes.len())),
        }
    }

    /// Returns the position from which a next picture may start, if this one is broken. The segments of a JPEG
    /// (thumbnails) are skipped. Nothing in a PNG looks like the start of a picture, and a damaged length may point far
    /// past the next one.
    pub(super) fn broken_at(&self) -> usize {
        if self.kind == PictureKind::Jpeg { self.at.max(1) } else { 1 }
    }

    /// Walks the chunks of length, name, data and checksum, until IEND.
    fn png(&mut self, bytes: &[u8]) -> Result<Option<usize>, String> {
        self.at = self.at.max(8);
        loop {
            let (Some(length), Some(name)) = (number::<4>(bytes, self.at), number::<4>(bytes, self.at + 4)) else {
                return Ok(None);
            };
            let length = u32::from_be_bytes(length);
            if length > i32::MAX as u32 || !name.iter().all(u8::is_ascii_alphabetic) {
                return Err(format!("there is no PNG chunk at its byte {}", self.at));
            }
            let end = self.at + 12 + length as usize;
            if name == *b"IEND" {
                return Ok(Some(end));
            }
            self.at = end;
        }
    }

    /// Walks the segments of marker, length and data. After a scan's header, 0xFF in the data is followed by 0 or a
    /// restart marker. Thumbnails inside a segment are skipped with it.
    fn jpeg(&mut self, bytes: &[u8]) -> Result<Option<usize>, String> {
        const RESTARTS: std::ops::RangeInclusive<u8> = 0xd0..=0xd7;
        self.at = self.at.max(2);
        loop {
            if self.in_scan {
                match memchr(0xff, bytes.get(self.at..).unwrap_or_default()) {
                    Some(skipped) => self.at += skipped,
                    None => self.at = self.at.max(bytes.len()),
                }
            }
            let Some([first, marker]) = number::<2>(bytes, self.at) else {
                return Ok(None);
            };
            match marker {
                _ if first != 0xff => return Err(format!("there is no JPEG marker at its byte {}", self.at)),
                0x00 if self.in_scan => self.at += 2,
                // A marker may be preceded by fill bytes.
                0xff => self.at += 1,
                0xd9 => return Ok(Some(self.at + 2)),
                0xd8 => return Err(format!("another picture starts inside it, at its byte {}", self.at)),
                0x00 => return Err(format!("there is no JPEG marker at its byte {}", self.at)),
                marker if RESTARTS.contains(&marker) || marker == 0x01 => self.at += 2,
                marker => {
                    let Some(length) = number::<2>(bytes, self.at + 2).map(u16::from_be_bytes) else {
                        return Ok(None);
                    };
                    if length < 2 {
                        return Err(format!("a segment at its byte {} has no length", self.at));
                    }
                    self.at += 2 + usize::from(length);
                    self.in_scan = marker == 0xda;
                }
            }
        }
    }
}

fn bmp(bytes: &[u8]) -> Result<Option<usize>, String> {
    match number::<4>(bytes, 2).map(u32::from_le_bytes) {
        Some(0..26) => Err("its header does not have its size".to_owned()),
        bytes => Ok(bytes.map(|bytes| bytes as usize)),
    }
}

/// Returns the bytes at `at`, if they have arrived.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::images::test_pictures::{jpeg, png};

    fn end(kind: PictureKind, bytes: &[u8]) -> Result<Option<usize>, String> {
        EndFinder::new(kind).find(bytes).map_err(|refusal| match refusal {
            Refusal::Broken(problem) | Refusal::Unsupported(problem) => problem,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_end_of_a_picture_is_found_whatever_follows() {
        for (kind, picture) in [(PictureKind::Png, png(5, 3, 7)), (PictureKind::Jpeg, jpeg(19, 17, 9))] {
            let mut finder = EndFinder::new(kind);
            for cut in 0..picture.len() {
                assert_eq!(end(kind, &picture[..cut]), Ok(None), "{kind:?} {cut}");
                assert_eq!(finder.find(&picture[..cut]), Ok(None), "{kind:?} {cut}");
            }
            assert_eq!(finder.find(&picture), Ok(Some(picture.len())));
            let two = [&picture[..], &picture].concat();
            assert_eq!(end(kind, &two), Ok(Some(picture.len())));
        }
    }

    #[test]
    fn jpeg_markers_inside_a_picture_are_skipped() {
        let thumbnail = b"\xff\xd8\xff\xd9";
        let picture = [
            &b"\xff\xd8\xff\xe1\x00\x06"[..],
            thumbnail,
            b"\xff\xff\xff\xfe\x00\x02\xff\x01",
            b"\xff\xda\x00\x03\x00data\xff\x00\xff\xd0data\xff\xff\x00more\xff\xc4\x00\x04\xff\xd9",
            b"\xff\xda\x00\x02\xff\x00\xff\xd9",
        ]
        .concat();
        assert_eq!(end(PictureKind::Jpeg, &picture), Ok(Some(picture.len())));
        for cut in 0..picture.len() {
            assert_eq!(end(PictureKind::Jpeg, &picture[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn invalid_structures_are_refused() {
        let (whole, mut cut) = (jpeg(19, 17, 9), jpeg(19, 17, 9));
        cut.truncate(whole.len() - 10);
        let problem = end(PictureKind::Jpeg, &[&cut[..], &whole].concat()).expect_err("cut");
        assert_eq!(problem, format!("another picture starts inside it, at its byte {}", cut.len()));
        let no_marker = end(PictureKind::Jpeg, b"\xff\xd8\xff\xe0\x00\x02no").expect_err("no marker");
        assert_eq!(no_marker, "there is no JPEG marker at its byte 6");
        let no_length = end(PictureKind::Jpeg, b"\xff\xd8\xff\xe0\x00\x01").expect_err("no length");
        assert_eq!(no_length, "a segment at its byte 2 has no length");
        let no_chunk = end(PictureKind::Png, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIH R").expect_err("no chunk");
        assert_eq!(no_chunk, "there is no PNG chunk at its byte 8");
        assert!(
            end(PictureKind::Tiff, b"II*\0").expect_err("no end").starts_with("TIFF does not record where it ends")
        );
        assert!(end(PictureKind::Bmp, b"BM\0\0\0\0").is_err());
    }

    #[test]
    fn sizes_in_headers_end_a_picture() {
        assert_eq!(
            end(PictureKind::Bmp, b"BM\x1b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0next"),
            Ok(Some(27))
        );
        assert_eq!(end(PictureKind::WebP, b"RIFF\x08\0\0\0WEBPabcdRIFF"), Ok(Some(16)));
        assert_eq!(end(PictureKind::WebP, b"RIFF\x09\0\0\0WEBPabcd"), Ok(None));
        assert!(end(PictureKind::WebP, b"RIFF\xff\xff\xff\xffWEBPabcd").is_err());
    }
}
