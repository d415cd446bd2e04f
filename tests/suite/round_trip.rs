//! Tests every codec in every container that holds it: all frames come back, each at its time.

use framemill::{Codec, Container, EncodeStats, FrameRate, NamedEncoder, PixelFormat, VideoWriterBuilder};
use tempfile::tempdir;

use crate::reader::{decode, probe, psnr, sample_index, top_level_boxes};
use crate::samples::{picture, write_movie};

const FRAME_COUNTS: [u32; 4] = [1, 2, 3, 31];

/// Returns the tolerance for times in seconds. Matroska rounds to milliseconds. The other containers are exact, but
/// ffprobe prints six decimals.
fn time_tolerance(container: Container) -> f64 {
    if matches!(container, Container::Mkv | Container::Webm) { 0.000_501 } else { 0.000_001 }
}

#[track_caller]
fn check(codec: &Codec, container: Container, frames: u32, rate: FrameRate) {
    check_with(codec, container, frames, rate, |builder| builder);
}

#[track_caller]
fn check_with(
    codec: &Codec,
    container: Container,
    frames: u32,
    rate: FrameRate,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join(format!("movie.{}", container.name()));
    let what = format!("{} in {}, {frames} frames", codec.name(), container.name());
    let stats: EncodeStats = write_movie(&path, frames, rate, |builder| configure(builder.codec(codec.clone())))
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((stats.frames, stats.packets), (frames.into(), frames.into()), "{what}");

    let seen = probe(&path);
    let frame_seconds = 1.0 / rate.as_f64();
    let tolerance = time_tolerance(container);
    let near = |a: f64, b: f64| (a - b).abs() <= tolerance;
    assert_eq!(seen.packets.len(), frames as usize, "{what}");
    for (index, time) in seen.times().into_iter().enumerate() {
        assert!(near(time, index as f64 * frame_seconds), "{what}: frame {index} is at {time}");
    }
    let duration = f64::from(frames) * frame_seconds;
    assert!(near(seen.duration(), duration), "{what}: lasts {} instead of {duration}", seen.duration());
    assert!((stats.duration.as_secs_f64() - duration).abs() < 1e-6, "{what}: says {:?}", stats.duration);
    assert_eq!(
        seen.stream_text("avg_frame_rate"),
        format!("{}/{}", rate.numerator(), rate.denominator()),
        "{what}"
    );
    let bytes: u64 = seen.packets.iter().filter_map(|packet| packet["size"].as_str()?.parse::<u64>().ok()).sum();
    assert_eq!(bytes, stats.stream_bytes, "{what}");
    assert_eq!(std::fs::metadata(&path).expect("a movie").len(), stats.file_bytes, "{what}");

    let decoded = decode(&path, "rgb24", 96 * 64 * 3);
    assert_eq!(decoded.len(), frames as usize, "{what}");
    for (index, pixels) in decoded.iter().enumerate() {
        let quality = psnr(pixels, &picture(96, 64, index as u32));
        assert!(quality > 28.0, "{what}: frame {index} has {quality:.1} dB");
    }
    if matches!(container, Container::Mp4 | Container::Mov | Container::M4v) {
        let boxes = top_level_boxes(&std::fs::read(&path).expect("a movie"));
        let place = |name| boxes.iter().position(|found| found == name);
        assert!(place("moov") < place("mdat") && place("moof").is_none(), "{what}: {boxes:?}");
        let index = sample_index(&std::fs::read(&path).expect("a movie"));
        assert_eq!((index.samples, index.bytes), (frames as usize, stats.stream_bytes), "{what}");
        assert!(near(index.seconds, duration), "{what}: the index lasts {} s", index.seconds);
    }
    let left: Vec<_> = std::fs::read_dir(directory.path()).expect("listed").collect();
    assert_eq!(left.len(), 1, "{what}: {left:?}");
}

fn check_all(codec: &Codec) {
    for container in codec.containers() {
        for frames in FRAME_COUNTS {
            check(codec, *container, frames, FrameRate::new(24_000, 1_001));
        }
    }
}

#[test]
fn h264() {
    check_all(&"h264".parse().expect("known"));
}

#[test]
fn h264_rgb() {
    check_all(&"h264-rgb".parse().expect("known"));
}

#[test]
fn mpeg4() {
    check_all(&"mpeg4".parse().expect("known"));
}

#[test]
fn xvid() {
    check_all(&"xvid".parse().expect("known"));
}

#[test]
fn mjpeg() {
    check_all(&"mjpeg".parse().expect("known"));
}

#[test]
fn ffv1() {
    check_all(&"ffv1".parse().expect("known"));
}

#[test]
fn hevc() {
    check_all(&"hevc".parse().expect("known"));
}

#[test]
fn av1() {
    check_all(&"av1".parse().expect("known"));
}

#[test]
fn vp9() {
    check_all(&"vp9".parse().expect("known"));
}

#[test]
fn prores() {
    check_all(&"prores".parse().expect("known"));
}

#[test]
fn png() {
    check_all(&"png".parse().expect("known"));
}

#[test]
fn qtrle() {
    check_all(&"qtrle".parse().expect("known"));
}

#[test]
fn any_ffmpeg_encoder_works_by_its_name() {
    for (name, options, container) in [
        ("mpeg2video", [("qmin", "1"), ("b", "20M")], Container::Mkv),
        ("libaom-av1", [("crf", "20"), ("cpu-used", "8")], Container::Mp4),
        ("huffyuv", [("pred", "plane"), ("g", "1")], Container::Avi),
    ] {
        let encoder = NamedEncoder::new(name).option(options[0].0, options[0].1).option(options[1].0, options[1].1);
        let format = if name == "huffyuv" { PixelFormat::Rgb24 } else { PixelFormat::Yuv420p };
        for frames in [1, 31] {
            check_with(&encoder.clone().into(), container, frames, FrameRate::new(25, 1), |b| {
                b.pixel_format(format)
            });
        }
    }
}

#[test]
fn any_rate_is_exact() {
    let rates = ["0.1", "1", "12.5", "23.976", "24000/1001", "25", "29.97", "30", "59.94", "60", "119.88", "1000"];
    for rate in rates {
        let rate: FrameRate = rate.parse().expect("a rate");
        for (codec, container) in [
            ("h264", Container::Mp4),
            ("mpeg4", Container::Mp4),
            ("mpeg4", Container::Avi),
            ("h264", Container::Avi),
            ("hevc", Container::Mp4),
            ("av1", Container::Mp4),
            ("prores", Container::Mov),
        ] {
            check(&codec.parse().expect("known"), container, 7, rate);
        }
    }
}
