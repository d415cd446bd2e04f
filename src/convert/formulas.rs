//! The numbers in the standards' formulas between RGB and YUV.

use crate::frame::ColorRange;
use crate::settings::Matrix;

/// The shares of red and blue in luma, Kr and Kb: ITU-R BT.709-6, 3.2.
pub(super) const BT709_SHARES: (f64, f64) = (0.2126, 0.0722);

/// Returns the shares of red and blue in luma; `None` if pixels stay RGB. Those of BT.601 are from ITU-R BT.601-7, 2.5.1.
pub(super) fn luma_shares(matrix: Matrix) -> Option<(f64, f64)> {
    match matrix {
        Matrix::Bt709 => Some(BT709_SHARES),
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

    /// Returns the scale whose samples are `factor` times as large.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { origin: self.origin * factor, steps: self.steps * factor }
    }

    /// Returns the function that converts samples to a scale without origin, in which one is `steps`.
    #[inline(always)]
    pub(super) fn to_steps(self, steps: f64) -> impl Fn(f32) -> f32 {
        let (origin, factor) = (self.origin as f32, (steps / self.steps) as f32);
        move |sample| (sample - origin) * factor
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
