//! Tests joining: separately encoded segments make the same movie as jobs, and errors name the file that cannot be
//! joined.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use framemill::{
    Codec, Container, Error, Ffv1, FrameRate, FrameView, H264, Hevc, InvalidInput, Jobs, Mjpeg, Mpeg4, PixelFormat,
    Preset, VideoWriter, join,
};
use tempfile::tempdir;

use crate::program::{code, errors, raw_frames, run};
use crate::reader::{decode, probe};
use crate::samples::picture;

// If the chroma of a row is a multiple of 32 samples wide, x264 always writes the same bytes; see vendor-notes/x264.md.
const WIDTH: u32 = 128;
const HEIGHT: u32 = 64;
const FRAME_BYTES: usize = (WIDTH * HEIGHT * 3) as usize;
const SEGMENT_FRAMES: u32 = 7;

fn open(path: &Path, codec: impl Into<Codec>) -> VideoWriter {
    VideoWriter::builder(path, WIDTH, HEIGHT, FrameRate::new(30_000, 1_001))
        .codec(codec)
        .jobs(Jobs::Count(2))
        .segment_frames(SEGMENT_FRAMES)
        .create()
        .expect("opens")
}

fn write(video: &mut VideoWriter, frame: u32) {
    let pixels = picture(WIDTH, HEIGHT, frame * 3);
    video.write(&FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture")).expect("written");
}

fn movie(path: &Path, codec: impl Into<Codec>, frames: impl IntoIterator<Item = u32>) {
    let mut video = open(path, codec);
    frames.into_iter().for_each(|frame| write(&mut video, frame));
    video.finish().expect("a movie");
}

/// Writes a movie of `frames` frames as segments.
fn segments(directory: &Path, codec: &Codec, container: Container, frames: u32) -> Vec<PathBuf> {
    (0..frames)
        .step_by(SEGMENT_FRAMES as usize)
        .map(|first| {
            let path = directory.join(format!("{first}.{}", container.name()));
            movie(&path, codec.clone(), first..(first + SEGMENT_FRAMES).min(frames));
            path
        })
        .collect()
}

#[test]
fn separately_encoded_segments_make_the_same_movie_as_jobs() {
    let codecs: [(Codec, Container); 9] = [
        (H264::crf(20.0).into(), Container::Mp4),
        (H264::qp(20).preset(Preset::Slow).x264_param("bframes", "5").into(), Container::Mov),
        (H264::crf(20.0).into(), Container::Mkv),
        (H264::crf(20.0).preset(Preset::Ultrafast).into(), Container::Avi),
        (Codec::H264Rgb(H264::lossless()), Container::Mp4),
        (Mpeg4::qp(3).into(), Container::Avi),
        (Mpeg4::qp(3).into(), Container::Mp4),
        (Mjpeg::qp(3).into(), Container::Mov),
        (Ffv1::default().into(), Container::Mkv),
    ];
    for (codec, container) in codecs {
        for frames in [1, 7, 8, 20, 22] {
            let directory = tempdir().expect("a directory");
            let at = |name: &str| directory.path().join(name).with_extension(container.name());
            let parts = segments(directory.path(), &codec, container, frames);
            let joined = join(&parts, at("joined")).expect("a movie");
            assert_eq!((joined.frames, joined.segments), (frames.into(), parts.len() as u64));
            assert_eq!(joined.bytes, fs::metadata(at("joined")).expect("a movie").len());
            movie(&at("whole"), codec.clone(), 0..frames);
            let (seen, expected) = (probe(&at("joined")), probe(&at("whole")));
            assert_eq!(seen.packets, expected.packets, "{codec:?} {container:?} {frames}");
            let bytes = |name| fs::read(at(name)).expect("a movie");
            assert!(bytes("joined") == bytes("whole"), "{codec:?} {container:?} {frames}");
            assert_eq!(decode(&at("joined"), "rgb24", FRAME_BYTES).len(), frames as usize);
        }
    }
}

#[test]
fn long_movies_have_the_same_bytes_joined_or_whole_and_at_any_speed() {
    for container in [Container::Mkv, Container::Mp4, Container::Avi] {
        let directory = tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name).with_extension(container.name());
        let codec: Codec = H264::crf(30.0).preset(Preset::Ultrafast).into();
        let frames = 100;
        let parts = segments(directory.path(), &codec, container, frames);
        join(&parts, at("joined")).expect("a movie");
        movie(&at("whole"), codec.clone(), 0..frames);
        let mut video = open(&at("slow"), codec);
        for frame in 0..frames {
            if frame % 60 == 10 {
                std::thread::sleep(Duration::from_millis(1_100));
            }
            write(&mut video, frame);
        }
        video.finish().expect("a movie");
        let bytes = |name| fs::read(at(name)).expect("a movie");
        assert!(bytes("joined") == bytes("whole"), "{container:?}");
        assert!(bytes("slow") == bytes("whole"), "{container:?}");
    }
}

