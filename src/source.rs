//! Reads frames from streams and files.

#[cfg(feature = "images")]
mod animation;
mod buffer;
mod foreign;
#[cfg(feature = "images")]
mod images;
mod input;
mod npy;
mod raw;
mod stoppable;
mod y4m;

use std::io::{self, Read, Seek, SeekFrom};

#[cfg(feature = "images")]
pub use animation::AnimationSource;
pub use buffer::FrameBuffer;
#[cfg(feature = "images")]
pub use images::{ImageFiles, ImageOptions, ImageStream, Levels, OnError, PictureKind, TiffStack};
pub use input::{FrameInput, InputKind, InputOptions};
pub use npy::NpySource;
pub use raw::RawSource;
pub use y4m::Y4mSource;

use crate::error::{Error, Result};
use crate::frame::{FrameLayout, Strips};
use crate::time::FrameRate;

/// A source of frames, which are read one by one.
pub trait FrameSource: Send {
    /// Returns the layout of the first frame, or of the next one if frames were [skipped](Self::skip). All frames have
    /// its size, unless the source accepts other sizes.
    fn layout(&self) -> FrameLayout;

    /// Returns the frame rate, if the source records it.
    fn frame_rate(&self) -> Option<FrameRate> {
        None
    }

    /// Returns the duration in frame periods of the frame that was read last, if the frames of the source have
    /// different durations; `None` if each is shown for one period.
    fn frame_periods(&self) -> Option<u64> {
        None
    }

    /// Returns the number of all frames, if it is known.
    fn frame_count(&self) -> Option<u64> {
        None
    }

    /// Returns the number of all frames if it is certain before reading them. It is not certain if the end of the input
    /// may be cut, or if frames of the same layout may take different numbers of bytes.
    fn exact_frame_count(&self) -> Option<u64> {
        self.frame_count()
    }

    /// Returns the number of frames that are left out because they are broken or missing. Broken frames count once they
    /// are read; numbers missing from a sequence count from the start.
    fn skipped_frames(&self) -> u64 {
        0
    }

    /// Skips the next `frames` frames; returns how many there were, which is fewer only at the end. The skipped data is
    /// not read if possible, and pictures are not decoded, so broken ones among them are not noticed, and count.
    ///
    /// # Errors
    /// As [`read_frame`](Self::read_frame).
    fn skip(&mut self, frames: u64) -> Result<u64> {
        read_and_drop(self, frames)
    }

    /// Fills `buffer` with the next frame, replacing its content, and returns the frame's layout; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Input`] if the stream is invalid, [`Error::Io`] if it cannot be read. The frames before were complete.
    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>>;

    /// Returns whether [`next_strips`](Self::next_strips) can read frames a few rows at a time, which is faster.
    fn gives_strips(&self) -> bool {
        false
    }

    /// Returns the next frame, whose rows are read on demand; `None` at the end, and if frames can only be read whole.
    /// Read all rows before the next frame.
    ///
    /// # Errors
    /// As [`read_frame`](Self::read_frame), also from the strips.
    fn next_strips(&mut self) -> Result<Option<Box<dyn Strips + '_>>> {
        Ok(None)
    }
}

fn read_and_drop<S: FrameSource + ?Sized>(source: &mut S, frames: u64) -> Result<u64> {
    let mut buffer = FrameBuffer::new();
    for read in 0..frames {
        if source.read_frame(&mut buffer)?.is_none() {
            return Ok(read);
        }
    }
    Ok(frames)
}

/// Reads and drops `bytes` bytes; returns how many there were.
fn read_past<R: Read>(reader: &mut R, bytes: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(bytes), &mut io::sink())
}

/// Seeks forward by `bytes` bytes, but not beyond the end; returns how many there were.
fn seek_past<R: Seek>(reader: &mut R, bytes: u64) -> io::Result<u64> {
    let start = reader.stream_position()?;
    let end = reader.seek(SeekFrom::End(0))?.max(start);
    let target = start.saturating_add(bytes).min(end);
    reader.seek(SeekFrom::Start(target))?;
    Ok(target - start)
}

/// Reads until `buffer` is full or the stream ends; returns the number of bytes read.
fn read_full(reader: &mut impl Read, buffer: &mut [u8], name: &str) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(read_error(source, name)),
        }
    }
    Ok(filled)
}

/// Makes the error for a read of the input `name` that failed.
fn read_error(source: io::Error, name: &str) -> Error {
    match stoppable::was_stopped(&source) {
        true => Error::Stopped,
        false => Error::io("read", Some(name.as_ref()), source),
    }
}
