//! Tests streams of concatenated pictures on standard input or in a file.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, RgbImage, RgbaImage};
use tempfile::{TempDir, tempdir};

use super::{encode, encoded, frames, png, pngs, rgb, seen};
use crate::program::{code, errors, run};
use crate::reader::{decode, probe, psnr};
use crate::samples::picture;

/// Encodes `testsrc2` with the ffmpeg program and returns its output.
fn by_ffmpeg(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let source = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=24"];
    let output = Command::new("ffmpeg").args(source).args(arguments).current_dir(directory).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_stream_of_any_kind_becomes_its_frames() {
    let directory = tempdir().expect("a directory");
    for codec in ["png", "bmp", "ppm", "pam", "mjpeg"] {
        let made = ["-frames:v", "9", "-f", "image2pipe", "-c:v", codec, "-q:v", "2", "-"];
        let stream = by_ffmpeg(directory.path(), &made);
        fs::write(directory.path().join("stream"), &stream).expect("written");
        let input = ["encode", "stream", "-r", "24", "-c", "h264-rgb", "--lossless", "-o", "a.mp4"];
        assert_eq!(code(run(directory.path(), &input, &[]).status), 0);
        let from_file = frames(&directory, "a.mp4");
        let output = encode(directory.path(), &["-c", "h264-rgb", "--lossless", "-o", "a.mp4"], &stream);
        let seen = seen(&directory, "a.mp4", &output);
        assert_eq!((seen.packets.len(), seen.stream_text("avg_frame_rate")), (9, "24/1"), "{codec:?}");
        let from_stream = frames(&directory, "a.mp4");
        assert_eq!(from_stream, from_file);
        let expected = decoded_by_ffmpeg(&directory.path().join("stream"), codec);
        for (index, (frame, expected)) in from_stream.iter().zip(expected.chunks(96 * 64 * 3)).enumerate() {
            // JPEG decoders upsample chroma in different ways.
            let psnr = psnr(frame, expected);
            assert!(psnr > if codec == "mjpeg" { 32.0 } else { 80.0 }, "{codec} frame {index}: {psnr:.1} dB");
        }
    }
}

/// Decodes all pictures of a stream with the ffmpeg program.
fn decoded_by_ffmpeg(stream: &Path, codec: &str) -> Vec<u8> {
    let flags = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "image2pipe", "-c:v", codec, "-i"])
        .arg(stream)
        .args(["-sws_flags", flags, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .expect("runs");
    assert_eq!((output.status.success(), output.stdout.len()), (true, 9 * 96 * 64 * 3), "{codec}");
    output.stdout
}

#[test]
fn png_to_an_avi_at_one_frame_a_second_and_gray_jpeg_to_xvid() {
    let directory = tempdir().expect("a directory");
    let output = run(directory.path(), &["encode", "-r", "1", "-c", "mpeg4", "-o", "test.avi"], &pngs(7));
    let avi = seen(&directory, "test.avi", &output);
    assert_eq!((avi.packets.len(), avi.stream_text("avg_frame_rate")), (7, "1/1"));
    for (index, frame) in frames(&directory, "test.avi").iter().enumerate() {
        let psnr = psnr(frame, &picture(96, 64, index as u32));
        assert!(psnr > 28.0, "frame {index}: {psnr:.1} dB");
    }
    let gray = |frame| -> GrayImage { rgb(96, 64, frame).into_luma8() };
    let jpegs: Vec<u8> = (0..7).flat_map(|frame| encoded(&gray(frame).into(), ImageFormat::Jpeg)).collect();
    let output = run(directory.path(), &["encode", "-r", "10", "-c", "xvid", "-o", "gray.avi"], &jpegs);
    assert_eq!(seen(&directory, "gray.avi", &output).packets.len(), 7);
    let decoded = decode(&directory.path().join("gray.avi"), "gray", 96 * 64);
    for (index, frame) in decoded.iter().enumerate() {
        let psnr = psnr(frame, &gray(index as u32));
        assert!(psnr > 28.0, "gray frame {index}: {psnr:.1} dB");
    }
}

#[test]
fn every_depth_and_shape_is_read_correctly() {
    let directory = tempdir().expect("a directory");
    let movie = |arguments: &[&str], stream: &[u8]| {
        let output = encode(directory.path(), &[arguments, &["-o", "a.mp4"]].concat(), stream);
        seen(&directory, "a.mp4", &output)
    };
    // Encoding keeps more than 8 bits: a ramp of only three 8-bit levels keeps many values.
    let ramp = ImageBuffer::<Luma<u16>, _>::from_fn(96, 64, |x, _| Luma([30_000 + x as u16 * 8]));
    let ten = movie(&["--pixel-format", "yuv420p10", "--qp", "0"], &encoded(&ramp.into(), ImageFormat::Png));
    assert_eq!(ten.stream_text("pix_fmt"), "yuv420p10le");
    let luma = decode(&directory.path().join("a.mp4"), "gray10le", 96 * 64 * 2).remove(0);
    let mut values: Vec<&[u8]> = luma.chunks_exact(2).take(96).collect();
    values.dedup();
    assert!(values.len() > 8, "{} values", values.len());

    let palette = by_ffmpeg(
        directory.path(),
        &["-frames:v", "1", "-f", "image2pipe", "-pix_fmt", "pal8", "-c:v", "png", "-"],
    );
    assert_eq!(palette[25], 3, "a palette PNG");
    movie(&["-c", "h264-rgb", "--lossless"], &palette);
    let expected = image::load_from_memory(&palette).expect("a picture").into_rgb8();
    assert!(psnr(&frames(&directory, "a.mp4")[0], &expected) > 60.0);

    // The pictures of a stream may have different pixel formats: opaque, transparent, gray with alpha, and gray.
    let pictures: [DynamicImage; 4] = [
        RgbImage::from_pixel(96, 64, image::Rgb([0x20, 0x40, 0xc0])).into(),
        RgbaImage::from_pixel(96, 64, image::Rgba([0x20, 0x40, 0xc0, 0])).into(),
        GrayAlphaImage::from_pixel(96, 64, image::LumaA([10, 0])).into(),
        GrayImage::from_pixel(96, 64, Luma([77])).into(),
    ];
    let stream: Vec<u8> = pictures.iter().flat_map(|picture| encoded(picture, ImageFormat::Png)).collect();
    movie(&["-c", "h264-rgb", "--lossless", "--background", "#804020"], &stream);
    let seen: Vec<[u8; 3]> =
        frames(&directory, "a.mp4").iter().map(|frame| [frame[0], frame[1], frame[2]]).collect();
    assert_eq!(seen, [[0x20, 0x40, 0xc0], [0x80, 0x40, 0x20], [0x80, 0x40, 0x20], [77; 3]]);
}

#[test]
fn a_lossless_movie_that_starts_gray_does_not_take_the_color_of_the_rest() {
    let directory = tempdir().expect("a directory");
    let gray = encoded(&GrayImage::from_pixel(96, 64, Luma([77])).into(), ImageFormat::Png);
    let mixed = [&gray[..], &png(96, 64, 1)].concat();
    let output = encode(directory.path(), &["-c", "ffv1", "-o", "a.mkv"], &mixed);
    assert_eq!(code(output.status), 1);
    let message = "frame 1 is rgb24, but the movie keeps gray, the format of the first frame: set --pixel-format to the format to keep";
    assert!(errors(&output).contains(message), "{}", errors(&output));
    for (arguments, stream) in
        [(&["--pixel-format", "bgr0"][..], mixed.clone()), (&[], [&png(96, 64, 1)[..], &gray].concat())]
    {
        let output = encode(directory.path(), &[arguments, &["-c", "ffv1", "-o", "a.mkv"]].concat(), &stream);
        assert_eq!(seen(&directory, "a.mkv", &output).packets.len(), 2, "{arguments:?}");
    }
    // In a lossy movie, the pictures may have different formats.
    let output = encode(directory.path(), &["-o", "a.mp4"], &mixed);
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 2);
}

