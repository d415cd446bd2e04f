//! Compares PSNR and SSIM with the values of x264 and of FFmpeg's filters.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use framemill::{
    Av1, Codec, ColorRange, Ffv1, FrameRate, FrameView, H264, Hevc, Mjpeg, Mpeg4, PacketStats, PixelFormat,
    VideoWriter, Vp9,
};
use tempfile::tempdir;

use super::RATE;
use crate::samples::picture;

/// Makes frames of a moving picture with noise, in the encoder's pixel format, so that nothing is converted.
fn frames(format: PixelFormat, width: u32, height: u32, count: u32) -> Vec<Vec<u8>> {
    let bytes = format.frame_bytes(width, height);
    (0..count)
        .map(|frame| {
            let picture = picture(width, height, frame);
            let sample = |place: usize| {
                let noise = (place as u32).wrapping_mul(2_654_435_761).wrapping_add(frame * 977) >> 28;
                picture[place % picture.len()] / 2 + 40 + noise as u8
            };
            match format.bits() {
                8 => (0..bytes).map(sample).collect(),
                _ => (0..bytes / 2).flat_map(|place| (u16::from(sample(place)) * 4 + 1).to_le_bytes()).collect(),
            }
        })
        .collect()
}

/// Encodes these frames and returns the statistics of each frame.
fn measured(
    path: &Path,
    codec: Codec,
    format: PixelFormat,
    size: (u32, u32),
    frames: &[Vec<u8>],
) -> Vec<PacketStats> {
    let (width, height) = size;
    let range = if matches!(codec, Codec::Mjpeg(_)) { ColorRange::Full } else { ColorRange::Limited };
    let mut video = VideoWriter::builder(path, width, height, RATE)
        .codec(codec)
        .pixel_format(format)
        .measure_quality()
        .create()
        .expect("opens");
    let (sender, packets) = mpsc::channel();
    video.on_packet(move |packet| sender.send(packet.clone()).expect("received")).expect("alive");
    for frame in frames {
        let view = FrameView::contiguous(format, frame, width, height).expect("a picture").with_range(range);
        video.write(&view).expect("written");
    }
    let stats = video.finish().expect("a movie");
    assert_eq!(stats.quality.map(|quality| quality.frames), Some(frames.len() as u64));
    let mut packets: Vec<PacketStats> = packets.try_iter().collect();
    packets.sort_by_key(|packet| packet.index);
    packets
}

/// Runs a filter of the ffmpeg program and returns the values with these names for each frame.
fn filtered(
    movie: &Path,
    raw: &Path,
    format: &str,
    size: (u32, u32),
    filter: &str,
    names: &[&str],
) -> Vec<Vec<f64>> {
    let lines = raw.with_extension(filter);
    // Set the times, because the milliseconds of Matroska would pair the wrong frames.
    let planar = match format {
        "bgr24" | "bgr0" => "gbrp",
        "yuvj420p" => "yuv420p",
        other => other,
    };
    let side = format!("settb=1/30,setpts=N,setparams=range=tv,format={planar}");
    let graph = format!("[0:v]{side}[a];[1:v]{side}[b];[a][b]{filter}=stats_file={}", lines.display());
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(movie)
        .args(["-f", "rawvideo", "-r", "30", "-pix_fmt", format, "-s", &format!("{}x{}", size.0, size.1), "-i"])
        .arg(raw)
        .args(["-lavfi", &graph, "-f", "null", "-"])
        .status()
        .expect("runs");
    assert!(status.success(), "{graph}");
    let value = |line: &str, name: &str| {
        let rest = line.split_once(&format!("{name}:")).unwrap_or_else(|| panic!("no {name} in {line}")).1;
        let text = rest.split_whitespace().next().expect("a value");
        if text == "inf" { f64::INFINITY } else { text.parse().expect("a number") }
    };
    let text = std::fs::read_to_string(lines).expect("read");
    text.lines().map(|line| names.iter().map(|name| value(line, name)).collect()).collect()
}

#[test]
fn quality_agrees_with_the_filters_of_ffmpeg() {
    use PixelFormat::{Bgr24, Yuv420p, Yuv420p10Le, Yuv422p, Yuv444p};
    let yuv = ["psnr_y", "psnr_u", "psnr_v", "psnr_avg"];
    let rgb = ["psnr_r", "psnr_g", "psnr_b", "psnr_avg"];
    for (codec, format, container, names) in [
        (Codec::from(H264::crf(28.0)), Yuv420p, "mp4", yuv),
        (H264::crf(30.0).into(), Yuv422p, "mkv", yuv),
        (H264::crf(30.0).into(), Yuv444p, "mp4", yuv),
        (H264::crf(28.0).into(), Yuv420p10Le, "mp4", yuv),
        (Codec::H264Rgb(H264::crf(28.0)), Bgr24, "mp4", rgb),
        (Mpeg4::qp(5).into(), Yuv420p, "avi", yuv),
        (Mpeg4::qp(4).into(), Yuv420p, "mp4", yuv),
        (Mjpeg::qp(6).into(), Yuv420p, "mkv", yuv),
        (Hevc::crf(30.0).into(), Yuv420p, "mp4", yuv),
        (Hevc::crf(30.0).into(), Yuv420p10Le, "mkv", yuv),
        (Av1::crf(40).into(), Yuv420p, "mp4", yuv),
        (Vp9::crf(40).into(), Yuv420p, "webm", yuv),
        (Vp9::crf(40).into(), Yuv444p, "mkv", yuv),
    ] {
        let what = format!("{} {format} in {container}", codec.name());
        let directory = tempdir().expect("a directory");
        let (movie, raw) =
            (directory.path().join("m").with_extension(container), directory.path().join("frames.raw"));
        let size = (98, 66);
        let frames = frames(format, size.0, size.1, 34);
        let packets = measured(&movie, codec, format, size, &frames);
        std::fs::write(&raw, frames.concat()).expect("written");
        let psnr = filtered(&movie, &raw, format.name(), size, "psnr", &names);
        let ssim = filtered(&movie, &raw, format.name(), size, "ssim", &["All"]);
        assert_eq!((psnr.len(), ssim.len(), packets.len()), (34, 34, 34), "{what}");
        for ((packet, psnr), ssim) in packets.iter().zip(psnr).zip(ssim) {
            let quality = packet.quality.expect("measured");
            let ours = quality.plane_psnr().into_iter().flatten().chain([quality.psnr()]);
            for (ours, theirs) in ours.zip(psnr) {
                // The filter prints two decimals.
                assert!((ours - theirs).abs() < 0.006, "{what}, frame {}: {ours} and {theirs}", packet.index);
            }
            let ours = quality.ssim().expect("large enough");
            assert!((ours - ssim[0]).abs() < 1e-4, "{what}, frame {}: {ours} and {ssim:?}", packet.index);
        }
    }
}

