//! Draws transparent pixels over a background, in the pixels' own (sRGB) values, as browsers and image viewers blend.
//! Colors are straight or premultiplied.

use crate::error::InvalidFrame;
use crate::frame::{FrameView, PixelFormat};
use crate::settings::Rgb;

/// Makes pictures opaque. Reuses its memory from frame to frame.
pub(super) struct Compositor {
    background: Rgb,
    is_premultiplied: bool,
    pixels: Vec<u8>,
}

impl Compositor {
    pub(super) fn new(background: Rgb) -> Self {
        Self { background, is_premultiplied: false, pixels: Vec::new() }
    }

    /// Makes a compositor for premultiplied colors. Colors above their alpha, such as fire, add light to the
    /// background.
    pub(super) fn of_premultiplied(background: Rgb) -> Self {
        Self { is_premultiplied: true, ..Self::new(background) }
    }

    /// Returns the picture without alpha: the same pixels if all are opaque, otherwise a blended copy.
    pub(super) fn opaque<'a>(&'a mut self, view: &FrameView<'a>) -> Result<FrameView<'a>, InvalidFrame> {
        let format = view.format();
        if !format.has_alpha() {
            return Ok(*view);
        }
        if is_opaque(view) {
            return Ok(view.without_alpha());
        }
        let layout = view.layout(0);
        self.pixels.resize(layout.row_bytes * layout.rows, 0);
        for (row, target) in self.pixels.chunks_exact_mut(layout.row_bytes).enumerate() {
            let row = view.planes()[0].row(row, layout);
            match self.is_premultiplied {
                true => blend_row(format, row, target, self.background, add, add_16),
                false => blend_row(format, row, target, self.background, blend, blend_16),
            }
        }
        FrameView::contiguous(format.without_alpha(), &self.pixels, view.width(), view.height())
    }
}

fn is_opaque(view: &FrameView<'_>) -> bool {
    let layout = view.layout(0);
    (0..layout.rows).all(|row| {
        let row = view.planes()[0].row(row, layout);
        match view.format() {
            PixelFormat::Argb | PixelFormat::Abgr => least_alpha::<0>(row) == u8::MAX,
            PixelFormat::Rgba64Le => row.chunks_exact(8).all(|pixel| pixel[6..] == [u8::MAX; 2]),
            _ => least_alpha::<3>(row) == u8::MAX,
        }
    })
}

/// Returns the bits that every alpha of the row has. The loop never stops early, so that the compiler can vectorize it.
fn least_alpha<const ALPHA: usize>(row: &[u8]) -> u8 {
    row.chunks_exact(4).fold(u8::MAX, |alphas, pixel| alphas & pixel[ALPHA])
}

fn blend_row(
    format: PixelFormat,
    row: &[u8],
    target: &mut [u8],
    background: Rgb,
    blend: impl Fn(u8, u8, u8) -> u8,
    blend_16: impl Fn(u16, u16, u16) -> u16,
) {
    let Rgb { red, green, blue } = background;
    match format {
        PixelFormat::Rgba => blend_row_8::<3>(row, target, [red, green, blue, 0], blend),
        PixelFormat::Bgra => blend_row_8::<3>(row, target, [blue, green, red, 0], blend),
        PixelFormat::Argb => blend_row_8::<0>(row, target, [0, red, green, blue], blend),
        PixelFormat::Abgr => blend_row_8::<0>(row, target, [0, blue, green, red], blend),
        _ => blend_row_16(row, target, [red, green, blue], blend_16),
    }
}

fn blend_row_8<const ALPHA: usize>(
    row: &[u8],
    target: &mut [u8],
    background: [u8; 4],
    blend: impl Fn(u8, u8, u8) -> u8,
) {
    for (pixel, target) in row.chunks_exact(4).zip(target.chunks_exact_mut(4)) {
        for channel in 0..4 {
            target[channel] = blend(pixel[channel], pixel[ALPHA], background[channel]);
        }
    }
}

/// Blends a byte of a pixel with the background: the mean, weighted by alpha and rounded to nearest. It uses 16 bits,
/// as the vector code does.
pub(super) fn blend(byte: u8, alpha: u8, background: u8) -> u8 {
    let weighted = |byte: u8, weight: u8| u16::from(byte) * u16::from(weight);
    // (sum + sum / 256) / 256 is sum / 255, rounded to nearest by the 128 before, for sums up to 255 × 255.
    let sum = weighted(byte, alpha) + weighted(background, 255 - alpha) + 128;
    ((sum + (sum >> 8)) >> 8) as u8
}

/// Adds a byte of a premultiplied pixel to the rest of the background.
fn add(byte: u8, alpha: u8, background: u8) -> u8 {
    byte.saturating_add(blend(0, alpha, background))
}

