//! Reads raw frames, one after another, without headers.

use std::io::{self, Read, Seek};

use super::{FrameBuffer, FrameLayout, FrameSource, read_error, read_full, read_past, seek_past};
use crate::error::{Error, InvalidFrame, InvalidInput, Result};
use crate::frame::{FrameView, Strips, check_size};

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
    /// Whether rows are read while they are converted.
    is_read_by_rows: bool,
    /// The rows that are returned as strips.
    rows: FrameBuffer,
    /// Skips bytes of the reader.
    pass: fn(&mut R, u64) -> io::Result<u64>,
}

impl<R: Read> RawSource<R> {
    /// Reads frames of `layout` from `reader`. Errors refer to it as `name`.
    ///
    /// # Errors
    /// [`InvalidFrame::Size`] if a side is not 1 to 65535.
    pub fn new(reader: R, layout: FrameLayout, name: impl Into<String>) -> Result<Self, InvalidFrame> {
        check_size(layout.width, layout.height)?;
        Ok(Self {
            reader,
            layout,
            name: name.into(),
            bytes: None,
            index: 0,
            is_read_by_rows: false,
            rows: FrameBuffer::new(),
            pass: read_past,
        })
    }

    /// Uses the reader as a file: [skipped](FrameSource::skip) frames are not read, and rows are read while they are
    /// converted.
    #[must_use]
    pub fn seekable(mut self) -> Self
    where
        R: Seek,
    {
        self.pass = seek_past;
        self.by_rows()
    }

    /// Reads rows while they are converted, so a read should not wait long, or it should be possible to stop it.
    pub(super) fn by_rows(mut self) -> Self {
        self.is_read_by_rows = true;
        self
    }

    /// Sets the total number of bytes, so that the number of frames is known.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }
}

impl<R> RawSource<R> {
    /// Rejects a stream that ends `bytes` after its last complete frame.
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

    fn exact_frame_count(&self) -> Option<u64> {
        let is_whole = self.bytes?.is_multiple_of(self.layout.frame_bytes() as u64);
        self.frame_count().filter(|_| is_whole)
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        let frame_bytes = self.layout.frame_bytes() as u64;
        let passed = (self.pass)(&mut self.reader, frames.saturating_mul(frame_bytes));
        let passed = passed.map_err(|source| read_error(source, &self.name))?;
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

    fn gives_strips(&self) -> bool {
        self.is_read_by_rows
    }

    fn next_strips(&mut self) -> Result<Option<Box<dyn Strips + '_>>> {
        let frame_bytes = self.layout.frame_bytes();
        let mut start = vec![0; frame_bytes.min(START_BYTES)];
        let bytes = read_full(&mut self.reader, &mut start, &self.name)?;
        if bytes == 0 {
            return Ok(None);
        }
        if bytes < start.len() {
            self.check_cut(bytes)?;
        }
        Ok(Some(Box::new(RawStrips { source: self, start, given: 0 })))
    }
}

/// The bytes to read to know that a frame exists: a page, so that the data after them is page-aligned too.
const START_BYTES: usize = 4096;

/// The rows of one frame, read on demand.
struct RawStrips<'a, R> {
    source: &'a mut RawSource<R>,
    /// The bytes that were read already.
    start: Vec<u8>,
    /// The bytes of the strips so far.
    given: usize,
}

