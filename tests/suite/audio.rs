//! Tests sound: its position and length, and the errors.

mod containers;
mod files;
mod heard;
mod layouts;
mod lengths;
mod parts;
mod program;
mod streams;
mod together;

use std::path::Path;
use std::process::Command;

use framemill::{Audio, AudioStats, EncodeStats, FrameRate, FrameView, Output, VideoWriter, VideoWriterBuilder};
use serde_json::Value;

pub(crate) const SIDE: u32 = 16;
pub(crate) const RATE: u32 = 48_000;

/// Returns the builder of a movie of small frames with this sound.
pub(crate) fn builder(output: impl Into<Output>, fps: u32, audio: impl Into<Audio>) -> VideoWriterBuilder {
    VideoWriter::builder(output, SIDE, SIDE, FrameRate::new(fps, 1)).audio(audio)
}

/// Writes gray frames and finishes the movie.
pub(crate) fn finish(mut video: VideoWriter, frames: u32) -> EncodeStats {
    for frame in 0..frames {
        write(&mut video, (frame % 200) as u8);
    }
    video.finish().expect("a movie")
}

pub(crate) fn write(video: &mut VideoWriter, shade: u8) {
    let pixels = [shade; (SIDE * SIDE) as usize];
    video.write(&FrameView::gray(&pixels, SIDE, SIDE).expect("a picture")).expect("written");
}

pub(crate) fn sound_of(stats: EncodeStats) -> AudioStats {
    stats.audio.expect("has sound")
}

/// Makes a tone whose volume rises, so that no two sample frames are equal. Each channel has its own pitch.
pub(crate) fn tone(sample_frames: usize, channels: usize) -> Vec<f32> {
    let sample = |sample_frame: usize, channel: usize| {
        let seconds = sample_frame as f32 / RATE as f32;
        let swell = 0.2 + 0.3 * (seconds * 2.0).sin().powi(2);
        swell * (seconds * std::f32::consts::TAU * (300.0 + 200.0 * channel as f32)).sin()
    };
    (0..sample_frames * channels).map(|place| sample(place / channels, place % channels)).collect()
}

/// Makes silence with a click at sample `at`.
pub(crate) fn click(sample_frames: usize, at: usize) -> Vec<f32> {
    let mut samples = vec![0.0; sample_frames];
    samples[at] = 0.9;
    samples
}

/// Returns all samples of a file's sound, as the ffmpeg program decodes them.
pub(crate) fn heard(path: &Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-copyts", "-i"])
        .arg(path)
        // Players do not play the priming samples before the movie's start.
        .args(["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-f", "f32le", "-"])
        .output()
        .expect("ffmpeg runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "ffmpeg {}: {complaints}", path.display());
    output.stdout.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().expect("4 bytes"))).collect()
}

/// Returns the index of the loudest sample.
pub(crate) fn loudest(samples: &[f32]) -> usize {
    (0..samples.len()).max_by(|a, b| samples[*a].abs().total_cmp(&samples[*b].abs())).expect("samples")
}

/// Returns what ffprobe reports about a movie's streams and packets.
pub(crate) fn probe(path: &Path) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_format", "-show_streams", "-show_packets", "-of", "json"])
        .arg(path)
        .output()
        .expect("ffprobe runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "ffprobe {}: {complaints}", path.display());
    serde_json::from_slice(&output.stdout).expect("ffprobe writes JSON")
}

/// Parses a number that ffprobe writes as text.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

/// Encodes samples to a sound file with the ffmpeg program.
pub(crate) fn sound_file(path: &Path, samples: &[f32], channels: usize, options: &[&str]) {
    let raw = path.with_extension("raw");
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    std::fs::write(&raw, bytes).expect("written");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "f32le", "-ar", &RATE.to_string(), "-ac", &channels.to_string(), "-i"])
        .arg(&raw)
        .args(options)
        .arg(path)
        .status()
        .expect("ffmpeg runs");
    assert!(status.success(), "{options:?}");
}
