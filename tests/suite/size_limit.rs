//! Tests movies with a size limit.

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use framemill::{
    Codec, Container, EncodeStats, Error, Ffv1, FrameRate, FrameView, H264, InvalidSettings, Memory, Mjpeg, Mpeg4,
    Output, PixelFormat, Preset, QuantizerOrBitrate, Result, VideoWriter, VideoWriterBuilder, recover,
};
use tempfile::tempdir;

use crate::program::{code, encode, errors, raw_frames, run};
use crate::reader::{decode, probe, psnr, sample_index};
use crate::samples::{picture, write_movie};

const RATE: FrameRate = FrameRate::new(25, 1);
const FRAMES: u32 = 60;

/// x264 makes the same movie again only if its width is a multiple of 64: see vendor-notes/x264.md.
const WIDTH: u32 = 64;
const HEIGHT: u32 = 96;
const RAW: [&str; 7] = ["encode", "-f", "rgb24", "-s", "64x96", "-r", "30"];

/// Draws a picture with detail that costs every codec bytes: the disc with noise.
fn noisy(frame: u32) -> Vec<u8> {
    let noise = |place: u32| (place.wrapping_mul(2_654_435_761).wrapping_add(frame * 40_503) >> 13) as u8 % 48;
    (0..).zip(picture(WIDTH, HEIGHT, frame)).map(|(place, sample)| sample.saturating_add(noise(place))).collect()
}

fn write(path: &Path, configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder) -> Result<EncodeStats> {
    let mut video = configure(VideoWriter::builder(path, WIDTH, HEIGHT, RATE)).create()?;
    (0..FRAMES).try_for_each(|frame| video.write(&FrameView::rgb(&noisy(frame), WIDTH, HEIGHT)?))?;
    video.finish()
}

fn only_file(directory: &Path) -> String {
    let mut names = fs::read_dir(directory).expect("listed").map(|entry| entry.expect("an entry").file_name());
    let name = names.next().expect("a file").into_string().expect("text");
    assert!(names.next().is_none());
    name
}

#[test]
fn every_codec_and_container_comes_within_3_percent_and_never_over() {
    let fast = || H264::default().preset(Preset::Veryfast);
    type Configure = fn(VideoWriterBuilder) -> VideoWriterBuilder;
    let plain: Configure = |builder| builder;
    let deep: Configure = |builder| builder.pixel_format(PixelFormat::Yuv420p10Le);
    let bgr24: Configure = |builder| builder.pixel_format(PixelFormat::Bgr24);
    for (name, codec, configure, max_bytes, pixel_format) in [
        ("a.mp4", Codec::from(fast()), plain, 40_000, "yuv420p"),
        ("a.mp4", fast().into(), plain, 150_000, "yuv420p"),
        ("a.mov", fast().into(), plain, 100_000, "yuv420p"),
        ("a.m4v", H264::default().preset(Preset::Ultrafast).into(), plain, 100_000, "yuv420p"),
        ("a.mkv", fast().into(), deep, 100_000, "yuv420p10le"),
        ("a.avi", fast().into(), plain, 100_000, "yuv420p"),
        ("a.mp4", Codec::H264Rgb(fast()), plain, 200_000, "gbrp"),
        ("a.mkv", Codec::H264Rgb(fast()), bgr24, 200_000, "gbrp"),
        ("a.avi", Mpeg4::default().into(), plain, 60_000, "yuv420p"),
        ("a.mp4", Mpeg4::default().into(), plain, 150_000, "yuv420p"),
        ("a.avi", Codec::Xvid(Mpeg4::default()), plain, 100_000, "yuv420p"),
        ("a.mkv", Mjpeg::default().into(), plain, 200_000, "yuvj420p"),
    ] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join(name);
        let case = format!("{name} {codec:?} {max_bytes}");
        let stats = write(&path, |builder| configure(builder.codec(codec.clone())).max_bytes(max_bytes));
        let stats = stats.unwrap_or_else(|error| panic!("{case}: {}", error.with_causes()));
        let bytes = fs::metadata(&path).expect("a movie").len();
        assert!(bytes <= max_bytes && bytes * 100 >= max_bytes * 97, "{case}: {bytes}");
        assert_eq!((stats.file_bytes, stats.packets, stats.frames), (bytes, 60, 60), "{case}");
        assert_eq!(only_file(directory.path()), name);
        let seen = probe(&path);
        assert_eq!((seen.packets.len(), seen.duration()), (60, 2.4), "{case}");
        assert_eq!(seen.stream_text("pix_fmt"), pixel_format, "{case}");
        // The movie shows the right pictures in the right colors.
        for (index, frame) in decode(&path, "rgb24", (WIDTH * HEIGHT) as usize * 3).iter().enumerate() {
            let psnr = psnr(frame, &noisy(index as u32));
            assert!(psnr > 18.0, "{case}, frame {index}: {psnr:.1} dB");
        }
    }
}

