//! Python objects that movies are written to.

use std::io::{self, Seek, SeekFrom, Write};

use pyo3::exceptions::PyBlockingIOError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// A file-like object. Calls come from the encoding thread and take the interpreter lock.
pub(crate) struct PythonSink(pub(crate) Py<PyAny>);

fn io_error(error: PyErr) -> io::Error {
    io::Error::other(error)
}

impl Write for PythonSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let written = self.0.call_method1(py, "write", (PyBytes::new(py, bytes),))?;
            if !written.is_none(py) {
                return written.extract(py);
            }
            // Many file-like objects return None after they took all bytes. A raw file that does not block returns it
            // if it took none.
            let raw = py.import("io")?.getattr("RawIOBase")?;
            match self.0.bind(py).is_instance(&raw)? {
                false => Ok(bytes.len()),
                true => Err(PyBlockingIOError::new_err(
                    "the file does not block, and accepts no bytes now: use a blocking file",
                )),
            }
        })
        .map_err(io_error)
    }

    fn flush(&mut self) -> io::Result<()> {
        Python::attach(|py| {
            if self.0.bind(py).hasattr("flush")? {
                self.0.call_method0(py, "flush")?;
            }
            Ok(())
        })
        .map_err(io_error)
    }
}

impl Seek for PythonSink {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (offset, whence) = match to {
            SeekFrom::Start(offset) => (i64::try_from(offset).map_err(io::Error::other)?, 0),
            SeekFrom::Current(offset) => (offset, 1),
            SeekFrom::End(offset) => (offset, 2),
        };
        Python::attach(|py| self.0.call_method1(py, "seek", (offset, whence))?.extract(py)).map_err(io_error)
    }
}
