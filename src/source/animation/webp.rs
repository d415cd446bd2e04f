//! Reads the frames of an animated WebP (RFC 9649). Each frame is decoded as a separate picture and drawn on the canvas
//! here.
//!
//! The decoder's own canvas keeps the pixels of disposed frames unless a background is set, and then clears the wrong
//! bytes for frames without alpha.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, Rgba, RgbaImage};

use crate::source::images::refusal::Refusal;

/// The bytes of a frame's position, duration and flags, before its picture.
const FRAME_HEADER_BYTES: usize = 16;

/// The frames as a browser shows them, with their delays in milliseconds.
pub(super) struct WebPFrames {
    bytes: Arc<[u8]>,
    /// Where the next chunk starts.
    at: usize,
    canvas: RgbaImage,
    /// The rectangle that becomes transparent before the next frame: column, row and size.
    disposed: Option<(u32, u32, u32, u32)>,
}

impl WebPFrames {
    /// Reads the frames of a WebP whose canvas has this size.
    pub(super) fn new(bytes: Arc<[u8]>, (width, height): (u32, u32)) -> Self {
        Self { bytes, at: 12, canvas: RgbaImage::new(width, height), disposed: None }
    }

    /// Returns the range of the next frame in the file.
    fn next_frame(&mut self) -> Option<std::ops::Range<usize>> {
        loop {
            let header = self.bytes.get(self.at..)?.first_chunk::<8>()?;
            let [a, b, c, d, size @ ..] = *header;
            let start = self.at + header.len();
            let end = start.checked_add(u32::from_le_bytes(size) as usize)?;
            self.at = end.checked_add(end % 2)?;
            if [a, b, c, d] == *b"ANMF" {
                return Some(start..end);
            }
        }
    }

    fn draw(&mut self, frame: &[u8]) -> Result<u32, Refusal> {
        let cut = || Refusal::Broken("it is cut".to_owned());
        let (header, picture) = frame.split_first_chunk::<FRAME_HEADER_BYTES>().ok_or_else(cut)?;
        let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]);
        let (left, top, width, height) = (2 * number(0), 2 * number(3), number(6) + 1, number(9) + 1);
        let (delay, flags) = (number(12), header[15]);
        let fits = left + width <= self.canvas.width() && top + height <= self.canvas.height();
        if !fits {
            return Err(Refusal::Broken("a frame is outside its canvas".to_owned()));
        }
        let decoded = decode(picture, width, height)?;
        if let Some((left, top, width, height)) = self.disposed.take() {
            for (x, y) in (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y))) {
                self.canvas.put_pixel(x, y, Rgba([0; 4]));
            }
        }
        let is_blended = flags & 2 == 0;
        for (x, y, pixel) in decoded.enumerate_pixels() {
            let below = self.canvas.get_pixel_mut(left + x, top + y);
            *below = if is_blended { blended(*pixel, *below) } else { *pixel };
        }
        self.disposed = (flags & 1 != 0).then_some((left, top, width, height));
        Ok(delay)
    }
}

impl Iterator for WebPFrames {
    type Item = Result<(u32, RgbaImage), Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.next_frame()?;
        let bytes = Arc::clone(&self.bytes);
        let frame = bytes.get(place).ok_or_else(|| Refusal::Broken("it is cut".to_owned()));
        Some(frame.and_then(|frame| self.draw(frame)).map(|delay| (delay, self.canvas.clone())))
    }
}

/// Decodes the chunks of a frame as a separate file.
fn decode(chunks: &[u8], width: u32, height: u32) -> Result<RgbaImage, Refusal> {
    let side = |pixels: u32| (pixels - 1).to_le_bytes();
    let has_alpha = !chunks.starts_with(b"VP8 ");
    let [w0, w1, w2, _] = side(width);
    let [h0, h1, h2, _] = side(height);
    let header = [if has_alpha { 0x10 } else { 0 }, 0, 0, 0, w0, w1, w2, h0, h1, h2];
    let size = u32::try_from(4 + 8 + header.len() + chunks.len()).unwrap_or(u32::MAX);
    let parts = [b"RIFF", &size.to_le_bytes()[..], b"WEBP", b"VP8X", &10_u32.to_le_bytes(), &header, chunks];
    let decoded = DynamicImage::from_decoder(WebPDecoder::new(Cursor::new(parts.concat()))?)?.into_rgba8();
    match decoded.dimensions() == (width, height) {
        true => Ok(decoded),
        false => Err(Refusal::Broken("a frame has another size than its header".to_owned())),
    }
}

/// Blends a pixel over another (RFC 9649, section 2.7.1.1).
fn blended(Rgba(above): Rgba<u8>, Rgba(below): Rgba<u8>) -> Rgba<u8> {
    let [alpha, other] = [above[3], below[3]].map(f32::from);
    if above[3] == 255 || below[3] == 0 {
        return Rgba(above);
    }
    let rest = other * (255.0 - alpha) / 255.0;
    let whole = alpha + rest;
    let mut pixel = [0; 4];
    for (index, sample) in pixel.iter_mut().take(3).enumerate() {
        *sample = ((f32::from(above[index]) * alpha + f32::from(below[index]) * rest) / whole).round() as u8;
    }
    pixel[3] = whole.round() as u8;
    Rgba(pixel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_blended_by_their_alpha() {
        let (red, blue) = ([200, 0, 0], [0, 0, 100]);
        let with = |[red, green, blue]: [u8; 3], alpha| Rgba([red, green, blue, alpha]);
        assert_eq!(blended(with(red, 255), with(blue, 255)), with(red, 255));
        assert_eq!(blended(with(red, 0), with(blue, 255)), with(blue, 255));
        assert_eq!(blended(with(red, 51), with(blue, 0)), with(red, 51));
        assert_eq!(blended(with(red, 51), with(blue, 255)), Rgba([40, 0, 80, 255]));
        assert_eq!(blended(with(red, 0), with(blue, 7)), with(blue, 7));
    }
}