impl<R: Read> Strips for RawStrips<'_, R> {
    fn layout(&self) -> FrameLayout {
        self.source.layout
    }

    fn next_strip(&mut self, rows: u32) -> Result<FrameView<'_>> {
        let layout = FrameLayout { height: rows, ..self.source.layout };
        let bytes = layout.frame_bytes();
        let Self { source, start, .. } = &mut *self;
        let RawSource { reader, name, rows, .. } = &mut **source;
        rows.resize(bytes);
        let (known, unknown) = rows.split_at_mut(start.len().min(bytes));
        known.copy_from_slice(&start[..known.len()]);
        start.drain(..known.len());
        let missing = unknown.len() - read_full(reader, unknown, name)?;
        self.given += bytes;
        if missing > 0 {
            self.source.check_cut(self.given - missing)?;
        }
        if self.given == self.source.layout.frame_bytes() {
            self.source.index += 1;
        }
        Ok(layout.view(&self.source.rows)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ColorRange, PixelFormat};

    const LAYOUT: FrameLayout = FrameLayout::new(PixelFormat::Rgb24, 2, 2);

    #[test]
    fn a_stream_cut_inside_a_frame_reports_the_missing_bytes() {
        let mut source = RawSource::new(&[1; 17][..], LAYOUT, "standard input").expect("has pixels");
        let mut buffer = FrameBuffer::new();
        assert_eq!(source.read_frame(&mut buffer).expect("whole"), Some(LAYOUT));
        let error = source.read_frame(&mut buffer).expect_err("cut");
        assert_eq!(
            error.to_string(),
            "standard input: the stream ends inside frame 1: it has 5 of the frame's 12 bytes"
        );
    }

    #[test]
    fn a_stream_cut_inside_a_frame_is_reported_in_strips_too() {
        // A frame is larger than the read-ahead.
        let layout = FrameLayout::new(PixelFormat::Rgb24, 100, 50).range(ColorRange::Full);
        let bytes: Vec<u8> = (0..15_000 + 15_000 + 7_000).map(|index| (index / 300) as u8).collect();
        for step in [1, 2, 7, 50] {
            let mut source = RawSource::new(&bytes[..], layout, "x").expect("has pixels");
            for frame in 0..2 {
                let mut strips = source.next_strips().expect("whole").expect("there");
                for first in (0..50).step_by(step as usize) {
                    let strip = strips.next_strip(step.min(50 - first)).expect("whole");
                    let row = strip.planes()[0].row(0, strip.layout(0));
                    assert_eq!(row, [(50 * frame + first) as u8; 300]);
                }
            }
            let mut strips = source.next_strips().expect("starts").expect("there");
            let error = (0..50).step_by(step as usize).find_map(|_| strips.next_strip(step).err()).expect("cut");
            let message = "x: the stream ends inside frame 2: it has 7000 of the frame's 15000 bytes";
            assert_eq!(error.to_string(), message);
        }
        let mut source = RawSource::new(&bytes[..15_010], layout, "x").expect("has pixels");
        source.next_strips().expect("whole").expect("there").next_strip(50).expect("whole");
        let error = source.next_strips().err().expect("cut").to_string();
        assert_eq!(error, "x: the stream ends inside frame 1: it has 10 of the frame's 15000 bytes");
        let mut source = RawSource::new(&[][..], layout, "x").expect("has pixels");
        assert!(source.next_strips().expect("ends").is_none());
    }

    #[test]
    fn skipped_frames_are_counted() {
        let bytes: Vec<u8> = (0..41).collect();
        let stream = RawSource::new(io::Cursor::new(bytes.clone()), LAYOUT, "x").expect("has pixels");
        let file = RawSource::new(io::Cursor::new(bytes), LAYOUT, "x").expect("has pixels").seekable();
        for mut source in [stream, file] {
            let mut buffer = FrameBuffer::new();
            assert_eq!(source.skip(2).expect("there"), 2);
            assert_eq!(source.read_frame(&mut buffer).expect("whole"), Some(LAYOUT));
            assert_eq!(buffer[0], 24);
            let error = source.skip(2).expect_err("cut").to_string();
            assert_eq!(error, "x: the stream ends inside frame 3: it has 5 of the frame's 12 bytes");
        }
    }

    #[test]
    fn an_empty_stream_has_no_frames() {
        let mut source = RawSource::new(&[][..], LAYOUT, "x").expect("has pixels").with_length(0);
        assert_eq!(source.frame_count(), Some(0));
        assert_eq!(source.read_frame(&mut FrameBuffer::new()).expect("ends"), None);
    }
}
