//! Tests behavior that depends on the file system: file names, replacing movies, locks, and the part files of
//! interrupted runs. These tests need no other program, so they also run under Wine.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use framemill::{Error, FrameRate, FrameView, H264, InvalidInput, Preset, VideoWriter, inspect, recover};
use tempfile::tempdir;

const RATE: FrameRate = FrameRate::new(30, 1);

fn started(path: &Path) -> VideoWriter {
    let settings = H264::crf(23.0).preset(Preset::Ultrafast);
    VideoWriter::builder(path, 96, 64, RATE).codec(settings).create().expect("opens")
}

fn write(video: &mut VideoWriter, frames: u8) {
    for frame in 0..frames {
        let pixels = [frame.wrapping_mul(5); 96 * 64 * 3];
        video.write(&FrameView::rgb(&pixels, 96, 64).expect("a picture")).expect("written");
    }
}

fn frames_of(path: &Path) -> usize {
    inspect(path).expect("a movie").packets.len()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("listed");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("read").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn movies_have_the_requested_names() {
    let directory = tempdir().expect("a directory");
    let long = format!("{}.mp4", "n".repeat(251));
    // This name has 255 bytes too; each of its characters takes two.
    let wide = format!("{}.mp4", "ä".repeat(125));
    for name in ["ü, 電影 and spaces.mp4", "a.b.mkv", long.as_str(), wide.as_str()] {
        let path = directory.path().join(name);
        let mut video = started(&path);
        write(&mut video, 3);
        video.finish().expect("a movie");
        assert_eq!(names_in(directory.path()), [name]);
        assert_eq!(frames_of(&path), 3);
        fs::remove_file(&path).expect("removed");
    }
}

/// By default, Windows limits paths to 260 characters.
#[test]
fn a_name_that_is_too_long_is_refused_at_once() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("n".repeat(253) + ".mp4");
    let error = VideoWriter::builder(&path, 96, 64, RATE).create().expect_err("too long");
    assert!(
        matches!(&error, Error::Io { operation: "open", path: Some(named), .. } if *named == path),
        "{error:?}"
    );
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn a_movie_may_be_deep_in_folders() {
    let directory = tempdir().expect("a directory");
    let mut folder = directory.path().to_owned();
    (0..4).for_each(|_| folder.push("f".repeat(80)));
    fs::create_dir_all(&folder).expect("folders");
    let path = folder.join("deep.mp4");
    for _ in 0..2 {
        let mut video = started(&path);
        write(&mut video, 3);
        video.finish().expect("a movie");
        assert_eq!(names_in(&folder), ["deep.mp4"]);
        assert_eq!(frames_of(&path), 3);
    }
    let mut video = started(&path);
    write(&mut video, 5);
    drop(video);
    let part = folder.join("deep.mp4.part");
    recover(&part, Some(&folder.join("rest.mp4"))).expect("recovered");
    assert_eq!(frames_of(&folder.join("rest.mp4")), 5);
}

#[test]
#[cfg_attr(windows, ignore = "Wine 8 cannot remove or replace an open file, as Windows 10 can")]
fn a_movie_that_is_being_read_can_be_replaced() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    fs::write(&path, "the old movie").expect("written");
    let mut reader = File::open(&path).expect("opens");
    let mut video = started(&path);
    write(&mut video, 4);
    video.finish().expect("published");
    assert_eq!(frames_of(&path), 4);
    let mut old = String::new();
    reader.read_to_string(&mut old).expect("read");
    assert_eq!(old, "the old movie");
}

#[test]
fn no_clobber_replaces_nothing() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video =
        VideoWriter::builder(framemill::Output::path(&path).no_clobber(), 96, 64, RATE).create().expect("opens");
    write(&mut video, 2);
    fs::write(&path, "another's").expect("written");
    assert!(video.finish().is_err());
    assert_eq!(fs::read(&path).expect("there"), b"another's");
    assert_eq!(names_in(directory.path()), ["a.mp4", "a.mp4.part"]);
}

#[test]
fn a_running_movie_is_readable_but_not_recoverable_and_a_second_run_uses_another_part_file() {
    let directory = tempdir().expect("a directory");
    let in_folder = |name: &str| directory.path().join(name);
    let mut first = started(&in_folder("a.mp4"));
    let mut second = started(&in_folder("a.mp4"));
    assert_eq!(names_in(directory.path()), ["a.mp4.2.part", "a.mp4.part"]);
    let error = recover(in_folder("a.mp4.part"), Some(&in_folder("b.mp4"))).expect_err("in use");
    assert!(matches!(error, Error::Input { problem: InvalidInput::StillWritten, .. }), "{error}");
    fs::copy(in_folder("a.mp4.part"), in_folder("copy")).expect("readable");
    write(&mut first, 2);
    write(&mut second, 3);
    first.finish().expect("a movie");
    assert_eq!(frames_of(&in_folder("a.mp4")), 2);
    second.finish().expect("a movie");
    assert_eq!(frames_of(&in_folder("a.mp4")), 3);
    assert_eq!(names_in(directory.path()), ["a.mp4", "copy"]);
}

#[test]
fn part_files_of_interrupted_runs_are_recovered_and_removed() {
    let directory = tempdir().expect("a directory");
    let in_folder = |name: &str| directory.path().join(name);
    let mut video = started(&in_folder("a.mp4"));
    write(&mut video, 40);
    drop(video);
    assert_eq!(names_in(directory.path()), ["a.mp4.part"]);
    recover(in_folder("a.mp4.part"), Some(&in_folder("b.mp4"))).expect("recovered");
    assert_eq!(frames_of(&in_folder("b.mp4")), 40);

    let mut video = started(&in_folder("c.mp4"));
    write(&mut video, 2);
    video.abort();
    assert!(!names_in(directory.path()).iter().any(|name| name.starts_with("c.mp4")));
}

/// The standard streams carry bytes unchanged: no line ending is translated.
#[test]
#[cfg(feature = "cli")]
fn frames_and_movie_pass_through_pipes_unchanged() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-f", "rgb24", "-s", "96x64", "-r", "30", "-c", "ffv1", "--container", "mkv", "-o", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let frames: Vec<u8> =
        (0..5 * 96 * 64 * 3_u32).map(|place| [b'\n', b'\r', 0x1a, 7][place as usize % 4]).collect();
    input.write_all(&frames).expect("taken");
    drop(input);
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    fs::write(&path, &output.stdout).expect("written");
    assert_eq!(frames_of(&path), 5);
}
