//! What the README shows is tried: its Rust is an example that is compiled and run, its commands are run here, and
//! the files and targets that it names exist.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::tempdir;

const README: &str = include_str!("../README.md");
const MAKEFILE: &str = include_str!("../Makefile");

/// Stands for the reader's own program: 90 raw BGRA frames of 640 × 480.
const RENDER: &str = "#!/bin/sh\n\
                      exec ffmpeg -v error -f lavfi -i testsrc2=size=640x480:rate=30 -frames:v 90 \
                      -f rawvideo -pix_fmt bgra -\n";

/// The fenced blocks of a language, without their fences.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    README.split(&opening).skip(1).map(|rest| rest.split_once("```").expect("each block is closed").0).collect()
}

#[test]
fn the_rust_is_the_example() {
    let example = include_str!("../examples/readme.rs");
    let (_title, code) = example.split_once("\n\n").expect("a title and code");
    assert_eq!(blocks("rust"), [code]);
}

#[test]
fn every_command_works() {
    let directory = tempdir().expect("a directory");
    let render = directory.path().join("render");
    fs::write(&render, RENDER).expect("written");
    fs::set_permissions(&render, Permissions::from_mode(0o755)).expect("made executable");
    interrupt_a_run(directory.path());

    let commands: Vec<&str> = blocks("sh").into_iter().flat_map(str::lines).collect();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        match command.split_whitespace().collect::<Vec<_>>()[..] {
            ["make", target, ..] => assert!(MAKEFILE.contains(&format!("\n{target}:")), "{command}"),
            ["bash", script, ..] => assert!(repository().join(script).is_file(), "{command}"),
            // They install for good, or need another project.
            ["cargo", "add" | "install", ..] => {}
            _ => run(command, directory.path()),
        }
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a line of the README as a shell would, with framemill on the PATH.
fn run(command: &str, directory: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_framemill")).parent().expect("a directory");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-e", "-o", "pipefail", "-c", command])
        .env("PATH", path)
        .current_dir(directory)
        .output()
        .expect("bash runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {complaints}");
}

/// Leaves what a run leaves that was killed: `night.mp4.part`.
fn interrupt_a_run(directory: &Path) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-f", "gray", "-s", "64x64", "-r", "30", "--tune", "zerolatency", "-o", "night.mp4"])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("framemill runs");
    let mut frames = run.stdin.take().expect("piped");
    let part = directory.join("night.mp4.part");
    let deadline = Instant::now() + Duration::from_secs(60);
    // Frames go in until the part file holds a second of them, and a fragment's header.
    while !fs::read(&part).is_ok_and(|bytes| bytes.windows(4).any(|name| name == b"mdat")) {
        assert!(Instant::now() < deadline, "nothing was written to the part file");
        frames.write_all(&[128; 64 * 64]).expect("framemill reads");
    }
    run.kill().expect("killed");
    run.wait().expect("ended");
}
