//! Backdrops, which restore the pixels below moving artists, and overlays, which draw layers above them.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray3, PyReadwriteArray3, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

const BYTES: usize = 4;

/// A rectangle of a canvas, in pixels: rows from `top` up to `bottom`, columns from `left` up to `right`, both
/// exclusive.
#[derive(Clone, Copy)]
struct Region {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
}

impl Region {
    fn checked((top, bottom, left, right): (usize, usize, usize, usize), shape: &[usize]) -> PyResult<Self> {
        if shape[2] != BYTES {
            return Err(PyValueError::new_err(format!(
                "the canvas has {} channels, but must have {BYTES}",
                shape[2]
            )));
        }
        if top > bottom || left > right || bottom > shape[0] || right > shape[1] {
            return Err(PyValueError::new_err("the region is not on the canvas"));
        }
        Ok(Self { top, bottom, left, right })
    }

    fn pixels(self) -> usize {
        (self.bottom - self.top) * (self.right - self.left)
    }

    /// Returns the byte range in each row of a canvas of `width` that is in the region.
    fn rows(self, width: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
        (self.top..self.bottom)
            .map(move |row| (row * width + self.left) * BYTES..(row * width + self.right) * BYTES)
    }
}

/// The pixels below everything that moves in a region.
#[pyclass(module = "framemill._native", frozen)]
pub(crate) struct Backdrop {
    region: Region,
    shape: Vec<usize>,
    pixels: Vec<u8>,
}

#[pymethods]
impl Backdrop {
    /// Copies the pixels of a canvas in `(top, bottom, left, right)`.
    #[new]
    fn new(canvas: PyReadonlyArray3<'_, u8>, region: (usize, usize, usize, usize)) -> PyResult<Self> {
        let region = Region::checked(region, canvas.shape())?;
        let all = canvas.as_slice()?;
        let pixels = region.rows(canvas.shape()[1]).flat_map(|row| &all[row]).copied().collect();
        Ok(Self { region, shape: canvas.shape().to_vec(), pixels })
    }

    /// Restores them.
    fn restore(&self, mut canvas: PyReadwriteArray3<'_, u8>) -> PyResult<()> {
        check_shape(canvas.shape(), &self.shape)?;
        let row_bytes = (self.region.right - self.region.left) * BYTES;
        if row_bytes == 0 {
            return Ok(());
        }
        let all = canvas.as_slice_mut()?;
        for (row, kept) in self.region.rows(self.shape[1]).zip(self.pixels.chunks_exact(row_bytes)) {
            all[row].copy_from_slice(kept);
        }
        Ok(())
    }
}

/// The gray levels of the backgrounds from which an overlay is computed. There are more near the ends, where repeated
/// rounding makes the result least linear.
const LEVELS: [u8; COUNT] = [0, 8, 64, 128, 191, 247, 255];
const COUNT: usize = 7;
/// The fractional bits.
const FRACTION: u32 = 16;
/// The largest error of a line, in levels, with which it is used.
const MAX_OFF: f32 = 1.0;

/// A layer that is drawn over moving artists. Its effect on each sample below is computed from its effect on some
/// grays.
#[pyclass(module = "framemill._native", frozen)]
pub(crate) struct Overlay {
    region: Region,
    shape: Vec<usize>,
    /// Fully covered runs of pixels: the first byte of each run on the canvas, and its samples.
    solid: Vec<(usize, Vec<u8>)>,
    /// Pixels whose samples become `sum + weight * below`, in 16-bit fixed point; the sum includes the half for
    /// rounding.
    lines: Vec<(usize, [(u32, u32); BYTES])>,
    /// Pixels whose samples are interpolated between the results for the neighboring levels.
    curves: Vec<(usize, [[u8; COUNT]; BYTES])>,
}

#[pymethods]
impl Overlay {
    #[classattr]
    #[pyo3(name = "LEVELS")]
    fn levels() -> Vec<u8> {
        LEVELS.to_vec()
    }

