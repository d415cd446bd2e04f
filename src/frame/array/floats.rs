//! Converts floats from 0 to 1 to samples of 8 and 16 bits, as NumPy does: multiply, add a half, both in the float's
//! own precision, and truncate.

/// Returns the sample of a float, and whether the float is from 0 to 1.
pub(super) fn level_of_f32(bytes: [u8; 4]) -> ([u8; 1], bool) {
    let value = f32::from_ne_bytes(bytes);
    ([(value * 255.0 + 0.5) as u8], (0.0..=1.0).contains(&value))
}

/// As [`level_of_f32`].
pub(super) fn level_of_f64(bytes: [u8; 8]) -> ([u8; 1], bool) {
    let value = f64::from_ne_bytes(bytes);
    ([(value * 255.0 + 0.5) as u8], (0.0..=1.0).contains(&value))
}

/// As [`level_of_f32`], in 16 bits, little-endian.
pub(super) fn wide_level_of_f32(bytes: [u8; 4]) -> ([u8; 2], bool) {
    let value = f32::from_ne_bytes(bytes);
    (((value * 65_535.0 + 0.5) as u16).to_le_bytes(), (0.0..=1.0).contains(&value))
}

/// As [`wide_level_of_f32`].
pub(super) fn wide_level_of_f64(bytes: [u8; 8]) -> ([u8; 2], bool) {
    let value = f64::from_ne_bytes(bytes);
    (((value * 65_535.0 + 0.5) as u16).to_le_bytes(), (0.0..=1.0).contains(&value))
}

/// Converts consecutive floats to samples; returns whether all are from 0 to 1.
pub(super) fn f32_to_8_bits(floats: &[u8], samples: &mut [u8]) -> bool {
    each(floats, samples, level_of_f32)
}

/// As [`f32_to_8_bits`].
pub(super) fn f64_to_8_bits(floats: &[u8], samples: &mut [u8]) -> bool {
    each(floats, samples, level_of_f64)
}

fn each<const N: usize>(floats: &[u8], samples: &mut [u8], level: fn([u8; N]) -> ([u8; 1], bool)) -> bool {
    let mut valid = true;
    for (float, sample) in floats.as_chunks().0.iter().zip(samples) {
        let ([converted], is_level) = level(*float);
        *sample = converted;
        valid &= is_level;
    }
    valid
}
