//! The AVX2 implementation, 32 pixels at a time.
//!
//! A register holds 8 pixels of 4 bytes. Its even and odd bytes become two registers of 16-bit numbers. One instruction
//! multiplies each of these by its coefficients and adds pairs, whatever the byte order.

use std::arch::x86_64::__m256i;

use pulp::cast;
use pulp::x86::V3;

use super::coefficients::{Coefficients, FRACTION_BITS, chroma_start};

/// The pixels of a block.
pub(super) const BLOCK: usize = 32;

/// The registers of 8 pixels in a block.
const REGISTERS: usize = 4;

/// The even and the odd bytes of 8 pixels, as 16-bit numbers.
#[derive(Clone, Copy)]
pub(super) struct Halves {
    even: __m256i,
    odd: __m256i,
}

/// The factors of the even and the odd bytes, for each pixel of a register.
type Factors = Halves;

/// The values that stay in registers from block to block.
pub(super) struct Vectors {
    simd: V3,
    y: Factors,
    u: Factors,
    v: Factors,
    luma_start: __m256i,
    chroma_start: __m256i,
    halved_chroma_start: __m256i,
    low_bytes: __m256i,
    order: __m256i,
    /// Shuffles pairs of samples from two groups of eight into their order in the row.
    weave: __m256i,
    /// Expands pixels of 3 bytes to 4 bytes each.
    spread: __m256i,
    alpha: Option<Blending>,
}

/// The values for blending.
#[derive(Clone, Copy)]
struct Blending {
    /// Copies a pixel's alpha to its two 16-bit numbers.
    spread: __m256i,
    background: Halves,
    opaque: __m256i,
    half: __m256i,
}

