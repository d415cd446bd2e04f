//! Tests the program on the command line.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::tempdir;

use crate::nothing_lost::ended;
use crate::reader::{decode, probe, top_level_boxes};
use crate::recovery::wait_until_read;
use crate::samples::picture;

const RAW: [&str; 7] = ["encode", "-f", "rgb24", "-s", "96x64", "-r", "30"];
pub(crate) const FRAME_BYTES: usize = 96 * 64 * 3;

fn framemill() -> Command {
    Command::new(env!("CARGO_BIN_EXE_framemill"))
}

pub(crate) fn raw_frames(count: u32) -> Vec<u8> {
    (0..count).flat_map(|frame| picture(96, 64, frame)).collect()
}

/// Runs the program with `arguments` in `directory` and writes `input` to its standard input.
pub(crate) fn run(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = framemill()
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // The program may end before it has read all input.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("runs");
    writer.join().expect("written");
    output
}

pub(crate) fn encode(directory: &Path, more: &[&str], input: &[u8]) -> Output {
    run(directory, &[&RAW[..], more].concat(), input)
}

pub(crate) fn code(status: ExitStatus) -> i32 {
    status.code().expect("not ended by a signal")
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn raw_frames_on_standard_input_become_a_movie_that_ffprobe_confirms() {
    let directory = tempdir().expect("a directory");
    let input: Vec<u8> = (0..90 * 64 * 48 * 4_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let rgba = ["encode", "-f", "rgba", "-s", "64x48", "-r", "30"];
    let output = run(directory.path(), &[&rgba[..], &["-o", "a.mp4"]].concat(), &input);
    assert_eq!((code(output.status), output.stdout.len()), (0, 0), "{}", errors(&output));
    assert!(errors(&output).starts_with("a.mp4\n  frames    90 in 3.000 s of movie, "), "{}", errors(&output));
    let path = directory.path().join("a.mp4");
    let seen = probe(&path);
    assert_eq!((seen.packets.len(), seen.duration()), (90, 3.0));
    assert_eq!((seen.stream_text("codec_tag_string"), seen.stream_text("pix_fmt")), ("avc1", "yuv420p"));
    for field in ["color_space", "color_transfer", "color_primaries"] {
        assert_eq!(seen.stream_text(field), "bt709");
    }
    assert_eq!(seen.stream_text("color_range"), "tv");
    let boxes = top_level_boxes(&fs::read(path).expect("a movie"));
    assert!(boxes.iter().position(|name| name == "moov") < boxes.iter().position(|name| name == "mdat"));
    for codec in ["mpeg4", "xvid"] {
        let output = run(directory.path(), &[&rgba[..], &["-c", codec, "-o", "a.avi"]].concat(), &input);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let seen = probe(&directory.path().join("a.avi"));
        assert_eq!((seen.packets.len(), seen.stream_text("codec_tag_string")), (90, "XVID"));
    }
}

#[test]
fn wrong_usage_exits_with_2_and_names_the_fault() {
    let directory = tempdir().expect("a directory");
    for (arguments, message) in [
        (&["--x264-params", "typo=1", "-o", "a.mp4"][..], "x264 rejected typo=1 in --x264-params"),
        (&["--crf", "99", "-o", "a.mp4"], "--crf 99 is out of range: h264 takes 0 to 51"),
        (&["--crf", "-1", "-o", "a.mp4"], "--crf -1 is out of range: h264 takes 0 to 51"),
        (&["--preset", "verryfast", "-o", "a.mp4"], "did you mean \"veryfast\"?"),
        (&["-c", "x264", "-o", "a.mp4"], "unknown codec \"x264\"; did you mean \"h264\"?"),
        (
            &["-c", "xvid", "--crf", "20", "-o", "a.mkv"],
            "xvid has no option --crf: leave it out; its options are --qp, --bitrate, --max-size, --gop, --threads, --fourcc",
        ),
        (&["-c", "mpeg4", "--preset", "fast", "-o", "a.avi"], "mpeg4 has no option --preset"),
        (&["-c", "ffv1", "-o", "a.mp4"], "mp4 cannot hold ffv1: choose mkv, avi, mov"),
        (&["--crf", "20", "--qp", "20", "-o", "a.mp4"], "--crf and --qp cannot be combined"),
        (&["--maxrate", "1M", "-o", "a.mp4"], "--maxrate needs --bufsize: give both, or neither"),
        (
            &["--gop", "often", "-o", "a.mp4"],
            "--gop \"often\" is not valid: give a whole number of frames, as in 60",
        ),
        (&["--preset", "", "-o", "a.mp4"], "unknown preset \"\""),
        (&["--bitrate", "lots", "-o", "a.mp4"], "write bits per second as 4M, 800k or 4000000"),
        (&["--odd", "stretch", "-o", "a.mp4"], "unknown way to handle odd sizes \"stretch\""),
        (&["--background", "#12", "-o", "a.mp4"], "give a color as #rrggbb"),
        (&["--prest", "fast", "-o", "a.mp4"], "--preset"),
        (
            &["-crf", "20", "-o", "a.mp4"],
            "-crf is an option of the ffmpeg program; in framemill: the same with two dashes",
        ),
        (&["-c", "xvid", "--scale", "8400x16", "-o", "a.avi"], "xvid takes sides of 1 to 8191 pixels"),
        (&["--x264-params", "no-annexb=1", "-o", "a.mp4"], "--x264-params must not set no-annexb"),
        (&["--x264-params", " bframes=3", "-o", "a.avi"], "use letters, digits, - and _ in a name"),
        (
            &["--x264-params", "b_frames=3:no-bframes=1", "--profile", "baseline", "-o", "a.mp4"],
            "the profile decides it",
        ),
        (&["--profile", "baseline", "--x264-params", "cabac=1", "-o", "a.mp4"], "the profile decides it"),
        (
            &["--qp", "20", "--maxrate", "1M", "--bufsize", "1M", "-o", "a.mp4"],
            "--maxrate cannot be combined with a constant quantizer",
        ),
        (&["--crf", "0", "--profile", "high", "-o", "a.mp4"], "--profile cannot be combined with a lossless movie"),
        (
            &["-c", "prores", "--color-range", "full", "-o", "a.mov"],
            "--color-range cannot be combined with prores: leave it out; players read ProRes as limited range",
        ),
        (
            &["-c", "ffv1", "--pixel-format", "yuv444p", "--color-range", "full", "-o", "a.mov"],
            "--color-range cannot be combined with mov: choose mkv, which records the range of ffv1, or limited range",
        ),
        (
            &["-c", "ffv1", "--pixel-format", "yuv444p", "-o", "a.avi"],
            "--pixel-format cannot be combined with ffv1 in avi: choose mkv or mov, which record how RGB becomes YUV, \
             or leave it out to keep RGB",
        ),
        (
            &["-c", "encoder:huffyuv", "--pixel-format", "yuv422p", "-o", "a.avi"],
            "--pixel-format cannot be combined with encoder:huffyuv in avi: choose mkv or mov, which record how RGB \
             becomes YUV, or leave it out to keep RGB",
        ),
        (&["-c", "mjpeg", "--threads", "128", "-o", "a.avi"], "--threads 128 is out of range: mjpeg takes 1 to 16"),
        (
            &["--background", "#123456", "-o", "a.mp4"],
            "--background is for transparent pixels, but the input is rgb24, which has none",
        ),
        (&["--no-clobber", "--container", "mp4", "-o", "-"], "--no-clobber is for files"),
        (&["-o", "movie"], "\"movie\" does not end in a known extension"),
        (&["-o", "-"], "give --container mp4, mov, mkv or webm"),
        (&["-o", "-", "--container", "avi"], "finishing avi needs seeking"),
        (&[], "--output <FILE>"),
    ] {
        let output = encode(directory.path(), arguments, &raw_frames(2));
        assert_eq!(code(output.status), 2, "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{arguments:?}: {}", errors(&output));
    }
    for (arguments, message) in [
        (&["encode", "-f", "rgba", "-s", "0x10", "-r", "30", "-o", "a.mp4"][..], "each side is 1 to 65535 pixels"),
        (
            &["encode", "-f", "rgba64le", "-s", "4294967295x4294967295", "-r", "30", "-o", "a.mp4"],
            "1 to 65535 pixels",
        ),
        (&["encode", "-f", "rgbx8", "-s", "8x8", "-r", "30", "-o", "a.mp4"], "unknown pixel format \"rgbx8\""),
        (&["encode", "-f", "rgba", "-s", "8x8", "-r", "0", "-o", "a.mp4"], "frame rate \"0\" is not valid"),
        (&["encode", "-f", "rgba", "-s", "8x8", "-o", "a.mp4"], "raw frames do not record their rate: give -r"),
        (&["encode", "-f", "rgba", "-r", "30", "-o", "a.mp4"], "raw frames do not record their size: give -s"),
        (
            &["encode", "-s", "8x8", "-r", "30", "-o", "a.mp4"],
            "raw frames do not record their pixel format: give -f",
        ),
    ] {
        let output = run(directory.path(), arguments, &[0; 1_000]);
        assert_eq!(code(output.status), 2, "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{arguments:?}: {}", errors(&output));
    }
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0);
}

#[test]
fn failed_work_exits_with_1() {
    let directory = tempdir().expect("a directory");
    for (arguments, input, message) in [
        (&["-o", "a.mp4"][..], 0, "no frame was written, so there is no movie: the input has no frames"),
        (&["-o", "missing/a.mp4"], 2, "missing/a.mp4.part: No such file or directory"),
        (&["missing.raw", "-o", "a.mp4"], 0, "cannot read missing.raw: No such file or directory"),
        (&["--container", "mp4", "-o", "/dev/full"], 2, "No space left on device"),
    ] {
        let output = encode(directory.path(), arguments, &raw_frames(input));
        assert_eq!(code(output.status), 1, "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{arguments:?}: {}", errors(&output));
    }
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0);
}

