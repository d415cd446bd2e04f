//! Tests what a killed process leaves, and `recover`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

use framemill::{Codec, Error, FrameRate, FrameView, H264, InvalidInput, Mpeg4, VideoWriter, inspect, recover};
use tempfile::tempdir;

use crate::reader::{decode, probe, psnr, top_level_boxes};
use crate::samples::picture;

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;
const FRAME_BYTES: usize = (WIDTH * HEIGHT * 3) as usize;

/// How many frames a killed program may lose: one second since the last fragment, and one frame that waits for its
/// successor; 16 frames of this size in the queue, one before it and one after it; 2 frames that were read ahead; and 3
/// frames in x264, one per thread, without lookahead.
const MAX_LOST: usize = 30 + 1 + 18 + 2 + 3;

fn start(output: &Path, codec: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-q", "-f", "rgb24", "-s", "96x64", "-r", "30", "--threads", "3"])
        .args(codec)
        .arg("-o")
        .arg(output)
        .stdin(Stdio::piped())
        .spawn()
        .expect("starts")
}

fn feed(program: &mut Child, frames: u32) {
    let input = program.stdin.as_mut().expect("piped");
    for frame in 0..frames {
        input.write_all(&picture(WIDTH, HEIGHT, frame)).expect("read by the program");
    }
    wait_until_read(input);
}

/// Waits until the program has read everything from the pipe. Bytes that are still in the pipe do not count as lost by
/// the program.
pub(crate) fn wait_until_read(input: &ChildStdin) {
    while rustix::io::ioctl_fionread(input).expect("a pipe") > 0 {
        thread::sleep(Duration::from_millis(1));
    }
}

fn part_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.part", path.display()))
}

/// Kills the program after it has read `frames` frames, and returns its part file.
fn killed_run(path: &Path, codec: &[&str], frames: u32) -> PathBuf {
    let mut program = start(path, codec);
    feed(&mut program, frames);
    program.kill().expect("killed");
    program.wait().expect("gone");
    assert!(!path.exists());
    part_of(path)
}

#[test]
fn a_killed_run_loses_at_most_the_last_second_and_is_recovered() {
    let h264: &[&str] = &["--tune", "zerolatency"];
    for (name, codec) in [
        ("a.mp4", h264),
        ("a.mov", h264),
        ("a.m4v", h264),
        ("a.mkv", h264),
        ("a.avi", h264),
        ("b.mp4", &["-c", "mpeg4"]),
        ("b.avi", &["-c", "xvid"]),
        ("c.mkv", &["-c", "ffv1"]),
    ] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join(name);
        let part = killed_run(&path, codec, 200);
        let recovered = recover(&part, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let frames = recovered.frames as usize;
        assert_eq!(recovered.path, path);
        assert!(frames + MAX_LOST >= 200, "{name}: only {frames} frames of 200");
        let seen = probe(&path);
        assert_eq!(seen.packets.len(), frames, "{name}");
        let seconds = frames as f64 / 30.0;
        assert!((seen.duration() - seconds).abs() < 0.002, "{name}: {} instead of {seconds}", seen.duration());
        assert!((recovered.duration.as_secs_f64() - seconds).abs() < 0.002, "{name}: {recovered:?}");
        let pictures = decode(&path, "rgb24", FRAME_BYTES);
        assert_eq!(pictures.len(), frames, "{name}");
        let last = frames - 1;
        assert!(psnr(&pictures[last], &picture(WIDTH, HEIGHT, last as u32)) > 28.0, "{name}");
        if matches!(path.extension().and_then(|extension| extension.to_str()), Some("mp4" | "mov" | "m4v")) {
            let boxes = top_level_boxes(&fs::read(&path).expect("a movie"));
            let place = |name| boxes.iter().position(|found| found == name);
            assert!(place("moov") < place("mdat") && place("moof").is_none(), "{boxes:?}");
        }
    }
}

#[test]
fn b_frames_survive_being_killed() {
    let directory = tempdir().expect("a directory");
    for name in ["a.mp4", "a.mkv"] {
        let path = directory.path().join(name);
        let part = killed_run(&path, &["--x264-params", "rc-lookahead=10"], 300);
        let recovered = recover(&part, None).expect("recovered");
        assert!(recovered.frames as usize + MAX_LOST + 20 >= 300, "{recovered:?}");
        let seen = probe(&path);
        assert!(seen.packets.iter().any(|packet| packet["pts"] != packet["dts"]), "there are no B-frames");
        assert_eq!(decode(&path, "rgb24", FRAME_BYTES).len(), recovered.frames as usize);
    }
}

