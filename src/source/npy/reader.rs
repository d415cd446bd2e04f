//! Reads and skips the samples of an array.

use std::fs::File;
use std::io::{self, Read};

use super::fortran::FortranReader;
use crate::source::{read_past, seek_past};

/// A reader of the samples in C order.
pub(super) enum SampleReader {
    File(File),
    Fortran(FortranReader),
    Stream(Box<dyn Read + Send>),
}

impl SampleReader {
    /// Skips `frames` frames; returns how many of their bytes existed.
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

impl Read for SampleReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Fortran(reader) => reader.read(buffer),
            Self::Stream(stream) => stream.read(buffer),
        }
    }
}
