//! Tests inputs and outputs that the program refuses, and the error messages.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use framemill::recover;
use tempfile::tempdir;

use crate::nothing_lost::{ended, noise};
use crate::program::{code, encode, errors, raw_frames, run};
use crate::reader::decode;

#[test]
fn inputs_are_never_replaced() {
    let folder = tempdir().expect("a directory");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("in.raw"), raw_frames(2)).expect("written");
    fs::hard_link(at("in.raw"), at("linked.mp4")).expect("linked");
    std::os::unix::fs::symlink("in.raw", at("symbolic.mp4")).expect("linked");
    let picture = [&b"P6\n96 64\n255\n"[..], &raw_frames(1)].concat();
    fs::create_dir(at("frames")).expect("made");
    fs::write(at("frames/1.ppm"), &picture).expect("written");
    let raw = ["-f", "rgb24", "-s", "96x64", "-r", "30"];
    for (arguments, message) in [
        (&["in.raw", "-o", "in.raw", "--container", "mp4"][..], "INPUT and --output are the same file: in.raw"),
        (&["in.raw", "-o", "linked.mp4"], "INPUT and --output are the same file: linked.mp4"),
        (&["in.raw", "-o", "symbolic.mp4"], "INPUT and --output are the same file: symbolic.mp4"),
        (&["in.raw", "-o", "./a.mp4", "--stats", "a.jsonl", "--report", "in.raw"], ""),
    ] {
        let output = run(folder.path(), &[&["encode"], arguments, &raw].concat(), b"");
        assert_eq!(code(output.status), 2, "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{}", errors(&output));
    }
    let onto_a_picture = ["encode", "frames", "-r", "30", "--container", "mp4", "-o", "frames/1.ppm"];
    let output = run(folder.path(), &onto_a_picture, b"");
    assert_eq!(code(output.status), 2, "{}", errors(&output));
    assert!(errors(&output).contains("--output would replace a picture: frames/1.ppm"), "{}", errors(&output));
    assert_eq!(fs::read(at("in.raw")).expect("there"), raw_frames(2));
    assert_eq!(fs::read(at("frames/1.ppm")).expect("there"), picture);
}

#[test]
fn inputs_without_frames_are_named() {
    let folder = tempdir().expect("a directory");
    let at = |name: &str| folder.path().join(name);
    assert_eq!(code(encode(folder.path(), &["-o", "a.mp4"], &raw_frames(2)).status), 0);
    fs::write(at("a.pdf"), b"%PDF-1.7 and so on, as pages go").expect("written");
    fs::write(at("a.txt"), b"frame 1\nframe 2\n").expect("written");
    for (name, message) in [("a.mp4", "is a movie"), ("a.pdf", "pdftoppm"), ("a.txt", "is text")] {
        let output = run(folder.path(), &["encode", name, "-r", "30", "-o", "b.mp4"], b"");
        assert_eq!(code(output.status), 2, "{}", errors(&output));
        assert!(errors(&output).contains(message), "{}", errors(&output));
    }
}

#[test]
fn a_picture_with_several_pages_in_a_sequence_is_refused() {
    let folder = tempdir().expect("a directory");
    // Two TIFF pages of a gray picture of 2 × 2 pixels, which share their pixels.
    let directory = |next: u32| {
        let entry = |tag: u16, kind: u16, value: u32| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        let entries = [
            (256, 3, 2),
            (257, 3, 2),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, 8),
            (278, 3, 2),
            (279, 4, 4),
        ];
        let entries = entries.map(|(tag, kind, value)| entry(tag, kind, value)).concat();
        [&8_u16.to_le_bytes()[..], &entries, &next.to_le_bytes()].concat()
    };
    let bytes = |next| [&b"II*\0\x0c\0\0\0"[..], &[10, 90, 170, 250], &directory(next), &directory(0)].concat();
    for (next, code_expected) in [(0, 0), (12 + 2 + 8 * 12 + 4, 1)] {
        fs::write(folder.path().join("a.tif"), bytes(next)).expect("written");
        let output = run(folder.path(), &["encode", "*.tif", "-r", "1", "-o", "a.mp4"], b"");
        assert_eq!(code(output.status), code_expected, "{}", errors(&output));
        assert!(code_expected == 0 || errors(&output).contains("it has 2 pages"), "{}", errors(&output));
    }
}