#[test]
fn the_totals_agree_with_x264() {
    let size = (96, 64);
    let directory = tempdir().expect("a directory");
    let mut codec = H264::crf(30.0);
    codec.x264_params = vec![("psnr".to_owned(), "1".to_owned()), ("ssim".to_owned(), "1".to_owned())];
    let mut video = VideoWriter::builder(directory.path().join("m.mp4"), size.0, size.1, RATE)
        .codec(codec)
        .measure_quality()
        .create()
        .expect("opens");
    for frame in frames(PixelFormat::Yuv420p, size.0, size.1, 40) {
        video.write(&FrameView::yuv420p(&frame, size.0, size.1).expect("a picture")).expect("written");
    }
    let stats = video.finish().expect("a movie");
    let text = &stats.encoder_reports[0].text;
    let value = |line: &str, name: &str| {
        let line =
            text.lines().find(|text| text.starts_with(line)).unwrap_or_else(|| panic!("no {line} in {text}"));
        let rest = line.split_once(name).expect(name).1;
        rest.split([' ', '(']).next().and_then(|text| text.parse::<f64>().ok()).expect("a number")
    };
    let quality = stats.quality.expect("measured");
    assert!((quality.mean_psnr().expect("some") - value("PSNR Mean", "Avg:")).abs() < 0.006, "{quality:?} {text}");
    assert!(
        (quality.global_psnr().expect("some") - value("PSNR Mean", "Global:")).abs() < 0.006,
        "{quality:?} {text}"
    );
    let luma = quality.planes[0].expect("luma").ssim.expect("large enough");
    // The windows of x264 are shifted by two samples compared with ours and the filter's.
    assert!((luma - value("SSIM Mean", "Y:")).abs() < 0.005, "{luma} {text}");
}

#[test]
fn lossless_movies_measure_as_equal() {
    let codec = Codec::Ffv1(Ffv1::default());
    for format in codec.pixel_formats().iter().filter(|format| !format.has_alpha()) {
        let directory = tempdir().expect("a directory");
        let frames = frames(*format, 34, 18, 5);
        let path = directory.path().join("m.mkv");
        let packets = measured(&path, Codec::Ffv1(Ffv1::default()), *format, (34, 18), &frames);
        for packet in packets {
            let quality = packet.quality.expect("measured");
            assert_eq!((quality.psnr(), quality.ssim()), (f64::INFINITY, Some(1.0)), "{format}");
        }
    }
}

#[test]
fn odd_sizes_and_tiny_ones_are_measured_too() {
    for (width, height) in [(1, 1), (2, 3), (7, 9), (33, 17)] {
        let memory = framemill::Memory::new();
        let output = framemill::Output::memory(&memory, framemill::Container::Mp4);
        let mut video = VideoWriter::builder(output, width, height, FrameRate::new(25, 1))
            .measure_quality()
            .create()
            .expect("opens");
        for frame in 0..12 {
            let picture = picture(width, height, frame);
            video.write(&FrameView::rgb(&picture, width, height).expect("a picture")).expect("written");
        }
        let quality = video.finish().expect("a movie").quality.expect("measured");
        assert_eq!((quality.frames, quality.mean_ssim().is_some()), (12, width >= 16), "{width}x{height}");
        assert!(quality.mean_psnr().expect("some") > 25.0, "{width}x{height}: {quality:?}");
    }
}

#[test]
fn a_movie_with_a_size_limit_is_measured() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("m.mp4");
    let mut video =
        VideoWriter::builder(&path, 96, 64, RATE).max_bytes(30_000).measure_quality().create().expect("opens");
    let (sender, packets) = mpsc::channel();
    video.on_packet(move |packet| sender.send(packet.quality.is_some()).expect("received")).expect("alive");
    for frame in frames(PixelFormat::Yuv420p, 96, 64, 60) {
        video.write(&FrameView::yuv420p(&frame, 96, 64).expect("a picture")).expect("written");
    }
    let stats = video.finish().expect("a movie");
    assert_eq!(stats.quality.map(|quality| quality.frames), Some(60));
    assert_eq!((stats.encoder_reports.len(), stats.stages.converting.as_nanos() > 0), (1, true));
    assert_eq!(packets.try_iter().filter(|measured| *measured).count(), 60);
}
