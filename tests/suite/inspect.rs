//! Compares the results of `inspect` with those of ffprobe.

use std::process::{Command, Stdio};

use framemill::{Codec, Error, FrameRate, inspect};
use serde_json::Value;
use tempfile::tempdir;

use crate::reader::probe;
use crate::samples::write_movie;

#[test]
fn inspect_agrees_with_ffprobe() {
    let rate = FrameRate::new(24_000, 1_001);
    for codec in Codec::all() {
        for container in codec.containers() {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("movie").with_extension(container.name());
            let stats = write_movie(&path, 31, rate, |builder| builder.codec(codec.clone())).expect("a movie");
            let (seen, found) = (probe(&path), inspect(&path).expect("a movie"));
            let what = format!("{} in {}", codec.name(), container.name());
            assert_eq!((found.container, found.damage), (*container, None), "{what}");
            assert_eq!((found.file_bytes, found.stream_bytes()), (stats.file_bytes, stats.stream_bytes), "{what}");
            assert_eq!((found.packets.len(), found.keyframes() as u64), (31, stats.keyframes), "{what}");
            assert_eq!(found.frame_rate, Some(rate), "{what}");
            assert!((found.duration.as_secs_f64() - seen.duration()).abs() < 1e-6, "{what}: {:?}", found.duration);
            let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
            let stream = &found.stream;
            assert_eq!((stream.width, stream.height), (96, 64), "{what}");
            for (ours, field) in [
                (stream.codec.clone(), "codec_name"),
                (stream.fourcc.clone(), "codec_tag_string"),
                (or_none(&stream.profile), "profile"),
                (or_none(&stream.pixel_format), "pix_fmt"),
                (or_none(&stream.color_range), "color_range"),
                (or_none(&stream.color_matrix), "color_space"),
                (or_none(&stream.color_transfer), "color_transfer"),
                (or_none(&stream.color_primaries), "color_primaries"),
            ] {
                let theirs = seen.stream_text(field);
                let theirs = if theirs == "unknown" { "none" } else { theirs };
                assert_eq!(ours, theirs, "{what}: {field}");
            }
        }
    }
}

#[test]
fn the_program_prints_text_and_json() {
    let directory = tempdir().expect("a directory");
    write_movie(directory.path().join("a.mp4"), 30, FrameRate::new(30, 1), |builder| builder).expect("a movie");
    let printed = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_framemill"))
            .arg("inspect")
            .args(arguments)
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let text = printed(&["a.mp4"]);
    for line in [
        "codec          h264 (avc1), profile High",
        "picture        96x64 yuv420p",
        "frames         30, 1 keyframe",
        "time           1.000 s at 30 frames a second",
    ] {
        assert!(text.lines().any(|found| found == line), "{text}");
    }
    assert_eq!(printed(&["--packets", "a.mp4"]).lines().count(), text.lines().count() + 2 + 30);
    let json: Value = serde_json::from_str(&printed(&["--json", "a.mp4"])).expect("JSON");
    assert_eq!(json["frames"], 30);
    assert_eq!(json["packets"].as_array().map(Vec::len), Some(30));
    assert_eq!(json["frame_rate"], "30");
    assert_eq!(json["color_matrix"], "bt709");
}

#[test]
fn files_that_are_not_movies_are_refused() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("notes.txt");
    std::fs::write(&path, "nothing moves here").expect("written");
    let error = inspect(&path).expect_err("no movie");
    assert!(matches!(error, Error::Input { .. }), "{error}");
    assert!(error.to_string().ends_with("it is not an MP4, MOV, M4V, AVI or Matroska file"), "{error}");
}

#[test]
fn a_truncated_movie_is_damaged_in_every_container() {
    for (name, states_length) in [("a.mp4", false), ("a.avi", true), ("a.mkv", true), ("a.webm", true)] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join(name);
        let codec = if name == "a.webm" { "vp9" } else { "h264" };
        let codec: Codec = codec.parse().expect("a codec");
        write_movie(&path, 31, FrameRate::new(30, 1), |builder| builder.codec(codec)).expect("a movie");
        assert_eq!(inspect(&path).expect("whole").damage, None, "{name}");
        let whole = std::fs::read(&path).expect("read");
        let cut = whole.len() / 3;
        std::fs::write(&path, &whole[..whole.len() - cut]).expect("cut");
        let damage = inspect(&path).expect("a movie").damage.unwrap_or_else(|| panic!("{name}: no damage"));
        let missing = if states_length { cut as u64 } else { 0 };
        assert_eq!(damage.missing_bytes, missing, "{name}: {damage:?}");
    }
}
