//! Sound from Python.

use std::path::PathBuf;

use framemill::{Audio, VideoWriter};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::errors::Raise;

/// A path, samples with their type, rate and channels, or the rate and the channels of samples that are written. The
/// package has checked them.
#[derive(FromPyObject)]
pub(crate) enum PySound {
    Path(PathBuf),
    Samples(PyBackedBytes, String, u32, u32),
    Written(u32, u32),
}

impl PySound {
    pub(crate) fn audio(self) -> PyResult<Audio> {
        match self {
            Self::Path(path) => Ok(Audio::file(path)),
            Self::Written(rate, channels) => Ok(Audio::written(rate, channels)),
            Self::Samples(bytes, kind, rate, channels) => Ok(match kind.as_str() {
                "int16" => Audio::samples(samples(&bytes, i16::from_ne_bytes), rate, channels),
                "int32" => Audio::samples(samples(&bytes, i32::from_ne_bytes), rate, channels),
                "float32" => Audio::samples(samples(&bytes, f32::from_ne_bytes), rate, channels),
                "float64" => Audio::samples(samples(&bytes, f64::from_ne_bytes), rate, channels),
                _ => return Err(unknown(&kind)),
            }),
        }
    }
}

/// Checks a sound before the movie is opened.
#[pyfunction]
pub(crate) fn check_audio(py: Python<'_>, audio: PySound) -> PyResult<()> {
    let audio = audio.audio()?;
    py.detach(|| audio.check()).raise(py)
}

/// Writes samples of this type to a movie.
pub(crate) fn write(video: &mut VideoWriter, bytes: &[u8], kind: &str) -> PyResult<framemill::Result<()>> {
    Ok(match kind {
        "int16" => video.write_audio(&samples(bytes, i16::from_ne_bytes)),
        "int32" => video.write_audio(&samples(bytes, i32::from_ne_bytes)),
        "float32" => video.write_audio(&samples(bytes, f32::from_ne_bytes)),
        "float64" => video.write_audio(&samples(bytes, f64::from_ne_bytes)),
        _ => return Err(unknown(kind)),
    })
}

/// Converts bytes to samples, each with `read`. An incomplete sample at the end is ignored.
fn samples<T, const N: usize>(bytes: &[u8], read: fn([u8; N]) -> T) -> Vec<T> {
    let (whole, _) = bytes.as_chunks::<N>();
    whole.iter().map(|sample| read(*sample)).collect()
}

fn unknown(kind: &str) -> PyErr {
    PyTypeError::new_err(format!("samples of the type {kind} are not supported"))
}
