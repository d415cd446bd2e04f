//! Tests resuming interrupted runs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use framemill::{
    Codec, Container, Error, Ffv1, FrameRate, FrameView, H264, Hevc, InvalidInput, InvalidSettings, Jobs, Memory,
    Mjpeg, Mpeg4, Output, Preset, VideoWriter, VideoWriterBuilder,
};
use tempfile::tempdir;

use crate::reader::{decode, probe};

const RATE: FrameRate = FrameRate::new(30, 1);

/// x264 is deterministic at this width (vendor-notes/x264.md).
const SIZE: (u32, u32) = (128, 64);
const FRAMES: u64 = 60;

fn picture(frame: u64) -> Vec<u8> {
    let (width, height) = SIZE;
    let noise = (0..u64::from(width * height)).map(|at| (at.wrapping_mul(7919 + frame * 977) >> 9) as u8 % 40);
    noise.map(|noise| noise.wrapping_add((frame * 3) as u8)).collect()
}

fn write(video: &mut VideoWriter, frames: std::ops::Range<u64>) {
    for frame in frames {
        video.write(&FrameView::gray(&picture(frame), SIZE.0, SIZE.1).expect("a picture")).expect("written");
    }
}

fn builder(path: &Path, codec: &Codec, jobs: bool) -> VideoWriterBuilder {
    let builder = VideoWriter::builder(path, SIZE.0, SIZE.1, RATE).codec(codec.clone());
    if jobs { builder.jobs(Jobs::Count(2)).segment_frames(8) } else { builder.threads(1) }
}

/// Returns the part file of an interrupted run that wrote `frames` frames.
fn left(path: &Path, codec: &Codec, jobs: bool, frames: u64) -> PathBuf {
    let mut video = builder(path, codec, jobs).create().expect("opens");
    write(&mut video, 0..frames);
    video.leave().expect("left").expect("a part file")
}

/// Resumes and finishes a run, and returns the number of frames that were kept.
fn resumed(path: &Path, codec: &Codec, jobs: bool) -> u64 {
    let found = builder(path, codec, jobs).resumable().expect("looked for");
    let expected = found.map_or(0, |found| found.frames);
    assert!(found.is_none_or(|found| (found.width, found.height) == SIZE));
    let mut video = builder(path, codec, jobs).resume().create().expect("resumed");
    let kept = video.frames();
    assert_eq!(kept, expected);
    write(&mut video, kept..FRAMES);
    let stats = video.finish().expect("finished");
    assert_eq!((stats.frames, stats.packets), (FRAMES, FRAMES));
    kept
}

/// Checks that each decoded frame has the right number.
fn check_pictures(path: &Path, what: &str) {
    let pixels = (SIZE.0 * SIZE.1) as usize;
    let decoded = decode(path, "gray", pixels);
    assert_eq!(decoded.len() as u64, FRAMES, "{what}");
    for (frame, decoded) in (0..FRAMES).zip(&decoded) {
        let mean = |samples: &[u8]| samples.iter().map(|sample| f64::from(*sample)).sum::<f64>() / pixels as f64;
        assert!((mean(decoded) - mean(&picture(frame))).abs() < 1.4, "{what}: frame {frame}");
    }
}

fn codecs() -> Vec<(Codec, &'static [&'static str])> {
    vec![
        (H264::crf(20.0).gop(20).into(), &["mp4", "mkv", "mov", "avi"]),
        (Hevc::crf(20.0).preset(Preset::Superfast).gop(20).into(), &["mp4", "mkv", "mov"]),
        (Hevc::crf(20.0).preset(Preset::Superfast).x265_param("bframes", "0").into(), &["mp4", "mkv"]),
        (Mpeg4::default().into(), &["mp4", "avi"]),
        (Mjpeg::default().into(), &["avi", "mkv"]),
        (Ffv1::default().into(), &["mkv"]),
    ]
}

