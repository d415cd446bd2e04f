//! Files that people take for frames, and what to do with them.

/// What an input that starts so is, and how frames come of it; `None` where it may be raw frames.
pub(super) fn recognized(start: &[u8]) -> Option<&'static str> {
    const MOVIE: &str = "it is a movie, and framemill takes frames: decode it first, as by \
        `ffmpeg -i MOVIE -f yuv4mpegpipe - | framemill encode -o OUTPUT`";
    let is = |at: usize, magic: &[u8]| start.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if is(4, b"ftyp") || is(0, b"\x1a\x45\xdf\xa3") || (is(0, b"RIFF") && is(8, b"AVI ")) || is(0, b"\0\0\x01\xba")
    {
        return Some(MOVIE);
    }
    if is(0, b"%PDF-") {
        return Some(
            "it is a PDF: make pictures of its pages, as by `pdftoppm -r 100 FILE.pdf page`, and give those",
        );
    }
    if is(0, b"\x89HDF\r\n\x1a\n") {
        return Some(
            "it is an HDF5 file: read its array in Python, and give it to framemill.write_video or numpy.save",
        );
    }
    if is(0, b"<svg") || is(0, b"<?xml") {
        return Some("it is text of SVG or XML: make pictures of it, and give those");
    }
    if is(0, b"PK\x03\x04") || is(0, b"\x1f\x8b") || is(0, b"7z\xbc\xaf") {
        return Some("it is an archive: unpack it, and give what is in it");
    }
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    if start.len() >= 12 && start.iter().all(is_text) {
        return Some(
            "it is text: raw frames need -f, -s and -r, and a picture or an array is known by its first bytes",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_frames_is_called_by_its_name() {
        for (start, part) in [
            (&b"\0\0\0\x20ftypisom...."[..], "is a movie"),
            (b"RIFF\0\0\0\0AVI LIST", "is a movie"),
            (b"%PDF-1.7\n%....", "pdftoppm"),
            (b"\x89HDF\r\n\x1a\n....", "write_video"),
            (b"Hello, world!", "it is text"),
        ] {
            assert!(recognized(start).is_some_and(|message| message.contains(part)), "{part}");
        }
        assert_eq!(recognized(&[0; 16]), None);
        assert_eq!(recognized(b"\x01\x02\x03\x04 some bytes"), None);
    }
}
