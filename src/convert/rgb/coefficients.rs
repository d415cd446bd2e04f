//! The matrix from RGB to YUV in whole numbers, in the order of a pixel's bytes.

use crate::frame::{ColorRange, PixelFormat};
use crate::settings::{Color, Matrix, Rgb};

/// The fractional bits: as many as allow a coefficient, which is at most a half for chroma and below one for luma, to
/// fit in 16 bits.
pub(super) const FRACTION_BITS: u32 = 15;

/// The chroma value of gray.
const NEUTRAL: i32 = 128;

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
        let [red, green, blue] = color_places(format)?;
        let (kr, kb) = luma_shares(color.matrix)?;
        let (luma_scale, chroma_scale, black) = match color.range {
            ColorRange::Limited => (219.0 / 255.0, 224.0 / 255.0, 16),
            ColorRange::Full => (1.0, 1.0, 0),
        };
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
            pixel_bytes: format.pixel_bytes(),
            alpha: alpha_place(format),
            background: seen_through,
            y: placed(luma_scale, kr, kb, 1.0),
            u: placed(chroma_scale, -0.5 * kr / (1.0 - kb), 0.5, 0.0),
            v: placed(chroma_scale, 0.5, -0.5 * kb / (1.0 - kr), 0.0),
            black,
        })
    }

    /// Returns the start value of the sum for Y: black, plus half a step for rounding.
    pub(super) fn luma_start(&self) -> i32 {
        start(self.black, FRACTION_BITS)
    }
}

/// Returns the start value of the sum for chroma, with `fraction_bits` fractional bits.
pub(super) fn chroma_start(fraction_bits: u32) -> i32 {
    start(NEUTRAL, fraction_bits)
}

fn start(value: i32, fraction_bits: u32) -> i32 {
    (value << fraction_bits) + (1 << (fraction_bits - 1))
}

/// Returns the shares of red and blue in luma, Kr and Kb; `None` if pixels stay RGB.
pub(in crate::convert) fn luma_shares(matrix: Matrix) -> Option<(f64, f64)> {
    match matrix {
        Matrix::Bt709 => Some((0.2126, 0.0722)),
        Matrix::Bt601 => Some((0.299, 0.114)),
        Matrix::Rgb => None,
    }
}

/// Returns the positions of red, green and blue in a pixel; `None` if it is not 8-bit RGB.
pub(in crate::convert) fn color_places(format: PixelFormat) -> Option<[usize; 3]> {
    match format {
        PixelFormat::Rgb24 | PixelFormat::Rgba | PixelFormat::Rgb0 => Some([0, 1, 2]),
        PixelFormat::Bgr24 | PixelFormat::Bgra | PixelFormat::Bgr0 => Some([2, 1, 0]),
        PixelFormat::Argb | PixelFormat::Xrgb => Some([1, 2, 3]),
        PixelFormat::Abgr | PixelFormat::Xbgr => Some([3, 2, 1]),
        _ => None,
    }
}

fn alpha_place(format: PixelFormat) -> Option<usize> {
    match format {
        PixelFormat::Rgba | PixelFormat::Bgra => Some(3),
        PixelFormat::Argb | PixelFormat::Abgr => Some(0),
        _ => None,
    }
}