/// Cuts a run's part file at each of `cuts`, in tenths of its length, and resumes the run.
fn every_frame_is_there_once(name: &str, cuts: &[usize]) {
    for (codec, containers) in codecs().into_iter().filter(|(codec, _)| codec.name() == name) {
        for container in containers {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("m").with_extension(container);
            let part = left(&path, &codec, false, 45);
            let whole = fs::read(&part).expect("left");
            for &cut in cuts {
                let what = format!("{name} in {container}, cut to {cut}/10");
                fs::write(&part, &whole[..whole.len() * cut / 10]).expect("cut");
                let kept = resumed(&path, &codec, false);
                assert!(cut < 10 || kept == 45, "{what}: {kept} frames are kept");
                let shown = probe(&path).times().into_iter().map(|time| (time * 30.0).round() as u64);
                assert!(shown.eq(0..FRAMES), "{what}");
                check_pictures(&path, &what);
            }
        }
    }
}

/// Cuts the part file of a run with jobs at every `step` fiftieths of its length, and resumes the run.
fn finished_segments_are_kept(name: &str, step: usize) {
    for (codec, containers) in codecs().into_iter().filter(|(codec, _)| codec.name() == name) {
        for container in containers {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("m").with_extension(container);
            let mut video = builder(&path, &codec, true).create().expect("opens");
            write(&mut video, 0..FRAMES);
            video.finish().expect("finished");
            let expected = fs::read(&path).expect("a movie");
            let part = left(&path, &codec, true, 45);
            let whole = fs::read(&part).expect("left");
            for cut in (1..=50).rev().step_by(step) {
                let what = format!("{name} in {container}, cut to {cut}/50");
                fs::write(&part, &whole[..whole.len() * cut / 50]).expect("cut");
                let kept = resumed(&path, &codec, true);
                assert_eq!(kept % 8, 0, "{what}");
                assert!(cut < 50 || kept == 40, "{what}: {kept}");
                let made = fs::read(&path).expect("a movie");
                let other = made.iter().zip(&expected).position(|(made, expected)| made != expected);
                assert!(made == expected, "{what}: {} and {} bytes, from {other:?}", made.len(), expected.len());
            }
        }
    }
}

const EVERY: [usize; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

#[test]
fn a_resumed_movie_of_h264_has_every_frame_once() {
    every_frame_is_there_once("h264", &EVERY);
}

#[test]
fn a_resumed_movie_of_hevc_has_every_frame_once() {
    // x265 is slow, so test fewer cuts.
    every_frame_is_there_once("hevc", &[1, 3, 6, 9, 10]);
}

#[test]
fn a_resumed_movie_of_other_codecs_has_every_frame_once() {
    ["mpeg4", "mjpeg", "ffv1"].iter().for_each(|name| every_frame_is_there_once(name, &EVERY));
}

#[test]
fn finished_segments_of_h264_are_kept_and_the_movie_has_the_same_bytes() {
    finished_segments_are_kept("h264", 1);
}

#[test]
fn finished_segments_of_hevc_are_kept_and_the_movie_has_the_same_bytes() {
    finished_segments_are_kept("hevc", 7);
}

#[test]
fn finished_segments_of_other_codecs_are_kept_and_the_movie_has_the_same_bytes() {
    ["mpeg4", "mjpeg", "ffv1"].iter().for_each(|name| finished_segments_are_kept(name, 1));
}

#[test]
fn runs_whose_frame_period_is_no_whole_number_of_milliseconds_are_resumed() {
    // At these rates, Matroska's rounded times put some decoding times after the frame is shown.
    let rates = [(24_000, 1001), (30_000, 1001), (60_000, 1001), (120_000, 1001), (23, 1), (30, 1)];
    let h264: Codec = H264::crf(30.0).preset(Preset::Veryfast).gop(30).into();
    let hevc: Codec = Hevc::crf(30.0).preset(Preset::Ultrafast).gop(30).into();
    for (codec, frames, kept) in [(h264, 400, 350), (hevc, 150, 120)] {
        for (numerator, denominator) in rates {
            for container in ["mkv", "mp4"] {
                let what = format!("{} in {container} at {numerator}/{denominator}", codec.name());
                let directory = tempdir().expect("a directory");
                let path = directory.path().join("m").with_extension(container);
                let rate = FrameRate::new(numerator, denominator);
                let builder = || VideoWriter::builder(&path, SIZE.0, SIZE.1, rate).codec(codec.clone()).threads(1);
                let mut video = builder().create().expect("opens");
                write(&mut video, 0..kept);
                video.leave().expect("left").expect("a part file");
                let mut video = builder().resume().create().unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(video.frames(), kept, "{what}");
                write(&mut video, kept..frames);
                let stats = video.finish().unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!((stats.frames, stats.packets), (frames, frames), "{what}");
                let rate = f64::from(numerator) / f64::from(denominator);
                let shown = probe(&path).times().into_iter().map(|time| (time * rate).round() as u64);
                assert!(shown.eq(0..frames), "{what}");
            }
        }
    }
}

#[test]
fn a_run_may_be_interrupted_again_and_again() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec = H264::crf(20.0).into();
    for end in [13, 29, 44] {
        let mut video = builder(&path, &codec, true).resume().create().expect("resumed");
        let kept = video.frames();
        write(&mut video, kept..end);
        drop(video);
    }
    assert_eq!(resumed(&path, &codec, true), 40);
    assert_eq!(probe(&path).packets.len() as u64, FRAMES);
    // Publishing the movie removes the part files of earlier runs.
    assert_eq!(fs::read_dir(directory.path()).expect("a folder").count(), 1);
}

