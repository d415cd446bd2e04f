//! Tests `--start`, `--frames` and `--loop`.

use std::fs;
use std::path::Path;
use std::process::Command;

use image::{ImageFormat, RgbImage};
use tempfile::{TempDir, tempdir};

use crate::npy::header;
use crate::program::{code, errors, run};
use crate::reader::{decode, probe};

const COUNT: u8 = 5;

/// Creates one input of each kind and returns its name and its format options. The gray level of a frame identifies it.
fn inputs(directory: &TempDir) -> Vec<(&'static str, Vec<&'static str>)> {
    let pixels = |frame: u8| vec![frame * 20; 16 * 16 * 3];
    let write = |name: &str, bytes: Vec<u8>| fs::write(directory.path().join(name), bytes).expect("written");
    fs::create_dir(directory.path().join("files")).expect("made");
    let mut stream = Vec::new();
    for frame in 0..COUNT {
        let picture = RgbImage::from_raw(16, 16, pixels(frame)).expect("fits");
        let path = directory.path().join(format!("files/{frame}.png"));
        picture.save_with_format(&path, ImageFormat::Png).expect("written");
        stream.extend(fs::read(path).expect("written"));
    }
    write("stream", stream);
    write("raw", (0..COUNT).flat_map(pixels).collect());
    let frames = |bytes: usize| (0..COUNT).flat_map(move |frame| vec![frame * 20; bytes]);
    write("c.npy", [header("|u1", false, &[5, 16, 16]), frames(256).collect()].concat());
    let turned = (0..256).flat_map(|_| (0..COUNT).map(|frame| frame * 20));
    write("f.npy", [header("|u1", true, &[5, 16, 16]), turned.collect()].concat());
    let y4m = (0..COUNT).flat_map(|frame| [&b"FRAME\n"[..], &[frame * 20; 256]].concat());
    write("a.y4m", b"YUV4MPEG2 W16 H16 F10:1 Cmono\n".iter().copied().chain(y4m).collect());
    vec![
        ("files", vec![]),
        ("files/*.png", vec![]),
        ("files/%d.png", vec![]),
        ("stream", vec![]),
        ("raw", vec!["-f", "rgb24", "-s", "16x16"]),
        ("c.npy", vec![]),
        ("f.npy", vec![]),
        ("a.y4m", vec![]),
    ]
}

/// Encodes the input and returns the numbers of the frames in the movie.
fn taken(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let rest = ["-r", "10", "-c", "h264-rgb", "--lossless", "-o", "a.mp4"];
    let output = run(directory, &[&["encode"], arguments, &rest].concat(), &[]);
    assert_eq!(code(output.status), 0, "{arguments:?}: {}", errors(&output));
    let path = directory.join("a.mp4");
    let frames = decode(&path, "rgb24", 16 * 16 * 3);
    assert_eq!(probe(&path).packets.len(), frames.len());
    frames.iter().map(|frame| frame[0].div_ceil(20)).collect()
}

#[test]
fn a_part_of_every_input_can_be_taken_and_repeated() {
    let directory = tempdir().expect("a directory");
    for (input, format) in inputs(&directory) {
        for (arguments, expected) in [
            (&["--start", "3"][..], &[3, 4][..]),
            (&["--frames", "2"], &[0, 1]),
            (&["--start", "4", "--frames", "10"], &[4]),
            (&["--loop", "2"], &[0, 1, 2, 3, 4, 0, 1, 2, 3, 4]),
            (&["--loop", "3", "--start", "7", "--frames", "4"], &[2, 3, 4, 0]),
            (&["--loop", "2", "--start", "5"], &[0, 1, 2, 3, 4]),
            (&["--loop", "1000000000", "--frames", "6"], &[0, 1, 2, 3, 4, 0]),
        ] {
            let seen = taken(directory.path(), &[&[input], &format[..], arguments].concat());
            assert_eq!(seen, expected, "{input} {arguments:?}");
        }
        for arguments in [&["--start", "5"][..], &["--loop", "2", "--start", "10"]] {
            let rest = ["-r", "10", "-o", "b.mp4"];
            let output = run(directory.path(), &[&["encode", input], &format[..], arguments, &rest].concat(), &[]);
            assert_eq!(code(output.status), 1, "{input}");
            assert!(errors(&output).contains("no frame was written"), "{input}: {}", errors(&output));
        }
    }
    assert!(!directory.path().join("b.mp4").exists());
}

#[test]
fn skipped_frames_are_not_decoded() {
    let directory = tempdir().expect("a directory");
    inputs(&directory);
    for broken in ["files/1.png", "files/2.png"] {
        fs::write(directory.path().join(broken), "no picture").expect("written");
    }
    assert_eq!(taken(directory.path(), &["files", "--start", "3"]), [3, 4]);
    assert_eq!(taken(directory.path(), &["files", "--start", "2", "--on-error", "skip"]), [3, 4]);
    // The first picture that is encoded sets the movie's size.
    RgbImage::new(8, 8).save(directory.path().join("files/0.png")).expect("written");
    assert_eq!(taken(directory.path(), &["files", "--start", "3"]), [3, 4]);
    // NaN is not a valid sample, but a skipped frame is not checked.
    let samples = [f32::NAN, 0.5].iter().flat_map(|sample| sample.to_le_bytes().repeat(256)).collect();
    fs::write(directory.path().join("nan.npy"), [header("<f4", false, &[2, 16, 16]), samples].concat())
        .expect("written");
    assert_eq!(taken(directory.path(), &["nan.npy", "--start", "1"]).len(), 1);
}

#[test]
fn streams_are_not_repeated() {
    let directory = tempdir().expect("a directory");
    let made = Command::new("mkfifo").arg("pipe").current_dir(directory.path()).status();
    assert!(made.expect("mkfifo runs").success());
    for (input, name) in [("-", "standard input"), ("pipe", "pipe")] {
        let output = run(directory.path(), &["encode", input, "-r", "10", "--loop", "2", "-o", "a.mp4"], &[]);
        assert_eq!(code(output.status), 2, "{}", errors(&output));
        let message = format!("--loop reads its input several times, but {name} can be read only once: use a file");
        assert!(errors(&output).contains(&message), "{}", errors(&output));
    }
    for arguments in [["--loop", "0"], ["--frames", "0"]] {
        let rest = ["encode", "-r", "10", "-o", "a.mp4"];
        assert_eq!(code(run(directory.path(), &[&rest[..], &arguments].concat(), &[]).status), 2);
    }
}

#[test]
fn broken_pictures_are_counted_each_time() {
    let directory = tempdir().expect("a directory");
    inputs(&directory);
    fs::write(directory.path().join("files/2.png"), "no picture").expect("written");
    let output = run(
        directory.path(),
        &["encode", "files", "-r", "10", "--loop", "3", "--on-error", "skip", "-o", "a.mp4"],
        &[],
    );
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    assert!(errors(&output).contains("left out: 3 broken or missing pictures"), "{}", errors(&output));
    assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), 12);
}
