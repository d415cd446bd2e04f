//! Tests TIFF pages as frames, with files from tifffile and Pillow.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;

use framemill::{FrameSource, ImageOptions, Levels, OnError, PixelFormat, TiffStack};
use tempfile::tempdir;

use super::{all, fixture, samples_of_16_bits};
use crate::program::{code, errors, run};
use crate::reader::probe;

/// Returns the value of a pixel in the fixtures.
fn ramp(frame: usize, index: usize) -> f64 {
    (1_000 * frame + 100 * (index / 6) + 10 * (index % 6)) as f64
}

fn open(name: &str, levels: Option<(f64, f64)>) -> TiffStack {
    let levels = levels.map(|(black, white)| format!("{black}:{white}").parse().expect("levels"));
    let mut options = ImageOptions::default();
    options.levels = levels;
    TiffStack::open(fixture(name), options).expect("opens")
}

/// Checks all pages of a gray stack. `expected` converts a stored value to a level from 0 to 1.
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

/// tifffile stores RGB of the shape (3, height, width) this way.
#[test]
fn channels_that_are_stored_separately_are_read() {
    let interleaved = all(&mut open("rgb.tif", None)).expect("read");
    assert_eq!(all(&mut open("rgb-planar-8.tif", None)).expect("read"), interleaved);
    let levels = Some((0.0, 255.0));
    for (layout, bytes) in all(&mut open("rgb-planar-8.tif", levels)).expect("read") {
        assert_eq!(layout.format, PixelFormat::Rgb48Le);
        let float = all(&mut open("rgb-planar-float.tif", levels)).expect("read");
        assert!(float.contains(&(layout, bytes)));
    }
    let directory = tempdir().expect("a directory");
    for (name, levels) in [("rgb-planar-8.tif", "0:255"), ("rgb-planar-float.tif", "0:255")] {
        let file = fixture(name);
        let arguments =
            ["encode", file.to_str().expect("text"), "-r", "10", "--levels", levels, "-c", "ffv1", "-o", "a.mkv"];
        let output = run(directory.path(), &arguments, &[]);
        assert_eq!(code(output.status), 0, "{name}: {}", errors(&output));
        assert_eq!(probe(&directory.path().join("a.mkv")).packets.len(), 3, "{name}");
    }
}

/// Returns the straight colors and the alpha of a pixel in the fixtures with alpha, from 0 to 1.
fn transparent(index: usize) -> ([f64; 3], f64) {
    let value = ramp(0, index);
    ([value / 512.0, 1.0 - value / 512.0, value / 1_024.0], (index % 6) as f64 / 5.0)
}

#[test]
fn associated_alpha_is_divided_out_and_straight_alpha_is_not() {
    for (name, is_gray, full, rounding) in [
        ("rgb-associated-8.tif", false, 255.0, 0.5),
        ("rgb-associated-16.tif", false, 65_535.0, 0.5),
        ("rgb-associated-float.tif", false, 65_535.0, 0.1),
        ("rgb-straight-8.tif", false, 255.0, 0.0),
        ("gray-associated-16.tif", true, 65_535.0, 0.5),
        ("gray-straight-8.tif", true, 255.0, 0.0),
    ] {
        let frames = all(&mut open(name, None)).expect("read");
        assert_eq!(frames.len(), 1, "{name}");
        let (layout, bytes) = &frames[0];
        let samples: Vec<f64> = match layout.format {
            PixelFormat::Rgba => bytes.iter().map(|sample| f64::from(*sample)).collect(),
            PixelFormat::Rgba64Le => samples_of_16_bits(bytes).into_iter().map(f64::from).collect(),
            other => panic!("{name}: {other}"),
        };
        assert_eq!((layout.format == PixelFormat::Rgba, samples.len()), (full < 256.0, 6 * 4 * 4), "{name}");
        for (index, pixel) in samples.chunks(4).enumerate() {
            let (colors, alpha) = transparent(index);
            assert!((pixel[3] - alpha * full).abs() <= 0.5001, "{name} {index}: {pixel:?}");
            for (channel, found) in pixel[..3].iter().enumerate().filter(|_| alpha > 0.0 || rounding == 0.0) {
                let expected = colors[if is_gray { 0 } else { channel }] * full;
                // The stored color was rounded after the multiplication. Dividing by alpha magnifies that error, and
                // the result is rounded again.
                let allowed = 0.5001 + if rounding > 0.0 { rounding / alpha } else { 0.0 };
                assert!((found - expected).abs() <= allowed, "{name} {index}: {found}, not {expected}");
            }
        }
    }
}

