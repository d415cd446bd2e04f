//! Converts RGB and gray of 8 or 16 bits to YUV and to gray in floating point, rounded once: for the formats that the
//! fast converters do not support. swscale is up to 5 of 1023 levels off in full range, and 4 of 65,535.

use pulp::Arch;

use super::channels::Channels;
use super::formulas::{SampleScale, largest, luma_shares};
use super::samples::{SampleRows, write_samples};
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{ChromaLocation, FrameView, PixelFormat};
use crate::settings::Color;

/// Converts the pictures of a movie. Reuses its memory from frame to frame.
pub(super) struct FloatConverter {
    bits: u32,
    luma: Weights,
    /// `None` for gray.
    chroma: Option<Chroma>,
    row: SampleRows,
}

/// The weights of red, green and blue in a sample, and the sample without them.
#[derive(Clone, Copy, Debug)]
struct Weights {
    color: [f32; 3],
    origin: f32,
}

/// How pixels share chroma samples.
struct Chroma {
    weights: [Weights; 2],
    across: Sharing,
    down: Sharing,
    /// Red, green and blue of a row and of the next one, summed over the columns that share a sample.
    rows: [[Vec<f32>; 3]; 2],
    /// The same of the row above them.
    above: [Vec<f32>; 3],
    /// The sums over all pixels that share a sample.
    sums: [Vec<f32>; 3],
}

/// Which neighbors share a chroma sample in one direction, and their weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    /// Each has its own.
    Alone,
    /// Two, with the sample between them: their mean.
    Between,
    /// Two, with the sample at the first one: 1, 2, 1 around it.
    First,
}

impl Sharing {
    fn of(target: PixelFormat, location: ChromaLocation) -> (Self, Self) {
        match (target.chroma_shift(), location) {
            ((1, 1), ChromaLocation::Center) => (Self::Between, Self::Between),
            ((1, 1), ChromaLocation::Left) => (Self::First, Self::Between),
            ((1, 1), ChromaLocation::TopLeft) => (Self::First, Self::First),
            ((1, _), _) => (Self::First, Self::Alone),
            _ => (Self::Alone, Self::Alone),
        }
    }

    /// Returns the sum of the weights.
    fn weight(self) -> f32 {
        match self {
            Self::Alone => 1.0,
            Self::Between => 2.0,
            Self::First => 4.0,
        }
    }
}

impl FloatConverter {
    /// Makes a converter to `target`, with the colors of `color`; `None` if it is not planar YUV or gray.
    pub(super) fn new(target: PixelFormat, color: Color) -> Option<Self> {
        let is_planar = target.is_gray() || target.is_yuv() && target.plane_count() == 3;
        let (kr, kb) = luma_shares(color.matrix).filter(|_| is_planar)?;
        let (green, bits) = (1.0 - kr - kb, target.bits());
        let weights = |scale: SampleScale, color: [f64; 3]| Weights {
            color: color.map(|share| (scale.steps * share) as f32),
            origin: scale.origin as f32,
        };
        let chroma = target.is_yuv().then(|| {
            let (blue_scale, red_scale) = (0.5 / (1.0 - kb), 0.5 / (1.0 - kr));
            let scale = SampleScale::chroma(bits, color.range);
            let (across, down) = Sharing::of(target, color.chroma_location);
            Chroma {
                weights: [
                    weights(scale, [-kr * blue_scale, -green * blue_scale, 0.5]),
                    weights(scale, [0.5, -green * red_scale, -kb * red_scale]),
                ],
                across,
                down,
                rows: Default::default(),
                above: Default::default(),
                sums: Default::default(),
            }
        });
        let luma = weights(SampleScale::luma(bits, color.range), [kr, green, kb]);
        Some(Self { bits, luma, chroma, row: SampleRows::default() })
    }

    /// Fills the color of `frame`, as far as the picture reaches. `view` is packed RGB or gray; its alpha is ignored.
    pub(super) fn convert(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
        // Compiles the rows' loops for the vector instructions of this processor, which changes no result.
        Arch::new().dispatch(|| self.convert_rows(view, frame))
    }

