//! Frames out of streams and files.

#[cfg(feature = "images")]
mod animation;
mod buffer;
mod foreign;
#[cfg(feature = "images")]
mod images;
mod input;
mod npy;
mod raw;
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

/// Something that frames come out of, one by one.
pub trait FrameSource: Send {
    /// How the first frame lies in its buffer, of those that are left when some were [skipped](Self::skip); all frames
    /// have its size, unless the source was asked to take others.
    fn layout(&self) -> FrameLayout;

    /// Frames a second, where the source says it.
    fn frame_rate(&self) -> Option<FrameRate> {
        None
    }

    /// For how many frame periods the frame that was read last is shown, where the source has frames of different times;
    /// `None` where each is shown for one period.
    fn frame_periods(&self) -> Option<u64> {
        None
    }

    /// How many frames there are in all, where that is known.
    fn frame_count(&self) -> Option<u64> {
        None
    }

    /// How many frames there are in all, where that is certain before they are read: not where the end of the input may be
    /// cut, or frames of the same layout may take different numbers of bytes.
    fn exact_frame_count(&self) -> Option<u64> {
        self.frame_count()
    }

    /// How many frames were left out so far, because they were broken or missing.
    fn skipped_frames(&self) -> u64 {
        0
    }

    /// Leaves out the next `frames` frames; gives how many there were, which are fewer at the end only. What can be
    /// passed over is not read, and pictures are not decoded: broken ones among them are not noticed, and count.
    ///
    /// # Errors
    /// As [`read_frame`](Self::read_frame).
    fn skip(&mut self, frames: u64) -> Result<u64> {
        read_and_drop(self, frames)
    }

    /// Fills `buffer` with the next frame, whatever was in it, and returns its layout; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Input`] where the stream is not what it should be, [`Error::Io`] where it cannot be read. The frames
    /// before it were whole.
    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>>;

    /// Whether frames can be had a few rows at a time, by [`next_strips`](Self::next_strips).
    fn gives_strips(&self) -> bool {
        false
    }

    /// The next frame, whose rows are read when they are asked for; `None` at the end, and where frames are had whole
    /// only. All rows must be asked for before the next frame.
    ///
    /// # Errors
    /// As [`read_frame`](Self::read_frame); so do the strips.
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

/// Reads `bytes` bytes and forgets them; gives how many there were.
fn read_past<R: Read>(reader: &mut R, bytes: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(bytes), &mut io::sink())
}

/// Goes `bytes` bytes further, but not beyond the end; gives how many there were.
fn seek_past<R: Seek>(reader: &mut R, bytes: u64) -> io::Result<u64> {
    let start = reader.stream_position()?;
    let end = reader.seek(SeekFrom::End(0))?.max(start);
    let target = start.saturating_add(bytes).min(end);
    reader.seek(SeekFrom::Start(target))?;
    Ok(target - start)
}

/// Reads until `buffer` is full or the stream ends; gives the bytes read.
fn read_full(reader: &mut impl Read, buffer: &mut [u8], name: &str) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::io("read", Some(name.as_ref()), source)),
        }
    }
    Ok(filled)
}