#[test]
fn a_run_killed_while_finishing_leaves_the_movie_or_a_complete_part_file() {
    let mut published = 0;
    for milliseconds in [0, 2, 5, 8, 12, 17, 25, 40, 80] {
        for name in ["a.mp4", "a.avi", "a.mkv"] {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join(name);
            let mut program = start(&path, &["--preset", "ultrafast", "--tune", "zerolatency"]);
            feed(&mut program, 150);
            drop(program.stdin.take());
            thread::sleep(Duration::from_millis(milliseconds));
            program.kill().expect("killed, or gone already");
            program.wait().expect("gone");
            if path.exists() {
                published += 1;
                assert_eq!(probe(&path).packets.len(), 150, "{name} after {milliseconds} ms");
            } else {
                let recovered = recover(part_of(&path), None).expect("recovered");
                assert!(
                    recovered.frames as usize + MAX_LOST >= 150,
                    "{name} after {milliseconds} ms: {recovered:?}"
                );
            }
        }
    }
    assert!(published < 27, "every run finished before it was killed");
}

#[test]
fn a_part_file_cut_anywhere_is_recovered_up_to_there() {
    for (name, codec) in [
        ("a.mp4", "h264"),
        ("a.mkv", "h264"),
        ("a.mp4", "hevc"),
        ("a.mov", "hevc"),
        ("a.mkv", "hevc"),
        ("a.avi", "mpeg4"),
    ] {
        let directory = tempdir().expect("a directory");
        let part = killed_run(&directory.path().join(name), &["-c", codec], 120);
        let whole = fs::read(&part).expect("read");
        let mut most = 0;
        for bytes in (0..whole.len()).step_by(whole.len() / 60).chain([whole.len()]) {
            let cut = directory.path().join(format!("cut-{name}.part"));
            fs::write(&cut, &whole[..bytes]).expect("written");
            let movie = directory.path().join(format!("cut-{name}"));
            match recover(&cut, Some(&movie)) {
                Ok(recovered) => {
                    assert!(
                        recovered.frames >= most,
                        "{name}: {bytes} bytes hold {}, fewer than {most}",
                        recovered.frames
                    );
                    most = recovered.frames;
                    let shown = probe(&movie).times().into_iter().map(|time| (time * 30.0).round() as u64);
                    assert!(shown.eq(0..most), "{name} with {codec}, cut to {bytes} bytes, has holes");
                    let decoded = decode(&movie, "rgb24", FRAME_BYTES).len() as u64;
                    assert_eq!(decoded, most, "{name} with {codec} cut to {bytes} bytes");
                }
                Err(Error::Input { problem: InvalidInput::NothingToRecover, .. }) => {
                    assert_eq!(most, 0, "{name}: {bytes} bytes have no frames, but fewer bytes had some");
                }
                Err(error) => panic!("{name} cut to {bytes} bytes: {error}"),
            }
        }
        assert!(most > 20, "{name}: {most} frames");
    }
}

#[test]
fn recover_replaces_nothing_by_default_and_keeps_the_part_file() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let part = killed_run(&path, &["--tune", "zerolatency"], 100);
    fs::write(&path, "precious").expect("written");
    let error = recover(&part, None).expect_err("exists").with_causes();
    assert!(error.ends_with("it already exists; choose another name"), "{error}");
    assert_eq!(fs::read(&path).expect("still there"), b"precious");
    let recovered = recover(&part, Some(&path)).expect("allowed to");
    assert_eq!(recovered.bytes, fs::metadata(&path).expect("there").len());
    assert!(part.exists());
    let names: Vec<_> = fs::read_dir(directory.path()).expect("listed").collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn files_that_are_not_movies_are_refused() {
    let directory = tempdir().expect("a directory");
    for content in [&b""[..], b"x", b"this is a text file, and a longish one", &[0; 4096], b"RIFF\0\0\0\0AVI LIST"]
    {
        let path = directory.path().join("notes.part");
        fs::write(&path, content).expect("written");
        let error = recover(&path, None).expect_err("no movie");
        let problem =
            "it has no complete frame, so there is nothing to recover: give a part file that framemill left";
        assert_eq!(error.to_string(), format!("{}: {problem}, as in movie.mp4.part", path.display()));
    }
    let error = recover(directory.path().join("none.part"), None).expect_err("not there").with_causes();
    assert!(error.ends_with("none.part: No such file or directory (os error 2)"), "{error}");
}

