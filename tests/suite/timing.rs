//! Tests varying times and holds in each container.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framemill::{
    Codec, Container, Error, FrameRate, FrameView, H264, InvalidTime, PacketStats, Preset, Tune, VideoWriter,
};
use tempfile::tempdir;

use crate::reader::{Probe, decode, probe, psnr};
use crate::samples::picture;

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;

fn open(path: &Path, codec: impl Into<Codec>) -> VideoWriter {
    VideoWriter::builder(path, WIDTH, HEIGHT, FrameRate::new(30, 1)).codec(codec).create().expect("opens")
}

fn view(pixels: &[u8]) -> FrameView<'_> {
    FrameView::rgb(pixels, WIDTH, HEIGHT).expect("a picture")
}

#[track_caller]
fn assert_times(seen: &Probe, expected: &[f64], duration: f64, tolerance: f64) {
    let times = seen.times();
    assert_eq!(times.len(), expected.len());
    for (time, expected) in times.iter().zip(expected) {
        assert!((time - expected).abs() <= tolerance, "{times:?} instead of {expected:?}");
    }
    assert!((seen.duration() - duration).abs() <= tolerance, "{} instead of {duration}", seen.duration());
}

#[test]
fn varying_times_are_kept_with_and_without_b_frames() {
    // The times are uneven, close together and far apart. The nearest tick of 1/60000 s is at most 9 µs away.
    let times = [0.0, 0.01, 0.02, 0.5, 1.0 / 3.0 + 0.5, 0.9, 2.0, 2.001, 2.5, 7.25, 7.3];
    let held = 3.75;
    let codecs: [Codec; 4] = [
        H264::crf(30.0).into(),
        H264::crf(30.0).preset(Preset::Slow).x264_param("bframes", "8").into(),
        H264::crf(30.0).tune(Tune::ZeroLatency).into(),
        "mpeg4".parse().expect("known"),
    ];
    for codec in codecs {
        for (extension, tolerance) in [("mp4", 0.000_010), ("mov", 0.000_010), ("mkv", 0.001)] {
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("movie").with_extension(extension);
            let mut video = open(&path, codec.clone());
            for (index, time) in times.into_iter().enumerate() {
                let pixels = picture(WIDTH, HEIGHT, index as u32 * 3);
                video.write_at(Duration::from_secs_f64(time), &view(&pixels)).expect("later than the one before");
            }
            video.hold(Duration::from_secs_f64(held)).expect("held");
            let stats = video.finish().expect("a movie");
            let duration = 7.3 + 1.0 / 30.0 + held;
            assert!((stats.duration.as_secs_f64() - duration).abs() < 0.000_020, "{:?}", stats.duration);
            assert_times(&probe(&path), &times, duration, tolerance);
        }
    }
}

#[test]
fn a_movie_of_one_frame_lasts_as_long_as_it_is_held() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("still.mp4");
    let mut video = open(&path, H264::default());
    video.write(&view(&picture(WIDTH, HEIGHT, 0))).expect("written");
    video.hold(Duration::from_secs(5)).expect("held");
    video.finish().expect("a movie");
    assert_times(&probe(&path), &[0.0], 5.0 + 1.0 / 30.0, 0.000_010);
}

/// The ffmpeg program writes such a movie in the same way: the stream's duration counts from its first frame, and the
/// container's from 0. A player shows nothing before the first frame.
#[test]
fn a_movie_may_start_late() {
    let directory = tempdir().expect("a directory");
    for (extension, tolerance) in [("mp4", 0.000_010), ("mov", 0.000_010), ("mkv", 0.001)] {
        for codec in [Codec::from(H264::default()), "mpeg4".parse().expect("known")] {
            let path = directory.path().join("late").with_extension(extension);
            let mut video = open(&path, codec);
            video.write_at(Duration::from_millis(1_500), &view(&picture(WIDTH, HEIGHT, 0))).expect("written");
            video.write(&view(&picture(WIDTH, HEIGHT, 9))).expect("written");
            video.finish().expect("a movie");
            let late = 1.5 + 1.0 / 30.0;
            let seen = probe(&path);
            assert_times(&seen, &[1.5, late], late + 1.0 / 30.0, tolerance);
            // With so few frames, ffprobe cannot determine the start time of a Matroska file.
            if extension != "mkv" {
                assert_eq!(seen.format["start_time"], "1.500000", "{extension}");
                assert_eq!(seen.stream_text("start_time"), "1.500000", "{extension}");
                assert_eq!(seen.stream_text("duration"), "0.066667", "{extension}");
            }
        }
    }
}