    #[inline(always)]
    fn convert_rows(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
        let Some(channels) = Channels::of(view.format()) else {
            return Err(LibavError::unexpected("convert a frame", "its pixels are not packed"));
        };
        let layout = view.layout(0);
        let white = largest(view.format().bits()) as f32;
        let mut planes = frame.planes_mut()?;
        let Some(y) = planes.next() else {
            return Err(LibavError::unexpected("convert a frame", "it has no planes"));
        };
        let mut luma = y.data.chunks_exact_mut(y.stride);
        let mut write_luma = |row: &SampleRows| {
            if let Some(target) = luma.next() {
                self.luma.write(row.get(channels.color), 1.0 / white, self.bits, target);
            }
        };
        let Some(chroma) = &mut self.chroma else {
            for index in 0..layout.rows {
                self.row.read(view.planes()[0].row(index, layout), view.format(), channels.samples);
                write_luma(&self.row);
            }
            return Ok(());
        };
        let (Some(u), Some(v)) = (planes.next(), planes.next()) else {
            return Err(LibavError::unexpected("convert a frame", "it has no chroma"));
        };
        let part = 1.0 / (white * chroma.across.weight() * chroma.down.weight());
        let rows_each = if chroma.down == Sharing::Alone { 1 } else { 2 };
        let targets = u.data.chunks_exact_mut(u.stride).zip(v.data.chunks_exact_mut(v.stride));
        for (first, (u, v)) in (0..layout.rows).step_by(rows_each).zip(targets) {
            for (place, index) in (first..first + rows_each).enumerate() {
                // The last row of an odd height counts twice.
                if index < layout.rows {
                    self.row.read(view.planes()[0].row(index, layout), view.format(), channels.samples);
                    write_luma(&self.row);
                }
                chroma.sum_columns(place, self.row.get(channels.color));
            }
            chroma.sum_rows(first == 0);
            for (weights, target) in chroma.weights.iter().zip([u, v]) {
                weights.write(chroma.sums.each_ref().map(Vec::as_slice), part, self.bits, target);
            }
        }
        Ok(())
    }
}

impl Chroma {
    /// Sets row `place` to the sums of the columns that share samples.
    #[inline(always)]
    fn sum_columns(&mut self, place: usize, colors: [&[f32]; 3]) {
        for (row, sums) in colors.into_iter().zip(&mut self.rows[place]) {
            if self.across == Sharing::Alone {
                sums.clear();
                sums.extend_from_slice(row);
                continue;
            }
            sums.resize(row.len().div_ceil(2), 0.0);
            let (pairs, last) = row.as_chunks();
            // At the left edge, the weights 2 and 1 remain.
            let mut before = pairs.first().map_or(0.0, |[left, right]| (2.0 * left + right) / 3.0);
            if self.across == Sharing::Between {
                sums.iter_mut().zip(pairs).for_each(|(sum, [left, right])| *sum = left + right);
            } else {
                for (sum, [left, right]) in sums.iter_mut().zip(pairs) {
                    *sum = before + 2.0 * left + right;
                    before = *right;
                }
            }
            // The last column of an odd width counts twice.
            if let ([last], Some(sum)) = (last, sums.last_mut()) {
                *sum = match self.across {
                    Sharing::First => pairs.last().map_or(*last, |pair| pair[1]) + 3.0 * last,
                    _ => 2.0 * last,
                };
            }
        }
    }

    /// Adds up the rows that share samples.
    #[inline(always)]
    fn sum_rows(&mut self, are_first: bool) {
        let [this, next] = &mut self.rows;
        let rows = this.iter_mut().zip(next);
        for (((this, next), above), sums) in rows.zip(&mut self.above).zip(&mut self.sums) {
            match self.down {
                Sharing::Alone => std::mem::swap(sums, this),
                Sharing::Between => {
                    sums.clear();
                    sums.extend(this.iter().zip(&*next).map(|(this, next)| this + next));
                }
                Sharing::First => {
                    if are_first {
                        // At the top edge, the weights 2 and 1 remain.
                        above.clear();
                        above.extend(this.iter().zip(&*next).map(|(this, next)| (2.0 * this + next) / 3.0));
                    }
                    sums.clear();
                    let rows = above.iter().zip(&*this).zip(&*next);
                    sums.extend(rows.map(|((above, this), next)| above + 2.0 * this + next));
                    std::mem::swap(above, next);
                }
            }
        }
    }
}

impl Weights {
    /// Writes a row of samples for the colors times `part`.
    #[inline(always)]
    fn write(&self, [red, green, blue]: [&[f32]; 3], part: f32, bits: u32, target: &mut [u8]) {
        let [of_red, of_green, of_blue] = self.color.map(|weight| weight * part);
        let colors = red.iter().zip(green).zip(blue);
        let samples =
            colors.map(|((red, green), blue)| self.origin + (red * of_red + green * of_green + blue * of_blue));
        write_samples(samples, bits, target);
    }
}