#[test]
fn frames_read_back_from_the_part_file_are_unchanged() {
    // Encoding at crf 1 loses little, so a larger loss would come from the part file.
    let directory = tempdir().expect("a directory");
    for (codec, format, least) in [
        (Codec::H264Rgb(H264::crf(1.0)), PixelFormat::Bgr0, 45.0),
        (Codec::H264Rgb(H264::crf(1.0)), PixelFormat::Rgb24, 45.0),
        (H264::crf(1.0).into(), PixelFormat::Yuv444p, 40.0),
        (H264::crf(1.0).into(), PixelFormat::Yuv444p10Le, 40.0),
        (Mjpeg::qp(1).into(), PixelFormat::Yuv444p, 38.0),
    ] {
        let path = directory.path().join("a.mkv");
        write(&path, |builder| builder.codec(codec.clone()).pixel_format(format).max_bytes(1_000_000_000))
            .expect("a movie");
        for (index, frame) in decode(&path, "rgb24", (WIDTH * HEIGHT) as usize * 3).iter().enumerate() {
            let psnr = psnr(frame, &noisy(index as u32));
            assert!(psnr > least, "{codec:?} {format}, frame {index}: {psnr:.1} dB");
        }
    }
}

#[test]
fn times_and_the_last_duration_are_kept() {
    let directory = tempdir().expect("a directory");
    for name in ["a.mp4", "a.mkv"] {
        let path = directory.path().join(name);
        let mut video = VideoWriter::builder(&path, WIDTH, HEIGHT, RATE).max_bytes(30_000).create().expect("opens");
        let times = [0, 40, 100, 1_000, 1_010, 2_500];
        for (frame, time) in (0..).zip(times) {
            let pixels = noisy(frame);
            let frame = FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a frame");
            video.write_at(Duration::from_millis(time), &frame).expect("written");
        }
        video.hold(Duration::from_millis(460)).expect("held");
        video.finish().expect("a movie");
        let seen = probe(&path);
        for (seen, time) in seen.times().into_iter().zip(times) {
            assert!((seen - time as f64 / 1e3).abs() < 1e-6, "{name}: {seen} instead of {time} ms");
        }
        assert_eq!((seen.packets.len(), seen.duration()), (6, 3.0), "{name}");
    }
}

#[test]
fn only_packets_of_the_published_movie_are_reported() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video = VideoWriter::builder(&path, WIDTH, HEIGHT, RATE).max_bytes(50_000).create().expect("opens");
    let (sender, packets) = mpsc::channel();
    video.on_packet(move |packet| sender.send((packet.index, packet.bytes)).expect("heard")).expect("alive");
    for frame in 0..FRAMES {
        video.write(&FrameView::rgb(&noisy(frame), WIDTH, HEIGHT).expect("a frame")).expect("written");
        assert_eq!(video.stats().packets, 0);
    }
    let stats = video.finish().expect("a movie");
    let reported: Vec<(u64, u64)> = packets.iter().collect();
    assert_eq!((reported.len(), reported.iter().map(|(_, bytes)| bytes).sum()), (60, stats.stream_bytes));
    assert_eq!(stats.stream_bytes, sample_index(&fs::read(&path).expect("a movie")).bytes);
}

#[test]
fn an_impossible_size_is_refused_with_a_possible_one_and_nothing_is_lost() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    fs::write(&path, "an older movie").expect("written");
    let error = write(&path, |builder| builder.max_bytes(2_000)).expect_err("too small");
    let Error::Interrupted { cause, part_file } = error else { panic!("{error}") };
    let Error::TooLarge { max_bytes: 2_000, least_bytes } = *cause else { panic!("{cause}") };
    assert_eq!(fs::read(&path).expect("there"), b"an older movie");
    fs::remove_file(&path).expect("removed");
    assert_eq!(only_file(directory.path()), "a.mp4.part");
    // All frames are there, and only the color conversion lost precision.
    let recovered = recover(&part_file, None).expect("recovered");
    assert_eq!(recovered.frames, 60);
    assert_eq!(probe(&path).stream_text("color_space"), "bt709");
    let other = directory.path().join("b.mp4");
    let lossless = write(&other, |builder| builder.codec(H264::lossless())).map(drop);
    lossless.expect("a movie");
    assert_eq!(
        decode(&path, "yuv420p", (WIDTH * HEIGHT) as usize * 3 / 2),
        decode(&other, "yuv420p", (WIDTH * HEIGHT) as usize * 3 / 2)
    );
    // The size that the error suggests is possible.
    write(&other, |builder| builder.max_bytes(least_bytes)).expect("a movie");
    assert!(fs::metadata(&other).expect("a movie").len() <= least_bytes);
}

