//! Tests animated GIF, PNG and WebP files from Pillow and FFmpeg, which keep their own times.

use std::fs;
use std::process::Command;

use framemill::{AnimationSource, FrameInput, FrameSource, InputKind, PixelFormat};
use tempfile::tempdir;

use super::{all, fixture};
use crate::program::{code, errors, run};
use crate::reader::{decode, probe};

/// The fixtures with a moving square, and how many milliseconds each frame is shown.
const SQUARES: [(&str, [u32; 4]); 3] = [
    // Browsers show a frame without a delay for a tenth of a second.
    ("squares.gif", [40, 100, 100, 1_000]),
    ("squares.png", [40, 60, 100, 1_000]),
    ("squares.webp", [40, 45, 100, 1_000]),
];

/// Returns the expected RGBA pixel of a frame.
fn square(frame: usize, x: usize, y: usize) -> [u8; 4] {
    let is_inside = (2 * frame..2 * frame + 4).contains(&y) && (3 * frame..3 * frame + 5).contains(&x);
    if is_inside { [250, 60 * frame as u8, 10, 255] } else { [0; 4] }
}

#[test]
fn frames_are_whole_pictures_with_their_times() {
    for (name, delays) in SQUARES {
        let mut source = AnimationSource::open(fixture(name)).expect("opens");
        assert_eq!((source.frame_count(), source.layout().format), (Some(4), PixelFormat::Rgba));
        let rate = source.frame_rate().expect("a rate");
        let mut buffer = framemill::FrameBuffer::new();
        for (frame, delay) in delays.into_iter().enumerate() {
            assert!(source.read_frame(&mut buffer).expect("whole").is_some());
            let periods = source.frame_periods().expect("times vary") as f64;
            assert!((periods / rate.as_f64() * 1e3 - f64::from(delay)).abs() < 1e-9, "{name} {frame}");
            for (index, pixel) in buffer.chunks(4).enumerate() {
                let expected = square(frame, index % 16, index / 16);
                assert_eq!(pixel[3], expected[3], "{name} {frame} {index}");
                assert!(pixel[3] == 0 || pixel == expected, "{name} {frame} {index}: {pixel:?}");
            }
        }
        assert_eq!(source.read_frame(&mut buffer).expect("ended"), None);
        let mut source = AnimationSource::open(fixture(name)).expect("opens");
        assert_eq!((source.skip(3).expect("passed"), all(&mut source).expect("read").len()), (3, 1));
    }
}

#[test]
fn an_animation_that_needs_too_much_memory_is_refused_by_its_header() {
    let mut gif = fs::read(fixture("squares.gif")).expect("read");
    // Change the width and the height of the canvas.
    gif[6..10].copy_from_slice(&[0x00, 0x30, 0x00, 0x30]);
    let error = AnimationSource::new(gif, "large").err().expect("refused").to_string();
    assert!(error.ends_with("it has 12288x12288 pixels, but an animation may have at most 8192x8192"), "{error}");
}

#[test]
fn lossy_frames_are_drawn_at_their_positions() {
    let frames = all(&mut AnimationSource::open(fixture("lossy.webp")).expect("opens")).expect("read");
    assert_eq!(frames.len(), 4);
    for (frame, (layout, pixels)) in frames.iter().enumerate() {
        assert_eq!((layout.width, layout.height), (64, 48));
        // The middle of each square; these squares are four times as large.
        for other in 0..4 {
            let (x, y) = (12 * other + 10, 8 * other + 8);
            let pixel = &pixels[4 * (64 * y + x)..][..4];
            let expected = square(frame, x / 4, y / 4);
            let is_near = |(found, expected): (&u8, u8)| found.abs_diff(expected) <= 12;
            assert_eq!(pixel[3], expected[3], "{frame} {other}");
            assert!(expected[3] == 0 || pixel.iter().zip(expected).all(is_near), "{frame} {other}: {pixel:?}");
        }
    }
}

#[test]
fn animations_are_detected_by_their_headers() {
    let kind = |name: &str| FrameInput::at(fixture(name)).expect("opens").kind().expect("known");
    for name in ["squares.gif", "squares.png", "squares.webp"] {
        assert_eq!(kind(name), InputKind::Animation, "{name}");
        assert_eq!(
            FrameInput::at(fixture(name)).expect("opens").read_as(InputKind::Images).kind().ok(),
            Some(InputKind::Animation)
        );
    }
    assert_eq!((kind("still.png"), kind("still.webp")), (InputKind::Images, InputKind::Images));
}

#[test]
fn a_truncated_animation_returns_its_complete_frames() {
    for (name, _) in SQUARES {
        let whole = fs::read(fixture(name)).expect("read");
        let mut most = 0;
        for cut in 0..whole.len() {
            let Ok(mut source) = AnimationSource::new(&whole[..cut], "cut") else { continue };
            let mut buffer = framemill::FrameBuffer::new();
            let mut frames = 0;
            while let Ok(Some(_)) = source.read_frame(&mut buffer) {
                frames += 1;
            }
            assert!(frames <= source.frame_count().expect("known"), "{name} {cut}");
            most = most.max(frames);
        }
        assert!((1..=4).contains(&most), "{name}: {most}");
        let error = AnimationSource::new(&whole[..20], "cut").err().expect("no frame").to_string();
        assert!(error.starts_with("cut: picture 0 cannot be decoded"), "{error}");
    }
}

