//! The NEON implementation, 16 pixels at a time.
//!
//! The red, green and blue bytes of a block are gathered into one register each, whatever the byte order. Each is
//! multiplied by its coefficient, and the products are added in 32 bits.

use std::arch::aarch64::{int16x4_t, int32x4_t, uint8x8_t, uint8x16_t, uint8x16x3_t, uint8x16x4_t, uint16x8_t};

use pulp::aarch64::Neon;
use pulp::cast;

use super::coefficients::{Coefficients, FRACTION_BITS, chroma_start};

/// The pixels of a block.
pub(super) const BLOCK: usize = 16;

/// The color bytes of a pixel.
const COLORS: usize = 3;

/// One byte of each color for 16 pixels, in the byte order of the pixels.
type Colors = [uint8x16_t; COLORS];

/// The values that stay in registers from block to block.
pub(super) struct Vectors {
    simd: Neon,
    /// The positions of each color's bytes in a block.
    places: Colors,
    /// The coefficients of each color.
    y: [i16; COLORS],
    u: [i16; COLORS],
    v: [i16; COLORS],
    luma_start: int32x4_t,
    chroma_start: int32x4_t,
    halved_chroma_start: int32x4_t,
    alpha: Option<Blending>,
}

/// The values for blending.
#[derive(Clone, Copy)]
struct Blending {
    /// The positions of the alpha bytes in a block.
    places: uint8x16_t,
    background: [uint8x8_t; COLORS],
    opaque: uint8x16_t,
    half: uint16x8_t,
}

impl Vectors {
    #[inline(always)]
    pub(super) fn new(simd: Neon, coefficients: &Coefficients) -> Self {
        let neon = simd.neon;
        let bytes = coefficients.pixel_bytes;
        // The first byte of a pixel is not a color if alpha, or an unused byte, comes first.
        let first = usize::from(coefficients.y[0] == 0);
        let places_of =
            |byte: usize| cast(std::array::from_fn::<u8, BLOCK, _>(|pixel| (pixel * bytes + byte) as u8));
        let of_colors = |factors: [i16; 4]| std::array::from_fn(|color| factors[first + color]);
        Self {
            simd,
            places: std::array::from_fn(|color| places_of(first + color)),
            y: of_colors(coefficients.y),
            u: of_colors(coefficients.u),
            v: of_colors(coefficients.v),
            luma_start: neon.vdupq_n_s32(coefficients.luma_start()),
            chroma_start: neon.vdupq_n_s32(chroma_start(FRACTION_BITS)),
            halved_chroma_start: neon.vdupq_n_s32(chroma_start(FRACTION_BITS + 2)),
            alpha: coefficients.alpha.map(|place| Blending {
                places: places_of(place),
                background: std::array::from_fn(|color| neon.vdup_n_u8(coefficients.background[first + color])),
                opaque: neon.vdupq_n_u8(u8::MAX),
                half: neon.vdupq_n_u16(128),
            }),
        }
    }

    /// Returns the pixels of a block, drawn over the background.
    #[inline(always)]
    pub(super) fn pixels<const BYTES: usize>(&self, block: &[u8; BYTES]) -> Colors {
        let neon = self.simd.neon;
        let (parts, _) = block.as_chunks::<16>();
        if BYTES == 3 * BLOCK {
            let block = uint8x16x3_t(cast(parts[0]), cast(parts[1]), cast(parts[2]));
            return self.places.map(|places| neon.vqtbl3q_u8(block, places));
        }
        let block = uint8x16x4_t(cast(parts[0]), cast(parts[1]), cast(parts[2]), cast(parts[3]));
        let colors = self.places.map(|places| neon.vqtbl4q_u8(block, places));
        match &self.alpha {
            Some(alpha) => self.blended(alpha, colors, neon.vqtbl4q_u8(block, alpha.places)),
            None => colors,
        }
    }

