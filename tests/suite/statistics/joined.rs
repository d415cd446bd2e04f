//! Compares the statistics of a joined movie with those of the same movie made whole, and with ffprobe.

use std::fs;
use std::path::Path;

use framemill::{EncodeStats, FrameRate, FrameView, H264, VideoWriter, inspect, join};
use serde_json::Value;
use tempfile::tempdir;

use super::files::lines;
use crate::program::{code, encode, errors, raw_frames, run};
use crate::reader::probe;
use crate::samples::picture;

const FRAMES: u32 = 70;
/// x264 is deterministic at this width (vendor-notes/x264.md).
const SEGMENT: [&str; 7] = ["--segment-frames", "25", "--preset", "veryfast", "--scale", "128x64", "-q"];

fn program(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(directory, arguments, &[]);
    (code(output.status), errors(&output))
}

fn make_segments(directory: &Path, extension: &str) -> Vec<String> {
    (0..FRAMES.div_ceil(25))
        .map(|segment| {
            let (number, name) = (segment.to_string(), format!("part-{segment}.{extension}"));
            let output = [&SEGMENT[..], &["--segment", &number, "-o", &name]].concat();
            let output = encode(directory, &output, &raw_frames(FRAMES));
            assert_eq!(code(output.status), 0, "{}", errors(&output));
            name
        })
        .collect()
}

/// Returns the values of these keys.
fn recorded(packet: &Value, keys: &[&str]) -> Vec<Value> {
    keys.iter().map(|key| packet[*key].clone()).collect()
}

#[test]
fn a_joined_movie_has_the_packets_and_totals_of_the_whole() {
    for extension in ["mp4", "mkv", "avi"] {
        let directory = tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        let parts = make_segments(directory.path(), extension);
        let movie = format!("movie.{extension}");
        let mut arguments = vec!["join", "-o", &movie, "--stats", "movie.jsonl"];
        arguments.extend(parts.iter().map(String::as_str));
        let (status, message) = program(directory.path(), &arguments);
        assert_eq!(status, 0, "{message}");
        let whole = ["--jobs", "1", "-o", &format!("whole.{extension}"), "--stats", "whole.jsonl"];
        let output = encode(directory.path(), &[&SEGMENT[..], &whole].concat(), &raw_frames(FRAMES));
        assert_eq!(code(output.status), 0, "{}", errors(&output));

        let (joined, expected) = (lines(&at("movie.jsonl")), lines(&at("whole.jsonl")));
        let [about, packets @ .., run] = &joined[..] else { panic!("{joined:?}") };
        let [whole, whole_packets @ .., whole_run] = &expected[..] else { panic!("{expected:?}") };
        let keys = ["codec", "container", "width", "height", "pixel_format", "frame_rate", "quality_planes"];
        assert_eq!(recorded(about, &keys), recorded(whole, &keys));
        assert_eq!((&about["output"], &about["settings"]), (&movie.as_str().into(), &Value::Null));
        // Matroska rounds times to milliseconds and stores no decoding times.
        let keys = match extension {
            "mp4" => &["index", "pts", "dts", "duration", "bytes", "second_bytes", "picture_type", "keyframe"][..],
            "avi" => &["index", "seconds", "bytes", "second_bytes", "picture_type", "keyframe"],
            _ => &["index", "bytes", "picture_type", "keyframe"],
        };
        assert_eq!(packets.len(), FRAMES as usize);
        for (packet, whole) in packets.iter().zip(whole_packets) {
            assert_eq!(recorded(packet, keys), recorded(whole, keys), "{extension}");
            let [seconds, expected] = [packet, whole].map(|packet| packet["seconds"].as_f64().expect("a time"));
            assert!((seconds - expected).abs() < 0.000_6, "{extension}: {seconds} {expected}");
            assert!(packet["qp"].is_null() && packet["encoding_ns"].is_null(), "{packet}");
        }
        let seen = probe(&at(&movie));
        let sizes = |packet: &Value| packet["size"].as_str().map(|size| size.parse::<u64>().expect("bytes"));
        for (packet, seen) in packets.iter().zip(&seen.packets) {
            assert_eq!(packet["bytes"].as_u64(), sizes(seen));
            assert_eq!(packet["keyframe"].as_bool(), seen["flags"].as_str().map(|flags| flags.contains('K')));
        }
        let keys = ["complete", "frames", "packets", "keyframes", "stream_bytes", "gops"];
        assert_eq!(recorded(run, &keys), recorded(whole_run, &keys), "{extension}");
        for key in ["seconds", "bits_per_second"] {
            let [joined, whole] = [run, whole_run].map(|run| run[key].as_f64().expect("a number"));
            assert!((joined / whole - 1.0).abs() < 1e-3, "{extension} {key}: {joined} {whole}");
        }
        assert_eq!(run["file_bytes"], fs::metadata(at(&movie)).expect("a movie").len());
        for kind in ["I", "P", "B"] {
            let counts = |run: &Value| recorded(&run["types"][kind], &["packets", "bytes", "mean_bytes"]);
            assert_eq!(counts(run), counts(whole_run));
        }
        let unknown = ["duplicates", "wall_seconds", "cpu_seconds", "stages", "quality", "mean_qp"];
        assert_eq!(recorded(run, &unknown), vec![Value::Null; unknown.len()]);
    }
}