    /// Computes the overlay in `(top, bottom, left, right)` from its effect on opaque backgrounds of each of
    /// `Overlay.LEVELS`.
    #[new]
    fn new(drawn: [PyReadonlyArray3<'_, u8>; COUNT], region: (usize, usize, usize, usize)) -> PyResult<Self> {
        let shape = drawn[0].shape().to_vec();
        let region = Region::checked(region, &shape)?;
        let mut canvases: [&[u8]; COUNT] = [&[]; COUNT];
        for (canvas, drawn) in canvases.iter_mut().zip(&drawn) {
            check_shape(drawn.shape(), &shape)?;
            *canvas = drawn.as_slice()?;
        }
        let width = shape[1];
        let mut overlay = Self { region, shape, solid: Vec::new(), lines: Vec::new(), curves: Vec::new() };
        for row in region.rows(width) {
            for place in row.step_by(BYTES) {
                overlay.add(place, canvases.map(|canvas| &canvas[place..place + BYTES]));
            }
        }
        Ok(overlay)
    }

    /// Returns whether it covers nothing.
    fn is_empty(&self) -> bool {
        self.solid.is_empty() && self.lines.is_empty() && self.curves.is_empty()
    }

    /// Draws the overlay over an opaque canvas.
    fn blend(&self, mut canvas: PyReadwriteArray3<'_, u8>) -> PyResult<()> {
        check_shape(canvas.shape(), &self.shape)?;
        self.lay_over(canvas.as_slice_mut()?);
        Ok(())
    }

    /// Compares this overlay with a real drawing: `ground` is an opaque background, and `drawn` is the layer drawn on it.
    /// Returns the largest difference of a sample for each pixel of the region, row by row.
    fn errors<'py>(
        &self,
        py: Python<'py>,
        ground: PyReadonlyArray3<'_, u8>,
        drawn: PyReadonlyArray3<'_, u8>,
    ) -> PyResult<Bound<'py, PyArray1<u8>>> {
        check_shape(ground.shape(), &self.shape)?;
        check_shape(drawn.shape(), &self.shape)?;
        let mut laid_over = ground.as_slice()?.to_vec();
        self.lay_over(&mut laid_over);
        let drawn = drawn.as_slice()?;
        let mut errors = Vec::with_capacity(self.region.pixels());
        for row in self.region.rows(self.shape[1]) {
            let pixels = laid_over[row.clone()].chunks_exact(BYTES).zip(drawn[row].chunks_exact(BYTES));
            errors.extend(pixels.map(|(mine, theirs)| most(mine.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b)))));
        }
        Ok(errors.into_pyarray(py))
    }
}

impl Overlay {
    fn add(&mut self, place: usize, drawn: [&[u8]; COUNT]) {
        let (black, white) = (drawn[0], drawn[COUNT - 1]);
        if black[..3] == [0; 3] && white[..3] == [255; 3] {
            return;
        }
        let samples: [[u8; COUNT]; BYTES] = std::array::from_fn(|channel| drawn.map(|pixel| pixel[channel]));
        if black == white {
            match self.solid.last_mut() {
                Some((start, run)) if *start + run.len() == place => run.extend(black),
                _ => self.solid.push((place, black.to_vec())),
            }
            return;
        }
        let lines = samples.map(LinearFit::through);
        if lines.iter().zip(samples).all(|(line, samples)| line.off(samples) <= MAX_OFF) {
            self.lines.push((place, lines.map(LinearFit::fixed)));
        } else {
            self.curves.push((place, samples));
        }
    }

    fn lay_over(&self, canvas: &mut [u8]) {
        for (start, run) in &self.solid {
            canvas[*start..start + run.len()].copy_from_slice(run);
        }
        for (place, pixel) in &self.lines {
            for (sample, (sum, weight)) in canvas[*place..place + BYTES].iter_mut().zip(pixel) {
                *sample = ((sum + u32::from(*sample) * weight) >> FRACTION) as u8;
            }
        }
        for (place, pixel) in &self.curves {
            for (sample, curve) in canvas[*place..place + BYTES].iter_mut().zip(pixel) {
                *sample = between(curve, *sample);
            }
        }
    }
}

