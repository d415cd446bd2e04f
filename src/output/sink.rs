//! The caller's sink, which counts written bytes from the start of the movie.

use std::io::{self, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::av::{SeekableSink, panic_message};
use crate::error::{Error, Result};

impl Counted<dyn SeekableSink> {
    /// Wraps a sink that can seek. The movie starts at the sink's current position, and its offsets count from there.
    pub(super) fn seekable(mut sink: Box<dyn SeekableSink>) -> Result<(Self, Arc<AtomicU64>)> {
        let start = loop {
            let asked = catch_unwind(AssertUnwindSafe(|| sink.stream_position()));
            match asked {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(asked) => break asked.map_err(|source| Error::io("seek in", None, source))?,
                Err(panic) => {
                    let message = panic_message(&*panic);
                    return Err(Error::Panicked { what: "caller's reader or writer", message });
                }
            }
        };
        let bytes = Arc::<AtomicU64>::default();
        Ok((Self { inner: sink, start, position: 0, bytes: Arc::clone(&bytes) }, bytes))
    }
}

impl Counted<dyn Write + Send> {
    /// Wraps a sink that takes bytes in order.
    pub(super) fn stream(sink: Box<dyn Write + Send>) -> (Self, Arc<AtomicU64>) {
        let bytes = Arc::<AtomicU64>::default();
        (Self { inner: sink, start: 0, position: 0, bytes: Arc::clone(&bytes) }, bytes)
    }
}

/// The caller's sink, and how far it was written.
pub(super) struct Counted<T: ?Sized> {
    /// The position in the sink where the movie starts.
    start: u64,
    position: u64,
    bytes: Arc<AtomicU64>,
    inner: Box<T>,
}

impl<T: Write + ?Sized> Write for Counted<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.position += written as u64;
        self.bytes.fetch_max(self.position, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Seek for Counted<dyn SeekableSink> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(position) => SeekFrom::Start(self.start.saturating_add(position)),
            other => other,
        };
        self.position = self.inner.seek(to)?.saturating_sub(self.start);
        Ok(self.position)
    }
}
