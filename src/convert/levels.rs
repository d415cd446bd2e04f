//! Converts planar YUV to another range or number of bits, by tables of all samples: rounded to nearest, or dithered if the
//! bits become fewer. In 10 bits, swscale is up to 3 levels off.

use super::formulas::{SampleScale, largest};
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{ColorRange, FrameView};

/// Converts pictures with the same levels.
pub(super) struct LevelsConverter {
    source: Levels,
    target: Levels,
    luma: Vec<u16>,
    chroma: Vec<u16>,
}

/// How planar YUV encodes levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Levels {
    pub(super) bits: u32,
    pub(super) luma: SampleScale,
    pub(super) chroma: SampleScale,
}

impl Levels {
    pub(super) fn new(bits: u32, range: ColorRange) -> Self {
        Self { bits, luma: SampleScale::luma(bits, range), chroma: SampleScale::chroma(bits, range) }
    }

    /// Returns the levels of 8 bits with zeros after them, up to `bits` bits. In full range, white is then not the
    /// largest sample: 1020 in 10 bits. swscale drops these zeros when it makes 8 bits again.
    pub(super) fn shifted(bits: u32, range: ColorRange) -> Self {
        let (factor, bytes) = (f64::from(1_u32 << (bits - 8)), Self::new(8, range));
        Self { bits, luma: bytes.luma.times(factor), chroma: bytes.chroma.times(factor) }
    }
}

impl LevelsConverter {
    pub(super) fn new(source: Levels, target: Levels) -> Self {
        let luma = table((source.bits, source.luma), (target.bits, target.luma));
        let chroma = table((source.bits, source.chroma), (target.bits, target.chroma));
        Self { source, target, luma, chroma }
    }

    /// Returns whether this converts between the two.
    pub(super) fn fits(&self, source: Levels, target: Levels) -> bool {
        (self.source, self.target) == (source, target)
    }

    /// Fills `frame`, as far as the picture reaches.
    pub(super) fn convert(&self, view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
        for (index, target) in frame.planes_mut()?.enumerate().take(view.planes().len()) {
            let (source, layout) = (view.planes()[index], view.layout(index));
            let table = if index == 0 { &self.luma } else { &self.chroma };
            for (y, target) in target.data.chunks_exact_mut(target.stride).take(layout.rows).enumerate() {
                let row = source.row(y, layout);
                let dithered =
                    |x: usize, sample: u16| [((sample + THRESHOLDS[y % 8][x % 8]) >> DITHERED_BITS) as u8];
                match (self.source.bits, self.target.bits) {
                    (8, 8) => look_up(table, row, target, byte, |_, sample| [sample as u8]),
                    (8, _) => look_up(table, row, target, byte, |_, sample| sample.to_le_bytes()),
                    (_, 8) => look_up(table, row, target, u16::from_le_bytes, dithered),
                    _ => look_up(table, row, target, u16::from_le_bytes, |_, sample| sample.to_le_bytes()),
                }
            }
        }
        Ok(())
    }
}

/// Returns the target's sample for each sample of the source, rounded to nearest. If the target has fewer bits, it has
/// [`DITHERED_BITS`] more here.
fn table((from_bits, from): (u32, SampleScale), (to_bits, to): (u32, SampleScale)) -> Vec<u16> {
    let factor = if to_bits < from_bits { f64::from(1_u16 << DITHERED_BITS) } else { 1.0 };
    let (to, most) = (to.times(factor), largest(to_bits) * factor);
    let sample = |sample: u32| {
        // Divides last, so that halves stay exact.
        let steps = (f64::from(sample) - from.origin) * to.steps / from.steps;
        (to.origin + steps).round().clamp(0.0, most) as u16
    };
    (0..1 << from_bits).map(sample).collect()
}

/// Looks up each sample of a row, and writes it for its column.
fn look_up<const FROM: usize, const TO: usize>(
    table: &[u16],
    row: &[u8],
    target: &mut [u8],
    read: impl Fn([u8; FROM]) -> u16,
    write: impl Fn(usize, u16) -> [u8; TO],
) {
    // Samples of 10 bits can be larger than the table in 16; those count as the largest.
    let last = table.len() - 1;
    let (samples, targets) = (row.as_chunks::<FROM>().0, target.as_chunks_mut::<TO>().0);
    for (x, (sample, target)) in samples.iter().zip(targets).enumerate() {
        *target = write(x, table[usize::from(read(*sample)).min(last)]);
    }
}

fn byte([sample]: [u8; 1]) -> u16 {
    u16::from(sample)
}

/// The bits that dithering drops.
const DITHERED_BITS: u32 = 6;

/// What is added before the bits are dropped, by row and column: ordered dithering (Bayer, 1973).
const THRESHOLDS: [[u16; 8]; 8] = {
    let mut thresholds = [[0; 8]; 8];
    let mut place = 0;
    while place < 64 {
        let (y, x) = (place / 8, place % 8);
        let (mut bit, mut threshold) = (0, 0);
        while bit < 3 {
            threshold = threshold << 2 | ((x ^ y) >> bit & 1) << 1 | y >> bit & 1;
            bit += 1;
        }
        thresholds[y][x] = threshold as u16;
        place += 1;
    }
    thresholds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_threshold_occurs_once_and_close_ones_are_far_apart() {
        let mut all = THRESHOLDS.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..64));
        assert_eq!(THRESHOLDS[0], [0, 32, 8, 40, 2, 34, 10, 42]);
        assert_eq!(THRESHOLDS[1][..2], [48, 16]);
    }
}