#[test]
fn a_stream_cut_inside_a_frame_keeps_the_complete_frames() {
    let directory = tempdir().expect("a directory");
    let mut input = raw_frames(7);
    input.truncate(6 * FRAME_BYTES + 100);
    let output = encode(directory.path(), &["-o", "a.mp4"], &input);
    assert_eq!(code(output.status), 1);
    let message = "standard input: the stream ends inside frame 6: it has 100 of the frame's 18432 bytes";
    assert!(errors(&output).contains(message), "{}", errors(&output));
    assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), 6);
}

#[test]
fn standard_output_receives_only_the_movie() {
    let directory = tempdir().expect("a directory");
    for container in ["mp4", "mkv", "mov"] {
        let output = encode(directory.path(), &["--container", container, "-o", "-"], &raw_frames(40));
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let path = directory.path().join("out").with_extension(container);
        fs::write(&path, &output.stdout).expect("written");
        let seen = probe(&path);
        assert_eq!(seen.packets.len(), 40);
        assert!(
            seen.times()[0].abs() < 1e-9 && (seen.times()[39] - 39.0 / 30.0).abs() < 0.001,
            "{:?}",
            seen.times()
        );
        assert_eq!(decode(&path, "rgb24", FRAME_BYTES).len(), 40);
    }
}

