//! Tests the usual recipes for making movies of Matplotlib and PIL pictures, with framemill in place of ffmpeg. They
//! need the project's Python environment, so `make test` runs them and a plain `cargo test` does not.
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::tempdir;

struct Recipe<'a> {
    name: &'static str,
    size: (usize, usize),
    frames: usize,
    arguments: &'a [&'static str],
    output: &'static str,
    /// The codec, fourcc and frame rate that ffprobe reports.
    seen: [&'static str; 3],
    /// The lowest allowed PSNR of a frame in RGB, in dB.
    least_psnr: f64,
}

fn check(recipe: &Recipe<'_>) {
    let directory = tempdir().expect("a directory");
    let truth = directory.path().join("truth.rgb");
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new(project.join(".venv/bin/python"))
        .arg(project.join("tests/recipes/frames.py"))
        .arg(recipe.name)
        .arg(&truth)
        .stdout(Stdio::piped())
        .spawn()
        .expect("make setup has made .venv");
    let movie = directory.path().join(recipe.output);
    let status = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-q"])
        .args(recipe.arguments)
        .arg("-o")
        .arg(&movie)
        .stdin(python.stdout.take().expect("piped"))
        .status();
    assert!(python.wait().expect("runs").success(), "{}", recipe.name);
    assert!(status.expect("runs").success(), "{}", recipe.name);
    assert_eq!(probe(&movie), recipe.seen, "{}", recipe.name);
    let frame_bytes = recipe.size.0 * recipe.size.1 * 3;
    let (expected, decoded) = (fs::read(&truth).expect("written"), decode(&movie));
    assert_eq!(expected.len(), recipe.frames * frame_bytes, "{}", recipe.name);
    assert_eq!(decoded.len(), recipe.frames * frame_bytes, "{}", recipe.name);
    for (index, (a, b)) in expected.chunks(frame_bytes).zip(decoded.chunks(frame_bytes)).enumerate() {
        let quality = psnr(a, b);
        assert!(quality >= recipe.least_psnr, "{}: frame {index} has {quality:.1} dB", recipe.name);
    }
}

fn probe(movie: &Path) -> [String; 3] {
    let fields = "stream=codec_name,codec_tag_string,avg_frame_rate";
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", fields, "-of", "default=noprint_wrappers=1:nokey=1"])
        .arg(movie)
        .output()
        .expect("ffprobe runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines().map(str::to_owned);
    std::array::from_fn(|_| lines.next().unwrap_or_default())
}

fn decode(movie: &Path) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(movie)
        .args(["-fps_mode", "passthrough", "-sws_flags", "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"])
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .expect("ffmpeg runs");
    output.stdout
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0_f64.powi(2) / (squares / a.len() as f64)).log10()
}

#[test]
#[ignore = "needs the project's Python environment: make test runs it"]
fn an_animation_of_noise_as_h264() {
    check(&Recipe {
        name: "rgba_figures",
        size: (500, 500),
        frames: 12,
        arguments: &["-f", "rgba", "-s", "500x500", "-r", "30", "--crf", "12"],
        output: "demo.mp4",
        seen: ["h264", "avc1", "30/1"],
        least_psnr: 35.0,
    });
}

#[test]
#[ignore = "needs the project's Python environment: make test runs it"]
fn pngs_on_standard_input_as_avi_at_one_frame_a_second() {
    check(&Recipe {
        name: "png_pictures",
        size: (640, 480),
        frames: 10,
        arguments: &["-r", "1", "-c", "mpeg4", "--qp", "2"],
        output: "test.avi",
        seen: ["mpeg4", "XVID", "1/1"],
        least_psnr: 26.0,
    });
}

#[test]
#[ignore = "needs the project's Python environment: make test runs it"]
fn raw_bgra_arrays_as_mpeg4_avi() {
    check(&Recipe {
        name: "bgra_arrays",
        size: (160, 120),
        frames: 25,
        arguments: &["-f", "bgra", "-s", "160x120", "-r", "10", "-c", "mpeg4"],
        output: "output.avi",
        seen: ["mpeg4", "XVID", "10/1"],
        least_psnr: 32.0,
    });
}

#[test]
#[ignore = "needs the project's Python environment: make test runs it"]
fn a_raw_argb_canvas_as_mpeg4_and_h264_mp4() {
    for (codec, seen) in [("mpeg4", ["mpeg4", "mp4v", "30/1"]), ("h264", ["h264", "avc1", "30/1"])] {
        check(&Recipe {
            name: "argb_canvas",
            size: (400, 500),
            frames: 30,
            arguments: &["-f", "argb", "-s", "400x500", "-r", "30", "-c", codec],
            output: "ffmpeg.mp4",
            seen,
            least_psnr: 32.0,
        });
    }
}

#[test]
#[ignore = "needs the project's Python environment: make test runs it"]
fn gray_jpegs_on_standard_input_as_xvid_avi() {
    check(&Recipe {
        name: "gray_jpegs",
        size: (100, 100),
        frames: 10,
        arguments: &["-r", "1", "-c", "xvid"],
        output: "test.avi",
        seen: ["mpeg4", "XVID", "1/1"],
        least_psnr: 38.0,
    });
}