#[test]
fn a_broken_picture_is_named_or_left_out_and_counted() {
    let directory = tempdir().expect("a directory");
    let before = pngs(3);
    let mut broken = png(96, 64, 3);
    let middle = broken.len() / 2;
    broken[middle] ^= 0x55;
    let stream = [&before[..], &broken, &pngs(2)].concat();
    let output = encode(directory.path(), &["-o", "a.mp4"], &stream);
    assert_eq!(code(output.status), 1);
    let message = format!("standard input: picture 3, at byte {}, cannot be decoded: ", before.len());
    assert!(errors(&output).contains(&message), "{}", errors(&output));
    assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), 3);
    let output = encode(directory.path(), &["--on-error", "skip", "-o", "a.mp4"], &stream);
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 5);
    assert!(errors(&output).contains("left out: 1 broken or missing picture ("), "{}", errors(&output));
    let output = encode(directory.path(), &["-v", "--on-error", "skip", "-o", "a.mp4"], &stream);
    assert!(errors(&output).contains(&format!("left out: {message}")), "{}", errors(&output));
    // The first picture may be broken too.
    let stream = [&broken[..], &pngs(2)].concat();
    let output = encode(directory.path(), &["--on-error", "skip", "-o", "a.mp4"], &stream);
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 2);
}

