//! Converts YUV to the same subsampling in another range or with more bits, by tables of all samples. In 10 bits,
//! swscale is up to 3 levels off.

use super::formulas::{SampleScale, largest};
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{ColorRange, FrameView, PixelFormat};

/// Converts pictures of one format and range.
pub(super) struct LevelsConverter {
    source: Levels,
    target: Levels,
    luma: Vec<u16>,
    chroma: Vec<u16>,
}

/// How planar YUV encodes levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Levels {
    pub(super) format: PixelFormat,
    pub(super) range: ColorRange,
}

impl Levels {
    fn scale(self, is_chroma: bool) -> SampleScale {
        let of = if is_chroma { SampleScale::chroma } else { SampleScale::luma };
        of(self.format.bits(), self.range)
    }
}

impl LevelsConverter {
    /// Makes a converter; `None` if it does not support the pair, or if swscale is used because it dithers fewer bits.
    pub(super) fn new(source: Levels, target: Levels) -> Option<Self> {
        let (from, to) = (source.format, target.format);
        let are_planar = [from, to].iter().all(|format| format.is_yuv() && format.plane_count() == 3);
        let has_same_planes = are_planar && from.chroma_shift() == to.chroma_shift();
        let is_rescaled = source.range != target.range || from.bits() < to.bits();
        (has_same_planes && is_rescaled).then(|| Self {
            source,
            target,
            luma: table(source, target, false),
            chroma: table(source, target, true),
        })
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
            for (row, target) in target.data.chunks_exact_mut(target.stride).take(layout.rows).enumerate() {
                let row = source.row(row, layout);
                match (self.source.format.bits(), self.target.format.bits()) {
                    (8, 8) => look_up(table, row, target, byte, narrow),
                    (8, _) => look_up(table, row, target, byte, u16::to_le_bytes),
                    (_, 8) => look_up(table, row, target, u16::from_le_bytes, narrow),
                    _ => look_up(table, row, target, u16::from_le_bytes, u16::to_le_bytes),
                }
            }
        }
        Ok(())
    }
}

/// Returns the target's sample for each sample of the source, rounded to nearest.
fn table(source: Levels, target: Levels, is_chroma: bool) -> Vec<u16> {
    let (from, to) = (source.scale(is_chroma), target.scale(is_chroma));
    let most = largest(target.format.bits());
    let sample = |sample: u32| {
        // Divides last, so that halves stay exact.
        let steps = (f64::from(sample) - from.origin) * to.steps / from.steps;
        (to.origin + steps).round().clamp(0.0, most) as u16
    };
    (0..1 << source.format.bits()).map(sample).collect()
}

fn look_up<const FROM: usize, const TO: usize>(
    table: &[u16],
    row: &[u8],
    target: &mut [u8],
    read: impl Fn([u8; FROM]) -> u16,
    write: impl Fn(u16) -> [u8; TO],
) {
    // Samples of 10 bits can be larger than the table in 16; those count as the largest.
    let last = table.len() - 1;
    let (samples, targets) = (row.as_chunks::<FROM>().0, target.as_chunks_mut::<TO>().0);
    for (sample, target) in samples.iter().zip(targets) {
        *target = write(table[usize::from(read(*sample)).min(last)]);
    }
}

fn byte([sample]: [u8; 1]) -> u16 {
    u16::from(sample)
}

fn narrow(sample: u16) -> [u8; 1] {
    [sample as u8]
}
