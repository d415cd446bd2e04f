//! Tests OpenEXR pictures with linear light in 16-bit and 32-bit floats, from the OpenEXR library and from FFmpeg.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use framemill::{ImageFiles, ImageOptions, PixelFormat, Rgb};
use tempfile::tempdir;

use super::{all, fixture, samples_of_16_bits};
use crate::program::{code, errors, run};
use crate::reader::{decode, probe};

/// The transfer function of the sRGB standard.
fn srgb(light: f64) -> f64 {
    let encoded = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    encoded.clamp(0.0, 1.0)
}

/// The linear light of red in the fixtures.
fn light(index: usize) -> f64 {
    (100 * (index / 6) + 10 * (index % 6)) as f64 / 256.0
}

fn read(path: PathBuf, options: ImageOptions) -> Result<(PixelFormat, Vec<u16>), String> {
    let mut source = ImageFiles::new([path], options).map_err(|error| error.to_string())?;
    let frames = all(&mut source).map_err(|error| error.to_string())?;
    assert_eq!(frames.len(), 1);
    Ok((frames[0].0.format, samples_of_16_bits(&frames[0].1)))
}

fn assert_near(found: u16, encoded: f64, what: &str) {
    assert!((f64::from(found) - encoded * 65_535.0).abs() <= 1.0, "{what}: {found}, not {}", encoded * 65_535.0);
}

#[test]
fn light_is_converted_to_srgb_exactly_at_any_exposure() {
    for stops in [0.0, 1.0, -2.5] {
        let gain = 2_f64.powf(stops.into());
        let (format, half) = read(fixture("half.exr"), ImageOptions::default().exposure(stops)).expect("read");
        let (_, float) = read(fixture("float.exr"), ImageOptions::default().exposure(stops)).expect("read");
        assert_eq!((format, half.len()), (PixelFormat::Rgb48Le, 6 * 4 * 3));
        for index in 0..24 {
            let what = format!("{index} at {stops}");
            assert_near(half[3 * index], srgb(light(index) * gain), &what);
            assert_near(half[3 * index + 1], srgb(light(index) / 2.0 * gain), &what);
            assert_near(float[3 * index], srgb(light(index) * gain), &what);
            assert_near(float[3 * index + 2], srgb(0.18 * gain), &what);
            assert_eq!((half[3 * index + 2], float[3 * index + 1]), (0, 0), "{what}");
        }
    }
    assert_eq!(
        read(fixture("half.exr"), ImageOptions::default()),
        read(fixture("half.exr"), ImageOptions::default().exposure(0.0))
    );
}

#[test]
fn light_is_divided_by_alpha() {
    let (format, samples) = read(fixture("alpha.exr"), ImageOptions::default()).expect("read");
    assert_eq!(format, PixelFormat::Rgba64Le);
    let alphas = [0.0, 0.25, 0.5, 0.75, 1.0, 1.0];
    for (index, pixel) in samples.chunks(4).enumerate() {
        let alpha = alphas.get(index).copied().unwrap_or(0.5);
        assert_near(pixel[3], alpha, "alpha");
        if alpha > 0.0 {
            // The multiplied light was rounded to half floats.
            assert!((f64::from(pixel[0]) / 65_535.0 - srgb(light(index))).abs() < 0.001, "{index}: {pixel:?}");
            assert_near(pixel[1], srgb(0.5), "green");
        }
    }
}

