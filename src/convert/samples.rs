//! Rows of samples in floating point.

use super::formulas::largest;
use crate::frame::PixelFormat;

/// The samples of a row, by their position in a pixel or by their plane. Reuses its memory from row to row.
#[derive(Default)]
pub(super) struct SampleRows {
    rows: [Vec<f32>; 4],
}

impl SampleRows {
    /// Returns the rows at these positions.
    pub(super) fn get(&self, places: [usize; 3]) -> [&[f32]; 3] {
        places.map(|place| &*self.rows[place])
    }

    /// Sets all positions to `width` times `sample`.
    pub(super) fn fill(&mut self, width: usize, sample: f32) {
        for row in &mut self.rows {
            row.clear();
            row.resize(width, sample);
        }
    }

    /// Sets the row at a position.
    #[inline(always)]
    pub(super) fn set(&mut self, place: usize, samples: impl Iterator<Item = f32>) {
        let row = &mut self.rows[place];
        row.clear();
        row.extend(samples);
    }

    /// Reads a row of pixels of `samples` samples each.
    #[inline(always)]
    pub(super) fn read(&mut self, row: &[u8], format: PixelFormat, samples: usize) {
        let (byte, word) = (|[sample]: [u8; 1]| u16::from(sample), u16::from_le_bytes);
        match (format.bits(), samples) {
            (8, 1) => self.read_pixels::<1, 1>(row, byte),
            (8, 3) => self.read_pixels::<1, 3>(row, byte),
            (8, _) => self.read_pixels::<1, 4>(row, byte),
            (_, 1) => self.read_pixels::<2, 1>(row, word),
            (_, 3) => self.read_pixels::<2, 3>(row, word),
            _ => self.read_pixels::<2, 4>(row, word),
        }
    }

    #[inline(always)]
    fn read_pixels<const BYTES: usize, const SAMPLES: usize>(
        &mut self,
        row: &[u8],
        value: impl Fn([u8; BYTES]) -> u16,
    ) {
        let (pixels, _) = row.as_chunks::<BYTES>().0.as_chunks::<SAMPLES>();
        for place in 0..SAMPLES {
            self.set(place, pixels.iter().map(|pixel| f32::from(value(pixel[place]))));
        }
    }

    /// Reads a row of a plane, and applies `scale` to its samples.
    #[inline(always)]
    pub(super) fn read_plane(&mut self, place: usize, row: &[u8], bits: u32, scale: impl Fn(f32) -> f32) {
        match bits {
            8 => self.set(place, row.iter().map(|sample| scale(f32::from(*sample)))),
            _ => {
                let samples = row.as_chunks().0.iter();
                self.set(place, samples.map(|sample| scale(f32::from(u16::from_le_bytes(*sample)))));
            }
        }
    }

    /// Writes a row of pixels of `samples` samples each, rounded to nearest.
    #[inline(always)]
    pub(super) fn write(&self, target: &mut [u8], bits: u32, samples: usize) {
        let round = rounding_to(bits);
        let (byte, word) = (|sample: f32| [round(sample) as u8], |sample: f32| round(sample).to_le_bytes());
        match (bits, samples) {
            (8, 1) => self.write_pixels::<1, 1>(target, byte),
            (8, 3) => self.write_pixels::<1, 3>(target, byte),
            (8, _) => self.write_pixels::<1, 4>(target, byte),
            (_, 1) => self.write_pixels::<2, 1>(target, word),
            (_, 3) => self.write_pixels::<2, 3>(target, word),
            _ => self.write_pixels::<2, 4>(target, word),
        }
    }

    #[inline(always)]
    fn write_pixels<const BYTES: usize, const SAMPLES: usize>(
        &self,
        target: &mut [u8],
        bytes: impl Fn(f32) -> [u8; BYTES],
    ) {
        let (pixels, _) = target.as_chunks_mut::<BYTES>().0.as_chunks_mut::<SAMPLES>();
        for (place, row) in self.rows.iter().enumerate().take(SAMPLES) {
            pixels.iter_mut().zip(row).for_each(|(pixel, sample)| pixel[place] = bytes(*sample));
        }
    }
}

/// Writes samples of 8 bits in one byte each, of more in two, rounded to nearest.
#[inline(always)]
pub(super) fn write_samples(samples: impl Iterator<Item = f32>, bits: u32, target: &mut [u8]) {
    let round = rounding_to(bits);
    if bits == 8 {
        target.iter_mut().zip(samples).for_each(|(target, sample)| *target = round(sample) as u8);
    } else {
        let targets = target.as_chunks_mut().0.iter_mut();
        targets.zip(samples).for_each(|(target, sample)| *target = round(sample).to_le_bytes());
    }
}

/// Returns the function that rounds to a sample of these bits.
#[inline(always)]
fn rounding_to(bits: u32) -> impl Fn(f32) -> u16 {
    /// 2^23: what is added to it is rounded to a whole number, in the lowest bits.
    const WHOLE: f32 = 8_388_608.0;
    let most = largest(bits) as f32;
    move |sample| (sample.clamp(0.0, most) + WHOLE).to_bits() as u16
}