#[test]
fn without_a_part_file_a_new_movie_begins() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec = H264::crf(20.0).into();
    assert_eq!(resumed(&path, &codec, false), 0);
    fs::write(directory.path().join("m.mp4.part"), b"no movie").expect("written");
    assert_eq!(resumed(&path, &codec, false), 0);
}

#[test]
fn a_running_movie_is_not_resumed() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec = H264::crf(20.0).into();
    let mut running = builder(&path, &codec, false).create().expect("opens");
    write(&mut running, 0..40);
    let error = builder(&path, &codec, false).resume().create().expect_err("in use");
    assert!(matches!(error, Error::Input { problem: InvalidInput::StillWritten, .. }), "{error}");
    running.abort();
}

#[test]
fn runs_of_a_few_frames_are_resumed_with_b_frames() {
    let (h264, hevc) = (H264::crf(20.0), Hevc::crf(20.0).preset(Preset::Superfast));
    for (codec, ends) in [
        (Codec::from(h264.clone()), vec![1, 4]),
        (h264.clone().into(), vec![40, 41]),
        (h264.gop(5).into(), vec![22, 23, 51]),
        (hevc.clone().into(), vec![1, 4]),
        (hevc.gop(5).into(), vec![22, 23, 51]),
    ] {
        for container in ["mp4", "mkv", "mov"] {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("m").with_extension(container);
            for end in &ends {
                let mut video = builder(&path, &codec, false).resume().create().expect("resumed");
                let kept = video.frames();
                write(&mut video, kept..*end);
                drop(video);
            }
            assert_eq!(Some(&resumed(&path, &codec, false)), ends.last());
            check_pictures(&path, container);
            assert_eq!(fs::read_dir(directory.path()).expect("a folder").count(), 1);
        }
    }
}

#[test]
fn part_files_of_other_processes_are_removed_once_published() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec = H264::crf(20.0).into();
    let part = left(&path, &codec, false, 45);
    let longest = fs::read(&part).expect("left");
    fs::remove_file(&part).expect("removed");
    let part = left(&path, &codec, false, 20);
    // Rewrite both part files, so that this process does not recognize them as its own.
    let shorter = fs::read(&part).expect("left");
    fs::remove_file(&part).expect("removed");
    let names = ["m.mp4.part", "m.mp4.2.part", "m.mp4.7.part"].map(|name| directory.path().join(name));
    for (name, bytes) in names.iter().zip([&shorter, &longest, &b"another's".to_vec()]) {
        fs::write(name, bytes).expect("written");
    }
    assert_eq!(resumed(&path, &codec, false), 45);
    assert_eq!(names.map(|name| name.exists()), [false, false, true]);
}

/// Returns the part file of an interrupted run whose frames start at `first`.
fn left_from(first: u64, path: &Path, codec: &Codec, jobs: bool, frames: u64) -> PathBuf {
    let mut video = builder(path, codec, jobs).create().expect("opens");
    write(&mut video, first..first + frames);
    video.leave().expect("left").expect("a part file")
}

