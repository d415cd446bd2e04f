//! Converts rows block by block with vector instructions. `avx2.rs` and `neon.rs` have the instructions for one block.

use pulp::NullaryFnOnce;

#[cfg(target_arch = "x86_64")]
use super::avx2::{BLOCK, Vectors};
use super::coefficients::Coefficients;
#[cfg(target_arch = "aarch64")]
use super::neon::{BLOCK, Vectors};

/// The token that proves that this processor has the vector instructions.
#[cfg(target_arch = "x86_64")]
pub(super) type Simd = pulp::x86::V3;
#[cfg(target_arch = "aarch64")]
pub(super) type Simd = pulp::aarch64::Neon;

/// Converts a row to one row of each plane; returns the number of pixels that are done.
pub(super) fn convert_row(
    simd: Simd,
    coefficients: &Coefficients,
    row: &[u8],
    y: &mut [u8],
    chroma: [&mut [u8]; 2],
) -> usize {
    if coefficients.pixel_bytes == 3 {
        simd.vectorize(Row::<{ 3 * BLOCK }> { simd, coefficients, row, y, chroma })
    } else {
        simd.vectorize(Row::<{ 4 * BLOCK }> { simd, coefficients, row, y, chroma })
    }
}

/// Converts two rows to two rows of luma and one of halved chroma; returns the number of pixels that are done.
pub(super) fn convert_rows(
    simd: Simd,
    coefficients: &Coefficients,
    rows: [&[u8]; 2],
    luma: [&mut [u8]; 2],
    chroma: [&mut [u8]; 2],
) -> usize {
    if coefficients.pixel_bytes == 3 {
        simd.vectorize(Rows::<{ 3 * BLOCK }> { simd, coefficients, rows, luma, chroma })
    } else {
        simd.vectorize(Rows::<{ 4 * BLOCK }> { simd, coefficients, rows, luma, chroma })
    }
}

/// The arguments of [`convert_row`], for blocks of `BYTES`.
struct Row<'a, const BYTES: usize> {
    simd: Simd,
    coefficients: &'a Coefficients,
    row: &'a [u8],
    y: &'a mut [u8],
    chroma: [&'a mut [u8]; 2],
}

impl<const BYTES: usize> NullaryFnOnce for Row<'_, BYTES> {
    type Output = usize;

    #[inline(always)]
    fn call(self) -> usize {
        let Self { simd, coefficients, row, y, chroma: [u, v] } = self;
        let vectors = Vectors::new(simd, coefficients);
        let (pixels, _) = row.as_chunks::<BYTES>();
        let (y, _) = y.as_chunks_mut::<BLOCK>();
        let (u, _) = u.as_chunks_mut::<BLOCK>();
        let (v, _) = v.as_chunks_mut::<BLOCK>();
        let blocks = pixels.len().min(y.len());
        for (pixels, (y, (u, v))) in pixels.iter().zip(y.iter_mut().zip(u.iter_mut().zip(v))) {
            let pixels = vectors.pixels(pixels);
            *y = vectors.luma(&pixels);
            (*u, *v) = vectors.chroma(&pixels);
        }
        blocks * BLOCK
    }
}

/// The arguments of [`convert_rows`], for blocks of `BYTES`.
struct Rows<'a, const BYTES: usize> {
    simd: Simd,
    coefficients: &'a Coefficients,
    rows: [&'a [u8]; 2],
    luma: [&'a mut [u8]; 2],
    chroma: [&'a mut [u8]; 2],
}

impl<const BYTES: usize> NullaryFnOnce for Rows<'_, BYTES> {
    type Output = usize;

    #[inline(always)]
    fn call(self) -> usize {
        let Self { simd, coefficients, rows, luma: [top_y, bottom_y], chroma: [u, v] } = self;
        let vectors = Vectors::new(simd, coefficients);
        let [(top, _), (bottom, _)] = rows.map(|row| row.as_chunks::<BYTES>());
        let (top_y, _) = top_y.as_chunks_mut::<BLOCK>();
        let (bottom_y, _) = bottom_y.as_chunks_mut::<BLOCK>();
        let (u, _) = u.as_chunks_mut::<{ BLOCK / 2 }>();
        let (v, _) = v.as_chunks_mut::<{ BLOCK / 2 }>();
        let blocks = top.len().min(top_y.len());
        let luma = top_y.iter_mut().zip(bottom_y);
        let chroma = u.iter_mut().zip(v);
        for ((top, bottom), ((top_y, bottom_y), (u, v))) in top.iter().zip(bottom).zip(luma.zip(chroma)) {
            let (top, bottom) = (vectors.pixels(top), vectors.pixels(bottom));
            *top_y = vectors.luma(&top);
            *bottom_y = vectors.luma(&bottom);
            (*u, *v) = vectors.halved_chroma(&top, &bottom);
        }
        blocks * BLOCK
    }
}
