//! Tests the code and commands in the tutorials and the troubleshooting page. `python/tests` and `make docs` test their
//! Python code.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs;

use shell::{bash, blocks, run};
use tempfile::tempdir;

#[path = "readme/shell.rs"]
mod shell;

#[test]
fn the_rust_code_of_the_tutorial_is_the_example() {
    let (_title, code) = include_str!("../examples/tutorial.rs").split_once("\n\n").expect("a title and code");
    let pieces = blocks(include_str!("../docs/tutorial-rust.md"), "rust");
    // On the page, the text between two parts of a function replaces an empty line.
    assert_eq!(pieces.join("\n"), code);
}

#[test]
fn the_command_line_tutorial_works() {
    let page = include_str!("../docs/tutorial-command-line.md");
    let directory = tempdir().expect("a directory");
    let [program] = blocks(page, "python")[..] else { panic!("one program is saved") };
    fs::write(directory.path().join("rule30.py"), program).expect("written");
    let commands =
        blocks(page, "sh").into_iter().flat_map(str::lines).filter(|line| !line.starts_with("cargo install"));
    commands.for_each(|command| run(command, directory.path()));
    let frames = |movie: &str| framemill::inspect(directory.path().join(movie)).expect(movie).packets.len();
    for movie in ["rule30.mp4", "better.mp4", "steady.mp4", "mail.mp4", "measured.mp4", "night.mp4"] {
        assert_eq!(frames(movie), 240, "{movie}");
    }
    assert_eq!(frames("triangles.mp4"), 90);
    let size = |name: &str| fs::metadata(directory.path().join(name)).expect(name).len();
    assert!(size("mail.mp4") <= 600_000 && size("better.mp4") > size("rule30.mp4"));
    assert!(fs::read_to_string(directory.path().join("rule30.html")).expect("a report").contains("</html>"));
}

#[test]
fn the_messages_in_troubleshooting_match_the_program() {
    let page = include_str!("../docs/troubleshooting.md");
    let entries: Vec<(&str, &str)> =
        page.split("```sh\n").skip(1).map(|rest| rest.split_once("```\n```text\n").expect("its message")).collect();
    assert_eq!(entries.len(), 8);
    for (command, rest) in entries {
        let (message, _) = rest.split_once("```").expect("each block is closed");
        let directory = tempdir().expect("a directory");
        let output = bash(command, directory.path());
        assert!(!output.status.success(), "{command}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), message, "{command}");
    }
}
