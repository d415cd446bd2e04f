//! Reads consecutive pictures from a stream, as `ffmpeg -f image2pipe` and scripts write them to a pipe.

use std::io::Read;
use std::sync::Arc;

use super::split::Splitter;
use super::{ImageOptions, Pictures};
use crate::error::Result;
use crate::source::{FrameBuffer, FrameLayout, FrameSource, read_and_drop};

/// A stream of PNG, JPEG, WebP, BMP or PNM pictures, with nothing between them.
///
/// Pictures are decoded ahead, on as many threads as this process may use (at most 8); two more pictures than threads
/// are held in memory. Gray, palette, 16-bit and transparent pictures keep their formats, each with its own
/// [`FrameLayout`]. Color profiles, gamma and EXIF orientation are ignored. A picture may have at most 16384 pixels per
/// side, and 1 GiB in the stream.
///
/// Dropped early, it leaves a thread that ends when its reader returns.
pub struct ImageStream {
    pictures: Pictures,
}

impl ImageStream {
    /// Reads pictures from `reader`. Errors refer to it as `name`. Waits for the first picture.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) if the stream is empty or its first picture is broken, and
    /// [`Error::Io`](crate::Error::Io) if it cannot be read.
    pub fn new(reader: impl Read + Send + 'static, name: impl Into<String>, options: ImageOptions) -> Result<Self> {
        let name = name.into();
        let supply = Splitter::new(reader, Arc::from(name.as_str()), options.on_error);
        Ok(Self { pictures: Pictures::open(supply, options, &name)? })
    }
}

impl FrameSource for ImageStream {
    fn layout(&self) -> FrameLayout {
        self.pictures.layout
    }

    fn skipped_frames(&self) -> u64 {
        self.pictures.skipped
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        match self.pictures.pass(frames)? {
            Some(skipped) => Ok(skipped),
            None => read_and_drop(self, frames),
        }
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        self.pictures.read_frame(buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::error::Error;
    use crate::source::images::test_pictures::{jpeg, png};

    fn open(reader: impl Read + Send + 'static) -> Result<ImageStream> {
        ImageStream::new(reader, "test", ImageOptions::default())
    }

    #[test]
    fn pictures_come_in_order_however_long_each_takes() {
        // Large and small pictures alternate, so the small ones are decoded first.
        let stream: Vec<u8> =
            (0..60_u8).flat_map(|frame| png(if frame % 2 == 0 { 300 } else { 3 }, 3, frame)).collect();
        let options = ImageOptions { any_size: true, ..ImageOptions::default() };
        let mut source = ImageStream::new(io::Cursor::new(stream), "test", options).expect("opens");
        let mut pixels = FrameBuffer::new();
        for frame in 0..60 {
            let layout = source.read_frame(&mut pixels).expect("whole").expect("there");
            assert_eq!((layout.width, pixels[0]), (if frame % 2 == 0 { 300 } else { 3 }, frame));
        }
        assert_eq!(source.read_frame(&mut pixels).expect("ends"), None);
        assert_eq!(source.read_frame(&mut pixels).expect("ended"), None);
    }

    #[test]
    fn a_stream_that_never_ends_can_be_dropped() {
        struct Endless(Vec<u8>, usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let bytes = self.0[self.1..].len().min(buffer.len());
                buffer[..bytes].copy_from_slice(&self.0[self.1..self.1 + bytes]);
                self.1 = (self.1 + bytes) % self.0.len();
                Ok(bytes)
            }
        }
        for frames in [0, 1, 100] {
            let mut source = open(Endless(jpeg(20, 20, 3), 0)).expect("opens");
            for _ in 0..frames {
                assert!(source.read_frame(&mut FrameBuffer::new()).expect("whole").is_some());
            }
        }
    }

    #[test]
    fn a_reader_that_fails_or_panics_is_an_error_and_then_the_end() {
        struct Moody(io::Cursor<Vec<u8>>, bool);
        impl Read for Moody {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                match self.0.read(buffer)? {
                    0 if self.1 => panic!("of the reader"),
                    0 => Err(io::Error::from_raw_os_error(5)),
                    bytes => Ok(bytes),
                }
            }
        }
        for panics in [false, true] {
            let mut source =
                open(Moody(io::Cursor::new([png(3, 3, 0), png(3, 3, 1)].concat()), panics)).expect("opens");
            let mut pixels = FrameBuffer::new();
            assert!(source.read_frame(&mut pixels).expect("whole").is_some());
            assert!(source.read_frame(&mut pixels).expect("whole").is_some());
            let error = source.read_frame(&mut pixels).expect_err("fails");
            assert_eq!(matches!(error, Error::Panicked { .. }), panics, "{error}");
            assert_eq!(matches!(error, Error::Io { .. }), !panics, "{error}");
            assert_eq!(source.read_frame(&mut pixels).expect("ended"), None);
        }
    }
}
