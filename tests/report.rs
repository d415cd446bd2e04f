//! Tests the page of `--report` in a headless browser: the page is drawn, fits the window, uses no network, and shows
//! the numbers of `--stats`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "report/browser.rs"]
mod browser;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::tempdir;

use browser::{Browser, View};

const VIEWS: [View; 4] = [
    View { width: 1280, dark: false },
    View { width: 1280, dark: true },
    View { width: 390, dark: false },
    View { width: 390, dark: true },
];

/// Collects what the page shows. A mark of the legend counts as drawn if its chart has a pixel of about its color.
const LOOK: &str = r#"(() => {
  const rgb = (element) => getComputedStyle(element).backgroundColor.match(/\d+/g).map(Number);
  const has = (pixels, [r, g, b]) => {
    for (let at = 0; at < pixels.length; at += 4) {
      const off = Math.abs(pixels[at] - r) + Math.abs(pixels[at + 1] - g) + Math.abs(pixels[at + 2] - b);
      if (pixels[at + 3] > 150 && off < 24) return true;
    }
    return false;
  };
  const charts = {};
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const canvas = figure.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const marks = figure.querySelectorAll(".u-series:not(:first-child):not(.edge)");
    charts[figure.dataset.chart] = Object.fromEntries([...marks].map((mark) =>
      [mark.querySelector(".u-label").textContent, has(data, rgb(mark.querySelector(".u-marker")))]));
  }
  return {
    charts,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    figures: [...document.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one.dataset.value, one.textContent]),
    pictures: [...document.images].map((image) => image.complete && image.naturalWidth),
    heading: document.querySelector("h1").textContent,
    text: document.body.innerText,
  };
})()"#;

/// Encodes raw frames of `size` pixels and returns the statistics that `--stats` writes.
fn encode(directory: &Path, size: (usize, usize), input: &[u8], more: &[&str]) -> Value {
    let size = format!("{}x{}", size.0, size.1);
    let mut child = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-r", "30", "-s", &size, "--stats", "stats.json", "--report", "report.html"])
        .args(more)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("piped").write_all(input).expect("taken");
    let output = child.wait_with_output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&fs::read(directory.join("stats.json")).expect("statistics")).expect("JSON")
}

/// Opens the report in each view and checks what must hold in all of them. Returns what the first view shows.
fn look_at(directory: &Path, stats: &Value) -> Value {
    let path = directory.join("report.html");
    let mut browser = Browser::start();
    let mut looks = VIEWS.map(|view| {
        browser.open(&path, view);
        let look = browser.evaluate(LOOK);
        let seen = (view.width, view.dark);
        assert_eq!(browser.complaints(), Vec::<&Value>::new(), "{seen:?}");
        assert_eq!(browser.requests(), [format!("file://{}", path.display())], "{seen:?}");
        assert!(look["overflow"].as_i64().expect("a number") <= 0, "{seen:?}: {}", look["overflow"]);
        for (chart, marks) in look["charts"].as_object().expect("charts") {
            let marks = marks.as_object().expect("marks");
            assert!(!marks.is_empty() && marks.values().all(|drawn| *drawn == true), "{seen:?} {chart}: {marks:?}");
        }
        check_figures(&look, stats);
        look
    });
    looks.first_mut().map(Value::take).expect("views")
}

/// Checks that each number on the page equals the one in the statistics.
fn check_figures(look: &Value, stats: &Value) {
    let figures = look["figures"].as_array().expect("figures");
    for figure in figures {
        let (key, value) = (figure[0].as_str().expect("a key"), figure[1].as_str().expect("a value"));
        let (object, path) = match key.strip_prefix("movie.") {
            Some(key) => (&stats["movie"], key),
            None => (&stats["run"], key),
        };
        let recorded = path.split('.').fold(object, |object, part| &object[part]);
        // Parse both with serde_json, whose result may be off in the last bit.
        assert_eq!(*recorded, serde_json::from_str::<Value>(value).expect("a number"), "{key}");
        assert!(
            figure[2].as_str().is_some_and(|text| text.starts_with(|first: char| first.is_ascii_digit())),
            "{figure}"
        );
    }
    for key in ["frames", "seconds", "bits_per_second", "wall_seconds", "cpu_seconds", "gops.count", "movie.width"]
    {
        assert!(figures.iter().any(|figure| figure[0] == *key), "{key} is missing");
    }
}

fn charts(look: &Value) -> Vec<&str> {
    look["charts"].as_object().expect("charts").keys().map(String::as_str).collect()
}

