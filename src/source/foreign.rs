//! Recognizes files that are not frames, and suggests what to do with them.

/// Returns what an input is and how to get frames from it, judging by its first bytes; `None` if it may be raw frames.
pub(super) fn recognized(start: &[u8]) -> Option<&'static str> {
    const MOVIE: &str = "it is a movie, but framemill needs frames: decode it first, as with \
        `ffmpeg -i MOVIE -f yuv4mpegpipe - | framemill encode -o OUTPUT`";
    let is = |at: usize, magic: &[u8]| start.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if is(4, b"ftyp") || is(0, b"\x1a\x45\xdf\xa3") || (is(0, b"RIFF") && is(8, b"AVI ")) || is(0, b"\0\0\x01\xba")
    {
        return Some(MOVIE);
    }
    if is(0, b"%PDF-") {
        return Some(
            "it is a PDF: convert its pages to pictures, as with `pdftoppm -r 100 FILE.pdf page`, and use those",
        );
    }
    if is(0, b"\x89HDF\r\n\x1a\n") {
        return Some(
            "it is an HDF5 file: read its array in Python, and pass it to framemill.write_video or numpy.save",
        );
    }
    if is(0, b"<svg") || is(0, b"<?xml") {
        return Some("it is SVG or XML text: convert it to pictures, and use those");
    }
    if is(0, b"PK\x03\x04") || is(0, b"\x1f\x8b") || is(0, b"7z\xbc\xaf") {
        return Some("it is an archive: unpack it, and use its contents");
    }
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    if start.len() >= 12 && start.iter().all(is_text) {
        return Some(
            "it is text: raw frames need -f, -s and -r, and pictures and arrays are detected by their first bytes",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_without_frames_are_named() {
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
