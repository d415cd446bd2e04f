//! Tests that the program and the wheel print the licenses of all their components.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::process::Command;

/// Runs a program, which must succeed, and returns its output.
fn printed(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("starts");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn framemill(arguments: &[&str]) -> String {
    printed(env!("CARGO_BIN_EXE_framemill"), arguments)
}

/// Returns whether this is the static program with all encoders (`make test-static`).
fn is_full() -> bool {
    cfg!(feature = "static") && std::env::var("FLAVOR").is_ok_and(|flavor| flavor == "full")
}

#[test]
fn the_licenses_of_all_crates_are_printed() {
    let text = framemill(&["licenses"]);
    assert_eq!(text, framemill(&["licences"]));
    let named: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("==== ")?.split_once(": "))
        .flat_map(|(_license, crates)| crates.split(", "))
        .collect();
    let tree = ["tree", "--workspace", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let crates = printed(env!("CARGO"), &tree);
    for name in crates.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()) {
        let is_ours = name.starts_with("framemill");
        assert!(is_ours || named.contains(&name), "{name} is new: run scripts/licenses.sh");
    }
    assert!(text.contains("Copyright (c) 2022 Leon Sorokin"), "uPlot's");
}

#[test]
fn licenses_of_bundled_libraries_are_printed() {
    let text = framemill(&["licenses"]);
    let few: &[&str] = &["FFmpeg: COPYING.GPLv2", "x264: COPYING", "Xvid: copyright", "zlib: LICENSE"];
    let more: &[&str] =
        &["SVT-AV1: LICENSE.md", "dav1d: COPYING", "x265: COPYING", "libvpx: LICENSE", "Opus: COPYING"];
    for (libraries, are_in) in [(few, cfg!(feature = "static")), (more, is_full())] {
        for library in libraries {
            assert_eq!(text.contains(&format!("\n==== {library}\n")), are_in, "{library}");
        }
    }
    assert_eq!(text.contains("It loads those of the system"), !cfg!(feature = "static"));
}

#[test]
fn a_full_program_has_every_codec() {
    let codecs = framemill(&["codecs"]);
    assert!(codecs.contains("libx264"), "{codecs}");
    assert!(!is_full() || !codecs.contains("missing"), "{codecs}");
}
