//! The matrix from RGB to YUV in whole numbers, in the order of a pixel's bytes.

use crate::convert::channels::Channels;
use crate::convert::formulas::{SampleScale, luma_shares};
use crate::frame::PixelFormat;
use crate::settings::{Color, Rgb};

/// The fractional bits: as many as allow a coefficient, which is at most a half for chroma and below one for luma, to
/// fit in 16 bits.
pub(super) const FRACTION_BITS: u32 = 15;

/// The contribution of each byte of a pixel to Y, U and V, scaled by 2^15; 0 for bytes without color.
#[derive(Clone, Debug)]
pub(super) struct Coefficients {
    /// The bytes of a pixel: 3 or 4.
    pub(super) pixel_bytes: usize,
    /// The position of alpha in a pixel.
    pub(super) alpha: Option<usize>,
    /// The background, in the order of a pixel's bytes.
    pub(super) background: [u8; 4],
    pub(super) y: [i16; 4],
    pub(super) u: [i16; 4],
    pub(super) v: [i16; 4],
    /// The Y of black.
    black: i32,
}

impl Coefficients {
    /// Returns the coefficients for pixels in `format` and the colors of `color`; `None` if they are not 8-bit RGB, or
    /// the movie is not YUV.
    ///
    /// With Kr and Kb of the standard (ITU-R BT.709-6, 3.2, and BT.601-7, 2.5.1), `Y = Kr R + (1 - Kr - Kb) G + Kb B`,
    /// `Cb = (B - Y) / (2 - 2 Kb)`, `Cr = (R - Y) / (2 - 2 Kr)`. In limited range, 255 levels become 219 steps of luma
    /// and 224 of chroma.
    pub(super) fn new(format: PixelFormat, color: Color, background: Rgb) -> Option<Self> {
        let Channels { samples, color: [red, green, blue], alpha } = Channels::of_8_bit_rgb(format)?;
        let (kr, kb) = luma_shares(color.matrix)?;
        let (luma, chroma) = (SampleScale::luma(8, color.range), SampleScale::chroma(8, color.range));
        let (luma_scale, chroma_scale) = (luma.steps / 255.0, chroma.steps / 255.0);
        let placed = |scale: f64, of_red: f64, of_blue: f64, sum: f64| {
            let whole = |value: f64| (value * scale * f64::from(1_u32 << FRACTION_BITS)).round() as i16;
            let mut bytes = [0; 4];
            bytes[red] = whole(of_red);
            bytes[blue] = whole(of_blue);
            // The remainder, so that rounding never adds color to gray.
            bytes[green] = whole(sum) - bytes[red] - bytes[blue];
            bytes
        };
        let mut seen_through = [0; 4];
        (seen_through[red], seen_through[green], seen_through[blue]) =
            (background.red, background.green, background.blue);
        Some(Self {
            pixel_bytes: samples,
            alpha,
            background: seen_through,
            y: placed(luma_scale, kr, kb, 1.0),
            u: placed(chroma_scale, -0.5 * kr / (1.0 - kb), 0.5, 0.0),
            v: placed(chroma_scale, 0.5, -0.5 * kb / (1.0 - kr), 0.0),
            black: luma.origin as i32,
        })
    }

    /// Returns the start value of the sum for Y: black, plus half a step for rounding.
    pub(super) fn luma_start(&self) -> i32 {
        start(self.black, FRACTION_BITS)
    }
}

/// Returns the start value of the sum for chroma, with `fraction_bits` fractional bits.
pub(super) fn chroma_start(fraction_bits: u32) -> i32 {
    /// The chroma of gray.
    const NEUTRAL: i32 = 128;
    start(NEUTRAL, fraction_bits)
}

fn start(value: i32, fraction_bits: u32) -> i32 {
    (value << fraction_bits) + (1 << (fraction_bits - 1))
}