#[test]
fn varying_times_and_the_last_hold_are_preserved() {
    for container in [Container::Mp4, Container::Mkv] {
        let directory = tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name).with_extension(container.name());
        for name in ["a", "b"] {
            let mut video = open(&at(name), H264::crf(20.0));
            for (frame, time) in (0..).zip([0.0, 0.01, 0.02, 0.5, 0.51, 0.52, 1.25, 1.26]) {
                let pixels = picture(WIDTH, HEIGHT, frame);
                let view = FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture");
                video.write_at(Duration::from_secs_f64(time), &view).expect("later");
            }
            video.hold(Duration::from_secs_f64(0.74)).expect("held");
            video.finish().expect("a movie");
        }
        join([at("a"), at("b")], at("joined")).expect("a movie");
        let one = 1.26 + 1_001.0 / 30_000.0 + 0.74;
        let times = probe(&at("joined")).times();
        let expected: Vec<f64> = [0.0, one]
            .into_iter()
            .flat_map(|start| [0.0, 0.01, 0.02, 0.5, 0.51, 0.52, 1.25, 1.26].map(|time| start + time))
            .collect();
        assert_eq!(times.len(), expected.len());
        for (time, expected) in times.iter().zip(&expected) {
            assert!((time - expected).abs() <= 0.002, "{container:?}: {times:?} instead of {expected:?}");
        }
        assert!((probe(&at("joined")).duration() - 2.0 * one).abs() <= 0.003);
    }
}

#[test]
fn a_truncated_segment_is_not_published() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let input = raw_frames(8);
    fs::write(at("cut.raw"), &input[..input.len() - 100]).expect("written");
    fs::write(at("p.mp4"), "an older segment").expect("written");
    let cut = ["encode", "cut.raw", "-f", "rgb24", "-s", "96x64", "-r", "30", "-q"];
    let segment = ["--segment", "0", "--segment-frames", "10", "-o", "p.mp4"];
    let output = run(directory.path(), &[&cut[..], &segment].concat(), &[]);
    assert_eq!(code(output.status), 1);
    assert!(errors(&output).contains("the stream ends inside frame 7"), "{}", errors(&output));
    assert_eq!(fs::read(at("p.mp4")).expect("kept"), b"an older segment");
    assert!(at("p.mp4.part").exists());
    let skipped = ["encode", "*.png", "-r", "30", "--on-error", "skip"];
    let output = run(directory.path(), &[&skipped[..], &segment].concat(), &[]);
    assert_eq!(code(output.status), 2);
    assert!(errors(&output).contains("--on-error skip cannot be combined with --segment"), "{}", errors(&output));
}

#[test]
fn ntsc_rates_survive_the_rounding_of_matroska() {
    let directory = tempdir().expect("a directory");
    for rate in ["59.94", "23.976", "119.88"] {
        let encode = |more: &[&str]| {
            let input = ["encode", "-f", "rgb24", "-s", "96x64", "-r", rate, "--preset", "ultrafast", "-q"];
            let output = run(directory.path(), &[&input[..], more].concat(), &raw_frames(70));
            assert!(output.status.success(), "{}", errors(&output));
        };
        for segment in ["0", "1", "2", "3"] {
            encode(&["--segment", segment, "--segment-frames", "20", "-o", &format!("{segment}.mkv")]);
        }
        encode(&["--jobs", "2", "--segment-frames", "20", "-o", "whole.mkv"]);
        let parts = ["0", "1", "2", "3"].map(|segment| directory.path().join(segment).with_extension("mkv"));
        join(parts, directory.path().join("joined.mkv")).expect("a movie");
        let bytes = |name: &str| fs::read(directory.path().join(name)).expect("a movie");
        assert!(bytes("joined.mkv") == bytes("whole.mkv"), "{rate}");
    }
}