#[test]
fn levels_apply_to_straight_colors() {
    let frames = all(&mut open("rgb-associated-16.tif", Some((6_553.5, 65_535.0)))).expect("read");
    for (index, pixel) in samples_of_16_bits(&frames[0].1).chunks(4).enumerate() {
        let (colors, alpha) = transparent(index);
        assert_eq!(f64::from(pixel[3]), (alpha * 65_535.0).round(), "{index}");
        for (found, color) in pixel[..3].iter().zip(colors).filter(|_| alpha > 0.0) {
            let expected = ((color - 0.1) / 0.9).max(0.0) * 65_535.0;
            assert!((f64::from(*found) - expected).abs() <= 0.6 + 0.6 / alpha, "{index}: {found}, not {expected}");
        }
    }
}

#[test]
fn a_second_sample_that_is_not_alpha_is_not_used_as_alpha() {
    let error = TiffStack::open(fixture("gray-unspecified-8.tif"), ImageOptions::default()).err().expect("refused");
    assert!(error.to_string().contains("picture 0 is not supported: "), "{error}");
    let frames = all(&mut open("rgb-unspecified-8.tif", None)).expect("read");
    assert_eq!(frames[0].0.format, PixelFormat::Rgb24);
    for (index, pixel) in frames[0].1.chunks(3).enumerate() {
        let expected = transparent(index).0.map(|color| (color * 255.0).round() as u8);
        assert!(pixel.iter().zip(expected).all(|(found, color)| found.abs_diff(color) <= 1), "{index}: {pixel:?}");
    }
}

/// Returns a BigTIFF with one gray page of 2 × 2 pixels at byte 16, which refers to a next page at byte `next`.
fn big_tiff(next: u64) -> Vec<u8> {
    tagged_tiff(next, &[])
}

/// Returns the same BigTIFF with other values of its tags, or more tags.
fn tagged_tiff(next: u64, changes: &[(u16, u64)]) -> Vec<u8> {
    let mut bytes = b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
    // Width, height, bits, no compression, black is 0, offset of the pixels, rows per strip, bytes per strip.
    let mut entries =
        BTreeMap::from([(256, 2), (257, 2), (258, 8), (259, 1), (262, 1), (273, 0), (278, 2), (279, 4)]);
    entries.extend(changes.iter().copied());
    entries.insert(273, 16 + 8 + entries.len() as u64 * 20 + 8);
    bytes.extend((entries.len() as u64).to_le_bytes());
    for (tag, value) in entries {
        bytes.extend(u16::to_le_bytes(tag));
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(u64::to_le_bytes(value));
    }
    bytes.extend(next.to_le_bytes());
    bytes.extend([1, 2, 3, 4]);
    bytes
}

#[test]
fn missing_and_circular_pages_are_reported_as_damage() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.tif");
    let encode = |next: u64, more: &[&str]| {
        fs::write(&path, big_tiff(next)).expect("written");
        let output = run(directory.path(), &[&["encode", "a.tif", "-r", "10", "-o", "a.mkv"], more].concat(), &[]);
        (code(output.status), errors(&output))
    };
    assert_eq!(encode(0, &[]).0, 0);
    for next in [1 << 40, i64::MAX as u64 + 1, u64::MAX] {
        let (status, message) = encode(next, &[]);
        assert_eq!((status, message.contains("a.tif: picture 1 cannot be decoded: ")), (1, true), "{message}");
        let (status, message) = encode(next, &["--on-error", "skip"]);
        assert_eq!(status, 0, "{message}");
        assert_eq!(probe(&directory.path().join("a.mkv")).packets.len(), 1);
    }
    let (status, message) = encode(16, &["--on-error", "skip"]);
    let circle = "a.tif: picture 0 cannot be decoded: its pages never end: they follow each other in a circle";
    assert_eq!((status, message.contains(circle)), (1, true), "{message}");
}

#[test]
fn a_size_in_a_description_without_ome_is_ignored() {
    let text = b"SizeC=9\0";
    let mut bytes = big_tiff(0);
    let at = bytes.len() as u64;
    bytes.extend(text);
    // The compression entry is optional, so replace it with the description. Entries must stay in order.
    let entry = 16 + 8 + 20 * 4;
    let photometric = bytes[entry..entry + 20].to_vec();
    let description =
        [&270_u16.to_le_bytes()[..], &2_u16.to_le_bytes(), &(text.len() as u64).to_le_bytes(), &at.to_le_bytes()]
            .concat();
    let compression = entry - 20;
    bytes[compression..entry].copy_from_slice(&photometric);
    bytes[entry..entry + 20].copy_from_slice(&description);
    let mut stack = TiffStack::new(Cursor::new(bytes), "a.tif", ImageOptions::default()).expect("opens");
    assert_eq!(all(&mut stack).expect("read")[0].1, [1, 2, 3, 4]);
}

