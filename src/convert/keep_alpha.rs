//! Pictures whose alpha the movie keeps: straight, as PNG has it.

use crate::av::Frame;
use crate::error::{InvalidFrame, LibavError};
use crate::frame::{ALPHA_PLANE, FrameView, PixelFormat};

/// Where red, green, blue and alpha lie in a packed pixel, in samples; gray has one place for three.
struct Channels {
    samples: usize,
    color: [usize; 3],
    alpha: Option<usize>,
}

impl Channels {
    /// Of packed RGB and gray; `None` for YUV.
    fn of(format: PixelFormat) -> Option<Self> {
        let (samples, color, alpha) = match format {
            PixelFormat::Gray8 | PixelFormat::Gray16Le => (1, [0; 3], None),
            PixelFormat::Rgb24 | PixelFormat::Rgb48Le => (3, [0, 1, 2], None),
            PixelFormat::Bgr24 => (3, [2, 1, 0], None),
            PixelFormat::Rgb0 => (4, [0, 1, 2], None),
            PixelFormat::Bgr0 => (4, [2, 1, 0], None),
            PixelFormat::Xrgb => (4, [1, 2, 3], None),
            PixelFormat::Xbgr => (4, [3, 2, 1], None),
            PixelFormat::Rgba | PixelFormat::Rgba64Le => (4, [0, 1, 2], Some(3)),
            PixelFormat::Bgra => (4, [2, 1, 0], Some(3)),
            PixelFormat::Argb => (4, [1, 2, 3], Some(0)),
            PixelFormat::Abgr => (4, [3, 2, 1], Some(0)),
            _ => return None,
        };
        Some(Self { samples, color, alpha })
    }
}

/// Whether a picture in `source` becomes one in `target` by moving samples.
pub(super) fn is_repacked(source: PixelFormat, target: PixelFormat) -> bool {
    Channels::of(source).is_some() && Channels::of(target).is_some_and(|target| target.alpha.is_some())
}

/// Fills `frame`, which has packed pixels with alpha, from a picture of as many bits or fewer. What has no alpha is opaque.
pub(super) fn repack(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    match (view.format().bits(), frame.format().bits()) {
        (8, 8) => repack_samples::<1, 1>(view, frame, |[sample]| [sample]),
        // 257 makes 16 bits of 8, as 255 becomes 65535: both bytes are the sample.
        (8, _) => repack_samples::<1, 2>(view, frame, |[sample]| [sample; 2]),
        _ => repack_samples::<2, 2>(view, frame, |sample| sample),
    }
}

fn repack_samples<const FROM: usize, const TO: usize>(
    view: &FrameView<'_>,
    frame: &mut Frame,
    widen: impl Fn([u8; FROM]) -> [u8; TO],
) -> Result<(), LibavError> {
    let (Some(from), Some(to)) = (Channels::of(view.format()), Channels::of(frame.format())) else {
        return Err(LibavError::unexpected("keep alpha", "the pixels are not packed"));
    };
    let layout = view.layout(0);
    let mut places: [Option<usize>; 4] = [None; 4];
    for (source, target) in from.color.into_iter().zip(to.color) {
        places[target] = Some(source);
    }
    if let Some(target) = to.alpha {
        places[target] = from.alpha;
    }
    for plane in frame.planes_mut()? {
        for (y, target) in plane.data.chunks_exact_mut(plane.stride).take(layout.rows).enumerate() {
            let (source, _) = view.planes()[0].row(y, layout).as_chunks::<FROM>();
            let (target, _) = target.as_chunks_mut::<TO>();
            for (pixel, target) in source.chunks_exact(from.samples).zip(target.chunks_exact_mut(to.samples)) {
                for (sample, place) in target.iter_mut().zip(places) {
                    *sample = place.map_or([u8::MAX; TO], |place| widen(pixel[place]));
                }
            }
        }
    }
    Ok(())
}

/// Fills the plane of `frame` that has alpha, as far as the picture reaches; opaque where it has none.
pub(super) fn fill_alpha(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    let (from, bits) = (Channels::of(view.format()), frame.format().bits());
    let alpha = from.and_then(|from| Some((from.alpha?, from.samples)));
    let (layout, source_bytes) = (view.layout(0), view.format().bits().div_ceil(8) as usize);
    let Some(plane) = frame.planes_mut()?.nth(ALPHA_PLANE) else {
        return Err(LibavError::unexpected("keep alpha", "the frame has no place for it"));
    };
    let most = (1_u32 << bits) - 1;
    for (y, target) in plane.data.chunks_exact_mut(plane.stride).enumerate() {
        let row = alpha.filter(|_| y < layout.rows).map(|alpha| (alpha, view.planes()[0].row(y, layout)));
        let value = |x: usize| {
            let Some(((place, samples), row)) = row.filter(|_| x < view.width() as usize) else { return most };
            let sample = &row[(x * samples + place) * source_bytes..][..source_bytes];
            let (sample, full) = match sample {
                [low, high] => (u32::from(u16::from_le_bytes([*low, *high])), 65_535),
                [sample, ..] => (u32::from(*sample), 255),
                [] => (255, 255),
            };
            (sample * most + full / 2) / full
        };
        if bits > 8 {
            let (samples, _) = target.as_chunks_mut::<2>();
            samples.iter_mut().enumerate().for_each(|(x, sample)| *sample = (value(x) as u16).to_le_bytes());
        } else {
            target.iter_mut().enumerate().for_each(|(x, sample)| *sample = value(x) as u8);
        }
    }
    Ok(())
}

/// Makes copies of pictures with other colors where alpha asks for it. Keeps its memory from frame to frame.
#[derive(Default)]
pub(super) struct AlphaColors {
    bytes: Vec<u8>,
}

impl AlphaColors {
    /// The picture with its colors divided by its alpha, rounded to nearest. Colors above their alpha become white.
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

    /// The picture, of 8 bits, with colors in its transparent pixels that their visible neighbors have. Four pixels share
    /// their chroma: without this, what nobody sees would color the edges of what is seen.
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

/// Gives the transparent ones of four pixels the mean color of the others, weighted by their alpha.
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
        // 64 × 255 / 128 is 127.5; 200 is more than its alpha can be.
        assert_eq!(straight.planes()[0].data, [128, 128, 255, 255, 0, 9, 0, 0]);
    }

    #[test]
    fn what_is_not_seen_gets_the_color_of_what_is_beside_it() {
        let mut colors = AlphaColors::default();
        let (seen, faint, unseen) = ([200, 100, 0, 255], [0, 0, 90, 51], [255, 255, 255, 0]);
        let pixels: Vec<u8> = [seen, unseen, faint, unseen].concat();
        let view = FrameView::rgba(&pixels, 2, 2).expect("valid");
        let spread = colors.spread(&view).expect("valid");
        // Weights of 255 and 51: five sixths and one sixth.
        let mixed = [167, 83, 15, 0];
        assert_eq!(spread.planes()[0].data, [seen, mixed, faint, mixed].concat());
        let column = FrameView::rgba(&pixels, 1, 4).expect("valid");
        assert_eq!(colors.spread(&column).expect("valid").planes()[0].data[4..8], [200, 100, 0, 0]);
    }
}
