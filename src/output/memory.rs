//! A movie in memory.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Holds a movie that is written to memory. Clones share it: pass one to the [`Output`](crate::Output), and keep one to
/// take the movie from.
///
/// ```
/// use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};
/// let movie = Memory::new();
/// let output = Output::memory(&movie, Container::Mp4);
/// let mut video = VideoWriter::builder(output, 64, 64, FrameRate::new(30, 1)).create()?;
/// video.write(&FrameView::gray(&[128; 64 * 64], 64, 64)?)?;
/// video.finish()?;
/// assert_eq!(&movie.take()[4..8], b"ftyp");
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory {
    movie: Arc<Mutex<Vec<u8>>>,
}

impl Memory {
    /// Makes an empty memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the finished movie out; empty before `finish`, and after it was taken.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.lock())
    }

    pub(super) fn put(&self, movie: Vec<u8>) {
        *self.lock() = movie;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.movie.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A growing file in memory. Clones share the bytes and the position.
#[derive(Clone, Default)]
pub(super) struct SharedBuffer {
    cursor: Arc<Mutex<Cursor<Vec<u8>>>>,
}

impl SharedBuffer {
    /// Takes the bytes out.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.lock()).into_inner()
    }

    fn lock(&self) -> MutexGuard<'_, Cursor<Vec<u8>>> {
        self.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for SharedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for SharedBuffer {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.lock().read(bytes)
    }
}

impl Seek for SharedBuffer {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.lock().seek(position)
    }
}