#[test]
fn a_hold_shorter_than_a_frame_is_kept_at_each_joint() {
    let directory = tempdir().expect("a directory");
    let parts: Vec<PathBuf> = (0..10)
        .map(|number| {
            let path = directory.path().join(format!("{number}.mp4"));
            let mut video =
                VideoWriter::builder(&path, WIDTH, HEIGHT, FrameRate::new(1_000, 1)).create().expect("opens");
            (0..4).for_each(|frame| write(&mut video, frame));
            video.hold(Duration::from_micros(1_500)).expect("held");
            video.finish().expect("a movie");
            path
        })
        .collect();
    let joined = join(&parts, directory.path().join("joined.mp4")).expect("a movie");
    assert_eq!(joined.duration, Duration::from_millis(55));
    let times = probe(joined.path.as_deref().expect("a file")).times();
    assert!((times[36] - 9.0 * 0.005_5).abs() < 0.000_02, "{times:?}");
}

#[test]
fn join_errors_give_the_file_and_the_reason() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    movie(&at("a.mp4"), H264::crf(20.0), 0..10);
    movie(&at("other.mp4"), Mpeg4::qp(3), 0..10);
    movie(&at("profile.mp4"), H264::crf(20.0).preset(Preset::Ultrafast), 0..10);
    movie(&at("a.mkv"), H264::crf(20.0), 0..10);
    movie(&at("a.avi"), Mpeg4::qp(3), 0..10);
    let mut faster = VideoWriter::builder(at("faster.avi"), WIDTH, HEIGHT, FrameRate::new(60, 1))
        .codec(Mpeg4::qp(3))
        .create()
        .expect("opens");
    write(&mut faster, 0);
    faster.finish().expect("a movie");
    movie(&at("a.mov"), Mjpeg::qp(3), 0..10);
    let whole_chroma = VideoWriter::builder(at("whole_chroma.mov"), WIDTH, HEIGHT, FrameRate::new(30_000, 1_001));
    let mut whole_chroma =
        whole_chroma.codec(Mjpeg::qp(3)).pixel_format(PixelFormat::Yuv444p).create().expect("opens");
    write(&mut whole_chroma, 0);
    whole_chroma.finish().expect("a movie");
    let hidden = "ffmpeg -v error -i a.mp4 -c copy one.mp4; ffmpeg -v error -ss 0.2 -i a.mp4 -c copy hidden.mp4";
    let made = Command::new("bash").args(["-ec", hidden]).current_dir(directory.path()).status().expect("runs");
    assert!(made.success());
    let mut small = VideoWriter::builder(at("small.mp4"), 64, 64, FrameRate::new(30, 1)).create().expect("opens");
    small.write(&FrameView::rgb(&[9; 64 * 64 * 3], 64, 64).expect("a picture")).expect("written");
    small.finish().expect("a movie");
    fs::write(at("text.mp4"), "This is no movie at all.").expect("written");
    fs::write(at("empty.mp4"), "").expect("written");
    let whole = fs::read(at("a.mp4")).expect("a movie");
    fs::write(at("cut.mp4"), &whole[..whole.len() - 50]).expect("written");
    let whole = fs::read(at("a.mkv")).expect("a movie");
    fs::write(at("cut.mkv"), &whole[..whole.len() - 900]).expect("written");
    let mut flipped = whole;
    let middle = flipped.len() / 2;
    flipped[middle..middle + 40].fill(0);
    fs::write(at("zeros.mkv"), flipped).expect("written");

    let refused = |second: &str, output: &str| {
        let extension = Path::new(output).extension().expect("one").to_str().expect("text");
        let first = format!("a.{extension}");
        let error = join([at(&first), at(second)], at(output)).expect_err(second);
        assert!(
            matches!(&error, Error::Input { name, .. } if *name == at(second).display().to_string()),
            "{error}"
        );
        error.to_string()
    };
    for (second, output, problem) in [
        ("other.mp4", "m.mp4", "has another codec"),
        ("profile.mp4", "m.mp4", "was encoded with other settings, or by another version"),
        ("small.mp4", "m.mp4", "has 64x64 pixels instead of 128x64"),
        ("text.mp4", "m.mp4", "is not a movie"),
        ("empty.mp4", "m.mp4", "is not a movie"),
        ("cut.mp4", "m.mp4", "is damaged or incomplete"),
        ("cut.mkv", "m.mkv", "is damaged or incomplete"),
        ("zeros.mkv", "m.mkv", "is damaged or incomplete"),
        ("a.mkv", "m.mp4", "is mkv, but the movie should be mp4"),
        (
            "faster.avi",
            "m.avi",
            "does not have the frame rate 30000/1001, and the container needs one rate for all frames",
        ),
        ("whole_chroma.mov", "m.mov", "was encoded with other settings, or by another version"),
        ("hidden.mp4", "m.mp4", "hides some of its frames by an edit list"),
    ] {
        let message = refused(second, output);
        assert!(message.ends_with(&format!("it cannot be joined: it {problem}")), "{second}: {message}");
    }
    let missing = join([at("a.mp4"), at("none.mp4")], at("m.mp4")).expect_err("missing").to_string();
    assert!(missing.contains("none.mp4"), "{missing}");
    let none: [&Path; 0] = [];
    assert!(matches!(join(none, at("m.mp4")), Err(Error::NoSegments)));
    let itself = join([at("small.mp4"), at("a.mp4")], at("a.mp4")).expect_err("itself").to_string();
    assert!(itself.contains("is also the output"), "{itself}");
    let mut running = open(&at("running.mp4"), H264::crf(20.0));
    write(&mut running, 0);
    let part = join([at("running.mp4.part")], at("m.mp4")).expect_err("running");
    assert!(matches!(part, Error::Input { problem: InvalidInput::StillWritten, .. }), "{part}");
    running.abort();
    let names = fs::read_dir(directory.path()).expect("listed").count();
    assert_eq!(names, 16, "the failed joins left files behind");
}