#[test]
fn settings_that_conflict_with_a_size_are_refused() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    for codec in [
        Codec::from(H264::qp(20)),
        H264::bitrate(1_000_000).into(),
        H264::lossless().into(),
        Mpeg4::bitrate(1_000_000).into(),
        Ffv1::default().into(),
    ] {
        let error = write(&path, |builder| builder.codec(codec.clone()).max_bytes(50_000)).expect_err("refused");
        assert!(
            error.to_string().contains("leave one of them out, as the size decides the rate"),
            "{codec:?}: {error}"
        );
    }
    for output in [
        Output::memory(&Memory::new(), Container::Mp4),
        Output::stream(Vec::new(), Container::Mp4),
        Output::path("/dev/null").container(Container::Mkv),
    ] {
        let refused = write_movie(output, 1, RATE, |builder| builder.max_bytes(50_000));
        assert!(matches!(refused, Err(Error::Settings(InvalidSettings::NeedsFile))), "{refused:?}");
    }
    // The codec's own settings are also checked before the first frame.
    let error = write(&path, |builder| builder.codec(H264::default().x264_param("typo", "1")).max_bytes(50_000));
    assert!(error.expect_err("refused").to_string().starts_with("x264 rejected typo=1"));
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0);
}

#[test]
fn a_dropped_writer_leaves_lossless_frames() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video = VideoWriter::builder(&path, WIDTH, HEIGHT, RATE).max_bytes(50_000).create().expect("opens");
    video.write(&FrameView::rgb(&noisy(0), WIDTH, HEIGHT).expect("a frame")).expect("written");
    drop(video);
    assert!(!path.exists());
    let recovered = framemill::recover(directory.path().join("a.mp4.part"), None).expect("recovered");
    assert_eq!(recovered.frames, 1);
}

#[test]
fn a_mean_quantizer_lies_between_the_whole_ones() {
    let directory = tempdir().expect("a directory");
    let bytes = |rate_control: QuantizerOrBitrate| {
        let path = directory.path().join("a.avi");
        let mut mpeg4 = Mpeg4::default();
        mpeg4.rate_control = rate_control;
        write(&path, |builder| builder.codec(mpeg4)).expect("a movie");
        fs::metadata(&path).expect("a movie").len()
    };
    let (four, between, five) =
        (QuantizerOrBitrate::Qp(4), QuantizerOrBitrate::MeanQp(4.5), QuantizerOrBitrate::Qp(5));
    assert!(bytes(four) > bytes(between) && bytes(between) > bytes(five));
    assert_eq!(bytes(five), bytes(QuantizerOrBitrate::MeanQp(5.0)));
    let error = write(&directory.path().join("a.avi"), |builder| {
        let mut mpeg4 = Mpeg4::default();
        mpeg4.rate_control = QuantizerOrBitrate::MeanQp(0.5);
        builder.codec(mpeg4)
    });
    let message = "qp 0.5 is out of range: mpeg4 takes 1 to 31";
    assert_eq!(error.expect_err("refused").to_string(), message);
}

#[test]
fn the_program_makes_movies_with_a_size_limit() {
    let directory = tempdir().expect("a directory");
    let input = (0..FRAMES).flat_map(noisy).collect::<Vec<u8>>();
    for (size, max_bytes) in [("50k", 50_000), ("0.1MB", 100_000), ("60KiB", 61_440)] {
        let arguments = [&RAW[..], &["--max-size", size, "-o", "a.mp4"]].concat();
        let output = run(directory.path(), &arguments, &input);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let bytes = fs::metadata(directory.path().join("a.mp4")).expect("a movie").len();
        assert!(bytes <= max_bytes && bytes * 100 >= max_bytes * 97, "{size}: {bytes}");
    }
    for (arguments, message) in [
        (&["--max-size", "lots", "-o", "a.mp4"][..], "write bytes as 25MB, 800k, 1.5GB, 24MiB or 25000000"),
        (&["--max-size", "1M", "--crf", "20", "-o", "a.mp4"], "--crf and --max-size cannot be combined"),
        (&["--max-size", "1M", "-c", "ffv1", "-o", "a.mkv"], "ffv1 has no option --max-size"),
        (&["--max-size", "1M", "--container", "mp4", "-o", "-"], "write the movie to a file"),
    ] {
        let output = encode(directory.path(), arguments, &raw_frames(2));
        assert_eq!(code(output.status), 2, "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(message), "{arguments:?}: {}", errors(&output));
    }
    let output = run(directory.path(), &[&RAW[..], &["--max-size", "1k", "-o", "b.mp4"]].concat(), &input);
    assert_eq!(code(output.status), 1);
    assert!(errors(&output).contains("the movie cannot be as small as 1000 bytes"), "{}", errors(&output));
    assert!(directory.path().join("b.mp4.part").exists());
}
