//! Detects whether a picture is animated, by its header.

use std::io::{self, Read, Seek, SeekFrom};

use crate::source::images::PictureKind;

/// Returns whether the picture at the start of `file` is an animation. Every GIF is one.
pub(crate) fn is_animated(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.rewind()?;
    let mut start = Vec::new();
    file.take(PictureKind::START_BYTES as u64).read_to_end(&mut start)?;
    let animated = match PictureKind::of_start(&start) {
        Some(PictureKind::Gif) => Ok(true),
        Some(PictureKind::Png) => is_animated_png(file),
        Some(PictureKind::WebP) => is_animated_webp(file),
        _ => Ok(false),
    };
    match animated {
        // The decoder reports a file that is cut.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        animated => animated,
    }
}

/// Looks for an `acTL` before the first `IDAT` (PNG, third edition, 11.3.5.1).
fn is_animated_png(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut at = 8;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut chunk = [0; 8];
        file.read_exact(&mut chunk)?;
        let [a, b, c, d, name @ ..] = chunk;
        match &name {
            b"acTL" => return Ok(true),
            b"IDAT" | b"IEND" => return Ok(false),
            // The chunk's length, name and checksum.
            _ => at += 12 + u64::from(u32::from_be_bytes([a, b, c, d])),
        }
    }
}

/// Reads a flag of the extended header (RFC 9649, section 2.7).
fn is_animated_webp(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.seek(SeekFrom::Start(12))?;
    let mut header = [0; 9];
    file.read_exact(&mut header)?;
    Ok(header.starts_with(b"VP8X") && header[8] & 2 != 0)
}
