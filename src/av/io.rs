//! Connects FFmpeg's muxers and demuxers to our own readers and writers. No FFmpeg protocol is used, so a name is never
//! treated as a URL.

use std::any::Any;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use ffmpeg_next::ffi;
use ffmpeg_next::format::context::StreamIo;

use super::error::check;
use crate::error::{Error, LibavError, Result};

/// The bytes that FFmpeg buffers before a write, and reads at once. `StreamIo` touches all of them when it opens, six
/// times for an MP4: four times as many were two fifths of the memory for a movie of one frame.
const BUFFER_BYTES: usize = 64 * 1024;

/// A writer that can seek.
pub(crate) trait SeekableSink: Write + Seek + Send {}
impl<T: Write + Seek + Send> SeekableSink for T {}

/// A reader that can seek.
pub(crate) trait SeekableSource: Read + Seek + Send {}
impl<T: Read + Seek + Send> SeekableSource for T {}

/// The destination of a muxer.
pub(crate) enum Sink {
    /// Can seek, so that sizes and indexes are filled in at the end.
    Seekable(Box<dyn SeekableSink>),
    /// Only accepts bytes in order.
    Stream(Box<dyn Write + Send>),
}

/// The error of the caller's reader or writer: FFmpeg keeps at most a number, and reports it late.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    /// Takes the first error, once.
    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, error: Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// An `AVIOContext` on one of our sinks or sources.
pub(super) struct Io {
    stream: StreamIo,
    failure: Failure,
    finish: fn(StreamIo) -> io::Result<()>,
}

impl Io {
    /// Makes the context for a muxer.
    pub(super) fn writing(sink: Sink) -> Result<Self, LibavError> {
        let failure = Failure::default();
        let (stream, finish): (_, fn(StreamIo) -> io::Result<()>) = match sink {
            Sink::Seekable(sink) => {
                let guarded = Guarded { inner: sink, failure: failure.clone() };
                (StreamIo::from_write_seek_with_capacity(guarded, BUFFER_BYTES), flush::<Box<dyn SeekableSink>>)
            }
            Sink::Stream(sink) => {
                let guarded = Guarded { inner: sink, failure: failure.clone() };
                (StreamIo::from_write_with_capacity(guarded, BUFFER_BYTES), flush::<Box<dyn Write + Send>>)
            }
        };
        Ok(Self { stream: opened(stream)?, failure, finish })
    }

    /// Makes the context for a demuxer.
    pub(super) fn reading(source: Box<dyn SeekableSource>) -> Result<Self, LibavError> {
        let failure = Failure::default();
        let guarded = Guarded { inner: source, failure: failure.clone() };
        let stream = opened(StreamIo::from_read_seek_with_capacity(guarded, BUFFER_BYTES))?;
        Ok(Self { stream, failure, finish: |_| Ok(()) })
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut ffi::AVIOContext {
        self.stream.as_mut_ptr()
    }

    /// Flushes FFmpeg's buffer to the sink, and returns the first error there: FFmpeg itself notices it one buffer
    /// later, and some muxers ignore the last error.
    pub(super) fn flush(&mut self) -> Result<()> {
        let context = self.as_mut_ptr();
        // SAFETY: the context is valid as long as the stream is; avio_flush and its error field belong together.
        let code = unsafe {
            ffi::avio_flush(context);
            (*context).error
        };
        self.verdict(check(code, "write the movie").map(drop))
    }

    /// Replaces FFmpeg's error by the error of our sink or source, if there is one.
    pub(super) fn verdict<T>(&self, result: Result<T, LibavError>) -> Result<T> {
        match (self.failure.take(), result) {
            (Some(cause), _) => Err(cause),
            (None, result) => result.map_err(Error::from),
        }
    }

    /// Flushes FFmpeg's buffer and then the sink.
    pub(super) fn close(mut self) -> Result<()> {
        self.flush()?;
        let failure = self.failure.clone();
        let flushed = (self.finish)(self.stream);
        match (failure.take(), flushed) {
            (Some(cause), _) => Err(cause),
            (None, flushed) => flushed.map_err(|source| Error::io("write", None, source)),
        }
    }
}

fn opened(stream: Result<StreamIo, ffmpeg_next::Error>) -> Result<StreamIo, LibavError> {
    stream.map_err(|error| LibavError {
        operation: "set up input and output".to_owned(),
        code: error.into(),
        message: error.to_string(),
        log_line: None,
        path: None,
    })
}

fn flush<T: Write + 'static>(stream: StreamIo) -> io::Result<()> {
    match stream.into_inner::<Guarded<T>>() {
        Ok(mut sink) => sink.flush(),
        // `writing` sets the type, so this is unreachable. Dropping flushes too, but reports nothing.
        Err(_) => Err(io::Error::other("the sink changed its type")),
    }
}

/// The caller's reader or writer: its errors are stored, and its panics do not unwind into C.
struct Guarded<T> {
    inner: T,
    failure: Failure,
}

impl<T> Guarded<T> {
    fn call<R>(&mut self, operation: &'static str, call: impl FnOnce(&mut T) -> io::Result<R>) -> io::Result<R> {
        match catch_unwind(AssertUnwindSafe(|| call(&mut self.inner))) {
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Ok(Err(error)) => {
                let code = error.raw_os_error();
                let same = code.map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error);
                self.failure.keep(Error::io(operation, None, error));
                Err(same)
            }
            Ok(done) => done,
            Err(panic) => {
                let message = panic_message(&*panic);
                self.failure.keep(Error::Panicked { what: "caller's reader or writer", message });
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}

impl<T: Write> Write for Guarded<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call("write", |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call("write", Write::flush)
    }
}

impl<T: Read> Read for Guarded<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.call("read", |inner| inner.read(bytes))
    }
}

impl<T: Seek> Seek for Guarded<T> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.call("seek in", |inner| inner.seek(position))
    }
}

/// Returns the text of a panic, if it has one.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
