//! Segments to join.

use std::path::PathBuf;

use framemill::SegmentSource;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

/// A file, or bytes, which are not copied.
#[derive(FromPyObject)]
pub(crate) enum Segment {
    Memory(PyBackedBytes),
    Path(PathBuf),
}

impl From<Segment> for SegmentSource {
    fn from(segment: Segment) -> Self {
        match segment {
            Segment::Memory(bytes) => Self::memory(bytes),
            Segment::Path(path) => Self::path(path),
        }
    }
}