/// Draws a square that moves over a noisy pattern.
fn moving(width: usize, height: usize, count: usize) -> Vec<u8> {
    let mut frames = Vec::with_capacity(width * height * 3 * count);
    for frame in 0..count {
        for y in 0..height {
            for x in 0..width {
                let inside = x.abs_diff(20 + frame * 2 % (width - 40)) < 14 && y.abs_diff(height / 2) < 14;
                let noise = (x * 7_919 + y * 104_729 + frame / 40 * 15_485_863) % 251 / 8;
                let color = if inside { [230, 120, 30] } else { [x as u8, noise as u8 + 90, y as u8] };
                frames.extend_from_slice(&color);
            }
        }
    }
    frames
}

#[test]
fn the_report_of_an_ordinary_run_is_complete() {
    let directory = tempdir().expect("a directory");
    let name = "a <b>&amp; \"c\" 'd'</script>.mp4".replace('/', "\u{2215}");
    let rate = ["--maxrate", "400k", "--bufsize", "800k", "--gop", "60"];
    let arguments = [&["-f", "rgb24", "--quality", "-o", &name][..], &rate].concat();
    let stats = encode(directory.path(), (160, 96), &moving(160, 96, 150), &arguments);
    let look = look_at(directory.path(), &stats);
    assert_eq!(look["heading"], json!(name));
    assert_eq!(charts(&look), ["bytes", "psnr", "qp", "rate", "ssim"]);
    assert_eq!(look["charts"]["bytes"], json!({"I": true, "P": true, "B": true}));
    assert_eq!(look["charts"]["rate"], json!({"one second": true, "average": true, "cap": true}));
    let pictures = look["pictures"].as_array().expect("pictures");
    assert_eq!(pictures.len(), 20);
    assert!(pictures.iter().all(|width| *width == 160), "{pictures:?}");
}

#[test]
fn a_movie_of_one_frame_has_no_charts() {
    let directory = tempdir().expect("a directory");
    let arguments = ["-f", "rgb24", "--quality", "-o", "one.mp4"];
    let stats = encode(directory.path(), (160, 96), &moving(160, 96, 1), &arguments);
    let look = look_at(directory.path(), &stats);
    assert_eq!((charts(&look), &look["pictures"]), (vec![], &json!([160, 160])));
    assert!(!look["text"].as_str().expect("text").contains("Over time"));
}

#[test]
fn a_codec_without_quantizers_and_an_output_without_pictures() {
    let directory = tempdir().expect("a directory");
    for (codec, expected) in [("ffv1", &["bytes", "rate"][..]), ("mjpeg", &["bytes", "qp", "rate"])] {
        let arguments = ["-f", "rgb24", "-c", codec, "--container", "mkv", "-o", "-"];
        let stats = encode(directory.path(), (160, 96), &moving(160, 96, 60), &arguments);
        let look = look_at(directory.path(), &stats);
        let text = look["text"].as_str().expect("text");
        assert_eq!((charts(&look), &look["pictures"]), (expected.to_vec(), &json!([])), "{codec}");
        assert_eq!(look["heading"], json!("standard output"));
        assert!(text.contains("Without pictures: the movie went to standard output."), "{text}");
        assert_eq!(text.contains("Mean QP"), expected.contains(&"qp"), "{text}");
    }
}

#[test]
fn many_frames_are_drawn_in_bins() {
    let directory = tempdir().expect("a directory");
    let count = 100_000;
    let pixel = |at: usize| ((at / 256 * (at % 256 + 3)) >> (at / 256 % 5)) as u8;
    let frames: Vec<u8> = (0..16 * 16 * count).map(pixel).collect();
    let arguments = ["-f", "gray", "--preset", "veryfast", "--threads", "1", "-o", "long.mp4"];
    let stats = encode(directory.path(), (16, 16), &frames, &arguments);
    assert_eq!(stats["run"]["frames"], json!(count));
    let look = look_at(directory.path(), &stats);
    assert_eq!(charts(&look), ["bytes", "qp", "rate"]);
    let page = fs::metadata(directory.path().join("report.html")).expect("a page").len();
    assert!(page < 1_200_000, "{page} bytes");
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_made() {
    let directory = tempdir().expect("a directory");
    for (report, code, message) in [
        ("page.txt", 2, "the name must end in .html"),
        ("./movie.html", 2, "--output and --report are the same file"),
        ("nowhere/page.html", 1, "cannot write nowhere/page.html"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_framemill"))
            .args(["encode", "-f", "gray", "-s", "16x16", "-r", "30", "--container", "mp4", "-o", "movie.html"])
            .args(["--report", report])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && errors.contains(message), "{report}: {errors}");
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0, "{report}");
    }
}