#[test]
fn pictures_of_a_single_column_or_row_are_kept_by_ffv1() {
    let folder = tempdir().expect("a directory");
    for size in ["1x10", "10x1", "1x1", "3x2", "7x9"] {
        let (width, height) = size.split_once('x').expect("a size");
        let bytes = width.parse::<usize>().expect("a number") * height.parse::<usize>().expect("a number") * 3;
        let options = ["encode", "-f", "rgb24", "-s", size, "-r", "3", "-c", "ffv1", "-o", "a.mkv"];
        let output = run(folder.path(), &options, &noise(1)[..2 * bytes]);
        assert_eq!(code(output.status), 0, "{size}: {}", errors(&output));
        let seen = decode(&folder.path().join("a.mkv"), "rgb24", bytes);
        assert_eq!(seen.concat(), noise(1)[..2 * bytes], "{size}");
    }
}

#[test]
fn messages_give_the_problem_and_a_hint() {
    let folder = tempdir().expect("a directory");
    for (arguments, message) in [
        (&["--start", "9", "-o", "a.mp4"][..], "so there is no movie: the input ends before --start 9"),
        (&["-o", "a.gif"], "framemill does not make animated GIFs: use gifski, or Pillow in Python"),
        (&["-o", ""], "a value is required for '--output <FILE>'"),
    ] {
        let output = encode(folder.path(), arguments, &raw_frames(3));
        assert!(matches!(code(output.status), 1 | 2) && errors(&output).contains(message), "{}", errors(&output));
    }
    let output = run(folder.path(), &["encode", "50%done/*.png", "-r", "3", "-o", "a.mp4"], b"");
    assert!(errors(&output).contains("no file matches"), "{}", errors(&output));
    for (one, other) in [("a.mp4", "b.mp4"), ("b.mp4", "a.mp4")] {
        std::os::unix::fs::symlink(one, folder.path().join(other)).expect("linked");
    }
    let output = encode(folder.path(), &["-o", "a.mp4"], &raw_frames(3));
    assert!(errors(&output).contains("Too many levels of symbolic links"), "{}", errors(&output));
}

#[test]
fn an_input_output_error_is_not_mistaken_for_an_unused_path() {
    let folder = tempdir().expect("a directory");
    let movie = folder.path().join("a.mp4");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=statx,newfstatat:error=EIO", "-P"]).arg(&movie);
    strace.arg(env!("CARGO_BIN_EXE_framemill"));
    strace.args(["encode", "-f", "rgb24", "-s", "96x64", "-r", "30", "-q", "-o"]).arg(&movie);
    let Ok(child) = strace.stdin(Stdio::null()).stderr(Stdio::piped()).spawn() else {
        eprintln!("left out: there is no strace");
        return;
    };
    let message = errors(&ended(child));
    assert!(message.contains("a.mp4: Input/output error (os error 5)"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0);
}

#[test]
fn pipes_and_the_file_of_standard_input_are_not_replaced() {
    let folder = tempdir().expect("a directory");
    let at = |name: &str| folder.path().join(name);
    assert_eq!(code(encode(folder.path(), &["-o", "a.mp4"], &raw_frames(3)).status), 0);
    assert!(Command::new("mkfifo").arg(at("pipe.mp4")).status().expect("runs").success());
    let error = recover(at("a.mp4"), Some(&at("pipe.mp4"))).expect_err("refused").with_causes();
    assert!(error.ends_with("it is a device or a pipe, which cannot be replaced"), "{error}");
    fs::write(at("in.mp4"), raw_frames(3)).expect("written");
    let input = File::open(at("in.mp4")).expect("opens");
    let child = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-f", "rgb24", "-s", "96x64", "-r", "30", "-o", "in.mp4"])
        .current_dir(folder.path())
        .stdin(input)
        .stderr(Stdio::piped())
        .spawn();
    let output = ended(child.expect("starts"));
    assert_eq!(code(output.status), 2, "{}", errors(&output));
    assert!(errors(&output).contains("standard input and --output are the same file"), "{}", errors(&output));
    assert_eq!(fs::read(at("in.mp4")).expect("there"), raw_frames(3));
}
