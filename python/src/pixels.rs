//! Pictures as the package passes them: `_frames.Pixels`.

use framemill::{ArrayView, InvalidFrame, SampleType};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::Raise;

/// The memory of an array, and the layout of its samples.
#[derive(FromPyObject)]
pub(crate) struct Pixels<'py>(
    PyReadonlyArray1<'py, u8>,
    usize,
    String,
    (usize, usize, usize),
    (isize, isize, isize),
    bool,
);

impl Pixels<'_> {
    /// Returns a borrowed view of the array.
    pub(crate) fn view(&self) -> PyResult<Result<ArrayView<'_>, InvalidFrame>> {
        let Self(memory, first, samples, (height, width, channels), (row, pixel, sample), deep) = self;
        let samples = match samples.as_str() {
            "bool" => SampleType::Bool,
            "u8" => SampleType::U8,
            "u16" => SampleType::U16,
            "f32" => SampleType::F32,
            "f64" => SampleType::F64,
            other => return Err(PyValueError::new_err(format!("unknown sample type: {other}"))),
        };
        let view = ArrayView::new(
            samples,
            memory.as_slice()?,
            *first,
            [*height, *width, *channels],
            [*row, *pixel, *sample],
        );
        Ok(view.map(|view| view.floats_in_16_bits(*deep)))
    }
}

/// Rejects floats that are not from 0 to 1.
#[pyfunction]
pub(crate) fn check_levels(py: Python<'_>, pixels: Pixels<'_>) -> PyResult<()> {
    let view = pixels.view()?;
    py.detach(|| view.and_then(|view| view.check_levels())).map_err(framemill::Error::from).raise(py)
}