#[test]
fn pages_are_skipped_without_decoding() {
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
fn stacks_with_ambiguous_frames_are_refused() {
    let refused = |name: &str| {
        let stack = TiffStack::open(fixture(name), ImageOptions::default());
        let error = stack.err().expect("refused").to_string();
        error.rsplit_once("fixtures/").expect("its name").1.to_owned()
    };
    for name in ["imagej-channels.tif", "ome-channels.ome.tif"] {
        let text = refused(name);
        assert!(text.starts_with(&format!("{name}: each of its 2 channels is a page")), "{text}");
    }
    let text = refused("imagej-contiguous.tif");
    assert!(text.contains("ImageJ stored 5000 images in it but lists only 1 of them"), "{text}");
    let text = refused("signed.tif");
    assert!(text.contains("its samples are signed integers: set the values of black and white"), "{text}");
    let text = refused("ome-float.ome.tif");
    assert!(
        text.contains("its pixel (0, 0) is -500: floats must be 0 to 1; otherwise set the values of black"),
        "{text}"
    );
}

#[test]
fn a_truncated_page_ends_the_stack_or_is_skipped() {
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
        (&["imagej.tif", "-o", "c.mp4"][..], 2, "pictures have no frame rate: give -r"),
        (
            &["a.png", "-r", "10", "--levels", "0:9", "-o", "c.mp4"],
            2,
            "levels (--levels) is for TIFF, but this picture is PNG",
        ),
        (
            &["imagej.tif", "-r", "10", "--levels", "5:5", "-o", "c.mp4"],
            2,
            "the values of black and white must be finite and different",
        ),
        (
            &["imagej.tif", "-r", "10", "--exposure", "1", "-o", "c.mp4"],
            2,
            "exposure (--exposure) is for OpenEXR, but this picture is TIFF",
        ),
        (&["ome-float.ome.tif", "-r", "10", "-o", "c.mp4"], 2, "set the values of black and white, as in --levels"),
        (&["imagej-contiguous.tif", "-r", "10", "-o", "c.mp4"], 2, "ImageJ stored 5000 images in it"),
        (
            &["r*.tif", "-r", "10", "-o", "c.mp4"],
            1,
            "rgb.tif: picture 0 is not supported: it has 3 pages; pass it as the only input",
        ),
    ] {
        let (found, message) = encode(arguments);
        assert_eq!((found, message.contains(part)), (status, true), "{message}");
    }
}

#[test]
fn levels_have_a_type_of_their_own() {
    let levels = Levels::new(0.0, 1.0).expect("levels");
    assert_eq!(("0:1".parse(), levels.black(), levels.white()), (Ok(levels), 0.0, 1.0));
    for (black, white) in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (-1e308, 1e308)] {
        assert_eq!(Levels::new(black, white), Err("the values of black and white must be finite and different"));
    }
}

#[test]
fn levels_are_about_the_values_in_the_file_even_if_0_is_white() {
    let white_is_zero = &[(262, 0)];
    let read = |bytes: Vec<u8>, levels: Option<&str>| {
        let mut options = ImageOptions::default();
        options.levels = levels.map(|levels| levels.parse().expect("levels"));
        all(&mut TiffStack::new(Cursor::new(bytes), "a.tif", options).expect("opens")).expect("read").remove(0).1
    };
    assert_eq!(read(tagged_tiff(0, white_is_zero), None), [254, 253, 252, 251]);
    for tags in [&[][..], white_is_zero] {
        assert_eq!(samples_of_16_bits(&read(tagged_tiff(0, tags), Some("1:4"))), [0, 21_845, 43_690, 65_535]);
    }
}

#[test]
fn pages_that_are_volumes_are_refused() {
    let depth = |slices| tagged_tiff(0, &[(32_997, slices)]);
    let open = |bytes| TiffStack::new(Cursor::new(bytes), "a.tif", ImageOptions::default());
    assert_eq!(all(&mut open(depth(1)).expect("opens")).expect("read").len(), 1);
    assert_eq!(
        open(depth(5)).err().expect("refused").to_string(),
        "a.tif: picture 0 is not supported: a page is a volume of 5 slices (ImageDepth): save each slice as a page"
    );
}

#[test]
fn tiles_that_the_decoder_cannot_read_are_refused() {
    let directory = tempdir().expect("a directory");
    let file = fixture("planar-tiles.tif");
    let output = run(directory.path(), &["encode", file.to_str().expect("text"), "-r", "10", "-o", "a.mp4"], &[]);
    let message = errors(&output);
    assert_eq!(code(output.status), 1, "{message}");
    assert!(message.contains("in tiles of 16 rows, and its height 4 is not a multiple of that"), "{message}");
    assert!(!message.contains("panicked"), "{message}");
}