fn blend_row_16(row: &[u8], target: &mut [u8], background: [u8; 3], blend: impl Fn(u16, u16, u16) -> u16) {
    let sample = |bytes: &[u8], index: usize| u16::from_le_bytes([bytes[2 * index], bytes[2 * index + 1]]);
    for (pixel, target) in row.chunks_exact(8).zip(target.chunks_exact_mut(8)) {
        let alpha = sample(pixel, 3);
        for channel in 0..3 {
            // Multiplying by 257 converts 8 bits to 16: 255 becomes 65535.
            let blended = blend(sample(pixel, channel), alpha, u16::from(background[channel]) * 257);
            target[2 * channel..][..2].copy_from_slice(&blended.to_le_bytes());
        }
        target[6..].fill(u8::MAX);
    }
}

fn blend_16(sample: u16, alpha: u16, background: u16) -> u16 {
    let [sample, alpha, background] = [sample, alpha, background].map(u64::from);
    ((sample * alpha + background * (65_535 - alpha) + 32_767) / 65_535) as u16
}

fn add_16(sample: u16, alpha: u16, background: u16) -> u16 {
    sample.saturating_add(blend_16(0, alpha, background))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blending_rounds_to_nearest() {
        for (byte, alpha) in (0..=255_u8).flat_map(|byte| (0..=255_u8).map(move |alpha| (byte, alpha))) {
            for background in [0, 1, 77, 128, 254, 255] {
                let exact = u32::from(byte) * u32::from(alpha) + u32::from(background) * u32::from(255 - alpha);
                assert_eq!(u32::from(blend(byte, alpha, background)), (2 * exact + 255) / 510);
            }
        }
    }

    #[test]
    fn every_layout_blends_the_same() {
        let mut compositor = Compositor::new(Rgb::new(255, 0, 100));
        // A quarter of (200, 100, 0) over the background: (241, 25, 75).
        for (format, pixel, blended) in [
            (PixelFormat::Rgba, [200, 100, 0, 64], [241, 25, 75]),
            (PixelFormat::Bgra, [0, 100, 200, 64], [75, 25, 241]),
        ] {
            let view = FrameView::contiguous(format, &pixel, 1, 1).expect("valid");
            let opaque = compositor.opaque(&view).expect("valid");
            assert_eq!(opaque.planes()[0].data[..3], blended, "{format}");
            assert!(!opaque.format().has_alpha());
        }
        for (format, pixel, blended) in [
            (PixelFormat::Argb, [64, 200, 100, 0], [241, 25, 75]),
            (PixelFormat::Abgr, [64, 0, 100, 200], [75, 25, 241]),
        ] {
            let view = FrameView::contiguous(format, &pixel, 1, 1).expect("valid");
            let opaque = compositor.opaque(&view).expect("valid");
            assert_eq!(opaque.planes()[0].data[1..4], blended, "{format}");
        }
    }

    #[test]
    fn sixteen_bits_blend_in_sixteen_bits() {
        let mut compositor = Compositor::new(Rgb::new(0, 0, 255));
        let pixel: Vec<u8> = [60_000_u16, 1, 0, 32_768].into_iter().flat_map(u16::to_le_bytes).collect();
        let view = FrameView::rgba64(&pixel, 1, 1).expect("valid");
        let opaque = compositor.opaque(&view).expect("valid");
        let samples: Vec<u16> =
            opaque.planes()[0].data.chunks_exact(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]])).collect();
        assert_eq!(samples, [30_000, 1, 32_767, 65_535]);
    }

    #[test]
    fn premultiplied_colors_are_added_to_the_visible_background() {
        let mut compositor = Compositor::of_premultiplied(Rgb::new(255, 100, 0));
        // Light with an alpha of 0, a color with an alpha of one quarter, and a sum above the maximum.
        let pixels = [30, 20, 10, 0, 50, 25, 0, 64, 200, 200, 200, 128];
        let view = FrameView::rgba(&pixels, 3, 1).expect("valid");
        let opaque = compositor.opaque(&view).expect("valid");
        let colors: Vec<u8> = opaque.planes()[0].data.chunks(4).flat_map(|pixel| &pixel[..3]).copied().collect();
        assert_eq!(colors, [255, 120, 10, 241, 100, 0, 255, 250, 200]);
        let deep: Vec<u8> = [1_000_u16, 40_000, 9, 32_768].into_iter().flat_map(u16::to_le_bytes).collect();
        let view = FrameView::rgba64(&deep, 1, 1).expect("valid");
        let opaque = compositor.opaque(&view).expect("valid");
        let samples: Vec<u16> =
            opaque.planes()[0].data.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
        // Half of 65535 and half of 25700 remain of the background.
        assert_eq!(samples, [33_767, 52_850, 9, 65_535]);
    }

    #[test]
    fn opaque_pictures_are_not_copied() {
        let mut compositor = Compositor::new(Rgb::WHITE);
        let pixels = [1, 2, 3, 255, 4, 5, 6, 255];
        let view = FrameView::rgba(&pixels, 2, 1).expect("valid");
        let opaque = compositor.opaque(&view).expect("valid");
        assert_eq!(opaque.planes()[0].data.as_ptr(), pixels.as_ptr());
    }
}