#[test]
fn an_avi_refuses_varying_times_and_continues() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("movie.avi");
    let mut video = open(&path, "mpeg4".parse::<Codec>().expect("known"));
    let pixels = picture(WIDTH, HEIGHT, 0);
    video.write(&view(&pixels)).expect("written");
    let error = video.write_at(Duration::from_millis(100), &view(&pixels)).expect_err("off the grid");
    assert_eq!(
        error.to_string(),
        "avi has a constant frame rate, so the next frame must be at 33.333333ms, not at 100ms: choose mp4, mov, \
         mkv or webm for a variable frame rate"
    );
    assert!(error.leaves_movie_usable());
    let error = video.hold(Duration::from_secs(1)).expect_err("cannot hold");
    assert!(matches!(error, Error::Time(InvalidTime::NotConstant { .. })), "{error}");
    video.write_at(Duration::from_secs_f64(1.0 / 30.0), &view(&pixels)).expect("on the grid");
    assert_eq!(video.finish().expect("a movie").packets, 2);
    assert_times(&probe(&path), &[0.0, 1.0 / 30.0], 2.0 / 30.0, 0.000_010);
}

#[test]
fn times_must_increase() {
    let directory = tempdir().expect("a directory");
    let mut video = open(&directory.path().join("movie.mp4"), H264::default());
    let pixels = picture(WIDTH, HEIGHT, 0);
    video.write_at(Duration::from_secs(1), &view(&pixels)).expect("written");
    let error = video.write_at(Duration::from_millis(999), &view(&pixels)).expect_err("earlier");
    assert_eq!(
        error.to_string(),
        "the frame at 999ms does not come after the previous frame, at 1s (times are rounded to 16.667µs)"
    );
    let error = video.hold(Duration::from_secs(100_000)).expect_err("too long");
    assert!(error.to_string().starts_with("a frame cannot last 100000"), "{error}");
}

#[test]
fn the_report_of_every_packet_matches_ffprobe() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("movie.mp4");
    let packets: Arc<Mutex<Vec<PacketStats>>> = Arc::default();
    let mut video = VideoWriter::builder(&path, WIDTH, HEIGHT, FrameRate::new(30_000, 1_001))
        .codec(H264::crf(20.0).gop(12))
        .container(Container::Mp4)
        .create()
        .expect("opens");
    let kept = Arc::clone(&packets);
    video.on_packet(move |packet| kept.lock().expect("not poisoned").push(packet.clone())).expect("alive");
    for frame in 0..40 {
        video.write(&view(&picture(WIDTH, HEIGHT, frame))).expect("written");
    }
    let stats = video.finish().expect("a movie");
    let packets = packets.lock().expect("not poisoned");
    let seen = probe(&path);
    assert_eq!(packets.len(), 40);
    for (packet, seen) in packets.iter().zip(&seen.packets) {
        let number =
            |field: &str| seen[field].as_str().map_or_else(|| seen[field].as_f64(), |text| text.parse().ok());
        assert_eq!(Some(packet.bytes as f64), number("size"));
        assert_eq!(Some(packet.pts.ticks as f64), number("pts"), "{packet:?}");
        assert_eq!(Some(packet.dts.ticks as f64), number("dts"), "{packet:?}");
        assert_eq!(Some(packet.duration.ticks as f64), number("duration"), "{packet:?}");
        assert_eq!(packet.keyframe, seen["flags"].as_str().is_some_and(|flags| flags.starts_with('K')));
        assert!(packet.picture_type.is_some());
        assert!(packet.qp.is_some_and(|qp| (1.0..=51.0).contains(&qp)), "{packet:?}");
    }
    let mut indices: Vec<u64> = packets.iter().map(|packet| packet.index).collect();
    assert_ne!(indices, (0..40).collect::<Vec<_>>(), "medium uses B-frames");
    indices.sort_unstable();
    assert_eq!(indices, (0..40).collect::<Vec<_>>());
    assert_eq!(stats.keyframes, packets.iter().filter(|packet| packet.keyframe).count() as u64);
    assert!(stats.keyframes >= 4, "expected a keyframe at least every 12 frames: {}", stats.keyframes);
    assert_eq!(stats.i.packets + stats.p.packets + stats.b.packets, 40);
}