#[test]
fn y4m_is_detected() {
    let directory = tempdir().expect("a directory");
    for format in ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gray"] {
        let made = Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "rgb24",
                "-s",
                "96x64",
                "-r",
                "24000/1001",
                "-i",
                "-",
            ])
            .args(["-pix_fmt", format, "-strict", "-1", "-y", "in.y4m"])
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .spawn()
            .and_then(|mut ffmpeg| {
                ffmpeg.stdin.take().expect("piped").write_all(&raw_frames(9))?;
                ffmpeg.wait()
            });
        assert!(made.expect("runs").success(), "{format}");
        let y4m = fs::read(directory.path().join("in.y4m")).expect("made");
        for (arguments, input) in
            [(&["encode", "in.y4m", "-o", "a.mp4"][..], &[][..]), (&["encode", "-o", "a.mp4"], &y4m)]
        {
            let output = run(directory.path(), arguments, input);
            assert_eq!(code(output.status), 0, "{format}: {}", errors(&output));
            let seen = probe(&directory.path().join("a.mp4"));
            assert_eq!((seen.packets.len(), seen.stream_text("avg_frame_rate")), (9, "24000/1001"), "{format}");
        }
    }
    let count = |arguments: &[&str]| run(directory.path(), arguments, &[]).status.code();
    assert_eq!(count(&["encode", "in.y4m", "--background", "#123456", "-o", "a.mp4"]), Some(2));
    let output = run(directory.path(), &["encode", "in.y4m", "-s", "8x8", "-o", "a.mp4"], &[]);
    assert_eq!(code(output.status), 2);
    assert!(errors(&output).contains("-s is for raw frames, but the input is YUV4MPEG2: leave it out"));
}

#[test]
fn quiet_prints_nothing_and_progress_is_shown_on_request() {
    let directory = tempdir().expect("a directory");
    let output = encode(directory.path(), &["-q", "-o", "a.mp4"], &raw_frames(5));
    assert_eq!((code(output.status), errors(&output)), (0, String::new()));
    let mut child = interactive(directory.path(), &["--progress", "always", "-o", "a.mp4"]);
    let mut stdin = child.stdin.take().expect("piped");
    for _ in 0..3 {
        stdin.write_all(&raw_frames(20)).expect("read");
        thread::sleep(Duration::from_millis(700));
    }
    drop(stdin);
    let output = child.wait_with_output().expect("runs");
    assert!(errors(&output).contains(" frames  ") && errors(&output).contains(" fps  "), "{}", errors(&output));
}

