//! Checks and converts floats to samples.

/// How far a float may be outside [0, 1] and still be black or white: the step of half floats just above 1, which
/// half-float arithmetic leaves behind. It is a quarter of a step of 8-bit samples.
const TOLERANCE: f32 = 1.0 / 1024.0;

/// Returns whether a float is a valid sample. NaN is not.
pub(super) fn is_unit(value: f32) -> bool {
    (-TOLERANCE..=1.0 + TOLERANCE).contains(&value)
}

/// Converts a float to a sample whose white is `white`, rounded to nearest.
pub(super) fn scaled(value: f32, white: f32) -> u16 {
    // From here to twice as much, all 32-bit floats are whole numbers, so adding this number rounds to a whole number
    // in the lowest bits. A cast would do the same, but three times more slowly.
    const WHOLE_NUMBERS: f32 = 8_388_608.0;
    (value.clamp(0.0, 1.0) * white + WHOLE_NUMBERS).to_bits() as u16
}

/// Returns the value of a half float (IEEE 754 binary16).
pub(super) fn half(bits: u16) -> f32 {
    // In the fields of a 32-bit float, the exponent is too small by the difference of the biases, 127 - 15.
    let scale = f32::from_bits((127 + 112) << 23);
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * scale;
    let is_finite = bits & 0x7c00 != 0x7c00;
    let magnitude = match (is_finite, bits & 0x03ff) {
        (true, _) => magnitude,
        (false, 0) => f32::INFINITY,
        (false, _) => f32::NAN,
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_float_has_its_value() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
            let sign = if bits < 0x8000 { 1.0 } else { -1.0 };
            let expected = match exponent {
                0 => sign * fraction * 2_f64.powi(-24),
                31 if fraction > 0.0 => f64::NAN,
                31 => sign * f64::INFINITY,
                _ => sign * (1024.0 + fraction) * 2_f64.powi(exponent - 25),
            };
            let value = f64::from(half(bits));
            assert!(
                value == expected || (value.is_nan() && expected.is_nan()),
                "{bits:#x}: {value}, not {expected}"
            );
        }
    }
}