#[test]
fn unexpected_data_in_a_stream_is_reported_with_its_position() {
    let directory = tempdir().expect("a directory");
    let whole = pngs(4);
    let jpeg = encoded(&rgb(96, 64, 0), ImageFormat::Jpeg);
    let cut_jpeg = [&jpeg[..], &jpeg[..jpeg.len() - 20], &jpeg].concat();
    let (png_bytes, jpeg_bytes) = (png(96, 64, 0).len(), jpeg.len());
    for (stream, message, frames, skipping) in [
        (
            whole[..whole.len() - 100].to_vec(),
            format!("the stream ends inside picture 3, which starts at byte {}: only", pngs(3).len()),
            3,
            3,
        ),
        (
            [&whole[..], b"\n\n"].concat(),
            format!(
                "no picture starts at byte {}, where picture 4 should start; the bytes are [0a, 0a]",
                whole.len()
            ),
            4,
            4,
        ),
        (
            [&png(96, 64, 0)[..], b"hello", &png(96, 64, 1)].concat(),
            format!(
                "no picture starts at byte {png_bytes}, where picture 1 should start; the bytes are [68, 65, 6c, 6c, 6f, 89, 50, 4e]"
            ),
            1,
            2,
        ),
        (
            cut_jpeg,
            format!(
                "picture 1, at byte {jpeg_bytes}, cannot be decoded: another picture starts inside it, at its byte {}",
                jpeg_bytes - 20
            ),
            1,
            2,
        ),
    ] {
        let output = encode(directory.path(), &["-o", "a.mp4"], &stream);
        assert_eq!(code(output.status), 1, "{message}");
        assert!(errors(&output).contains(&message), "{message}\n{}", errors(&output));
        assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), frames, "{message}");
        let output = encode(directory.path(), &["--on-error", "skip", "-o", "a.mp4"], &stream);
        assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), skipping, "{message}");
        assert!(errors(&output).contains("left out: 1 broken or missing picture"), "{}", errors(&output));
    }
}

#[test]
fn unsupported_pictures_are_never_skipped() {
    let directory = tempdir().expect("a directory");
    for (start, problem) in [
        (&b"GIF89a"[..], "it is animated, and only still pictures can be used in a sequence"),
        (b"II*\0", "TIFF does not record where it ends"),
    ] {
        let stream = [&png(96, 64, 0)[..], start, &png(96, 64, 1)].concat();
        for more in [&[][..], &["--on-error", "skip"]] {
            let output = encode(directory.path(), &[more, &["-o", "a.mp4"]].concat(), &stream);
            let message =
                format!("standard input: picture 1, at byte {}, is not supported: {problem}", png(96, 64, 0).len());
            assert_eq!((code(output.status), errors(&output).contains(&message)), (1, true), "{}", errors(&output));
            assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), 1);
        }
    }
}

