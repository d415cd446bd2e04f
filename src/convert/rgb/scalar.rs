//! The portable implementation, one pixel at a time.

use super::coefficients::{Coefficients, FRACTION_BITS, chroma_start};
use crate::convert::alpha;

/// A pixel's bytes, drawn over the background; the fourth is 0 if there are three.
type Pixel = [i32; 4];

/// Converts a row to one row of each plane.
pub(super) fn convert_row(coefficients: &Coefficients, row: &[u8], y: &mut [u8], [u, v]: [&mut [u8]; 2]) {
    let start = chroma_start(FRACTION_BITS);
    let targets = y.iter_mut().zip(u.iter_mut().zip(v));
    for (pixel, (y, (u, v))) in pixels(coefficients, row).zip(targets) {
        *y = luma(coefficients, pixel);
        *u = sample(pixel, coefficients.u, start, FRACTION_BITS);
        *v = sample(pixel, coefficients.v, start, FRACTION_BITS);
    }
}

/// Converts two rows to two rows of luma and one of chroma, each sample of which is the mean of four pixels. The last
/// pixel of an odd width counts twice.
pub(super) fn convert_rows(
    coefficients: &Coefficients,
    rows: [&[u8]; 2],
    luma_rows: [&mut [u8]; 2],
    [u, v]: [&mut [u8]; 2],
) {
    for (row, target) in rows.into_iter().zip(luma_rows) {
        pixels(coefficients, row).zip(target).for_each(|(pixel, y)| *y = luma(coefficients, pixel));
    }
    // A sum of four values needs two more bits.
    let fraction_bits = FRACTION_BITS + 2;
    let start = chroma_start(fraction_bits);
    let [mut top, mut bottom] = rows.map(|row| pixels(coefficients, row));
    let mut pair = || {
        let left = add(top.next()?, bottom.next()?);
        let right = top.next().zip(bottom.next()).map_or(left, |(top, bottom)| add(top, bottom));
        Some(add(left, right))
    };
    for (u, v) in u.iter_mut().zip(v) {
        let Some(four) = pair() else { return };
        *u = sample(four, coefficients.u, start, fraction_bits);
        *v = sample(four, coefficients.v, start, fraction_bits);
    }
}

fn pixels<'a>(coefficients: &'a Coefficients, row: &'a [u8]) -> impl Iterator<Item = Pixel> + 'a {
    row.chunks_exact(coefficients.pixel_bytes).map(|bytes| {
        let mut pixel = [0; 4];
        for (index, byte) in bytes.iter().enumerate() {
            pixel[index] = i32::from(match coefficients.alpha {
                Some(alpha) => alpha::blend(*byte, bytes[alpha], coefficients.background[index]),
                None => *byte,
            });
        }
        pixel
    })
}

fn luma(coefficients: &Coefficients, pixel: Pixel) -> u8 {
    sample(pixel, coefficients.y, coefficients.luma_start(), FRACTION_BITS)
}

/// Returns a sample. In full range, pure blue and red have a chroma of 255.5, which is rounded to 256 and becomes 255.
fn sample(pixel: Pixel, coefficients: [i16; 4], start: i32, fraction_bits: u32) -> u8 {
    let products = pixel.into_iter().zip(coefficients).map(|(byte, factor)| byte * i32::from(factor));
    ((start + products.sum::<i32>()) >> fraction_bits).clamp(0, 255) as u8
}

fn add(a: Pixel, b: Pixel) -> Pixel {
    std::array::from_fn(|index| a[index] + b[index])
}