#[test]
fn quantizers_match_the_log_of_x264() {
    let directory = tempdir().expect("a directory");
    let frames: Vec<Vec<u8>> = (0..60).map(|frame| picture(WIDTH, HEIGHT, frame)).collect();
    let input = directory.path().join("in.yuv");
    // Both encoders get the same YUV; its content does not matter.
    let yuv: Vec<Vec<u8>> = frames.iter().map(|frame| frame[..frame.len() / 2].to_vec()).collect();
    std::fs::write(&input, yuv.concat()).expect("written");
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "debug", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "96x64", "-r", "30", "-i"])
        .arg(&input)
        .args(["-c:v", "libx264", "-crf", "25", "-flags", "+cgop", "-threads", "3", "-f", "null", "-"])
        .output()
        .expect("ffmpeg runs");
    let log = String::from_utf8_lossy(&output.stderr);
    let expected: Vec<f32> = log
        .lines()
        .filter_map(|line| line.split_once("] frame=")?.1.split_once(" QP=")?.1.split(' ').next()?.parse().ok())
        .collect();
    let quantizers: Arc<Mutex<Vec<f32>>> = Arc::default();
    let mut video = VideoWriter::builder(directory.path().join("a.mp4"), WIDTH, HEIGHT, FrameRate::new(30, 1))
        .codec(H264::crf(25.0))
        .threads(3)
        .create()
        .expect("opens");
    let kept = Arc::clone(&quantizers);
    video.on_packet(move |packet| kept.lock().expect("not poisoned").extend(packet.qp)).expect("alive");
    for frame in &yuv {
        video.write(&FrameView::yuv420p(frame, WIDTH, HEIGHT).expect("a picture")).expect("written");
    }
    let stats = video.finish().expect("a movie");
    assert_eq!(expected.len(), 60, "{log}");
    assert_eq!(*quantizers.lock().expect("not poisoned"), expected);
    assert!(
        stats.mean_qp().is_some_and(|mean| (mean - f64::from(expected.iter().sum::<f32>()) / 60.0).abs() < 0.01)
    );
}

/// Writes frames at these times, in seconds, and checks with FFmpeg that all frames have the right times.
fn assert_far_apart(extension: &str, rate: FrameRate, codec: Codec, times: &[f64], tolerance: f64) {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("movie").with_extension(extension);
    let video = VideoWriter::builder(&path, WIDTH, HEIGHT, rate).codec(codec);
    let mut video = video.create().expect("opens");
    for (index, time) in times.iter().enumerate() {
        let pixels = picture(WIDTH, HEIGHT, index as u32 * 3);
        video.write_at(Duration::from_secs_f64(*time), &view(&pixels)).expect("later than the one before");
    }
    video.finish().expect("a movie");
    let pictures = decode(&path, "rgb24", (WIDTH * HEIGHT * 3) as usize);
    assert_eq!(pictures.len(), times.len(), "{extension} {rate} {times:?}");
    for (index, seen) in pictures.iter().enumerate() {
        assert!(psnr(seen, &picture(WIDTH, HEIGHT, index as u32 * 3)) > 24.0, "{extension} {rate} frame {index}");
    }
    let seen = probe(&path).times();
    assert_eq!(seen.len(), times.len());
    for (time, expected) in seen.iter().zip(times) {
        assert!((time - expected).abs() <= tolerance, "{extension} {rate}: {seen:?} instead of {times:?}");
    }
}

#[test]
fn frames_far_apart_all_keep_their_times() {
    let b_frames = || Codec::from(H264::crf(20.0).preset(Preset::Slow));
    for gap in [200.0, 880.0, 1_000.0, 9_000.0, 30_000.0] {
        let times: Vec<f64> = (0..25).map(|index| f64::from(index) * gap).collect();
        for extension in ["mp4", "mov", "mkv"] {
            assert_far_apart(extension, FrameRate::new(30, 1), b_frames(), &times, 0.001);
        }
    }
    // Mix short and long gaps in random order.
    let mut state = 7_u32;
    for _ in 0..12 {
        let mut time = 0.0;
        let times: Vec<f64> = (0..30)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = time;
                time += [0.04, 0.04, 0.04, 1.0, 60.0, 899.0, 2_500.0, 20_000.0][(state >> 29) as usize];
                at
            })
            .collect();
        assert_far_apart("mp4", FrameRate::new(25, 1), b_frames(), &times, 0.001);
        assert_far_apart("mkv", FrameRate::new(25, 1), b_frames(), &times, 0.001);
    }
}

#[test]
fn slow_and_odd_rates_keep_all_frames() {
    for text in ["3.33333333", "0.01234567", "1/900", "0.001", "999.999999", "1000/1001", "29.97", "7.7777777"] {
        let rate: FrameRate = text.parse().expect("a rate");
        let period = f64::from(rate.denominator()) / f64::from(rate.numerator());
        let times: Vec<f64> = (0..25).map(|index| f64::from(index) * period).collect();
        for extension in ["mp4", "mov", "mkv"] {
            if extension == "mkv" && period < 0.002 {
                continue;
            }
            for codec in [Codec::from(H264::crf(20.0).preset(Preset::Slow)), Codec::default()] {
                assert_far_apart(extension, rate, codec, &times, 0.001 + period / 1e6);
            }
        }
    }
}
