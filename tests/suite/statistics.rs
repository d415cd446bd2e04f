//! Compares the statistics of packets and movies with what other programs read from the movie.

mod files;
mod joined;
mod quality;
mod thumbnails;

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use framemill::{
    Codec, Container, EncodeStats, FrameRate, FrameView, H264, Memory, Output, PacketStats, PictureType, Preset,
    VideoWriter, VideoWriterBuilder, inspect,
};
use serde_json::Value;
use tempfile::tempdir;

use crate::reader::probe;
use crate::samples::{picture, write_movie};

const RATE: FrameRate = FrameRate::new(30, 1);

/// Writes `frames` pictures of 96 × 64. Returns the statistics of each packet and of the movie.
fn record(
    output: impl Into<Output>,
    frames: u32,
    configure: impl FnOnce(VideoWriterBuilder) -> VideoWriterBuilder,
) -> (Vec<PacketStats>, EncodeStats) {
    let mut video = configure(VideoWriter::builder(output, 96, 64, RATE)).create().expect("opens");
    let (sender, packets) = mpsc::channel();
    video.on_packet(move |packet| sender.send(packet.clone()).expect("received")).expect("alive");
    for frame in 0..frames {
        video.write(&FrameView::rgb(&picture(96, 64, frame), 96, 64).expect("a picture")).expect("written");
    }
    let stats = video.finish().expect("a movie");
    (packets.try_iter().collect(), stats)
}

/// Returns the picture types and keyframes that ffprobe finds by decoding, in presentation order.
fn decoded_types(path: &Path) -> Vec<(String, bool)> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "frame=pict_type,key_frame", "-of", "json"])
        .arg(path)
        .output()
        .expect("runs");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let frames = answer["frames"].as_array().expect("frames");
    let of = |frame: &Value| (frame["pict_type"].as_str().unwrap_or("?").to_owned(), frame["key_frame"] == 1);
    frames.iter().map(of).collect()
}

#[test]
fn statistics_agree_with_ffprobe() {
    for codec in Codec::all() {
        for container in codec.containers() {
            let what = format!("{} in {}", codec.name(), container.name());
            let directory = tempdir().expect("a directory");
            let path = directory.path().join("movie").with_extension(container.name());
            let (packets, stats) = record(path.as_path(), 67, |builder| builder.codec(codec.clone()));
            let seen = probe(&path);
            let sizes: Vec<u64> = seen
                .packets
                .iter()
                .map(|packet| packet["size"].as_str().expect("a size").parse().expect("bytes"))
                .collect();
            assert_eq!(packets.iter().map(|packet| packet.bytes).collect::<Vec<_>>(), sizes, "{what}");
            assert_eq!((stats.packets, stats.stream_bytes), (67, sizes.iter().sum()), "{what}");
            assert_eq!(stats.file_bytes, std::fs::metadata(&path).expect("a file").len(), "{what}");
            assert_eq!(stats.overhead_bytes(), Some(stats.file_bytes - sizes.iter().sum::<u64>()), "{what}");
            assert_eq!(stats.duration.as_nanos(), 2_233_333_333, "{what}");

            let mut shown = packets.clone();
            shown.sort_by_key(|packet| packet.pts.ticks);
            assert!(shown.iter().map(|packet| packet.index).eq(0..67), "{what}");
            let types: Vec<(String, bool)> = shown
                .iter()
                .map(|packet| {
                    (packet.picture_type.map_or("?".to_owned(), |kind| kind.to_string()), packet.keyframe)
                })
                .collect();
            let decoded = decoded_types(&path);
            // The encoders of these codecs report no picture types.
            let reports = !["ffv1", "prores", "png", "qtrle"].contains(&codec.name());
            let known = types.iter().any(|(kind, _)| kind != "?");
            assert_eq!((decoded.len(), known), (67, reports), "{what}");
            for (ours, theirs) in types.iter().zip(&decoded) {
                // FFmpeg's decoder of QuickTime Animation reports each frame as a keyframe.
                let is_key = ours.1 == theirs.1 || codec.name() == "qtrle";
                assert!(is_key && (!known || ours.0 == theirs.0), "{what}: {ours:?} {theirs:?}");
            }
            let inspected = inspect(&path).expect("a movie").packets;
            assert_eq!(inspected.len(), 67, "{what}");
            for (ours, theirs) in packets.iter().zip(&inspected) {
                assert_eq!((ours.index, ours.bytes, ours.keyframe), (theirs.index, theirs.bytes, theirs.keyframe));
                assert!(
                    theirs.picture_type.is_none() || !known || theirs.picture_type == ours.picture_type,
                    "{what}"
                );
                // Matroska rounds times to milliseconds.
                let lasts = theirs.duration.expect("known").as_secs_f64();
                assert!((lasts - ours.duration.as_secs_f64()).abs() < 1.1e-3, "{what}: {theirs:?}");
            }
        }
    }
}

