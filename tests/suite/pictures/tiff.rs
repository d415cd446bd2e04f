//! Pages of a TIFF as frames, written by tifffile and Pillow.

use std::fs;
use std::io::Cursor;

use framemill::{FrameSource, ImageOptions, Levels, OnError, PixelFormat, TiffStack};
use tempfile::tempdir;

use super::{all, fixture, samples_of_16_bits};
use crate::program::{code, errors, run};
use crate::reader::probe;

/// The value of a pixel of the fixtures.
fn ramp(frame: usize, index: usize) -> f64 {
    (1_000 * frame + 100 * (index / 6) + 10 * (index % 6)) as f64
}

fn open(name: &str, levels: Option<(f64, f64)>) -> TiffStack {
    let levels = levels.map(|(black, white)| format!("{black}:{white}").parse().expect("levels"));
    let mut options = ImageOptions::default();
    options.levels = levels;
    TiffStack::open(fixture(name), options).expect("opens")
}

/// Checks all pages of a gray stack: `expected` is a value, from 0 to 1.
fn assert_gray(mut stack: TiffStack, pages: usize, expected: impl Fn(f64) -> f64) {
    assert_eq!(stack.frame_count(), Some(pages as u64));
    assert_eq!((stack.layout().width, stack.layout().height), (6, 4));
    let frames = all(&mut stack).expect("read");
    assert_eq!(frames.len(), pages);
    for (frame, (layout, bytes)) in frames.iter().enumerate() {
        assert_eq!(layout.format, PixelFormat::Gray16Le);
        for (index, sample) in samples_of_16_bits(bytes).into_iter().enumerate() {
            let expected = expected(ramp(frame, index)).clamp(0.0, 1.0) * 65_535.0;
            assert!((f64::from(sample) - expected).abs() <= 0.5001, "{frame} {index}: {sample}, not {expected}");
        }
    }
}

#[test]
fn pages_of_every_kind_are_frames() {
    assert_gray(open("imagej.tif", None), 5, |value| value / 65_535.0);
    assert_gray(open("imagej.tif", Some((100.0, 4_095.0))), 5, |value| (value - 100.0) / 3_995.0);
    assert_gray(open("ome-float.ome.tif", Some((-500.0, 1_850.0))), 3, |value| value / 2_350.0);
    assert_gray(open("signed.tif", Some((-700.0, 650.0))), 2, |value| value / 1_350.0);
    assert_gray(open("signed.tif", Some((650.0, -700.0))), 2, |value| 1.0 - value / 1_350.0);
    assert_gray(open("half.tif", None), 2, |value| value / 2_048.0);
    let colors = all(&mut open("rgb.tif", None)).expect("read");
    assert_eq!(colors.len(), 3);
    for (frame, (layout, bytes)) in colors.iter().enumerate() {
        assert_eq!(layout.format, PixelFormat::Rgb24);
        for (index, pixel) in bytes.chunks(3).enumerate() {
            let value = ramp(frame, index) as u32;
            assert_eq!(pixel, [(value / 20) as u8, (value / 10 % 256) as u8, 0], "{frame} {index}");
        }
    }
}

#[test]
fn pages_are_passed_without_decoding_and_in_any_number() {
    for skipped in [0, 1, 3, 5, 9] {
        let mut stack = open("imagej.tif", None);
        assert_eq!(stack.skip(skipped).expect("passed"), skipped.min(5));
        let frames = all(&mut stack).expect("read");
        let first = frames.first().map(|(_, bytes)| samples_of_16_bits(bytes)[0]);
        assert_eq!(
            (frames.len() as u64, first),
            (5_u64.saturating_sub(skipped), (skipped < 5).then_some(skipped as u16 * 1_000))
        );
    }
}

#[test]
fn what_frames_would_mix_up_or_guess_is_refused() {
    let refused = |name: &str| {
        let stack = TiffStack::open(fixture(name), ImageOptions::default());
        let error = stack.err().expect("refused").to_string();
        error.rsplit_once("fixtures/").expect("its name").1.to_owned()
    };
    for name in ["imagej-channels.tif", "ome-channels.ome.tif"] {
        let text = refused(name);
        assert!(text.starts_with(&format!("{name}: it has 2 channels that are pages of their own")), "{text}");
    }
    let text = refused("imagej-contiguous.tif");
    assert!(text.contains("ImageJ put 5000 images into it, and lists 1 of them"), "{text}");
    let text = refused("signed.tif");
    assert!(text.contains("its samples are signed integers: set which are black and white"), "{text}");
    let text = refused("ome-float.ome.tif");
    assert!(text.contains("its pixel (0, 0) is -500, and floats are from 0 to 1: set which are black"), "{text}");
}