#[test]
fn runs_of_different_movies_are_refused() {
    let codec = H264::crf(20.0).into();
    for (jobs, other_frames) in [(false, 20), (true, 20), (true, 60)] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("m.mp4");
        let names = ["m.mp4.part", "m.mp4.2.part"].map(|name| directory.path().join(name));
        // The runs of one process leave at most two part files.
        left_from(0, &path, &codec, jobs, 45);
        left_from(10, &path, &codec, jobs, other_frames);
        let error = builder(&path, &codec, jobs).resume().create().expect_err("two movies");
        let message = error.to_string();
        assert!(message.contains("has different frames, so it is not clear which run to resume"), "{message}");
        for name in &names {
            assert!(message.contains(&name.display().to_string()), "{message}");
            assert!(name.exists());
        }
        fs::remove_file(&names[1]).expect("removed");
        assert!(resumed(&path, &codec, jobs) > 30);
    }
}

/// An encoder encodes the frames of a part of a segment differently from those of the whole segment.
#[test]
fn a_part_file_with_less_than_a_segment_is_not_compared() {
    for first in [0, 10] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("m.mp4");
        let codec = H264::crf(20.0).into();
        left_from(first, &path, &codec, true, 5);
        left_from(0, &path, &codec, true, 45);
        assert_eq!(resumed(&path, &codec, true), 40);
        check_pictures(&path, "resumed");
    }
}

#[test]
fn a_run_that_is_interrupted_in_its_first_segment_and_again_is_resumed() {
    for container in ["mp4", "mkv"] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("m").with_extension(container);
        let codec = H264::crf(20.0).into();
        for (frames, kept) in [(5, 0), (17, 0), (30, 16)] {
            let mut video = builder(&path, &codec, true).resume().create().expect("resumed");
            assert_eq!(video.frames(), kept);
            write(&mut video, kept..frames);
            drop(video);
        }
        assert_eq!(resumed(&path, &codec, true), 24);
        check_pictures(&path, container);
    }
}

/// Uniform gray frames compress to the same number of bytes, whatever their shade.
#[test]
fn runs_whose_frames_have_equal_sizes_are_compared_too() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mkv");
    let parts = [60, 200].map(|gray| {
        let mut video = builder(&path, &H264::crf(20.0).into(), true).create().expect("opens");
        for _ in 0..20 {
            let picture = vec![gray; (SIZE.0 * SIZE.1) as usize];
            video.write(&FrameView::gray(&picture, SIZE.0, SIZE.1).expect("a picture")).expect("written");
        }
        video.leave().expect("left").expect("a part file")
    });
    let sizes = parts.each_ref().map(|part| fs::metadata(part).expect("there").len());
    assert_eq!(sizes[0], sizes[1]);
    let error = builder(&path, &H264::crf(20.0).into(), true).resumable().expect_err("two movies");
    assert!(error.to_string().contains("has different frames"), "{error}");
}

#[test]
fn a_part_file_that_was_left_after_others_were_removed_stays() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    for _ in 0..6 {
        let part = left(&path, &Codec::default(), false, 30);
        assert!(part.exists());
        fs::remove_file(part).expect("removed");
    }
}

#[test]
fn segments_of_another_length_are_refused() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec: Codec = H264::crf(20.0).gop(200).into();
    let part = left(&path, &codec, true, 45);
    let error = builder(&path, &codec, true).segment_frames(10).resume().create().expect_err("other segments");
    assert!(error.to_string().contains("was not made in segments of 10 frames"), "{error}");
    fs::remove_file(part).expect("removed");
    left(&path, &codec, false, 45);
    let error = builder(&path, &codec, true).resume().create().expect_err("no segments");
    assert!(error.to_string().contains("was not made in segments of 8 frames"), "{error}");
}

