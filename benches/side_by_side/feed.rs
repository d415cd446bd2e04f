//! Writes raw BGRA frames from memory with a `VideoWriter`, and prints time and memory as JSON. This is the part of
//! `make bench` that measures the library. The time starts before the writer is created, and ends when the movie is
//! finished.
//!
//! ```text
//! bench_feed FRAMES WIDTHxHEIGHT PRESET OUTPUT [OFFERED]
//! ```
//!
//! OFFERED is the rate at which frames are written, in frames per second. By default, they are written as fast as
//! possible.
#![allow(clippy::print_stdout, reason = "the benchmark reads the output")]

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use framemill::{EncodeStats, FrameRate, FrameView, H264, VideoWriter};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

const USAGE: &str = "usage: bench_feed FRAMES WIDTHxHEIGHT PRESET OUTPUT [OFFERED]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, size, preset, output, offered @ ..] = &arguments[..] else { return Err(USAGE.into()) };
    let (width, height) = size.split_once('x').ok_or(USAGE)?;
    let (width, height) = (width.parse()?, height.parse()?);
    let frame_bytes = width as usize * height as usize * 4;
    let preset = preset.parse()?;
    let period = match offered.first() {
        Some(rate) => Duration::from_secs_f64(1.0 / rate.parse::<f64>()?),
        None => Duration::ZERO,
    };
    let frames = std::fs::read(path)?;

    let (cpu_before, before) = (cpu_time(), Instant::now());
    let video = VideoWriter::builder(output.as_str(), width, height, FrameRate::new(30, 1))
        .codec(H264::crf(23.0).preset(preset))
        .create()?;
    let (stats, mut held) = feed(video, frames.chunks_exact(frame_bytes), (width, height), period)?;
    let (seconds, cpu) = (before.elapsed(), cpu_time() - cpu_before);

    held.sort_unstable();
    let quantile = |part: f64| held[((held.len() - 1) as f64 * part) as usize].as_nanos() as u64;
    let result = json!({
        "frames": stats.frames,
        "seconds": seconds.as_secs_f64(),
        "cpu_seconds": cpu.as_secs_f64(),
        "held_bytes": frames.len(),
        "write_ns": { "p50": quantile(0.5), "p95": quantile(0.95), "max": quantile(1.0) },
    });
    println!("{result}");
    Ok(())
}

/// Writes one frame per `period`. Returns the statistics, and how long each `write` blocked.
fn feed<'a>(
    mut video: VideoWriter,
    frames: impl Iterator<Item = &'a [u8]>,
    (width, height): (u32, u32),
    period: Duration,
) -> framemill::Result<(EncodeStats, Vec<Duration>)> {
    let mut held = Vec::new();
    let mut due = Instant::now();
    for pixels in frames {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due += period;
        let called = Instant::now();
        video.write(&FrameView::bgra(pixels, width, height)?)?;
        held.push(called.elapsed());
    }
    Ok((video.finish()?, held))
}

/// Returns the processor time that all threads of this process have used.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
