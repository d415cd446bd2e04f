//! A sink that can fail in different ways.

use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};

/// How the sink behaves.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Good,
    /// Takes one byte at a time.
    Slow,
    /// Every second call fails as if a signal had interrupted it.
    Interrupted,
    /// No space is left after this many bytes.
    FullAfter(usize),
    /// Panics after this many bytes.
    PanicsAfter(usize),
    /// Takes all bytes, but fails to flush.
    CannotFlush,
    CannotSeek,
}

/// A sink in memory whose bytes the test can read while the writer owns it.
#[derive(Clone)]
pub(crate) struct Sink {
    file: Arc<Mutex<Cursor<Vec<u8>>>>,
    mood: Mood,
    calls: usize,
}

impl Sink {
    pub(crate) fn new(mood: Mood) -> Self {
        Self { file: Arc::default(), mood, calls: 0 }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.file.lock().expect("not poisoned").get_ref().clone()
    }
}

fn no_space() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOSPC)
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        let written = self.bytes().len();
        let taken = match self.mood {
            Mood::Slow => 1,
            Mood::Interrupted if self.calls % 2 == 1 => return Err(io::ErrorKind::Interrupted.into()),
            Mood::FullAfter(limit) if written >= limit => return Err(no_space()),
            Mood::PanicsAfter(limit) if written >= limit => panic!("the sink is broken"),
            Mood::FullAfter(limit) | Mood::PanicsAfter(limit) => bytes.len().min(limit - written),
            _ => bytes.len(),
        };
        self.file.lock().expect("not poisoned").write(&bytes[..taken.min(bytes.len())])
    }

    fn flush(&mut self) -> io::Result<()> {
        if matches!(self.mood, Mood::CannotFlush) { Err(no_space()) } else { Ok(()) }
    }
}

impl Seek for Sink {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if matches!(self.mood, Mood::CannotSeek) {
            return Err(io::Error::from_raw_os_error(libc::ESPIPE));
        }
        self.file.lock().expect("not poisoned").seek(to)
    }
}