/// For each sample, the index of the first level that is not below it, but at least 1.
const LEVEL_ABOVE: [u8; 256] = {
    let mut above = [1; 256];
    let mut sample = 0;
    while sample < 256 {
        while (LEVELS[above[sample] as usize] as usize) < sample {
            above[sample] += 1;
        }
        sample += 1;
    }
    above
};

/// Interpolates the result for a sample from the results for each level.
fn between(curve: &[u8; COUNT], sample: u8) -> u8 {
    let above = usize::from(LEVEL_ABOVE[usize::from(sample)]);
    let (low, high) = (i32::from(LEVELS[above - 1]), i32::from(LEVELS[above]));
    let (from, to) = (i32::from(curve[above - 1]), i32::from(curve[above]));
    let part = (to - from) * (i32::from(sample) - low);
    // The result is between two samples, so it is a valid sample.
    (from + (2 * part + (high - low)).div_euclid(2 * (high - low))) as u8
}

/// A linear approximation of the results.
struct LinearFit {
    sum: f32,
    weight: f32,
}

impl LinearFit {
    /// Fits a line to the results for each level, with least squares.
    fn through(samples: [u8; COUNT]) -> Self {
        let mean = |values: [u8; COUNT]| values.iter().map(|value| f32::from(*value)).sum::<f32>() / COUNT as f32;
        let (mean_level, mean_sample) = (mean(LEVELS), mean(samples));
        let (mut product, mut square) = (0.0, 0.0);
        for (level, sample) in LEVELS.iter().zip(samples) {
            let distance = f32::from(*level) - mean_level;
            product += distance * (f32::from(sample) - mean_sample);
            square += distance * distance;
        }
        let weight = (product / square).clamp(0.0, 1.0);
        Self { sum: (mean_sample - weight * mean_level).clamp(0.0, 255.0 * (1.0 - weight)), weight }
    }

    /// Returns the largest error.
    fn off(&self, samples: [u8; COUNT]) -> f32 {
        let off =
            |(level, sample): (&u8, u8)| (self.sum + self.weight * f32::from(*level) - f32::from(sample)).abs();
        LEVELS.iter().zip(samples).map(off).fold(0.0, f32::max)
    }

    fn fixed(self) -> (u32, u32) {
        let scale = (1 << FRACTION) as f32;
        ((self.sum * scale) as u32 + (1 << (FRACTION - 1)), (self.weight * scale) as u32)
    }
}

/// Returns the largest difference of a sample between an opaque canvas and `drawn` over a color.
#[pyfunction]
pub(crate) fn difference(
    canvas: PyReadonlyArray3<'_, u8>,
    drawn: PyReadonlyArray3<'_, u8>,
    background: [u8; 3],
) -> PyResult<u8> {
    check_shape(canvas.shape(), drawn.shape())?;
    let row_bytes = (canvas.shape()[1] * BYTES).max(BYTES);
    let rows = canvas.as_slice()?.chunks_exact(row_bytes).zip(drawn.as_slice()?.chunks_exact(row_bytes));
    // Nearly all rows are equal and opaque.
    let unequal = rows.filter(|(mine, theirs)| mine != theirs);
    Ok(most(unequal.flat_map(|(mine, theirs)| mine.chunks_exact(BYTES).zip(theirs.chunks_exact(BYTES))).map(
        |(mine, theirs)| {
            let alpha = u32::from(theirs[3]);
            most((0..3).map(|channel| {
                let sum = u32::from(theirs[channel]) * alpha + u32::from(background[channel]) * (255 - alpha);
                mine[channel].abs_diff(((sum + 127) / 255) as u8)
            }))
        },
    )))
}

fn most(differences: impl Iterator<Item = u8>) -> u8 {
    differences.fold(0, u8::max)
}

fn check_shape(shape: &[usize], expected: &[usize]) -> PyResult<()> {
    if shape == expected {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("the canvas has the shape {shape:?}, but should have {expected:?}")))
}
