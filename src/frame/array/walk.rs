//! Walks over an array whose samples have to be converted or rearranged.

use super::{ArrayView, SampleType, Strides, floats};

impl ArrayView<'_> {
    /// Converts `rows` rows from row `first` into `target`, which holds that many; returns whether all samples are
    /// valid levels.
    pub(super) fn gather(&self, first: u32, rows: u32, target: &mut [u8]) -> bool {
        let part = RowRange { first, rows };
        match (self.samples, self.is_wide()) {
            (SampleType::Bool, _) => {
                self.each(part, target, &|[sample]: [u8; 1]| ([if sample == 0 { 0 } else { 255 }], true))
            }
            (SampleType::U8, _) => self.copy(part, target),
            (SampleType::U16, _) if cfg!(target_endian = "little") => self.copy(part, target),
            (SampleType::U16, _) => {
                self.each(part, target, &|sample| (u16::from_ne_bytes(sample).to_le_bytes(), true))
            }
            (SampleType::F32, false) if self.has_flat_rows() => self.flat(part, target, floats::f32_to_8_bits),
            (SampleType::F64, false) if self.has_flat_rows() => self.flat(part, target, floats::f64_to_8_bits),
            (SampleType::F32, false) => self.each(part, target, &floats::level_of_f32),
            (SampleType::F64, false) => self.each(part, target, &floats::level_of_f64),
            (SampleType::F32, true) => self.each(part, target, &floats::wide_level_of_f32),
            (SampleType::F64, true) => self.each(part, target, &floats::wide_level_of_f64),
        }
    }

    /// Returns whether the samples of a row are consecutive.
    fn has_flat_rows(&self) -> bool {
        let bytes = self.samples.bytes() as isize;
        self.strides.sample == bytes && self.strides.pixel == bytes * self.channels as isize
    }

    /// Converts whole rows of consecutive samples.
    fn flat(&self, part: RowRange, target: &mut [u8], convert: fn(&[u8], &mut [u8]) -> bool) -> bool {
        let samples = self.width as usize * self.channels;
        let mut valid = true;
        for (row, target) in target.chunks_exact_mut(samples).enumerate() {
            let start = self.first as isize + (part.first as usize + row) as isize * self.strides.row;
            valid &= convert(&self.data[start as usize..][..samples * self.samples.bytes()], target);
        }
        valid
    }

    /// Copies whole pixels if their samples are consecutive, and otherwise sample by sample.
    fn copy(&self, part: RowRange, target: &mut [u8]) -> bool {
        let bytes = self.samples.bytes();
        match (self.strides.sample == bytes as isize, bytes * self.channels) {
            (true, 3) => self.pixels::<3>(part, target),
            (true, 4) => self.pixels::<4>(part, target),
            (true, 6) => self.pixels::<6>(part, target),
            (true, 8) => self.pixels::<8>(part, target),
            (_, _) if bytes == 1 => self.each(part, target, &|sample: [u8; 1]| (sample, true)),
            _ => self.each(part, target, &|sample: [u8; 2]| (sample, true)),
        }
    }

    /// Copies pixels of `N` bytes.
    fn pixels<const N: usize>(&self, part: RowRange, target: &mut [u8]) -> bool {
        self.walk(part, 1, target, &|pixel: [u8; N]| (pixel, true))
    }

    /// Converts sample by sample.
    fn each<const N: usize, const M: usize>(
        &self,
        part: RowRange,
        target: &mut [u8],
        convert: &impl Fn([u8; N]) -> ([u8; M], bool),
    ) -> bool {
        self.walk(part, self.channels, target, convert)
    }

    /// Converts units of `N` bytes to units of `M`, with `units` in each pixel. The inner loop runs along the axis with
    /// the smaller stride, so that a transposed picture is read in memory order.
    fn walk<const N: usize, const M: usize>(
        &self,
        part: RowRange,
        units: usize,
        target: &mut [u8],
        convert: &impl Fn([u8; N]) -> ([u8; M], bool),
    ) -> bool {
        let Strides { row, pixel, sample } = self.strides;
        let (width, rows) = (self.width as usize, part.rows as usize);
        let start = self.first as isize + part.first as isize * row;
        let down = Axis { places: rows, step: row, target_step: width * units * M };
        let across = Axis { places: width, step: pixel, target_step: units * M };
        let (outer, inner) =
            if row.unsigned_abs() < pixel.unsigned_abs() { (across, down) } else { (down, across) };
        let mut valid = true;
        for place in 0..outer.places {
            for unit in 0..units {
                let from = start + place as isize * outer.step + unit as isize * sample;
                let to = place * outer.target_step + unit * M;
                valid &= inner.run(self.data, from, &mut target[to..], convert);
            }
        }
        valid
    }
}

/// Rows of the picture.
#[derive(Clone, Copy)]
struct RowRange {
    first: u32,
    rows: u32,
}

/// A direction in the array.
struct Axis {
    places: usize,
    /// The bytes from place to place in the array.
    step: isize,
    /// The bytes from place to place in the target.
    target_step: usize,
}

impl Axis {
    fn run<const N: usize, const M: usize>(
        &self,
        data: &[u8],
        from: isize,
        target: &mut [u8],
        convert: &impl Fn([u8; N]) -> ([u8; M], bool),
    ) -> bool {
        let mut valid = true;
        let mut put = |unit: [u8; N], target: &mut [u8; M]| {
            let (converted, is_level) = convert(unit);
            *target = converted;
            valid &= is_level;
        };
        let is_dense = self.target_step == M && self.step.unsigned_abs() == N;
        if is_dense {
            let last = from + (self.places as isize - 1) * self.step;
            let memory = &data[from.min(last) as usize..][..self.places * N];
            let (units, targets) = (memory.as_chunks().0, target.as_chunks_mut().0);
            if self.step < 0 {
                units.iter().rev().zip(targets).for_each(|(unit, target)| put(*unit, target));
            } else {
                units.iter().zip(targets).for_each(|(unit, target)| put(*unit, target));
            }
            return valid;
        }
        let mut at = from;
        for target in target.chunks_mut(self.target_step).take(self.places) {
            let unit = data.get(at as usize..).and_then(|data| data.first_chunk());
            if let (Some(unit), Some(target)) = (unit, target.first_chunk_mut()) {
                put(*unit, target);
            }
            at += self.step;
        }
        valid
    }
}
