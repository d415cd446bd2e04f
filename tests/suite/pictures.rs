//! Tests pictures as input of the program: streams and files, in every shape, valid and broken.

mod animations;
mod exr;
mod files;
mod streams;
mod tiff;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Output;

use framemill::{Error, FrameBuffer, FrameLayout, FrameSource};

use image::{DynamicImage, ImageFormat, RgbImage};
use tempfile::{TempDir, tempdir};

use crate::program::{code, errors, run};
use crate::reader::{Probe, decode, probe};
use crate::samples::picture;

const RATE: [&str; 3] = ["encode", "-r", "24"];

fn encode(directory: &Path, more: &[&str], input: &[u8]) -> Output {
    run(directory, &[&RATE[..], more].concat(), input)
}

fn rgb(width: u32, height: u32, frame: u32) -> DynamicImage {
    RgbImage::from_raw(width, height, picture(width, height, frame)).expect("fits").into()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

fn png(width: u32, height: u32, frame: u32) -> Vec<u8> {
    encoded(&rgb(width, height, frame), ImageFormat::Png)
}

/// Returns the path of a picture from `fixtures/make.py`, which uses other programs.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/pictures/fixtures").join(name)
}

/// Reads all frames of a source.
fn all(source: &mut dyn FrameSource) -> Result<Vec<(FrameLayout, Vec<u8>)>, Error> {
    let mut buffer = FrameBuffer::new();
    let mut frames = Vec::new();
    while let Some(layout) = source.read_frame(&mut buffer)? {
        frames.push((layout, buffer.to_vec()));
    }
    Ok(frames)
}

fn samples_of_16_bits(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|sample| u16::from_le_bytes(*sample)).collect()
}

/// Makes a stream of PNG pictures of 96 × 64.
fn pngs(frames: u32) -> Vec<u8> {
    (0..frames).flat_map(|frame| png(96, 64, frame)).collect()
}

fn seen(directory: &TempDir, name: &str, output: &Output) -> Probe {
    assert_eq!(code(output.status), 0, "{}", errors(output));
    probe(&directory.path().join(name))
}

fn frames(directory: &TempDir, name: &str) -> Vec<Vec<u8>> {
    decode(&directory.path().join(name), "rgb24", 96 * 64 * 3)
}

/// Writes pictures to `folder`. The red of a picture identifies it.
fn write_numbered(folder: &Path, names: &[&str]) {
    fs::create_dir_all(folder).expect("made");
    for (index, name) in names.iter().enumerate() {
        let picture = RgbImage::from_pixel(96, 64, image::Rgb([index as u8 * 10, 0, 0]));
        picture.save_with_format(folder.join(name), ImageFormat::Png).expect("written");
    }
}

#[test]
fn options_for_other_inputs_are_refused() {
    let directory = tempdir().expect("a directory");
    write_numbered(&directory.path().join("n"), &["1.png"]);
    let raw = ["encode", "-f", "rgb24", "-s", "96x64", "-r", "30", "--on-error", "skip", "-o", "a.mp4"];
    for (arguments, message) in [
        (&["encode", "-o", "a.mp4"][..], "pictures have no frame rate: give -r, as in -r 24"),
        (&["encode", "n", "-o", "a.mp4"], "pictures have no frame rate: give -r, as in -r 24"),
        (&["encode", "-r", "1", "-f", "rgb24", "-o", "a.mp4"], "-f is for raw frames, but the input is pictures"),
        (
            &["encode", "n", "-r", "1", "-s", "8x8", "-o", "a.mp4"],
            "-s is for raw frames, but the input is pictures",
        ),
        (&["encode", "-r", "1", "--on-error", "retry", "-o", "a.mp4"], "[possible values: stop, skip]"),
    ] {
        let output = run(directory.path(), arguments, &pngs(1));
        assert_eq!(code(output.status), 2, "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{arguments:?}: {}", errors(&output));
    }
    let output = run(directory.path(), &raw, &picture(96, 64, 0));
    assert_eq!(code(output.status), 2, "{}", errors(&output));
    assert!(errors(&output).contains("--on-error is for pictures"), "{}", errors(&output));
    // PNG pictures read as raw frames are probably a mistake, so the user must confirm with `--input raw`.
    let output = run(directory.path(), &[&raw[..7], &["-o", "a.mp4"]].concat(), &pngs(8));
    assert_eq!(code(output.status), 2, "{}", errors(&output));
    assert!(errors(&output).contains("leave it out, or give --input raw"), "{}", errors(&output));
    let output = run(directory.path(), &[&raw[..7], &["--input", "raw", "-o", "a.mp4"]].concat(), &pngs(8));
    assert!(!errors(&output).contains("pictures"), "{}", errors(&output));
}

#[test]
fn raw_frames_may_start_like_a_picture() {
    let directory = tempdir().expect("a directory");
    for start in [&b"BM"[..], b"P6 ", &[0xff, 0xd8, 0xff, 0xe0], b"GIF89a", b"II*\0"] {
        let mut pixels = picture(96, 64, 0);
        pixels[..start.len()].copy_from_slice(start);
        let raw =
            ["encode", "-f", "rgb24", "-s", "96x64", "-r", "30", "-c", "h264-rgb", "--lossless", "-o", "a.mp4"];
        let output = run(directory.path(), &raw, &pixels);
        assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 1, "{start:?}");
        assert_eq!(frames(&directory, "a.mp4"), [pixels]);
    }
}
