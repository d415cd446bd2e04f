//! Converts RGB and gray of 8 or 16 bits to 10-bit YUV, rounded once. In full range, swscale is up to 5 of 1023 levels off.

use pulp::Arch;

use super::channels::Channels;
use super::formulas::{SampleScale, largest, luma_shares};
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{ChromaLocation, FrameView, PixelFormat};
use crate::settings::Color;

/// The bits of the samples that this makes.
const BITS: u32 = 10;

/// Converts the pictures of a 10-bit movie. Reuses its memory from frame to frame.
pub(super) struct DeepConverter {
    luma: Weights,
    chroma: [Weights; 2],
    subsampling: Subsampling,
    /// The samples of a row, by their place in a pixel.
    row: [Vec<f32>; 4],
    /// Red, green and blue of the pixels that share chroma samples, summed.
    shared: [Vec<f32>; 3],
}

/// Which pixels share a chroma sample, and their weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subsampling {
    /// 4:4:4.
    None,
    /// 4:2:2, located at the left one of two pixels: 1, 2, 1 around it.
    Left,
    /// 4:2:0, located at the center of four pixels: their mean.
    Center,
}

/// The weights of red, green and blue in a sample, and the sample without them.
#[derive(Clone, Copy, Debug)]
struct Weights {
    color: [f32; 3],
    origin: f32,
}

impl DeepConverter {
    /// Makes a converter to `target`, with the colors of `color`; `None` if it is not 10-bit YUV, or has its chroma at
    /// another location.
    pub(super) fn new(target: PixelFormat, color: Color) -> Option<Self> {
        let subsampling = match (target, color.chroma_location) {
            (PixelFormat::Yuv444p10Le, _) => Subsampling::None,
            (PixelFormat::Yuv422p10Le, _) => Subsampling::Left,
            (PixelFormat::Yuv420p10Le, ChromaLocation::Center) => Subsampling::Center,
            _ => return None,
        };
        let (kr, kb) = luma_shares(color.matrix)?;
        let (luma, chroma) = (SampleScale::luma(BITS, color.range), SampleScale::chroma(BITS, color.range));
        let weights = |scale: SampleScale, color: [f64; 3]| Weights {
            color: color.map(|share| (scale.steps * share) as f32),
            origin: scale.origin as f32,
        };
        let green = 1.0 - kr - kb;
        let (blue_scale, red_scale) = (0.5 / (1.0 - kb), 0.5 / (1.0 - kr));
        let luma = weights(luma, [kr, green, kb]);
        let chroma = [
            weights(chroma, [-kr * blue_scale, -green * blue_scale, 0.5]),
            weights(chroma, [0.5, -green * red_scale, -kb * red_scale]),
        ];
        Some(Self { luma, chroma, subsampling, row: Default::default(), shared: Default::default() })
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
        let white = if view.format().bits() == 8 { 255.0 } else { 65_535.0 };
        let mut planes = frame.planes_mut()?;
        let (Some(y), Some(u), Some(v)) = (planes.next(), planes.next(), planes.next()) else {
            return Err(LibavError::unexpected("convert a frame", "it has no chroma"));
        };
        let rows_each = if self.subsampling == Subsampling::Center { 2 } else { 1 };
        let mut luma_rows = y.data.chunks_exact_mut(y.stride);
        let chroma_rows = u.data.chunks_exact_mut(u.stride).zip(v.data.chunks_exact_mut(v.stride));
        for (first, (u, v)) in (0..layout.rows).step_by(rows_each).zip(chroma_rows) {
            for index in first..first + rows_each {
                // The last row of an odd height counts twice.
                if index < layout.rows {
                    self.read(view.planes()[0].row(index, layout), view.format(), channels.samples);
                    if let Some(target) = luma_rows.next() {
                        self.luma.write(channels.color.map(|place| &self.row[place]), 1.0 / white, target);
                    }
                }
                self.share(&channels, index == first);
            }
            let part = if self.subsampling == Subsampling::None { 1.0 } else { 0.25 } / white;
            self.chroma[0].write(self.shared.each_ref(), part, u);
            self.chroma[1].write(self.shared.each_ref(), part, v);
        }
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self, row: &[u8], format: PixelFormat, samples: usize) {
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
            let target = &mut self.row[place];
            target.clear();
            target.extend(pixels.iter().map(|pixel| f32::from(value(pixel[place]))));
        }
    }

    /// Sets the sums of the pixels that share chroma, or adds another row to them.
    #[inline(always)]
    fn share(&mut self, channels: &Channels, is_first: bool) {
        for (place, shared) in channels.color.into_iter().zip(&mut self.shared) {
            let row = &self.row[place];
            if self.subsampling == Subsampling::None {
                shared.clone_from(row);
                continue;
            }
            shared.resize(row.len().div_ceil(2), 0.0);
            let (pairs, last) = row.as_chunks();
            match self.subsampling {
                Subsampling::Left => {
                    // At the edge, the weights 2 and 1 remain.
                    let mut before = pairs.first().map_or(0.0, |[left, right]| (2.0 * left + right) / 3.0);
                    for (sum, [left, right]) in shared.iter_mut().zip(pairs) {
                        *sum = before + 2.0 * left + right;
                        before = *right;
                    }
                }
                _ if is_first => shared.iter_mut().zip(pairs).for_each(|(sum, [left, right])| *sum = left + right),
                _ => shared.iter_mut().zip(pairs).for_each(|(sum, [left, right])| *sum += left + right),
            }
            // The last column of an odd width counts twice.
            if let ([last], Some(sum)) = (last, shared.last_mut()) {
                *sum = match self.subsampling {
                    Subsampling::Left => pairs.last().map_or(*last, |pair| pair[1]) + 3.0 * last,
                    _ if is_first => 2.0 * last,
                    _ => *sum + 2.0 * last,
                };
            }
        }
    }
}

impl Weights {
    /// Writes a row of samples in 2 bytes each, for the colors times `part`.
    #[inline(always)]
    fn write(&self, [red, green, blue]: [&Vec<f32>; 3], part: f32, target: &mut [u8]) {
        /// 2^23: what is added to it is rounded to a whole number, in the lowest bits.
        const WHOLE: f32 = 8_388_608.0;
        let [of_red, of_green, of_blue] = self.color.map(|weight| weight * part);
        let most = largest(BITS) as f32;
        let colors = red.iter().zip(green).zip(blue);
        for (((red, green), blue), target) in colors.zip(target.as_chunks_mut().0) {
            let sample = self.origin + (red * of_red + green * of_green + blue * of_blue);
            *target = ((sample.clamp(0.0, most) + WHOLE).to_bits() as u16).to_le_bytes();
        }
    }
}