#[test]
fn a_page_that_is_cut_ends_the_stack_or_is_left_out() {
    let whole = fs::read(fixture("rgb.tif")).expect("read");
    let good = all(&mut open("rgb.tif", None)).expect("read");
    for on_error in [OnError::Stop, OnError::Skip] {
        for cut in 8..whole.len() {
            let options = ImageOptions::default().on_error(on_error);
            let Ok(mut stack) = TiffStack::new(Cursor::new(whole[..cut].to_vec()), "cut.tif", options) else {
                continue;
            };
            let mut buffer = framemill::FrameBuffer::new();
            let mut found = 0;
            while let Ok(Some(_)) = stack.read_frame(&mut buffer) {
                assert!(good.iter().any(|(_, bytes)| bytes[..] == buffer[..]), "{cut}");
                found += 1;
            }
            assert!(found <= 3, "{cut}");
            if on_error == OnError::Skip {
                assert_eq!(Some(found + stack.skipped_frames()), stack.frame_count(), "{cut}");
            }
        }
    }
}

#[test]
fn the_program_takes_a_stack_and_its_levels() {
    let directory = tempdir().expect("a directory");
    for name in ["imagej.tif", "ome-float.ome.tif", "rgb.tif", "imagej-contiguous.tif"] {
        fs::copy(fixture(name), directory.path().join(name)).expect("copied");
    }
    fs::write(directory.path().join("a.png"), super::png(96, 64, 0)).expect("written");
    let encode = |arguments: &[&str]| {
        let output = run(directory.path(), &[&["encode"], arguments].concat(), &[]);
        (code(output.status), errors(&output))
    };
    let (status, message) = encode(&["imagej.tif", "-r", "10", "--levels", "0:4350", "-c", "ffv1", "-o", "a.mkv"]);
    assert_eq!(status, 0, "{message}");
    let seen = probe(&directory.path().join("a.mkv"));
    assert_eq!((seen.packets.len(), seen.duration(), seen.stream_text("pix_fmt")), (5, 0.5, "gray16le"));
    let (status, message) = encode(&["ome-float.ome.tif", "-r", "10", "--levels", "-500:1850", "-o", "b.mp4"]);
    assert_eq!((status, probe(&directory.path().join("b.mp4")).packets.len()), (0, 3), "{message}");
    for (arguments, status, part) in [
        (&["imagej.tif", "-o", "c.mp4"][..], 2, "pictures have no rate of their own: give -r"),
        (
            &["a.png", "-r", "10", "--levels", "0:9", "-o", "c.mp4"],
            2,
            "levels (--levels) is for TIFF, and this picture is PNG",
        ),
        (&["imagej.tif", "-r", "10", "--levels", "5:5", "-o", "c.mp4"], 2, "they must be finite, and not the same"),
        (
            &["imagej.tif", "-r", "10", "--exposure", "1", "-o", "c.mp4"],
            2,
            "exposure (--exposure) is for OpenEXR, and this picture is TIFF",
        ),
        (&["ome-float.ome.tif", "-r", "10", "-o", "c.mp4"], 2, "set which are black and white, as in --levels"),
        (&["imagej-contiguous.tif", "-r", "10", "-o", "c.mp4"], 2, "ImageJ put 5000 images into it, and lists 1"),
        (&["r*.tif", "-r", "10", "-o", "c.mp4"], 1, "rgb.tif: picture 0 cannot be decoded: it has 3 pages"),
    ] {
        let (found, message) = encode(arguments);
        assert_eq!((found, message.contains(part)), (status, true), "{message}");
    }
}

#[test]
fn levels_have_a_type_of_their_own() {
    assert_eq!("0:1".parse(), Ok(Levels { black: 0.0, white: 1.0 }));
}
