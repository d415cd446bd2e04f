//! Where the samples of an array come from, and how some of them are left out.

use std::fs::File;
use std::io::{self, Read};

use super::fortran::FortranReader;
use crate::source::{read_past, seek_past};

/// The samples in C order.
pub(super) enum Reader {
    File(File),
    Fortran(FortranReader),
    Stream(Box<dyn Read + Send>),
}

impl Reader {
    /// Leaves out `frames` frames; gives how many of their bytes there were.
    pub(super) fn pass(&mut self, frames: u64, frame_bytes: u64) -> io::Result<u64> {
        let bytes = frames * frame_bytes;
        match self {
            Self::File(file) => seek_past(file, bytes),
            Self::Fortran(reader) => {
                reader.pass(frames);
                Ok(bytes)
            }
            Self::Stream(stream) => read_past(stream, bytes),
        }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Fortran(reader) => reader.read(buffer),
            Self::Stream(stream) => stream.read(buffer),
        }
    }
}
