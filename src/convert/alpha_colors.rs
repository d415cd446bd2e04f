//! Changes colors by alpha: divides them by it, or copies them into transparent pixels.

use super::channels::Channels;
use crate::error::InvalidFrame;
use crate::frame::FrameView;

/// Makes copies of pictures with changed colors. Reuses its memory from frame to frame.
#[derive(Default)]
pub(super) struct AlphaColors {
    bytes: Vec<u8>,
}

impl AlphaColors {
    /// Returns the picture with its colors divided by alpha, rounded to nearest. A channel above its alpha becomes the
    /// largest value.
    pub(super) fn straight(&mut self, view: &FrameView<'_>) -> Result<FrameView<'_>, InvalidFrame> {
        let format = view.format();
        self.copy(view);
        if let Some(Channels { samples, color, alpha: Some(alpha) }) = Channels::of(format) {
            let divide = |sample: u32, alpha: u32, full: u32| match alpha {
                0 => sample,
                alpha => ((sample * full + alpha / 2) / alpha).min(full),
            };
            if format.bits() == 8 {
                for pixel in self.bytes.chunks_exact_mut(samples) {
                    for place in color {
                        pixel[place] = divide(pixel[place].into(), pixel[alpha].into(), 255) as u8;
                    }
                }
            } else {
                let (all, _) = self.bytes.as_chunks_mut::<2>();
                for pixel in all.chunks_exact_mut(samples) {
                    let alpha = u16::from_le_bytes(pixel[alpha]).into();
                    for place in color {
                        let sample = u16::from_le_bytes(pixel[place]).into();
                        pixel[place] = (divide(sample, alpha, 65_535) as u16).to_le_bytes();
                    }
                }
            }
        }
        FrameView::contiguous(format, &self.bytes, view.width(), view.height())
    }

    /// Returns the 8-bit picture, with the colors of visible pixels copied into their transparent neighbors. Four
    /// pixels share their chroma, so the hidden colors of transparent pixels would show at the edges of visible ones.
    pub(super) fn spread(&mut self, view: &FrameView<'_>) -> Result<FrameView<'_>, InvalidFrame> {
        let format = view.format();
        self.copy(view);
        if let Some(Channels { samples, color, alpha: Some(alpha) }) = Channels::of(format) {
            let (width, height, row_bytes) =
                (view.width() as usize, view.height() as usize, view.width() as usize * samples);
            for block in (0..height).step_by(2).flat_map(|y| (0..width).step_by(2).map(move |x| (x, y))) {
                let (x, y) = block;
                let pixels = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
                let places = pixels.map(|(x, y)| (x < width && y < height).then_some(y * row_bytes + x * samples));
                spread_block(&mut self.bytes, places, color, alpha);
            }
        }
        FrameView::contiguous(format, &self.bytes, view.width(), view.height())
    }

    fn copy(&mut self, view: &FrameView<'_>) {
        let layout = view.layout(0);
        self.bytes.clear();
        for row in 0..layout.rows {
            self.bytes.extend_from_slice(view.planes()[0].row(row, layout));
        }
    }
}

/// Sets the transparent ones of four pixels to the mean color of the others, weighted by alpha.
fn spread_block(bytes: &mut [u8], places: [Option<usize>; 4], color: [usize; 3], alpha: usize) {
    let alphas = places.map(|place| place.map_or(255, |place| u32::from(bytes[place + alpha])));
    if !alphas.contains(&0) {
        return;
    }
    let weights = std::array::from_fn::<u32, 4, _>(|index| places[index].map_or(0, |_| alphas[index]));
    let sum: u32 = weights.iter().sum();
    if sum == 0 {
        return;
    }
    for channel in color {
        let samples = places.map(|place| place.map_or(0, |place| u32::from(bytes[place + channel])));
        let weighted: u32 = samples.iter().zip(weights).map(|(sample, weight)| sample * weight).sum();
        let mean = ((weighted + sum / 2) / sum) as u8;
        for (place, alpha) in places.into_iter().zip(alphas) {
            if let Some(place) = place.filter(|_| alpha == 0) {
                bytes[place + channel] = mean;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premultiplied_colors_are_divided_by_their_alpha() {
        let mut colors = AlphaColors::default();
        let view = FrameView::argb(&[128, 64, 128, 200, 0, 9, 0, 0], 2, 1).expect("valid");
        let straight = colors.straight(&view).expect("valid");
        // 64 × 255 / 128 is 127.5, which rounds to 128; 200 is above its alpha.
        assert_eq!(straight.planes()[0].data, [128, 128, 255, 255, 0, 9, 0, 0]);
    }

    #[test]
    fn transparent_pixels_get_the_color_of_visible_neighbors() {
        let mut colors = AlphaColors::default();
        let (opaque, faint, transparent) = ([200, 100, 0, 255], [0, 0, 90, 51], [255, 255, 255, 0]);
        let pixels: Vec<u8> = [opaque, transparent, faint, transparent].concat();
        let view = FrameView::rgba(&pixels, 2, 2).expect("valid");
        let spread = colors.spread(&view).expect("valid");
        // Weights of 255 and 51: five sixths and one sixth.
        let mixed = [167, 83, 15, 0];
        assert_eq!(spread.planes()[0].data, [opaque, mixed, faint, mixed].concat());
        let column = FrameView::rgba(&pixels, 1, 4).expect("valid");
        assert_eq!(colors.spread(&column).expect("valid").planes()[0].data[4..8], [200, 100, 0, 0]);
    }
}
