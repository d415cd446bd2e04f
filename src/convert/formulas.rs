//! The numbers in the standards' formulas between RGB and YUV.

use crate::frame::ColorRange;
use crate::settings::Matrix;

/// Returns the shares of red and blue in luma, Kr and Kb (ITU-R BT.709-6, 3.2, and BT.601-7, 2.5.1); `None` if pixels stay
/// RGB.
pub(super) fn luma_shares(matrix: Matrix) -> Option<(f64, f64)> {
    match matrix {
        Matrix::Bt709 => Some((0.2126, 0.0722)),
        Matrix::Bt601 => Some((0.299, 0.114)),
        Matrix::Rgb => None,
    }
}

/// The samples of a plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SampleScale {
    /// The sample of black in luma, and of gray in chroma.
    pub(super) origin: f64,
    /// The steps from black to white, or from one end of chroma to the other.
    pub(super) steps: f64,
}

impl SampleScale {
    /// Returns the scale of luma with this many bits: limited range by ITU-R BT.709-6, 4.6, full range by JFIF.
    pub(super) fn luma(bits: u32, range: ColorRange) -> Self {
        match range {
            ColorRange::Limited => Self { origin: 16.0 * unit(bits), steps: 219.0 * unit(bits) },
            ColorRange::Full => Self { origin: 0.0, steps: largest(bits) },
        }
    }

    /// Returns the scale of chroma with this many bits, by the same standards.
    pub(super) fn chroma(bits: u32, range: ColorRange) -> Self {
        let steps = match range {
            ColorRange::Limited => 224.0 * unit(bits),
            ColorRange::Full => largest(bits),
        };
        Self { origin: 128.0 * unit(bits), steps }
    }
}

/// Returns what a step of 8 bits is with more bits.
fn unit(bits: u32) -> f64 {
    f64::from(1_u32 << (bits - 8))
}

/// Returns the largest sample.
pub(super) fn largest(bits: u32) -> f64 {
    f64::from((1_u32 << bits) - 1)
}