#[test]
fn an_empty_stream_is_an_error_and_a_single_picture_is_a_movie() {
    let directory = tempdir().expect("a directory");
    for arguments in [&["-o", "a.mp4"][..], &["--input", "images", "-o", "a.mp4"]] {
        let output = encode(directory.path(), arguments, &[]);
        assert_eq!(code(output.status), 1);
        assert!(errors(&output).contains("is empty"), "{}", errors(&output));
    }
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0);
    let output = encode(directory.path(), &["-o", "a.mp4"], &pngs(1));
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 1);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Tiff, ImageFormat::WebP] {
        fs::write(directory.path().join("one"), encoded(&rgb(96, 64, 5), format)).expect("written");
        let output = encode(directory.path(), &["one", "-c", "h264-rgb", "--lossless", "-o", "a.mp4"], &[]);
        assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 1, "{format:?}");
        assert!(psnr(&frames(&directory, "a.mp4")[0], &picture(96, 64, 5)) > 30.0, "{format:?}");
    }
    let output = encode(directory.path(), &["-o", "a.mp4"], &encoded(&rgb(96, 64, 5), ImageFormat::Tiff));
    assert!(errors(&output).contains("TIFF does not record where it ends"), "{}", errors(&output));
}

#[test]
fn another_size_is_an_error_unless_all_are_scaled() {
    let directory = tempdir().expect("a directory");
    let stream = [png(96, 64, 0), png(64, 96, 1), png(48, 32, 2), png(33, 21, 3), png(96, 64, 4)].concat();
    let output = encode(directory.path(), &["-o", "a.mp4"], &stream);
    assert_eq!(code(output.status), 1);
    let message = format!(
        "picture 1, at byte {}, has 64x96 pixels, but the first has 96x64: scale all pictures to one size, \
         as in --scale 96x64",
        png(96, 64, 0).len()
    );
    assert!(errors(&output).contains(&message), "{}", errors(&output));
    for size in ["96x64", "48x32", "33x21", "64x96"] {
        let output =
            encode(directory.path(), &["--scale", size, "--pixel-format", "yuv444p", "-o", "a.mp4"], &stream);
        let seen = seen(&directory, "a.mp4", &output);
        let side = |name: &str| seen.stream[name].as_u64().expect("a side");
        assert_eq!((seen.packets.len(), format!("{}x{}", side("width"), side("height"))), (5, size.to_owned()));
    }
    let output = encode(directory.path(), &["--scale", "33x21", "-o", "a.mp4"], &stream);
    assert_eq!(seen(&directory, "a.mp4", &output).packets.len(), 5, "the odd size is padded");
    // Scaling keeps the content: the disc is still red at the middle height.
    let output = encode(directory.path(), &["--scale", "96x64", "--crf", "5", "-o", "a.mp4"], &stream);
    seen_red(&directory, &output);
}

fn seen_red(directory: &TempDir, output: &std::process::Output) {
    assert_eq!(seen(directory, "a.mp4", output).packets.len(), 5);
    for (index, frame) in frames(directory, "a.mp4").iter().enumerate() {
        let pixel = &frame[(32 * 96 + 30) * 3..][..3];
        assert!(pixel[0] > 200 && pixel[1] < 90 && pixel[2] < 70, "frame {index}: {pixel:?}");
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_pictures() {
    let directory = tempdir().expect("a directory");
    let one_by_one: Vec<Vec<u8>> = (0..30).map(|frame| png(96, 64, frame)).collect();
    let peak = |frames: usize| {
        let stream: Vec<u8> = one_by_one.iter().cycle().take(frames).flatten().copied().collect();
        let path = directory.path().join("stream");
        fs::write(&path, stream).expect("written");
        let arguments = ["encode", "-r", "60", "--preset", "ultrafast", "-q", "-o", "a.mp4"];
        let kilobytes = peak_kilobytes(
            Command::new(env!("CARGO_BIN_EXE_framemill"))
                .args(arguments)
                .stdin(fs::File::open(&path).expect("open"))
                .current_dir(directory.path()),
        );
        assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), frames);
        kilobytes
    };
    let (few, many) = (peak(300), peak(3_000));
    assert!(many < few + few / 20 + 4_096, "{few} kB for 300 pictures, {many} kB for 3000");
}

/// Runs a program and returns its peak memory from `/proc`. `wait4` cannot be used: it reports at least the memory that
/// the parent had when it started the child.
fn peak_kilobytes(command: &mut Command) -> u64 {
    let mut child = command.spawn().expect("starts");
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let status = loop {
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = kilobytes.unwrap_or(peak);
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success() && peak > 0);
    peak
}
