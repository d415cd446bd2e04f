//! Tests folders, globs and numbered patterns of pictures.

use std::fs;

use image::ImageFormat;
use tempfile::{TempDir, tempdir};

use super::{encode, encoded, frames, png, rgb, seen, write_numbered};
use crate::program::{code, errors};

/// Encodes the input and returns the picture numbers, which are the red divided by ten.
fn numbers(directory: &TempDir, arguments: &[&str]) -> Vec<u8> {
    let rest = ["-c", "h264-rgb", "--lossless", "-o", "a.mp4"];
    let output = encode(directory.path(), &[arguments, &rest].concat(), &[]);
    assert_eq!(code(output.status), 0, "{arguments:?}: {}", errors(&output));
    frames(directory, "a.mp4").iter().map(|frame| frame[0] / 10).collect()
}

#[test]
fn folders_globs_and_numbers_are_taken_in_natural_order() {
    let directory = tempdir().expect("a directory");
    let names = ["f8.png", "f9.png", "f10.png", "f11.png", "f100.png"];
    write_numbered(&directory.path().join("f"), &names);
    for other in ["notes.txt", ".f1.png"] {
        fs::write(directory.path().join("f").join(other), "no picture").expect("written");
    }
    assert_eq!(numbers(&directory, &["f"]), [0, 1, 2, 3, 4]);
    assert_eq!(numbers(&directory, &["f/*.png"]), [0, 1, 2, 3, 4]);
    assert_eq!(numbers(&directory, &["f/f1?.png"]), [2, 3]);
    assert_eq!(numbers(&directory, &["f/f[89].png"]), [0, 1]);
    assert_eq!(numbers(&directory, &["f/f%d.png", "--on-error", "skip"]), [0, 1, 2, 3, 4]);
    write_numbered(&directory.path().join("n"), &["a0008.png", "a0009.png", "a0010.png"]);
    assert_eq!(numbers(&directory, &["n/a%04d.png"]), [0, 1, 2]);
    // The name of an existing file is not a pattern.
    write_numbered(directory.path(), &["x[1]*.png"]);
    assert_eq!(numbers(&directory, &["x[1]*.png"]), [0]);
}

#[test]
fn unusable_files_are_named() {
    let directory = tempdir().expect("a directory");
    write_numbered(&directory.path().join("n"), &["1.png", "2.png", "5.png", "6.png", "9.png"]);
    fs::create_dir(directory.path().join("empty")).expect("made");
    write_numbered(&directory.path().join("b"), &["1.png", "2.png", "3.png"]);
    fs::write(directory.path().join("b/2.png"), "no picture").expect("written");
    let half = encoded(&rgb(96, 64, 0), ImageFormat::Jpeg);
    fs::write(directory.path().join("b/3.jpg"), &half[..half.len() / 2]).expect("written");
    fs::write(directory.path().join("a.gif"), "GIF89a....").expect("written");
    write_numbered(&directory.path().join("s"), &["1.png"]);
    fs::write(directory.path().join("s/2.png"), png(48, 32, 0)).expect("written");
    for (input, status, message) in [
        ("n/%d.png", 1, "n/%d.png: n/3.png is missing (4 files missing from 1 to 9)"),
        ("n/%02d.png", 1, "n/%02d.png: there are no pictures: no file has such a name"),
        ("n/%d%d.png", 1, "the pattern needs one place for the number"),
        ("missing/%d.png", 1, "cannot read missing: No such file or directory"),
        ("n/*.jpg", 1, "n/*.jpg: there are no pictures: no file matches"),
        ("n/[", 1, "the pattern is wrong"),
        ("empty", 1, "empty: there are no pictures: no file in it ends in .png, .jpg"),
        ("b", 1, "b/2.png: picture 1 cannot be decoded: no supported kind of picture starts with [6e, 6f"),
        ("b/3.j*", 1, "b/3.jpg: picture 0 cannot be decoded: it is cut"),
        ("a.gif", 1, "a.gif: picture 0 cannot be decoded"),
        ("s", 1, "s/2.png: picture 1 has 48x32 pixels, but the first has 96x64"),
        ("missing.png", 1, "cannot read missing.png: No such file or directory"),
    ] {
        let output = encode(directory.path(), &[input, "-o", "a.mp4"], &[]);
        assert_eq!(code(output.status), status, "{input}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{input}: {}", errors(&output));
    }
    let output = encode(directory.path(), &["n/%d.png", "--on-error", "skip", "-o", "a.mp4"], &[]);
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 5);
    assert!(errors(&output).contains("left out: 4 broken or missing pictures"), "{}", errors(&output));
    let output = encode(directory.path(), &["b", "--on-error", "skip", "-o", "a.mp4"], &[]);
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 2);
    assert!(errors(&output).contains("left out: 2 broken or missing pictures"), "{}", errors(&output));
}
