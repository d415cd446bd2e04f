//! Simulates two substances that react and spread (the Gray-Scott model), in patterns like growing coral.
//!
//! `cargo run --release --example reaction_diffusion movie.mp4`
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;
use std::path::PathBuf;

use framemill::{FrameRate, FrameView, H264, VideoWriter};

const WIDTH: usize = 320;
const HEIGHT: usize = 240;
const FRAMES: usize = 240;
const STEPS_A_FRAME: usize = 20;
/// The rates at which food is added and the eater is removed. They determine the pattern.
const FEED: f32 = 0.0545;
const KILL: f32 = 0.062;

/// The amounts of food and of the eater at a point.
type Cell = [f32; 2];

fn main() -> Result<(), Box<dyn Error>> {
    let path =
        std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/reaction_diffusion.mp4"), PathBuf::from);
    let mut video = VideoWriter::builder(&path, WIDTH as u32, HEIGHT as u32, FrameRate::new(30, 1))
        .codec(H264::crf(20.0))
        .create()?;

    let (mut cells, mut next) = (seeded(), seeded());
    for _ in 0..FRAMES {
        let pixels: Vec<u8> = cells.iter().flat_map(color).collect();
        video.write(&FrameView::rgb(&pixels, WIDTH as u32, HEIGHT as u32)?)?;
        for _ in 0..STEPS_A_FRAME {
            step(&cells, &mut next);
            std::mem::swap(&mut cells, &mut next);
        }
    }

    let stats = video.finish()?;
    println!("{}: {} frames, {} bytes", path.display(), stats.packets, stats.file_bytes);
    Ok(())
}

/// Returns the initial state: food everywhere, and a few squares of the eater.
fn seeded() -> Vec<Cell> {
    let mut cells = vec![[1.0, 0.0]; WIDTH * HEIGHT];
    for (left, top) in [(60, 60), (150, 40), (240, 90), (90, 160), (190, 170), (270, 200)] {
        for row in top..top + 12 {
            cells[row * WIDTH + left..][..12].fill([0.0, 1.0]);
        }
    }
    cells
}

/// Computes the next time step. The edges wrap around.
fn step(cells: &[Cell], next: &mut [Cell]) {
    for row in 0..HEIGHT {
        let (above, below) = ((row + HEIGHT - 1) % HEIGHT * WIDTH, (row + 1) % HEIGHT * WIDTH);
        for column in 0..WIDTH {
            let (left, right) = ((column + WIDTH - 1) % WIDTH, (column + 1) % WIDTH);
            let here = row * WIDTH;
            let [food, eater] = cells[here + column];
            let sides = [here + left, here + right, above + column, below + column];
            let corners = [above + left, above + right, below + left, below + right];
            let spread = |kind: usize| {
                let sum = |places: [usize; 4]| places.iter().map(|&place| cells[place][kind]).sum::<f32>();
                0.2 * sum(sides) + 0.05 * sum(corners) - cells[here + column][kind]
            };
            let eaten = food * eater * eater;
            next[here + column] = [
                food + spread(0) - eaten + FEED * (1.0 - food),
                eater + 0.5 * spread(1) + eaten - (FEED + KILL) * eater,
            ];
        }
    }
}

/// Returns a color from dark blue through teal to a warm white, depending on the amount of the eater.
fn color(cell: &Cell) -> [u8; 3] {
    let amount = (cell[1] * 2.6).clamp(0.0, 1.0);
    [amount.powf(2.2), amount.powf(0.9) * 0.92, 0.16 + 0.7 * amount.powf(0.6)].map(|part| (part * 255.0) as u8)
}
