//! Raw frames, one after the other, with nothing around them.

use std::io::{self, Read, Seek};

use super::{FrameBuffer, FrameLayout, FrameSource, read_full, read_past, seek_past};
use crate::error::{Error, InvalidFrame, InvalidInput, Result};
use crate::frame::check_size;

/// A stream of raw frames.
///
/// ```
/// use framemill::{ColorRange, FrameBuffer, FrameLayout, FrameSource, PixelFormat, RawSource};
/// let layout = FrameLayout::new(PixelFormat::Gray8, 4, 2);
/// let mut source = RawSource::new(&[7_u8; 16][..], layout, "memory")?;
/// let mut frame = FrameBuffer::new();
/// assert!(source.read_frame(&mut frame)?.is_some() && source.read_frame(&mut frame)?.is_some());
/// assert!(source.read_frame(&mut frame)?.is_none());
/// # Ok::<(), framemill::Error>(())
/// ```
pub struct RawSource<R> {
    reader: R,
    layout: FrameLayout,
    name: String,
    bytes: Option<u64>,
    index: u64,
    /// Leaves bytes out of the reader.
    pass: fn(&mut R, u64) -> io::Result<u64>,
}

impl<R: Read> RawSource<R> {
    /// Frames of `layout` from `reader`, which errors call `name`.
    ///
    /// # Errors
    /// [`InvalidFrame::Size`] for a side that is not 1 to 65535.
    pub fn new(reader: R, layout: FrameLayout, name: impl Into<String>) -> Result<Self, InvalidFrame> {
        check_size(layout.width, layout.height)?;
        Ok(Self { reader, layout, name: name.into(), bytes: None, index: 0, pass: read_past })
    }

    /// Goes past frames that are [skipped](FrameSource::skip) without reading them.
    #[must_use]
    pub fn seekable(mut self) -> Self
    where
        R: Seek,
    {
        self.pass = seek_past;
        self
    }

    /// Says how many bytes there are in all, so that the number of frames is known.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }
}

impl<R> RawSource<R> {
    /// Refuses a stream that ends `bytes` after its last whole frame.
    fn check_cut(&self, bytes: usize) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        let frame_bytes = self.layout.frame_bytes();
        let problem = InvalidInput::CutFrame { index: self.index, bytes, frame_bytes };
        Err(Error::Input { name: self.name.clone(), problem })
    }
}

impl<R: Read + Send> FrameSource for RawSource<R> {
    fn layout(&self) -> FrameLayout {
        self.layout
    }

    fn frame_count(&self) -> Option<u64> {
        self.bytes.map(|bytes| bytes / self.layout.frame_bytes() as u64)
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        let frame_bytes = self.layout.frame_bytes() as u64;
        let passed = (self.pass)(&mut self.reader, frames.saturating_mul(frame_bytes));
        let passed = passed.map_err(|source| Error::io("read", Some(self.name.as_ref()), source))?;
        let skipped = passed / frame_bytes;
        self.index += skipped;
        self.check_cut((passed % frame_bytes) as usize)?;
        Ok(skipped)
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        let frame_bytes = self.layout.frame_bytes();
        buffer.resize(frame_bytes);
        let bytes = read_full(&mut self.reader, buffer, &self.name)?;
        if bytes == 0 {
            return Ok(None);
        }
        self.check_cut(bytes % frame_bytes)?;
        self.index += 1;
        Ok(Some(self.layout))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    const LAYOUT: FrameLayout = FrameLayout::new(PixelFormat::Rgb24, 2, 2);

    #[test]
    fn a_stream_cut_inside_a_frame_says_what_is_left_over() {
        let mut source = RawSource::new(&[1; 17][..], LAYOUT, "standard input").expect("has pixels");
        let mut buffer = FrameBuffer::new();
        assert_eq!(source.read_frame(&mut buffer).expect("whole"), Some(LAYOUT));
        let error = source.read_frame(&mut buffer).expect_err("cut");
        assert_eq!(
            error.to_string(),
            "standard input: the stream ends inside frame 1: 5 bytes are left over, and a frame has 12"
        );
    }

    #[test]
    fn frames_that_are_skipped_are_counted_whether_read_or_not() {
        let bytes: Vec<u8> = (0..41).collect();
        let stream = RawSource::new(io::Cursor::new(bytes.clone()), LAYOUT, "x").expect("has pixels");
        let file = RawSource::new(io::Cursor::new(bytes), LAYOUT, "x").expect("has pixels").seekable();
        for mut source in [stream, file] {
            let mut buffer = FrameBuffer::new();
            assert_eq!(source.skip(2).expect("there"), 2);
            assert_eq!(source.read_frame(&mut buffer).expect("whole"), Some(LAYOUT));
            assert_eq!(buffer[0], 24);
            let error = source.skip(2).expect_err("cut").to_string();
            assert_eq!(error, "x: the stream ends inside frame 3: 5 bytes are left over, and a frame has 12");
        }
    }

    #[test]
    fn an_empty_stream_has_no_frames() {
        let mut source = RawSource::new(&[][..], LAYOUT, "x").expect("has pixels").with_length(0);
        assert_eq!(source.frame_count(), Some(0));
        assert_eq!(source.read_frame(&mut FrameBuffer::new()).expect("ends"), None);
    }
}