#[test]
fn the_totals_are_the_sums_of_the_packets() {
    let memory = Memory::new();
    let codec = H264::crf(23.0).gop(20);
    let (packets, stats) = record(Output::memory(&memory, Container::Mp4), 67, |builder| builder.codec(codec));
    for (kind, of_kind) in [(PictureType::I, stats.i), (PictureType::P, stats.p), (PictureType::B, stats.b)] {
        let these: Vec<&PacketStats> = packets.iter().filter(|packet| packet.picture_type == Some(kind)).collect();
        let qp = these.iter().map(|packet| f64::from(packet.qp.expect("known"))).sum::<f64>() / these.len() as f64;
        assert_eq!(of_kind.packets, these.len() as u64, "{kind}");
        assert_eq!(of_kind.bytes, these.iter().map(|packet| packet.bytes).sum::<u64>(), "{kind}");
        assert!((of_kind.mean_qp().expect("known") - qp).abs() < 1e-9, "{kind}");
    }
    assert_eq!((stats.gops.count, stats.gops.range()), (4, Some((7, 20))));
    for packet in &packets {
        assert!(packet.times.converting.as_nanos() > 0 && packet.times.encoding.as_nanos() > 0, "{packet:?}");
    }
    let converting: std::time::Duration = packets.iter().map(|packet| packet.times.converting).sum();
    let muxing: std::time::Duration = packets.iter().map(|packet| packet.times.muxing).sum();
    assert_eq!((stats.stages.converting, stats.stages.muxing), (converting, muxing));
    assert!(stats.stages.encoding < stats.wall && stats.stages.encoding.as_nanos() > 0);
    assert!(stats.cpu.as_nanos() > 0 && stats.peak_memory_bytes > 1 << 20, "{stats:?}");
    // The first second has the most bytes, because the first frame is large.
    let first_second: u64 = packets.iter().take(30).map(|packet| packet.bytes).sum();
    assert_eq!(stats.peak_second_bytes, first_second);
}

#[test]
fn the_final_report_of_x264_is_parsed() {
    let memory = Memory::new();
    let (packets, stats) = record(Output::memory(&memory, Container::Mp4), 67, |builder| builder);
    let [report] = &stats.encoder_reports[..] else { panic!("{:?}", stats.encoder_reports) };
    let line = report.text.lines().find(|line| line.starts_with("frame I:")).expect("a line");
    let average = line.split("Avg QP:").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a QP");
    assert!(
        (stats.i.mean_qp().expect("known") - average.parse::<f64>().expect("a number")).abs() < 0.006,
        "{line}"
    );
    let i = report.i_macroblocks.as_ref().expect("I frames");
    assert!((i.intra.iter().sum::<f32>() - 100.0).abs() < 0.3, "{i:?}");
    for blocks in [&report.p_macroblocks, &report.b_macroblocks] {
        let blocks = blocks.as_ref().expect("P and B frames");
        let all: f32 = blocks.intra.iter().chain(&blocks.inter).chain(&blocks.direct).chain(&blocks.skip).sum();
        assert!((all - 100.0).abs() < 0.6, "{blocks:?}");
    }
    assert!((report.p_references.iter().sum::<f32>() - 100.0).abs() < 0.3, "{:?}", report.p_references);
    assert!((report.consecutive_b_frames.iter().sum::<f32>() - 100.0).abs() < 0.3);
    assert_eq!(packets.len(), 67);
}

#[test]
fn repeated_frames_are_counted() {
    let memory = Memory::new();
    let mut video =
        VideoWriter::builder(Output::memory(&memory, Container::Mp4), 96, 64, RATE).create().expect("opens");
    for frame in [0, 0, 1, 1, 1, 0, 2] {
        video.write(&FrameView::rgb(&picture(96, 64, frame), 96, 64).expect("a picture")).expect("written");
    }
    assert_eq!(video.stats().duplicates, 3);
    assert_eq!(video.finish().expect("a movie").duplicates, 3);
}

#[test]
fn the_vbv_buffer_is_tracked() {
    let memory = Memory::new();
    let codec = H264::crf(1.0).vbv(200_000, 100_000);
    let (packets, stats) = record(Output::memory(&memory, Container::Mp4), 90, |builder| builder.codec(codec));
    let vbv = stats.vbv.expect("asked for");
    assert_eq!((vbv.bits_per_second, vbv.bits, vbv.underflows), (200_000, 100_000, 0));
    // Compute the fill level independently: 90 % at first, then 6,666.7 bits per frame.
    let (mut held, mut lowest) = (90_000.0_f64, f64::INFINITY);
    for (position, packet) in packets.iter().enumerate() {
        held =
            (held + if position > 0 { 200_000.0 / 30.0 } else { 0.0 }).min(100_000.0) - packet.bytes as f64 * 8.0;
        lowest = lowest.min(held);
    }
    assert!((vbv.lowest_bits - lowest).abs() < 1.0 && vbv.lowest_fullness() < 0.9, "{vbv:?} {lowest}");
}