#[test]
fn the_program_joins_more_segments_than_it_may_open_at_once() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let frames = 131;
    fs::write(at("in.raw"), raw_frames(frames)).expect("written");
    let input = ["encode", "in.raw", "-f", "rgb24", "-s", "96x64", "-r", "30", "--preset", "ultrafast", "-q"];
    let made = |more: &[&str]| {
        let output = run(directory.path(), &[&input[..], more].concat(), &[]);
        (code(output.status), errors(&output))
    };
    let mut names = Vec::new();
    for segment in 0..frames.div_ceil(2) {
        let (number, name) = (segment.to_string(), format!("s{segment:03}.mp4"));
        assert_eq!(made(&["--segment", &number, "--segment-frames", "2", "-o", &name]), (0, String::new()));
        names.push(name);
    }
    let program = env!("CARGO_BIN_EXE_framemill");
    let script = format!("ulimit -n 40; {program} join s*.mp4 -o joined.mp4");
    let output = Command::new("bash").args(["-c", &script]).current_dir(directory.path()).output().expect("runs");
    assert!(output.status.success(), "{}", errors(&output));
    assert!(errors(&output).contains("joined.mp4: 131 frames of 66 segments, 4.367 s"), "{}", errors(&output));
    assert_eq!(made(&["--jobs", "2", "--segment-frames", "2", "-o", "whole.mp4"]).0, 0);
    let bytes = |name: &str| fs::read(at(name)).expect("a movie");
    assert!(bytes("joined.mp4") == bytes("whole.mp4"));
    assert_eq!(decode(&at("joined.mp4"), "rgb24", 96 * 64 * 3).len(), frames as usize);

    let (status, message) = made(&["--segment", "66", "--segment-frames", "2", "-o", "x.mp4"]);
    assert_eq!(status, 1);
    assert!(message.contains("the input ends before --segment 66"), "{message}");
    let (status, message) = made(&["--segment", "0", "-o", "x.mp4"]);
    assert_eq!((status, message.contains("--segment-frames")), (2, true), "{message}");
    let output = run(directory.path(), &["join", "s000.mp4", "-o", "joined.mp4", "--no-clobber"], &[]);
    assert_eq!(code(output.status), 1);
    assert!(errors(&output).contains("it already exists"), "{}", errors(&output));
    let output = run(directory.path(), &["join", "in.raw", "-o", "x.mp4"], &[]);
    assert_eq!(code(output.status), 1);
    assert!(errors(&output).contains("in.raw: it cannot be joined: it is not a movie"), "{}", errors(&output));
}

#[test]
fn twenty_thousand_segments_are_joined_with_64_open_files() {
    let directory = tempdir().expect("a directory");
    movie(&directory.path().join("one.mkv"), Mjpeg::qp(20), 0..1);
    let program = env!("CARGO_BIN_EXE_framemill");
    let script = format!("ulimit -n 64; {program} join $(yes one.mkv | head -n 20000) -o joined.mkv");
    let output = Command::new("bash").args(["-c", &script]).current_dir(directory.path()).output().expect("runs");
    assert!(output.status.success());
    assert!(errors(&output).starts_with("joined.mkv: 20000 frames of 20000 segments"), "{}", errors(&output));
    assert_eq!(probe(&directory.path().join("joined.mkv")).packets.len(), 20_000);
}