/// Converts a byte of sRGB to linear light.
fn linear(byte: u8) -> f64 {
    let encoded = f64::from(byte) / 255.0;
    if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

/// Returns the expected pixel of fire.exr over a background, from 0 to 1. Its light has a low alpha or none.
fn fire_over(background: Rgb, index: usize, gain: f64) -> [f64; 3] {
    let uncovered = 1.0 - [0.0, 0.25, 0.5, 0.75, 1.0, 1.0].get(index).copied().unwrap_or(0.0);
    [(light(index), background.red), (0.25, background.green), (0.0, background.blue)]
        .map(|(light, background)| srgb(light * gain + linear(background) * uncovered))
}

#[test]
fn light_without_alpha_is_added_to_the_background() {
    for (background, stops) in [(Rgb::new(0, 0, 0), 0.0), (Rgb::new(40, 90, 200), 0.0), (Rgb::WHITE, -1.0)] {
        let options = ImageOptions::default().background(background).exposure(stops);
        let (format, samples) = read(fixture("fire.exr"), options).expect("read");
        assert_eq!((format, samples.len()), (PixelFormat::Rgb48Le, 6 * 4 * 3));
        for (index, pixel) in samples.chunks(3).enumerate() {
            let expected = fire_over(background, index, 2_f64.powf(stops.into()));
            pixel.iter().zip(expected).for_each(|(found, expected)| assert_near(*found, expected, "fire"));
        }
    }
}

#[test]
fn the_program_draws_fire_over_the_background_or_keeps_alpha() {
    let directory = tempdir().expect("a directory");
    fs::copy(fixture("fire.exr"), directory.path().join("a.exr")).expect("copied");
    let encode = |more: &[&str]| {
        let arguments = [&["encode", "a.exr", "-r", "24", "-c", "ffv1", "-o", "a.mkv"], more].concat();
        let output = run(directory.path(), &arguments, &[]);
        (code(output.status), errors(&output))
    };
    for (background, color) in [("#000000", Rgb::new(0, 0, 0)), ("#285ac8", Rgb::new(40, 90, 200))] {
        let (status, message) = encode(&["--background", background]);
        assert_eq!(status, 0, "{message}");
        let frames = decode(&directory.path().join("a.mkv"), "rgb48le", 6 * 4 * 6);
        for (index, pixel) in samples_of_16_bits(&frames[0]).chunks(3).enumerate() {
            let expected = fire_over(color, index, 1.0);
            pixel.iter().zip(expected).for_each(|(found, expected)| assert_near(*found, expected, background));
        }
    }
    let (status, message) = encode(&["--alpha", "keep"]);
    assert_eq!(status, 0, "{message}");
    let kept = decode(&directory.path().join("a.mkv"), "rgba64le", 6 * 4 * 8);
    let (_, straight) = read(fixture("fire.exr"), ImageOptions::default()).expect("read");
    assert_eq!(samples_of_16_bits(&kept[0]), straight);
    let (status, message) = encode(&["--alpha", "keep", "--premultiplied"]);
    let hint =
        "premultiplied (--premultiplied) is for pictures that do not record it, but OpenEXR does: leave it out";
    assert_eq!((status, message.contains(hint)), (2, true), "{message}");
}

#[test]
fn unusable_exr_files_are_refused_with_the_reason() {
    let refused = |name: &str| read(fixture(name), ImageOptions::default()).expect_err("refused");
    let nan = refused("nan.exr");
    assert!(nan.ends_with("nan.exr: picture 0 cannot be decoded: its pixel (5, 2) is not a number (NaN)"), "{nan}");
    let depth = refused("depth.exr");
    assert!(depth.contains("does not contain non-deep rgb channels"), "{depth}");
    let directory = tempdir().expect("a directory");
    let whole = fs::read(fixture("half.exr")).expect("read");
    for cut in [10, 100, 200, 300, whole.len() - 1] {
        let path = directory.path().join("cut.exr");
        fs::write(&path, &whole[..cut]).expect("written");
        let error = read(path, ImageOptions::default()).expect_err("cut");
        assert!(error.contains("picture 0 cannot be decoded"), "{error}");
    }
}

#[test]
fn the_display_window_is_the_picture() {
    let (_, samples) = read(fixture("window.exr"), ImageOptions::default()).expect("read");
    assert_eq!(samples.len(), 6 * 4 * 3);
    for (index, pixel) in samples.chunks(3).enumerate() {
        let is_inside = (1..=3).contains(&(index % 6)) && (1..=2).contains(&(index / 6));
        assert_near(pixel[0], if is_inside { srgb(0.5) } else { 0.0 }, "window");
    }
}

/// Writes a gray ramp from 0 to 2 in linear light with the ffmpeg program.
fn write_with_ffmpeg(path: &PathBuf, format: &str) {
    let plane: Vec<u8> = (0..64 * 32_u32).flat_map(|index| ((index % 64) as f32 / 32.0).to_le_bytes()).collect();
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", "64x32", "-i", "-"])
        .args(["-c:v", "exr", "-compression", "zip16", "-format", format, "-y"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("piped").write_all(&[&plane[..], &plane, &plane].concat()).expect("written");
    assert!(child.wait().expect("runs").success());
}

#[test]
fn the_program_takes_exr_sequences_and_keeps_more_than_8_bits() {
    let directory = tempdir().expect("a directory");
    for (number, format) in ["half", "float"].iter().enumerate() {
        write_with_ffmpeg(&directory.path().join(format!("f{number}.exr")), format);
    }
    let encode = |arguments: &[&str]| {
        let output = run(directory.path(), &[&["encode"], arguments].concat(), &[]);
        (code(output.status), errors(&output))
    };
    let lossless = ["-c", "h264-rgb", "--lossless", "-o", "a.mp4"];
    let (status, message) = encode(&[&["f%d.exr", "-r", "24", "--exposure", "-1"], &lossless[..]].concat());
    assert_eq!(status, 0, "{message}");
    for frame in decode(&directory.path().join("a.mp4"), "rgb24", 64 * 32 * 3) {
        for (index, pixel) in frame.chunks(3).enumerate() {
            let expected = srgb((index % 64) as f64 / 64.0) * 255.0;
            assert!((f64::from(pixel[0]) - expected).abs() <= 0.51, "{index}: {pixel:?}, not {expected}");
        }
    }
    let deep = ["f0.exr", "-r", "24", "--pixel-format", "yuv444p10", "-c", "h264", "--lossless", "-o", "deep.mp4"];
    let (status, message) = encode(&deep);
    assert_eq!(
        (status, probe(&directory.path().join("deep.mp4")).stream_text("pix_fmt")),
        (0, "yuv444p10le"),
        "{message}"
    );
    let deep = decode(&directory.path().join("deep.mp4"), "yuv444p10le", 64 * 32 * 2 * 3);
    // In 10-bit limited range, 64 is black and 940 is white. Only more than 8 bits can have more than 220 values.
    let row: Vec<f64> = samples_of_16_bits(&deep[0][..128]).into_iter().map(f64::from).collect();
    for (index, found) in row.iter().enumerate() {
        let expected = 64.0 + 876.0 * srgb(index as f64 / 32.0);
        assert!((found - expected).abs() <= 1.0, "{index}: {found}, not {expected}");
    }
    for (arguments, status, part) in [
        (&["f0.exr", "-o", "b.mp4"][..], 2, "pictures have no frame rate: give -r"),
        (
            &["f0.exr", "-r", "24", "--exposure", "40", "-o", "b.mp4"],
            2,
            "write the exposure in stops, from -32 to 32",
        ),
        (&["f0.exr", "-r", "24", "--exposure", "nan", "-o", "b.mp4"], 2, "write the exposure in stops"),
        (
            &["f0.exr", "-r", "24", "--levels", "0:1", "-o", "b.mp4"],
            2,
            "levels (--levels) is for TIFF, but this picture is OpenEXR",
        ),
        (
            &["-f", "gray", "-s", "8x8", "-r", "24", "--exposure", "1", "-o", "b.mp4"],
            2,
            "--exposure is for OpenEXR pictures",
        ),
    ] {
        let (found, message) = encode(arguments);
        assert_eq!((found, message.contains(part)), (status, true), "{message}");
    }
    fs::write(directory.path().join("f2.exr"), super::png(64, 32, 0)).expect("written");
    let (status, message) =
        encode(&["f%d.exr", "-r", "24", "--exposure", "1", "--on-error", "skip", "-o", "b.mp4"]);
    assert_eq!(status, 1, "{message}");
    assert!(message.contains("f2.exr: exposure (--exposure) is for OpenEXR, but this picture is PNG"), "{message}");
}