#[test]
fn a_movie_of_one_frame_has_complete_statistics() {
    let memory = Memory::new();
    let (packets, stats) = record(Output::memory(&memory, Container::Mp4), 1, |builder| builder.measure_quality());
    let [packet] = &packets[..] else { panic!("{packets:?}") };
    assert_eq!((packet.index, packet.keyframe, packet.picture_type), (0, true, Some(PictureType::I)));
    assert_eq!((stats.gops.count, stats.gops.range()), (1, Some((1, 1))));
    assert_eq!(stats.peak_bits_per_second(), stats.bits_per_second());
    assert_eq!(stats.quality.as_ref().map(|quality| quality.frames), Some(1));
    let table = stats.to_string();
    assert!(table.starts_with("frames    1 in 0.033 s of movie, 1 keyframe\nsize "), "{table}");
    assert!(table.contains("\nPSNR ") && table.contains("\nGOPs      1, of 1 to 1 frames"), "{table}");
}

#[test]
fn an_aborted_movie_has_reported_its_packets() {
    let directory = tempdir().expect("a directory");
    let builder = VideoWriter::builder(directory.path().join("a.mp4"), 96, 64, RATE);
    let mut video =
        builder.codec(H264::crf(23.0).preset(Preset::Ultrafast)).measure_quality().create().expect("opens");
    for frame in 0..200 {
        video.write(&FrameView::rgb(&picture(96, 64, frame), 96, 64).expect("a picture")).expect("written");
    }
    let stats = video.stats();
    video.abort();
    assert_eq!(stats.frames, 200);
    assert!(stats.packets <= 200 && stats.file_bytes == 0 && stats.overhead_bytes().is_none(), "{stats:?}");
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0);
}

#[test]
fn parts_of_a_movie_add_up() {
    let part =
        |frames| write_movie(Output::memory(&Memory::new(), Container::Mkv), frames, RATE, |b| b.measure_quality());
    let (one, two) = (part(40).expect("a movie"), part(25).expect("a movie"));
    let both = one.clone() + two.clone();
    assert_eq!((both.frames, both.packets, both.gops.count), (65, 65, one.gops.count + two.gops.count));
    assert_eq!((both.file_bytes, both.cpu), (one.file_bytes + two.file_bytes, one.cpu + two.cpu));
    assert_eq!(both.encoder_reports.len(), 2);
    let quality = both.quality.expect("measured");
    assert_eq!((quality.frames, quality.worst.len()), (65, 10));
}

#[test]
fn statistics_are_serialized_and_read_back() {
    let (packets, stats) = record(Output::memory(&Memory::new(), Container::Mp4), 20, |b| b.measure_quality());
    let text = serde_json::to_string(&(&packets, &stats)).expect("JSON");
    let read: (Vec<PacketStats>, EncodeStats) = serde_json::from_str(&text).expect("statistics");
    assert_eq!((read.0.len(), read.1.encoder_reports.len()), (20, 1));
    // Floats may differ in the last digit after JSON.
    let texts = [&stats, &read.1].map(|stats| stats.to_string());
    assert_eq!(
        (texts[0] == texts[1], read.0[7].bytes, read.0[7].times),
        (true, packets[7].bytes, packets[7].times)
    );
}

#[test]
fn statistics_of_equal_pictures_are_read_back() {
    let codec = Codec::Ffv1(framemill::Ffv1::default());
    let (_, stats) =
        record(Output::memory(&Memory::new(), Container::Mkv), 5, |b| b.codec(codec).measure_quality());
    let text = serde_json::to_string(&stats).expect("JSON");
    let read: EncodeStats = serde_json::from_str(&text).expect("statistics");
    let worst = read.quality.expect("measured").worst;
    assert!(worst.len() == 5 && worst.iter().all(|frame| frame.psnr.is_none()), "{worst:?}");
}

#[test]
fn the_duration_is_that_of_the_movie_even_if_the_first_frame_comes_later() {
    let mut video =
        VideoWriter::builder(Output::memory(&Memory::new(), Container::Mp4), 96, 64, RATE).create().expect("opens");
    for second in [1, 2, 4] {
        let frame = picture(96, 64, second);
        let time = std::time::Duration::from_secs(second.into());
        video.write_at(time, &FrameView::rgb(&frame, 96, 64).expect("a picture")).expect("written");
    }
    let stats = video.finish().expect("a movie");
    assert_eq!(stats.duration.as_nanos(), 4_033_333_333);
}

#[test]
fn statistics_of_a_failed_movie_are_available() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
    let monitor = video.monitor();
    let (sender, packets) = mpsc::channel();
    video
        .on_packet(move |packet| {
            sender.send(packet.index).expect("received");
            assert!(packet.index < 15, "enough");
        })
        .expect("alive");
    for frame in 0..30 {
        // The encoder's lookahead is longer than this, so no packet fails yet.
        video.write(&FrameView::rgb(&picture(96, 64, frame), 96, 64).expect("a picture")).expect("written");
    }
    video.finish().expect_err("the callback panics");
    let stats = monitor.stats();
    assert_eq!((stats.frames, stats.packets), (30, packets.try_iter().count() as u64));
    assert!(stats.packets > 10 && stats.file_bytes == 0, "{stats:?}");
}