#[test]
fn the_movie_keeps_their_times_unless_a_rate_is_given() {
    let directory = tempdir().expect("a directory");
    for (name, delays) in SQUARES {
        fs::copy(fixture(name), directory.path().join(name)).expect("copied");
        let encode = |arguments: &[&str]| {
            let lossless = ["encode", name, "-c", "h264-rgb", "--lossless", "--background", "#0000ff"];
            let output = run(directory.path(), &[&lossless, arguments].concat(), &[]);
            (code(output.status), errors(&output))
        };
        let (status, message) = encode(&["-o", "a.mp4"]);
        assert_eq!(status, 0, "{message}");
        let seen = probe(&directory.path().join("a.mp4"));
        let starts: Vec<u32> =
            delays.iter().scan(0, |time, delay| Some(std::mem::replace(time, *time + delay))).collect();
        let times: Vec<u32> = seen.times().iter().map(|time| (time * 1e3).round() as u32).collect();
        assert_eq!(times, starts, "{name}");
        assert!((seen.duration() * 1e3 - f64::from(delays.iter().sum::<u32>())).abs() < 0.1, "{name}");
        for (frame, pixels) in decode(&directory.path().join("a.mp4"), "rgb24", 16 * 12 * 3).iter().enumerate() {
            for (index, pixel) in pixels.chunks(3).enumerate() {
                let [red, green, blue, alpha] = square(frame, index % 16, index / 16);
                let expected = if alpha > 0 { [red, green, blue] } else { [0, 0, 255] };
                assert_eq!(pixel, expected, "{name} {frame} {index}");
            }
        }
        let (status, message) = encode(&["-o", "b.mp4", "-r", "10", "--loop", "2"]);
        assert_eq!(status, 0, "{message}");
        let seen = probe(&directory.path().join("b.mp4"));
        assert_eq!((seen.packets.len(), seen.duration()), (8, 0.8), "{name}");
        let (status, message) = encode(&["-o", "c.mp4", "--start", "1", "--frames", "2"]);
        assert_eq!(status, 0, "{message}");
        let seen = probe(&directory.path().join("c.mp4"));
        assert!(
            (seen.duration() * 1e3 - f64::from(delays[1] + delays[2])).abs() < 0.1,
            "{name}: {}",
            seen.duration()
        );
        for (arguments, part) in [
            (&["-o", "d.mp4", "--resume"][..], "--resume needs a constant frame rate"),
            (&["-o", "d.mp4", "--on-error", "skip"], "--on-error is for pictures"),
            (&["-o", "d.mp4", "--levels", "0:1"], "--levels is for TIFF pictures"),
            (&["-o", "d.mp4", "-f", "gray"], "-f is for raw frames, but the input is an animation"),
        ] {
            let (status, message) = encode(arguments);
            assert_eq!((status, message.contains(part)), (2, true), "{message}");
        }
        let output = run(directory.path(), &["encode", name, "-c", "mpeg4", "-o", "d.avi"], &[]);
        assert_eq!(code(output.status), 2);
        assert!(
            errors(&output).contains("an AVI has a constant frame rate: choose mp4, mov, mkv or webm, or give -r"),
            "{}",
            errors(&output)
        );
        let names = fs::read_dir(directory.path())
            .expect("listed")
            .filter(|entry| entry.as_ref().expect("one").file_name().to_string_lossy().starts_with("d."));
        assert_eq!(names.count(), 0);
    }
}

#[test]
fn gifs_from_ffmpeg_are_read_as_ffmpeg_reads_them() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.gif");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=0.4", "-y"])
        .arg(&path)
        .status();
    assert!(made.expect("runs").success());
    let mut source = AnimationSource::open(&path).expect("opens");
    assert_eq!(
        (source.frame_rate().map(|rate| rate.to_string()).as_deref(), source.frame_periods()),
        (Some("25"), None)
    );
    let frames: Vec<Vec<u8>> = all(&mut source).expect("read").into_iter().map(|(_, bytes)| bytes).collect();
    assert!(frames == decode(&path, "rgba", 64 * 48 * 4));
    assert_eq!(frames.len(), 10);
}

#[test]
fn animations_in_a_pipe_or_a_sequence_are_refused() {
    let directory = tempdir().expect("a directory");
    let gif = fs::read(fixture("squares.gif")).expect("read");
    let piped = run(directory.path(), &["encode", "-r", "10", "-o", "a.mp4"], &gif);
    assert_eq!(code(piped.status), 1);
    assert!(errors(&piped).contains(
        "it is animated, and only still pictures can be used in a sequence; pass the file of the animation as the only input"
    ));
    for name in ["squares.png", "squares.webp"] {
        fs::copy(fixture(name), directory.path().join(name)).expect("copied");
        let output =
            run(directory.path(), &["encode", &format!("{}*", &name[..9]), "-r", "10", "-o", "a.mp4"], &[]);
        assert_eq!(code(output.status), 1);
        assert!(errors(&output).contains("it is animated"), "{}", errors(&output));
        fs::remove_file(directory.path().join(name)).expect("removed");
    }
}