#[test]
fn another_frame_rate_is_refused_in_every_container() {
    for (codec, containers) in codecs() {
        for container in containers {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("m").with_extension(container);
            let part = left(&path, &codec, false, 45);
            for rate in [FrameRate::new(60, 1), FrameRate::new(15, 1), FrameRate::new(31, 1)] {
                let builder = VideoWriter::builder(&path, SIZE.0, SIZE.1, rate).codec(codec.clone()).threads(1);
                let error = builder.resume().create().expect_err("another rate");
                assert!(
                    error.to_string().contains("the interrupted run cannot be resumed"),
                    "{container}, {rate}: {error}"
                );
            }
            assert!(part.exists());
        }
    }
}

#[test]
fn a_run_with_other_settings_is_refused_and_its_part_file_stays() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec: Codec = H264::crf(20.0).into();
    let part = left(&path, &codec, false, 45);
    let whole = fs::read(&part).expect("left");
    let problem = |builder: VideoWriterBuilder| match builder.resume().create().expect_err("other settings") {
        Error::Input { problem: InvalidInput::NotResumable { problem }, .. } => problem,
        error => panic!("{error}"),
    };
    let other_codec = problem(builder(&path, &Mpeg4::default().into(), false));
    assert_eq!(other_codec, "was made with other settings: the new run has another codec");
    let other_size = problem(VideoWriter::builder(&path, 32, 32, RATE).codec(codec.clone()));
    assert_eq!(other_size, "was made with other settings: the new run has 32x32 pixels instead of 128x64");
    let deeper = H264::crf(20.0).gop(20);
    let other_format = problem(builder(&path, &deeper.into(), false).pixel_format(framemill::PixelFormat::Yuv444p));
    assert!(other_format.starts_with("was made with other settings"), "{other_format}");
    let twice = FrameRate::new(60, 1);
    let other_rate = problem(VideoWriter::builder(&path, SIZE.0, SIZE.1, twice).codec(codec.clone()));
    assert_eq!(other_rate, "has 30 frames per second, and the new run has 60");
    let slower = FrameRate::new(24_000, 1_001);
    let slower = problem(VideoWriter::builder(&path, SIZE.0, SIZE.1, slower).codec(codec.clone()));
    assert_eq!(slower, "has 30 frames per second, and the new run has 23.976");
    let error = VideoWriter::builder(&path, SIZE.0, SIZE.1, RATE).codec(H264::bitrate(100_000)).resume().create();
    let expected = InvalidSettings::NotResumable { with: "a bitrate" };
    assert!(matches!(error, Err(Error::Settings(found)) if found == expected));
    let output = Output::memory(&Memory::new(), Container::Mp4);
    let error = VideoWriter::builder(output, SIZE.0, SIZE.1, RATE).resume().create();
    let expected = InvalidSettings::NotResumable { with: "an output that is not a file" };
    assert!(matches!(error, Err(Error::Settings(found)) if found == expected));
    assert!(fs::read(&part).expect("kept") == whole);
}

#[test]
fn varying_times_are_refused() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let codec: Codec = Mpeg4::default().into();
    let mut video = builder(&path, &codec, false).create().expect("opens");
    for second in [0.0, 1.01, 2.0] {
        let time = std::time::Duration::from_secs_f64(second);
        video.write_at(time, &FrameView::gray(&picture(0), SIZE.0, SIZE.1).expect("a picture")).expect("written");
    }
    let part = video.leave().expect("left").expect("a part file");
    let problem = || {
        let error = builder(&path, &codec, false).resume().create().expect_err("varying times");
        assert!(error.to_string().contains("only a movie with a constant frame rate can be resumed"), "{error}");
    };
    problem();
    fs::remove_file(part).expect("removed");
}

