//! Encodes a zoom into the Mandelbrot set to an MP4 in memory, for example for a web server or a notebook.
//!
//! `cargo run --example into_memory [FILE]`. If you name a file, the movie is also written to it.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use framemill::{Container, FrameRate, FrameView, Memory, Output, VideoWriter};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;
const FRAMES: u32 = 90;
/// The center of the zoom, which has spirals at every scale.
const CENTER: (f64, f64) = (-0.743_643_887, 0.131_825_904);
const MAX_STEPS: u32 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let movie = Memory::new();
    let output = Output::memory(&movie, Container::Mp4);
    let mut video = VideoWriter::builder(output, WIDTH, HEIGHT, FrameRate::new(30, 1)).create()?;

    let mut pixels = vec![0; (WIDTH * HEIGHT * 3) as usize];
    for frame in 0..FRAMES {
        let height = 2.4 * 0.94_f64.powf(frame.into());
        draw(&mut pixels, height);
        video.write(&FrameView::rgb(&pixels, WIDTH, HEIGHT)?)?;
    }

    let stats = video.finish()?;
    let bytes = movie.take();
    println!("{} frames in {} bytes of memory", stats.packets, bytes.len());
    if let Some(path) = std::env::args_os().nth(1) {
        std::fs::write(path, bytes)?;
    }
    Ok(())
}

/// Draws a section of the plane with this height.
fn draw(pixels: &mut [u8], height: f64) {
    let pixel_side = height / f64::from(HEIGHT);
    for (index, pixel) in (0_u32..).zip(pixels.chunks_exact_mut(3)) {
        let (column, row) = (index % WIDTH, index / WIDTH);
        let x = CENTER.0 + (f64::from(column) - f64::from(WIDTH) / 2.0) * pixel_side;
        let y = CENTER.1 + (f64::from(row) - f64::from(HEIGHT) / 2.0) * pixel_side;
        pixel.copy_from_slice(&escape_time(x, y).map_or([0; 3], color));
    }
}

/// Returns after how many steps the point leaves the circle, smoothed, or `None` if it stays inside.
fn escape_time(x: f64, y: f64) -> Option<f64> {
    let (mut real, mut imaginary) = (0.0_f64, 0.0_f64);
    for step in 0..MAX_STEPS {
        (real, imaginary) = (real * real - imaginary * imaginary + x, 2.0 * real * imaginary + y);
        let square = real * real + imaginary * imaginary;
        if square > 256.0 {
            return Some(f64::from(step) + 1.0 - (square.log2() / 2.0).log2());
        }
    }
    None
}

/// Returns a color for the number of steps: three cosines with different phases.
fn color(time: f64) -> [u8; 3] {
    [3.0, 3.6, 4.4].map(|phase: f64| (127.5 * (1.0 + (phase + 0.12 * time).cos())) as u8)
}
