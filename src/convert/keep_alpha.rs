//! Converts pictures whose alpha the movie keeps: straight, as in PNG.

use super::channels::Channels;
use crate::av::Frame;
use crate::error::LibavError;
use crate::frame::{ALPHA_PLANE, FrameView, PixelFormat};

/// Returns whether a picture in `source` becomes one in `target` by only moving samples.
pub(super) fn is_repacked(source: PixelFormat, target: PixelFormat) -> bool {
    Channels::of(source).is_some() && Channels::of(target).is_some_and(|target| target.alpha.is_some())
}

/// Fills `frame`, which has packed pixels with alpha, from a picture of the same bit depth or less. A picture without
/// alpha becomes opaque.
pub(super) fn repack(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    match (view.format().bits(), frame.format().bits()) {
        (8, 8) => repack_samples::<1, 1>(view, frame, |[sample]| [sample]),
        // Multiplying by 257 converts 8 bits to 16, because 255 becomes 65535: both bytes are the sample.
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

/// Fills the alpha plane of `frame`, as far as the picture reaches; opaque if the picture has no alpha.
pub(super) fn fill_alpha(view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
    let (from, bits) = (Channels::of(view.format()), frame.format().bits());
    let alpha = from.and_then(|from| Some((from.alpha?, from.samples)));
    let (layout, source_bytes) = (view.layout(0), view.format().bits().div_ceil(8) as usize);
    let Some(plane) = frame.planes_mut()?.nth(ALPHA_PLANE) else {
        return Err(LibavError::unexpected("keep alpha", "the frame has no alpha plane"));
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