fn interactive(directory: &Path, arguments: &[&str]) -> Child {
    framemill()
        .args(RAW)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts")
}

#[test]
fn a_signal_finishes_the_movie_with_the_frames_so_far() {
    for (signal, expected) in [(libc::SIGINT, 130), (libc::SIGTERM, 143)] {
        let directory = tempdir().expect("a directory");
        let mut child = interactive(directory.path(), &["-o", "a.mp4"]);
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(&raw_frames(50)).expect("read");
        // The input stays open, and the program must not wait for its end.
        thread::sleep(Duration::from_millis(300));
        send(&child, signal);
        let mut message = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut message).expect("text");
        assert_eq!(code(child.wait().expect("ends")), expected, "{message}");
        drop(stdin);
        assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), 50, "{message}");
    }
}

#[test]
fn a_signal_ends_the_wait_for_the_rest_of_a_frame() {
    const SIZE: &str = "640x480";
    const FRAME_BYTES: usize = 640 * 480;
    // Within the first page of a frame, within its first strip, and later.
    for rest in [1, 5_000, FRAME_BYTES - 1] {
        let directory = tempdir().expect("a directory");
        let mut child = framemill()
            .args(["encode", "-q", "-f", "gray", "-s", SIZE, "-r", "30", "-o", "a.mp4"])
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(&vec![90; 3 * FRAME_BYTES + rest]).expect("read");
        thread::sleep(Duration::from_millis(300));
        send(&child, libc::SIGINT);
        assert_eq!(code(ended(child).status), 130);
        drop(stdin);
        assert_eq!(probe(&directory.path().join("a.mp4")).packets.len(), 3, "{rest}");
    }
}

#[test]
fn a_signal_before_the_first_frame_leaves_nothing() {
    let directory = tempdir().expect("a directory");
    let mut child = interactive(directory.path(), &["-o", "a.mp4"]);
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(&[0; 100]).expect("read");
    thread::sleep(Duration::from_millis(500));
    send(&child, libc::SIGTERM);
    assert_eq!(code(child.wait().expect("ends")), 143);
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0);
}

fn send(child: &Child, signal: i32) {
    let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn the_program_describes_itself() {
    let directory = tempdir().expect("a directory");
    let printed = |arguments: &[&str]| {
        let output = run(directory.path(), arguments, &[]);
        assert_eq!((code(output.status), errors(&output)), (0, String::new()), "{arguments:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let version = printed(&["--version"]);
    for part in [
        env!("CARGO_PKG_VERSION"),
        "FFmpeg ",
        "libavcodec ",
        "libswscale ",
        "libswresample ",
        "license of this build: ",
    ] {
        assert!(version.contains(part), "{version}");
    }
    let codecs = printed(&["codecs"]);
    for part in ["libx264rgb", "mp4 mov m4v avi mkv", "yuv420p10le", "input pixel formats: gray ", "GPL"] {
        assert!(codecs.contains(part), "{codecs}");
    }
    assert!(printed(&["completions", "bash"]).contains("--x264-params"));
    assert!(printed(&["completions", "zsh"]).contains("--x264-params"));
    let man = printed(&["man"]);
    assert!(man.contains(".TH framemill 1") && man.contains("x264\\-params"), "{man}");
    assert!(printed(&["encode", "--help"]).contains("Constant quality: lower is better"));
}

#[test]
fn the_program_recovers_a_part_file() {
    let directory = tempdir().expect("a directory");
    let mut child = interactive(directory.path(), &["--tune", "zerolatency", "-o", "a.mp4"]);
    let input = child.stdin.as_mut().expect("piped");
    input.write_all(&raw_frames(90)).expect("written");
    wait_until_read(input);
    child.kill().expect("killed");
    child.wait().expect("gone");
    let output = run(directory.path(), &["recover", "a.mp4.part"], &[]);
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    assert!(errors(&output).contains("a.mp4.part can be deleted"), "{}", errors(&output));
    assert!(probe(&directory.path().join("a.mp4")).packets.len() > 40);
    let output = run(directory.path(), &["recover", "a.mp4.part"], &[]);
    assert_eq!(code(output.status), 1);
    assert!(errors(&output).contains("it already exists"), "{}", errors(&output));
    let output = run(directory.path(), &["recover", "a.mp4.part", "-o", "-b.mp4"], &[]);
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    assert!(directory.path().join("-b.mp4").exists());
}
