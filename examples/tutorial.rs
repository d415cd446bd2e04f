//! The code of the Rust tutorial: an animated Julia set. A test checks that both are the same.

use framemill::{FrameRate, FrameView, H264, Preset, VideoWriter};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 270;
const FRAMES: u32 = 120;

/// How long a point stays near the middle, from 0 to 1, when it is squared and moved by `c` again and again.
fn patience(mut x: f32, mut y: f32, c: (f32, f32)) -> f32 {
    for step in 0..96_u8 {
        (x, y) = (x * x - y * y + c.0, 2.0 * x * y + c.1);
        let square = x * x + y * y;
        if square > 64.0 {
            return (f32::from(step) + 1.0 - (square.log2() / 2.0).log2()) / 96.0;
        }
    }
    1.0
}

/// Deep blue, then gold, then white.
fn color(level: f32) -> [u8; 3] {
    let level = level.clamp(0.0, 1.0).sqrt();
    [1.5 * level - 0.2, 1.25 * level - 0.3, 0.28 - 0.9 * level + 1.6 * level * level]
        .map(|part| (part * 255.0) as u8)
}

/// Draws a frame: RGB, row by row, three bytes a pixel.
fn draw(pixels: &mut [u8], turn: f32) {
    let c = (0.7885 * turn.cos(), 0.7885 * turn.sin());
    for (index, pixel) in (0..).zip(pixels.chunks_exact_mut(3)) {
        let (column, row): (u32, u32) = (index % WIDTH, index / WIDTH);
        let x = (column as f32 / WIDTH as f32 - 0.5) * 3.2;
        let y = (row as f32 / HEIGHT as f32 - 0.5) * 1.8;
        pixel.copy_from_slice(&color(patience(x, y, c)));
    }
}

fn main() -> framemill::Result<()> {
    let mut video = VideoWriter::builder("julia.mp4", WIDTH, HEIGHT, FrameRate::new(30, 1))
        .codec(H264::crf(30.0).preset(Preset::Slow))
        .create()?;

    let mut pixels = vec![0; (WIDTH * HEIGHT * 3) as usize];
    for frame in 0..FRAMES {
        draw(&mut pixels, 1.95 + 0.5 * frame as f32 / FRAMES as f32);
        video.write(&FrameView::rgb(&pixels, WIDTH, HEIGHT)?)?;
    }

    let stats = video.finish()?;
    assert_eq!(stats.frames, u64::from(FRAMES));
    Ok(())
}