#[test]
fn the_other_formats_have_the_same_packets_and_no_file_is_replaced_by_accident() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let parts = make_segments(directory.path(), "mp4");
    let join = |more: &[&str]| {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        program(directory.path(), &[&["join", "-o", "movie.mp4"], &parts[..], more].concat())
    };
    let (status, message) = join(&["--stats", "part-1.mp4"]);
    assert_eq!((status, message.contains("must end in .jsonl, .csv or .json")), (2, true), "{message}");
    fs::hard_link(at("part-1.mp4"), at("part-1.json")).expect("linked");
    let (status, message) = join(&["--stats", "part-1.json"]);
    assert_eq!(status, 2);
    assert!(message.contains("--stats part-1.json would replace part-1.mp4: choose another name"), "{message}");
    let (status, message) = join(&["--stats", "nowhere/a.json"]);
    assert_eq!((status, message.contains("cannot write nowhere/a.json")), (1, true), "{message}");
    assert!(!at("movie.mp4").exists());
    fs::remove_file(at("part-1.json")).expect("removed");

    assert_eq!(join(&["--stats", "s.csv"]).0, 0);
    assert_eq!(join(&["--stats", "s.json"]).0, 0);
    let object: Value = serde_json::from_slice(&fs::read(at("s.json")).expect("read")).expect("JSON");
    let of_json = |packet: &Value| (packet["bytes"].to_string(), packet["dts"].to_string());
    let mut csv = csv::Reader::from_path(at("s.csv")).expect("read");
    let mut column =
        |name: &str| csv.headers().expect("columns").iter().position(|column| column == name).expect("it");
    let (bytes, dts, qp) = (column("bytes"), column("dts"), column("qp"));
    let rows: Vec<csv::StringRecord> = csv.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), FRAMES as usize);
    for (row, packet) in rows.iter().zip(object["packets"].as_array().expect("packets")) {
        assert_eq!((row[bytes].to_owned(), row[dts].to_owned()), of_json(packet));
        assert_eq!(&row[qp], "");
    }
    let (status, message) = join(&["--no-clobber", "--stats", "s.csv"]);
    assert_eq!(
        (status, message.contains("s.csv already exists, and --no-clobber forbids replacing it")),
        (1, true),
        "{message}"
    );
    let names: Vec<_> = fs::read_dir(directory.path()).expect("listed").map(|entry| entry.expect("one")).collect();
    assert_eq!(names.len(), parts.len() + 3, "{names:?}");
}

#[test]
fn statistics_of_segments_add_up_to_those_of_the_joined_movie() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let rate = FrameRate::new(25, 1);
    let builder = |path: &Path| {
        VideoWriter::builder(path, 96, 64, rate).codec(H264::crf(30.0)).segment_frames(20).measure_quality()
    };
    let write = |mut video: VideoWriter, frames: std::ops::Range<u64>| {
        for frame in frames {
            let pixels = picture(96, 64, frame as u32 * 3);
            video.write(&FrameView::rgb(&pixels, 96, 64).expect("a picture")).expect("written");
        }
        video.finish().expect("a movie")
    };
    let plan = builder(&at("any.mp4")).plan().expect("a plan").with_frames(50);
    let mut sum = EncodeStats::default();
    let mut parts = Vec::new();
    for segment in 0..3 {
        let path = at(&format!("{segment}.mp4"));
        sum += &write(plan.segment(segment, &path).expect("opens"), plan.frames_of(segment));
        parts.push(path);
    }
    let whole = write(builder(&at("whole.mp4")).jobs(framemill::Jobs::Count(1)).create().expect("opens"), 0..50);
    join(&parts, at("joined.mp4")).expect("a movie");
    let joined = inspect(at("joined.mp4")).expect("a movie").stats();
    for other in [&whole, &joined] {
        assert_eq!((sum.frames, sum.packets, sum.keyframes), (other.frames, other.packets, other.keyframes));
        assert_eq!((sum.stream_bytes, sum.duration, sum.gops), (other.stream_bytes, other.duration, other.gops));
        let packets = |stats: &EncodeStats| [stats.i, stats.p, stats.b].map(|kind| (kind.packets, kind.bytes));
        assert_eq!(packets(&sum), packets(other));
    }
    assert_eq!((joined.peak_second_bytes, joined.file_bytes), (whole.peak_second_bytes, whole.file_bytes));
    assert!(sum.peak_second_bytes <= joined.peak_second_bytes);
    let (sum, whole) = (sum.quality.expect("measured"), whole.quality.expect("measured"));
    let worst =
        |quality: &framemill::QualityStats| quality.worst.iter().map(|frame| frame.index).collect::<Vec<_>>();
    assert_eq!((sum.frames, worst(&sum)), (50, worst(&whole)));
    let global = [&sum, &whole].map(|quality| quality.global_psnr().expect("measured"));
    assert!((global[0] - global[1]).abs() < 1e-9, "{global:?}");
}