    /// Blends as `alpha::blend` does, for all bytes of a block at once.
    #[inline(always)]
    fn blended(&self, alpha: &Blending, mut colors: Colors, weights: uint8x16_t) -> Colors {
        let neon = self.simd.neon;
        if neon.vminvq_u8(weights) == u8::MAX {
            return colors;
        }
        let others = neon.vsubq_u8(alpha.opaque, weights);
        for (color, background) in colors.iter_mut().zip(alpha.background) {
            let mix = |bytes, weights, others| {
                let own = neon.vmlal_u8(alpha.half, bytes, weights);
                let sum = neon.vmlal_u8(own, background, others);
                neon.vshrn_n_u16::<8>(neon.vsraq_n_u16::<8>(sum, sum))
            };
            let low = mix(neon.vget_low_u8(*color), neon.vget_low_u8(weights), neon.vget_low_u8(others));
            let high = mix(neon.vget_high_u8(*color), neon.vget_high_u8(weights), neon.vget_high_u8(others));
            *color = neon.vcombine_u8(low, high);
        }
        colors
    }

    /// Returns the luma of a block.
    #[inline(always)]
    pub(super) fn luma(&self, colors: &Colors) -> [u8; BLOCK] {
        self.plane(*colors, self.y, self.luma_start)
    }

    /// Returns the chroma of a block.
    #[inline(always)]
    pub(super) fn chroma(&self, colors: &Colors) -> ([u8; BLOCK], [u8; BLOCK]) {
        (self.plane(*colors, self.u, self.chroma_start), self.plane(*colors, self.v, self.chroma_start))
    }

    /// Returns the chroma of a block of two rows: means of four pixels each.
    #[inline(always)]
    pub(super) fn halved_chroma(&self, top: &Colors, bottom: &Colors) -> ([u8; BLOCK / 2], [u8; BLOCK / 2]) {
        let sums = self.sums_of_four(top, bottom);
        (self.means(sums, self.u), self.means(sums, self.v))
    }

    /// Returns one plane's samples of a block.
    #[inline(always)]
    fn plane(&self, colors: Colors, factors: [i16; COLORS], start: int32x4_t) -> [u8; BLOCK] {
        let neon = self.simd.neon;
        let low = self.samples(colors.map(|bytes| neon.vmovl_u8(neon.vget_low_u8(bytes))), factors, start);
        let high = self.samples(colors.map(|bytes| neon.vmovl_u8(neon.vget_high_u8(bytes))), factors, start);
        cast(neon.vcombine_u8(low, high))
    }

    /// Returns one plane's samples of 8 pixels.
    #[inline(always)]
    fn samples(&self, colors: [uint16x8_t; COLORS], factors: [i16; COLORS], start: int32x4_t) -> uint8x8_t {
        let neon = self.simd.neon;
        let [low, high] = self.sums(colors, factors, start);
        const BITS: i32 = FRACTION_BITS as i32;
        neon.vqmovun_s16(neon.vcombine_s16(neon.vshrn_n_s32::<BITS>(low), neon.vshrn_n_s32::<BITS>(high)))
    }

    /// Returns the sum of each color over four pixels, two of them in each row.
    #[inline(always)]
    fn sums_of_four(&self, top: &Colors, bottom: &Colors) -> [uint16x8_t; COLORS] {
        let neon = self.simd.neon;
        std::array::from_fn(|color| neon.vpadalq_u8(neon.vpaddlq_u8(top[color]), bottom[color]))
    }

    /// Returns samples of chroma, each the mean of four pixels.
    #[inline(always)]
    fn means(&self, sums_of_four: [uint16x8_t; COLORS], factors: [i16; COLORS]) -> [u8; BLOCK / 2] {
        let neon = self.simd.neon;
        let [low, high] = self.sums(sums_of_four, factors, self.halved_chroma_start);
        // One instruction shifts by at most 16 bits; the next one shifts the rest.
        let samples = neon.vcombine_s16(neon.vshrn_n_s32::<16>(low), neon.vshrn_n_s32::<16>(high));
        const REST: i32 = FRACTION_BITS as i32 + 2 - 16;
        cast(neon.vqshrun_n_s16::<REST>(samples))
    }

    /// Returns the sums of the colors, each multiplied by its factor.
    #[inline(always)]
    fn sums(&self, colors: [uint16x8_t; COLORS], factors: [i16; COLORS], start: int32x4_t) -> [int32x4_t; 2] {
        let neon = self.simd.neon;
        let mut sums = [start; 2];
        for (color, factor) in colors.into_iter().zip(factors) {
            let color = neon.vreinterpretq_s16_u16(color);
            let halves: [int16x4_t; 2] = [neon.vget_low_s16(color), neon.vget_high_s16(color)];
            for (sum, half) in sums.iter_mut().zip(halves) {
                *sum = neon.vmlal_n_s16(*sum, half, factor);
            }
        }
        sums
    }
}
