//! Pictures and movies to try things with.

use framemill::{FrameRate, FrameView, Output, VideoWriter, VideoWriterBuilder};

/// A smooth picture of `height` × `width` × 3 bytes that differs from frame to frame: gradients and a moving disc.
pub(crate) fn picture(width: u32, height: u32, frame: u32) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    let centre = (f64::from(width) * (0.3 + 0.01 * f64::from(frame)), f64::from(height) * 0.5);
    let radius = f64::from(height) * 0.25;
    for y in 0..height {
        for x in 0..width {
            let inside = (f64::from(x) - centre.0).hypot(f64::from(y) - centre.1) < radius;
            let shade = |value: u32, of: u32| (value * 200 / of.max(1) + 20) as u8;
            if inside {
                pixels.extend([230, 60, 40]);
            } else {
                pixels.extend([shade(x, width), shade(y, height), shade(x + y, width + height)]);
            }
        }
    }
    pixels
}

/// Writes `frames` pictures of 96 × 64 at `rate` to `output`.
pub(crate) fn write_movie(
    output: impl Into<Output>,
    frames: u32,
    rate: FrameRate,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> framemill::Result<framemill::EncodeStats> {
    let (width, height) = (96, 64);
    let mut video = configure(VideoWriter::builder(output, width, height, rate)).create()?;
    for frame in 0..frames {
        video.write(&FrameView::rgb(&picture(width, height, frame), width, height)?)?;
    }
    video.finish()
}