#[test]
fn a_running_movie_is_not_recovered() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    let mut program = start(&path, &["--tune", "zerolatency"]);
    feed(&mut program, 90);
    let error = recover(part_of(&path), None).expect_err("still written").to_string();
    assert!(error.contains("another run is still writing it"), "{error}");
    drop(program.stdin.take());
    assert!(program.wait().expect("ends").success());
    assert_eq!(probe(&path).packets.len(), 90);
}

#[test]
fn recover_does_not_replace_its_input_and_keeps_the_sound() {
    let directory = tempdir().expect("a directory");
    let part = killed_run(&directory.path().join("a.mp4"), &["--tune", "zerolatency"], 100);
    let error = recover(&part, Some(&part)).expect_err("itself").with_causes();
    assert!(error.ends_with("it is the file to recover; choose another name"), "{error}");
    let film = directory.path().join("film.mkv");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-f", "lavfi", "-i", "sine=d=1"])
        .args(["-c:v", "libx264", "-c:a", "pcm_s16le"])
        .arg(&film)
        .status();
    assert!(made.expect("runs").success());
    let recovered = recover(&film, None).expect("recovers");
    let sound = recovered.audio.expect("keeps its sound");
    assert_eq!((sound.codec.as_str(), sound.bytes, recovered.frames), ("pcm_s16le", 88_200, 25));
}

#[test]
fn a_damaged_header_is_reported_and_no_undecodable_movie_is_made() {
    // Damage the decoder configuration of H.264, its length, and the fourcc of MPEG-4 in an AVI.
    for (name, codec, damaged, at, bytes_there) in [
        ("a.mp4", ["--tune", "zerolatency"], b"avcC", 4, [0; 4]),
        ("a.mp4", ["--tune", "zerolatency"], b"avcC", -4, [0, 0, 0, 13]),
        ("a.avi", ["-c", "xvid"], b"strf", 8 + 16, [0; 4]),
    ] {
        let directory = tempdir().expect("a directory");
        let (path, movie) = (directory.path().join(name), directory.path().join("b").join(name));
        fs::create_dir(directory.path().join("b")).expect("made");
        let part = killed_run(&path, &codec, 100);
        let mut bytes = fs::read(&part).expect("there");
        let header = bytes.windows(4).position(|name| name == damaged).expect("there");
        let header = header.checked_add_signed(at).expect("in the file");
        bytes[header..header + 4].copy_from_slice(&bytes_there);
        fs::write(&part, bytes).expect("written");
        let error = recover(&part, Some(&movie)).expect_err("the movie cannot be decoded");
        assert!(matches!(&error, Error::Input { problem: InvalidInput::DamagedHeader, .. }), "{error}");
        assert!(error.to_string().contains(&format!("{name}.part: the header is damaged")), "{error}");
        assert!(!movie.exists() && part.exists());
    }
}

#[test]
fn frames_before_a_damaged_index_are_recovered() {
    let directory = tempdir().expect("a directory");
    let (part, movie) = (directory.path().join("a.mp4.part"), directory.path().join("a.mp4"));
    let recovered = |bytes: &[u8]| {
        fs::write(&part, bytes).expect("written");
        let frames = recover(&part, Some(&movie)).expect("a movie").frames;
        assert_eq!(probe(&movie).packets.len() as u64, frames);
        frames
    };
    let mpeg4 = &include_bytes!("../../fuzz/corpus/recover/mpeg4.mp4")[..];
    let h264 = &include_bytes!("../../fuzz/corpus/recover/h264.mp4")[..];
    // Damage a duration, the name of the `tfhd` box, which has the defaults of the frames, and the time of the
    // fragment.
    for (whole, second_fragment, place, damage) in
        [(mpeg4, 1_090, 1_168, 145), (mpeg4, 1_090, 1_127, 72), (h264, 1_636, 1_710, 1)]
    {
        let before = recovered(&whole[..second_fragment]);
        assert!(before > 0);
        let mut bytes = whole.to_vec();
        bytes[place] ^= damage;
        let frames = recovered(&bytes);
        assert!(frames >= before, "{place}: {frames} of {before}");
    }
}

/// Recovers a part file with these bytes and returns the number of frames.
fn frames_recovered(folder: &Path, bytes: &[u8]) -> u64 {
    let part = folder.join("damaged.part");
    fs::write(&part, bytes).expect("written");
    recover(&part, Some(&folder.join("recovered"))).map_or(0, |recovered| recovered.frames)
}

