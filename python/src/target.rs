//! The output of a movie.

use std::path::PathBuf;

use framemill::{Container, Output};
use pyo3::prelude::*;

use crate::sink::PythonSink;

#[derive(FromPyObject)]
pub(crate) enum Target {
    Path(PathBuf),
    File(Py<PyAny>),
}

impl Target {
    /// Returns the name in statistics.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::File(_) => "a file object".to_owned(),
        }
    }

    /// Returns the output. A file object gets an MP4 unless the container is set.
    pub(crate) fn open(self, seekable: bool, clobber: bool, container: Option<Container>) -> Output {
        let named = container.unwrap_or(Container::Mp4);
        let output = match (self, container) {
            (Self::Path(path), Some(container)) => Output::path(path).container(container),
            (Self::Path(path), None) => Output::path(path),
            (Self::File(file), _) if seekable => Output::seekable(PythonSink(file), named),
            (Self::File(file), _) => Output::stream(PythonSink(file), named),
        };
        if clobber { output } else { output.no_clobber() }
    }
}
