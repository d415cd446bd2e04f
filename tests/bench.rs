//! Tests `make bench` by its smallest plan, which runs every method but measures nothing useful. The plan needs the
//! benchmark's Python environment, so `make test` runs this test and a plain `cargo test` does not.
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::tempdir;

/// The methods, and whether each encodes frames that framemill converted.
const WAYS: [(&str, bool); 10] = [
    ("framemill, library", true),
    ("framemill, Python", true),
    ("framemill, file", true),
    ("framemill, pipe", true),
    ("x264 on ready YUV", false),
    ("ffmpeg, pipe", false),
    ("ffmpeg, pipe from Python", false),
    ("PyAV", false),
    ("imageio-ffmpeg", false),
    ("OpenCV (mp4v)", false),
];

#[test]
#[ignore = "needs .venv-bench, which make test makes"]
fn every_method_writes_all_frames_and_is_reported() {
    let directory = tempdir().expect("a directory");
    let output = Command::new("bash")
        .args(["scripts/bench.sh", "--plan", "smoke", "--output"])
        .arg(directory.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let results = fs::read_to_string(directory.path().join("results.json")).expect("written");
    let results: Value = serde_json::from_str(&results).expect("JSON");
    let rows = results["rows"].as_array().expect("rows");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["way"].as_str()).collect();
    assert_eq!(names, WAYS.map(|(name, _)| name));
    let number = |row: &Value, key: &str| row[key].as_f64().expect("a number");
    for (row, (name, ours)) in rows.iter().zip(WAYS) {
        // ffprobe counted these frames.
        assert_eq!(row["frames_read"], 8, "{name}");
        // Chroma subsampling blurs the thin colored lines of a plot.
        assert!(number(row, "psnr") > 30.0 && number(row, "psnr") < 60.0, "{name}: {row}");
        assert!(number(row, "ssim") > 0.95 && number(row, "ssim") < 1.0, "{name}: {row}");
        assert!(number(row, "file_bytes") > 10_000.0, "{name}: {row}");
        assert!(number(row, "fps") > 0.0 && number(row, "cpu_seconds_a_frame") > 0.0, "{name}: {row}");
        // Any encoding program needs more than 8 MiB. The frames in the driver's memory are not counted.
        assert!((8e6..2e9).contains(&number(row, "peak_bytes")), "{name}: {row}");
        if ours {
            let pictures = |row: &Value| ["psnr", "ssim"].map(|key| number(row, key));
            assert_eq!(pictures(row), pictures(&rows[0]), "{name}");
            let more_bytes = number(row, "file_bytes") - number(&rows[0], "file_bytes");
            // The wheel contains another version of FFmpeg, so the version text in the movie has another length.
            let tolerated = if name == "framemill, Python" { 4.0 } else { 0.0 };
            assert!(more_bytes.abs() <= tolerated, "{name}: {row}");
        }
    }
    let writers = &results["animations"][0]["writers"];
    for name in ["framemill", "ffmpeg"] {
        assert!(writers[name]["frames"] == 8 && number(&writers[name], "fps") > 0.0, "{writers}");
    }
    assert!(
        results["bd_rate"][0]["per_cent"].as_f64().is_some_and(|rate| rate.abs() < 50.0),
        "{}",
        results["bd_rate"]
    );
    assert!(results["memory"]["8"].as_u64().is_some_and(|bytes| bytes > 8 << 20), "{}", results["memory"]);
    assert!(results["startup"]["framemill"].as_f64().is_some_and(|time| time > 0.0), "{}", results["startup"]);

    let report = fs::read_to_string(directory.path().join("RESULTS.md")).expect("written");
    for (name, _) in WAYS {
        assert!(report.contains(&format!("\n| {name} | ")), "{name} is not in the report:\n{report}");
    }
    let chart = fs::read_to_string(directory.path().join("speed.svg")).expect("written");
    assert!(chart.contains("<svg"), "{chart}");
}