impl Vectors {
    #[inline(always)]
    pub(super) fn new(simd: V3, coefficients: &Coefficients) -> Self {
        let avx = simd.avx;
        let pairs = |a: i16, b: i16| avx._mm256_set1_epi32(i32::from(a) & 0xffff | i32::from(b) << 16);
        let factors = |bytes: [i16; 4]| Factors { even: pairs(bytes[0], bytes[2]), odd: pairs(bytes[1], bytes[3]) };
        // A shuffle works on each half of a register, which has 4 pixels. This function returns the source of each byte
        // of a pixel.
        let shuffle = |bytes: &dyn Fn(u8, u8) -> [u8; 4]| {
            let half = |half: u8| std::array::from_fn(|pixel| bytes(half, pixel as u8));
            cast::<[[[u8; 4]; 4]; 2], __m256i>([half(0), half(1)])
        };
        const NONE: u8 = 0x80;
        Self {
            simd,
            y: factors(coefficients.y),
            u: factors(coefficients.u),
            v: factors(coefficients.v),
            luma_start: avx._mm256_set1_epi32(coefficients.luma_start()),
            chroma_start: avx._mm256_set1_epi32(chroma_start(FRACTION_BITS)),
            halved_chroma_start: avx._mm256_set1_epi32(chroma_start(FRACTION_BITS + 2)),
            low_bytes: avx._mm256_set1_epi16(0xff),
            order: avx._mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7),
            weave: cast([[0_u8, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15]; 2]),
            spread: shuffle(&|half, pixel| {
                let start = 4 * half + 3 * pixel;
                [start, start + 1, start + 2, NONE]
            }),
            alpha: coefficients.alpha.map(|place| Blending {
                spread: shuffle(&|_, pixel| {
                    let alpha = 4 * pixel + place as u8;
                    [alpha, NONE, alpha, NONE]
                }),
                background: factors(coefficients.background.map(i16::from)),
                opaque: avx._mm256_set1_epi16(255),
                half: avx._mm256_set1_epi16(128),
            }),
        }
    }

    /// Returns the pixels of a block, drawn over the background.
    #[inline(always)]
    pub(super) fn pixels<const BYTES: usize>(&self, block: &[u8; BYTES]) -> [Halves; REGISTERS] {
        let simd = self.simd.avx2;
        let (eights, _) = block.as_chunks::<8>();
        let mut pixels = [self.low_bytes; REGISTERS];
        let mut halves = [self.y; REGISTERS];
        for index in 0..REGISTERS {
            pixels[index] = if BYTES == 3 * BLOCK {
                // 24 bytes are 8 pixels: 4 at the start of the first 16 of them, and 4 at the end of the last 16.
                let [a, b, c] = [eights[3 * index], eights[3 * index + 1], eights[3 * index + 2]];
                simd._mm256_shuffle_epi8(cast([a, b, b, c]), self.spread)
            } else {
                cast([eights[4 * index], eights[4 * index + 1], eights[4 * index + 2], eights[4 * index + 3]])
            };
            halves[index] = Halves {
                even: simd._mm256_and_si256(pixels[index], self.low_bytes),
                odd: simd._mm256_srli_epi16::<8>(pixels[index]),
            };
        }
        if let Some(alpha) = &self.alpha {
            self.blend(alpha, pixels, &mut halves);
        }
        halves
    }

    /// Blends as `alpha::blend` does, for all bytes of a block at once.
    #[inline(always)]
    fn blend(&self, alpha: &Blending, pixels: [__m256i; REGISTERS], halves: &mut [Halves; REGISTERS]) {
        let simd = self.simd.avx2;
        let mut alphas = pixels;
        let mut all = alpha.opaque;
        for alphas in &mut alphas {
            *alphas = simd._mm256_shuffle_epi8(*alphas, alpha.spread);
            all = simd._mm256_and_si256(all, *alphas);
        }
        if simd._mm256_movemask_epi8(simd._mm256_cmpeq_epi16(all, alpha.opaque)) == -1 {
            return;
        }
        for index in 0..REGISTERS {
            let Halves { even, odd } = halves[index];
            halves[index] = Halves {
                even: self.mix(alpha, even, alphas[index], alpha.background.even),
                odd: self.mix(alpha, odd, alphas[index], alpha.background.odd),
            };
        }
    }

    #[inline(always)]
    fn mix(&self, alpha: &Blending, bytes: __m256i, weights: __m256i, background: __m256i) -> __m256i {
        let simd = self.simd.avx2;
        let own = simd._mm256_mullo_epi16(bytes, weights);
        let behind = simd._mm256_mullo_epi16(background, simd._mm256_sub_epi16(alpha.opaque, weights));
        let sum = simd._mm256_add_epi16(simd._mm256_add_epi16(own, behind), alpha.half);
        let sum = simd._mm256_add_epi16(sum, simd._mm256_srli_epi16::<8>(sum));
        simd._mm256_srli_epi16::<8>(sum)
    }

    /// Returns the sums of the bytes of 8 pixels, each multiplied by its factor.
    #[inline(always)]
    fn sums(&self, halves: Halves, factors: Factors) -> __m256i {
        let simd = self.simd.avx2;
        let even = simd._mm256_madd_epi16(halves.even, factors.even);
        simd._mm256_add_epi32(even, simd._mm256_madd_epi16(halves.odd, factors.odd))
    }

    /// Returns the luma of a block.
    #[inline(always)]
    pub(super) fn luma(&self, halves: &[Halves; REGISTERS]) -> [u8; BLOCK] {
        self.plane(halves, self.y, self.luma_start)
    }

    /// Returns the chroma of a block.
    #[inline(always)]
    pub(super) fn chroma(&self, halves: &[Halves; REGISTERS]) -> ([u8; BLOCK], [u8; BLOCK]) {
        (self.plane(halves, self.u, self.chroma_start), self.plane(halves, self.v, self.chroma_start))
    }

    /// Returns one plane's samples of a block.
    #[inline(always)]
    fn plane(&self, halves: &[Halves; REGISTERS], factors: Factors, start: __m256i) -> [u8; BLOCK] {
        let simd = self.simd.avx2;
        let mut samples = [start; REGISTERS];
        for index in 0..REGISTERS {
            let sums = simd._mm256_add_epi32(self.sums(halves[index], factors), start);
            samples[index] = simd._mm256_srai_epi32::<{ FRACTION_BITS as i32 }>(sums);
        }
        let [a, b, c, d] = samples;
        let (low, high) = (simd._mm256_packs_epi32(a, b), simd._mm256_packs_epi32(c, d));
        let bytes = simd._mm256_packus_epi16(low, high);
        // Packing works on each half of a register, which leaves the eighths of the row in another order.
        cast(simd._mm256_permutevar8x32_epi32(bytes, self.order))
    }

    /// Returns the chroma of a block of two rows: means of four pixels each.
    #[inline(always)]
    pub(super) fn halved_chroma(
        &self,
        top: &[Halves; REGISTERS],
        bottom: &[Halves; REGISTERS],
    ) -> ([u8; BLOCK / 2], [u8; BLOCK / 2]) {
        let simd = self.simd.avx2;
        let mut both = *top;
        for (both, bottom) in both.iter_mut().zip(bottom) {
            both.even = simd._mm256_add_epi16(both.even, bottom.even);
            both.odd = simd._mm256_add_epi16(both.odd, bottom.odd);
        }
        let samples = simd._mm256_packus_epi16(self.pair_means(&both, self.u), self.pair_means(&both, self.v));
        // Each half of the register now has 8 samples of U and 8 of V, in pairs that come from one register of pixels, and
        // the pairs in the other half follow those in this one.
        let woven = simd._mm256_shuffle_epi8(simd._mm256_permute4x64_epi64::<0b11_01_10_00>(samples), self.weave);
        let [u, v] = cast(woven);
        (u, v)
    }

    /// Returns 16 samples of 16 bits.
    #[inline(always)]
    fn pair_means(&self, both: &[Halves; REGISTERS], factors: Factors) -> __m256i {
        let simd = self.simd.avx2;
        let [a, b, c, d] = *both;
        let low = simd._mm256_hadd_epi32(self.sums(a, factors), self.sums(b, factors));
        let high = simd._mm256_hadd_epi32(self.sums(c, factors), self.sums(d, factors));
        simd._mm256_packs_epi32(self.mean(low), self.mean(high))
    }

    #[inline(always)]
    fn mean(&self, sums: __m256i) -> __m256i {
        let simd = self.simd.avx2;
        let sums = simd._mm256_add_epi32(sums, self.halved_chroma_start);
        simd._mm256_srai_epi32::<{ FRACTION_BITS as i32 + 2 }>(sums)
    }
}