#[test]
fn the_joined_movie_has_the_frame_rate_of_its_segments() {
    let directory = tempdir().expect("a directory");
    let codecs: [(Codec, &str, (u32, u32)); 4] = [
        (H264::crf(20.0).into(), "mp4", (30, 1)),
        (H264::crf(20.0).into(), "mov", (24_000, 1_001)),
        (Codec::H264Rgb(H264::lossless()), "mp4", (24_000, 1_001)),
        // The shortest frame period is one tick of its clock.
        (Ffv1::default().into(), "avi", (1_000, 1)),
    ];
    for (codec, extension, (numerator, denominator)) in codecs {
        // The last segment has one frame, two, or three.
        for frames in [15, 16, 17] {
            let at = |name: &str| directory.path().join(name).with_extension(extension);
            let builder = |path: &Path| {
                VideoWriter::builder(path, WIDTH, HEIGHT, FrameRate::new(numerator, denominator))
                    .codec(codec.clone())
                    .segment_frames(SEGMENT_FRAMES)
            };
            let mut whole = builder(&at("whole")).jobs(Jobs::Count(2)).create().expect("opens");
            (0..frames).for_each(|frame| write(&mut whole, frame));
            whole.finish().expect("a movie");
            let plan = builder(&at("whole")).plan().expect("a plan");
            let parts: Vec<PathBuf> = (0..frames.div_ceil(SEGMENT_FRAMES))
                .map(|number| {
                    let path = at(&format!("part{number}"));
                    let mut segment = plan.segment(number.into(), &path).expect("opens");
                    let first = number * SEGMENT_FRAMES;
                    (first..frames.min(first + SEGMENT_FRAMES)).for_each(|frame| write(&mut segment, frame));
                    segment.finish().expect("a segment");
                    path
                })
                .collect();
            join(&parts, at("joined")).expect("a movie");
            for name in ["whole", "joined"] {
                let seen = probe(&at(name));
                let rate = format!("{numerator}/{denominator}");
                assert_eq!((seen.packets.len() as u32, seen.stream_text("avg_frame_rate")), (frames, &rate[..]));
            }
            assert!(fs::read(at("joined")).expect("read") == fs::read(at("whole")).expect("read"), "{extension}");
        }
    }
}

#[test]
fn short_movies_are_joined_at_their_frame_rate() {
    let codecs: [(Codec, &str); 3] = [
        (H264::crf(20.0).into(), "mp4"),
        (H264::crf(20.0).x264_param("bframes", "5").into(), "mov"),
        (Hevc::crf(28.0).into(), "mp4"),
    ];
    for (codec, extension) in codecs {
        // Short movies first, last and in between: their encoders reorder less than the others.
        for lengths in [&[2, 9][..], &[1, 9, 9], &[1, 1, 9], &[9, 1, 9, 2, 9], &[1, 1, 1, 1]] {
            let directory = tempdir().expect("a directory");
            let at = |name: &str| directory.path().join(name).with_extension(extension);
            let mut first = 0;
            let mut parts = Vec::new();
            for (number, length) in lengths.iter().enumerate() {
                let path = at(&format!("part{number}"));
                let rate = FrameRate::new(25, 1);
                let builder = VideoWriter::builder(&path, WIDTH, HEIGHT, rate).codec(codec.clone());
                let mut part = builder.threads(1).create().expect("opens");
                (first..first + length).for_each(|frame| write(&mut part, frame));
                part.finish().expect("a movie");
                parts.push(path);
                first += length;
            }
            join(&parts, at("joined")).expect("a movie");
            let seen = probe(&at("joined"));
            assert_eq!(
                (seen.packets.len() as u32, seen.stream_text("avg_frame_rate")),
                (first, "25/1"),
                "{lengths:?}"
            );
            let times: Vec<f64> = (0..first).map(|frame| f64::from(frame) / 25.0).collect();
            let right = seen.times().iter().zip(&times).all(|(seen, time)| (seen - time).abs() < 1e-4);
            assert!(right, "{lengths:?}: {:?}", seen.times());
        }
    }
}