/// Holds a frame for a whole number of frame periods.
#[test]
fn held_frames_are_refused() {
    let h264: Codec = H264::crf(20.0).into();
    let no_b_frames: Codec = H264::crf(20.0).preset(Preset::Ultrafast).into();
    for (codec, containers) in [
        (&h264, &["mp4", "mov", "mkv"][..]),
        (&no_b_frames, &["mp4", "mkv"]),
        (&Mpeg4::default().into(), &["mp4", "mkv"]),
    ] {
        for container in containers {
            for (held, after, jobs) in [
                (2, 10, false),
                (30, 10, false),
                (30, 0, false),
                (3, 0, false),
                (5, 1, false),
                (40, 1, true),
                (8, 0, true),
                (8, 9, true),
            ] {
                let directory = tempdir().expect("a directory");
                let path = directory.path().join("m").with_extension(container);
                let mut video = builder(&path, codec, jobs).create().expect("opens");
                write(&mut video, 0..24);
                video.hold(std::time::Duration::from_secs_f64(f64::from(held) / 30.0)).expect("held");
                write(&mut video, 24..24 + after);
                video.leave().expect("left").expect("a part file");
                let what = format!("{} in {container}, held for {held}, {after} after it", codec.name());
                match builder(&path, codec, jobs).resume().create() {
                    Err(error) => assert!(
                        error
                            .to_string()
                            .contains("has frames that do not follow the frame rate, such as held ones"),
                        "{what}: {error}"
                    ),
                    Ok(_) => panic!("{what}: resumed"),
                }
            }
        }
    }
}

#[test]
fn the_program_skips_the_frames_that_are_already_encoded() {
    let directory = tempdir().expect("a directory");
    let (path, whole) = (directory.path().join("m.mp4"), directory.path().join("whole.mp4"));
    let frames: Vec<u8> = (0..FRAMES).flat_map(picture).collect();
    let input = directory.path().join("frames.raw");
    fs::write(&input, &frames).expect("written");
    let raw = ["-f", "gray", "-s", "128x64", "-r", "30", "--jobs", "2", "--segment-frames", "8"];
    let encode = |more: &[&str], output: &Path, stdin: Option<&[u8]>| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_framemill"));
        program.arg("encode").args(raw).args(more).arg("-o").arg(output).stderr(Stdio::piped());
        let mut child = program.stdin(Stdio::piped()).spawn().expect("starts");
        let fed = stdin.map_or(Ok(()), |bytes| child.stdin.take().expect("piped").write_all(bytes));
        fed.expect("fed");
        let output = child.wait_with_output().expect("ends");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    let file = input.to_str().expect("text");
    assert_eq!(encode(&[file], &whole, None).0, Some(0));
    let part = left(&path, &Codec::default(), true, 45);
    let left_behind = fs::read(&part).expect("left");
    for (more, stdin) in
        [(vec![file, "--resume", "--progress", "json"], None), (vec!["-", "--resume"], Some(&frames))]
    {
        fs::write(&part, &left_behind).expect("written");
        let (code, message) = encode(&more, &path, stdin.map(Vec::as_slice));
        assert_eq!(code, Some(0), "{message}");
        assert!(stdin.is_some() || message.contains(r#"{"frames":40,"type":"resuming"}"#), "{message}");
        assert!(!message.contains("is there from another run"), "{message}");
        assert!(fs::read(&path).expect("a movie") == fs::read(&whole).expect("a movie"));
    }
    // Without a part file, or with one of less than a segment, it starts again.
    for frames in [None, Some(5)] {
        let _ = frames.map(|frames| left(&path, &Codec::default(), true, frames));
        let (code, message) = encode(&[file, "--resume"], &path, None);
        assert_eq!(code, Some(0), "{message}");
        assert!(message.contains("nothing to resume: starting with the first frame"), "{message}");
    }
    let wrong: [(&[&str], &str); 4] = [
        (
            &["--resume", "--frames", "30"],
            "the part file of m.mp4: the interrupted run cannot be resumed: it has 40 frames, but the input has 30",
        ),
        (&["--resume", "--segment", "0"], "cannot be used with"),
        (&["--resume", "--on-error", "skip"], "--on-error skip cannot be combined with --resume"),
        (
            &["--resume", "--container", "mkv", "-o", "-"],
            "a run with an output that is not a file cannot be resumed",
        ),
    ];
    fs::write(&part, &left_behind).expect("written");
    for (more, problem) in wrong {
        let output = Command::new(env!("CARGO_BIN_EXE_framemill"))
            .arg("encode")
            .arg(file)
            .args(raw)
            .args(if more.contains(&"-o") { vec![] } else { vec!["-o", "m.mp4"] })
            .args(more)
            .current_dir(directory.path())
            .output()
            .expect("runs");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && message.contains(problem), "{message}");
        assert!(!directory.path().join("m.mp4.2.part").exists(), "{message}");
    }
}