#[test]
fn frames_before_damage_in_an_avi_are_recovered() {
    let directory = tempdir().expect("a directory");
    let whole = &include_bytes!("../../fuzz/corpus/recover/xvid.avi")[..];
    let recovered = |bytes: &[u8]| frames_recovered(directory.path(), bytes);
    let before = recovered(whole);
    assert!(before > 0);
    // Append a piece of the file to itself. FFmpeg may read some of it as a header and reject the whole file.
    for (from, length) in (0..whole.len()).step_by(29).map(|from| (from, 255)).chain([(5801, 163)]) {
        let bytes = [whole, &whole[from..whole.len().min(from + length)]].concat();
        let frames = recovered(&bytes);
        assert!(frames >= before, "{from}: {frames} of {before}");
    }
}

#[test]
fn a_recovered_avi_has_the_same_keyframes() {
    for codec in [Codec::from(H264::crf(20.0).gop(10)), Mpeg4::default().gop(10).into()] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("m.avi");
        let written = || {
            let builder = VideoWriter::builder(&path, 64, 48, FrameRate::new(30, 1)).codec(codec.clone());
            let mut video = builder.create().expect("opens");
            for frame in 0..45_u8 {
                let pixels: Vec<u8> = (0..64 * 48_u32).map(|at| (at % 61) as u8 + frame).collect();
                video.write(&FrameView::gray(&pixels, 64, 48).expect("a picture")).expect("written");
            }
            video
        };
        let keyframes = || -> Vec<bool> {
            let is_keyframe = |flags: &str| flags.starts_with('K');
            probe(&path).packets.iter().map(|packet| packet["flags"].as_str().is_some_and(is_keyframe)).collect()
        };
        written().finish().expect("a movie");
        let expected = keyframes();
        assert!(expected.contains(&false));
        let part = written().leave().expect("left").expect("a part file");
        // A killed run writes no index.
        let bytes = fs::read(&part).expect("left");
        fs::write(&part, &bytes[..bytes.len() - 45 * 16 - 8]).expect("written");
        recover(&part, Some(&path)).expect("recovered");
        assert_eq!(keyframes(), expected);
    }
}

#[test]
fn frames_before_damaged_boxes_in_an_mp4_are_recovered() {
    let directory = tempdir().expect("a directory");
    let recovered = |bytes: &[u8]| frames_recovered(directory.path(), bytes);
    let mpeg4 = &include_bytes!("../../fuzz/corpus/recover/mpeg4.mp4")[..];
    let frames = recovered(mpeg4);
    let once = [mpeg4, &mpeg4[288..522]].concat();
    assert_eq!(recovered(&[&once[..], &once[706..940]].concat()), frames);
    // The second fragment is damaged, and something that looks like a box follows.
    let mut damaged = [mpeg4, &mpeg4[491..612]].concat();
    damaged[1_126] ^= 90;
    assert_eq!(recovered(&damaged), recovered(&mpeg4[..1_126]));
    let whole = &include_bytes!("../../fuzz/corpus/recover/h264.mp4")[..];
    let before = recovered(whole);
    // Damage the duration of frames.
    let mut damaged = whole.to_vec();
    damaged[1_684] ^= 239;
    assert!(recovered(&damaged) >= recovered(&whole[..1_684]));
    // Append parts of the movie's header after its frames. FFmpeg reads them as boxes of the movie.
    let once = [whole, &whole[630..799]].concat();
    let twice = [&once[..], &once[844..1049]].concat();
    for bytes in [once, twice] {
        assert_eq!(recovered(&bytes), before);
    }
}

#[test]
fn a_recovered_movie_is_as_long_as_its_held_last_frame() {
    for name in ["a.mp4", "a.mov", "a.mkv"] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join(name);
        let mut video = VideoWriter::builder(&path, 64, 48, FrameRate::new(25, 1)).create().expect("opens");
        for shade in 0..25 {
            video.write(&FrameView::gray(&[shade * 9; 64 * 48], 64, 48).expect("a picture")).expect("written");
        }
        video.hold(Duration::from_secs(1)).expect("held");
        let part = video.leave().expect("left").expect("a part file");
        recover(&part, Some(&path)).expect("recovered");
        let seconds = inspect(&path).expect("inspected").duration.as_secs_f64();
        assert!((seconds - 2.0).abs() < 0.001, "{name}: {seconds} s");
    }
}
