//! Tests several parallel encoders: they make the same movie as a single encoder that works segment by segment.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framemill::{
    Av1, Codec, Container, EncodeStats, Error, Ffv1, FrameRate, FrameView, H264, Hevc, Jobs, Mjpeg, Mpeg4,
    PacketStats, Preset, Prores, VideoWriter, VideoWriterBuilder, Vp9,
};
use tempfile::tempdir;

use crate::program::{code, encode, errors, raw_frames};
use crate::reader::{decode, probe, psnr};
use crate::samples::picture;

// If the chroma of a row is a multiple of 32 samples wide, x264 always writes the same bytes; see vendor-notes/x264.md.
const WIDTH: u32 = 128;
const HEIGHT: u32 = 64;
const FRAME_BYTES: usize = (WIDTH * HEIGHT * 3) as usize;
const SEGMENT_FRAMES: u32 = 7;

fn builder(path: &Path, codec: impl Into<Codec>, jobs: u32) -> VideoWriterBuilder {
    VideoWriter::builder(path, WIDTH, HEIGHT, FrameRate::new(30, 1))
        .codec(codec)
        .jobs(Jobs::Count(jobs))
        .segment_frames(SEGMENT_FRAMES)
}

fn write(video: &mut VideoWriter, frame: u32) {
    let pixels = picture(WIDTH, HEIGHT, frame * 3);
    video.write(&FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture")).expect("written");
}

fn movie(builder: VideoWriterBuilder, frames: u32) -> EncodeStats {
    let mut video = builder.create().expect("opens");
    (0..frames).for_each(|frame| write(&mut video, frame));
    video.finish().expect("a movie")
}

fn codecs() -> Vec<(Codec, Container)> {
    vec![
        (H264::crf(20.0).into(), Container::Mp4),
        (H264::crf(20.0).preset(Preset::Ultrafast).into(), Container::Mov),
        (H264::qp(20).preset(Preset::Slow).x264_param("bframes", "5").into(), Container::Mkv),
        (H264::crf(20.0).into(), Container::Avi),
        // Every frame is a keyframe, so keyframes are adjacent at the joints.
        (H264::crf(20.0).gop(1).into(), Container::Mp4),
        (Codec::H264Rgb(H264::lossless()), Container::Mp4),
        (Mpeg4::qp(3).into(), Container::Avi),
        (Mpeg4::qp(3).into(), Container::Mp4),
        (Codec::Xvid(Mpeg4::qp(3)), Container::Mov),
        (Mjpeg::qp(3).into(), Container::Mov),
        (Ffv1::default().into(), Container::Mkv),
        (Hevc::crf(26.0).preset(Preset::Fast).into(), Container::Mp4),
        (Hevc::crf(26.0).preset(Preset::Ultrafast).into(), Container::Mkv),
        (Vp9::crf(40).cpu_used(4).into(), Container::Webm),
        (Vp9::crf(40).cpu_used(5).into(), Container::Mp4),
        (Codec::Prores(Prores::default()), Container::Mov),
        (Codec::Png, Container::Mkv),
        (Codec::Qtrle, Container::Mov),
    ]
}

#[test]
fn the_movie_is_the_same_whatever_the_number_of_jobs() {
    let directory = tempdir().expect("a directory");
    for (codec, container) in codecs() {
        for frames in [1, 6, 7, 8, 14, 23] {
            let made: Vec<Vec<u8>> = [1, 2, 5]
                .into_iter()
                .map(|jobs| {
                    let path = directory.path().join(format!("{jobs}.{}", container.name()));
                    let stats = movie(builder(&path, codec.clone(), jobs), frames);
                    assert_eq!((stats.packets, stats.frames), (frames.into(), frames.into()));
                    std::fs::read(path).expect("a movie")
                })
                .collect();
            assert!(made[0] == made[1] && made[0] == made[2], "{codec:?} {container:?} {frames}");
        }
    }
}

#[test]
fn each_frame_is_shown_once_and_on_time_across_segments() {
    let directory = tempdir().expect("a directory");
    for (codec, container) in codecs() {
        let frames = 23;
        let path = directory.path().join(format!("jobs.{}", container.name()));
        let stats = movie(builder(&path, codec.clone(), 3), frames);
        assert!(stats.gops.count >= 4, "{codec:?}: {:?}", stats.gops);
        let seen = probe(&path);
        let expected = |frame: u32| f64::from(frame) / 30.0;
        let tolerance = if matches!(container, Container::Mkv | Container::Webm) { 0.000_6 } else { 0.000_02 };
        for (frame, time) in (0..).zip(seen.times()) {
            assert!((time - expected(frame)).abs() <= tolerance, "{codec:?}: frame {frame} at {time}");
        }
        assert!((seen.duration() - expected(frames)).abs() <= 0.001, "{codec:?}: {}", seen.duration());
        let shown = decode(&path, "rgb24", FRAME_BYTES);
        assert_eq!(shown.len(), frames as usize, "{codec:?}");
        for (frame, shown) in (0..).zip(&shown) {
            let near = |frame: u32| psnr(shown, &picture(WIDTH, HEIGHT, frame * 3));
            let own = near(frame);
            assert!(own > near(frame + 1), "{codec:?} {container:?}: frame {frame}");
            assert!(frame == 0 || own > near(frame - 1), "{codec:?} {container:?}: frame {frame}");
        }
    }
}

#[test]
fn only_one_av1_encoder_runs_at_a_time() {
    let directory = tempdir().expect("a directory");
    let av1 = || Av1::crf(40).preset(10);
    let path = |name: &str| directory.path().join(name);
    let refused = builder(&path("several.mp4"), av1(), 2).create().expect_err("refused");
    assert!(
        refused.to_string().starts_with("jobs cannot be combined with av1: a process can run only one"),
        "{refused}"
    );
    movie(builder(&path("one.mp4"), av1(), 1), 23);
    movie(builder(&path("auto.mp4"), av1(), 1).jobs(Jobs::Auto), 23);
    assert_eq!(std::fs::read(path("one.mp4")).expect("a movie"), std::fs::read(path("auto.mp4")).expect("a movie"));

    // A second encoder would damage the memory of the first, which continues unharmed.
    let pixels = picture(WIDTH, HEIGHT, 0);
    let view = FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture");
    let single = |name: &str| VideoWriter::builder(path(name), WIDTH, HEIGHT, FrameRate::new(30, 1)).codec(av1());
    let mut first = single("first.mp4").create().expect("opens");
    first.write(&view).expect("written");
    let busy = single("second.mp4").create().expect_err("refused").to_string();
    assert!(busy.starts_with("libsvtav1 can encode only one movie at a time in a process"), "{busy}");
    assert!(!path("second.mp4").exists());
    assert_eq!(first.finish().expect("a movie").packets, 1);
    drop(single("dropped.mp4").create().expect("opens"));
    assert_eq!(movie(single("second.mp4"), 3).packets, 3);
}

#[test]
fn varying_times_and_long_pauses_are_preserved() {
    let directory = tempdir().expect("a directory");
    let times = [0.0, 0.1, 0.15, 5.0, 5.1, 9_000.0, 9_000.5, 9_000.75, 9_001.0, 9_002.0, 20_000.0, 20_001.0];
    let made: Vec<Vec<u8>> = [1, 4]
        .into_iter()
        .map(|jobs| {
            let path = directory.path().join("a.mp4");
            let codec = H264::crf(25.0).preset(Preset::Slow);
            let mut video = builder(&path, codec, jobs).segment_frames(3).create().expect("opens");
            for (frame, time) in (0..).zip(times) {
                let pixels = picture(WIDTH, HEIGHT, frame * 3);
                let view = FrameView::rgb(&pixels, WIDTH, HEIGHT).expect("a picture");
                video.write_at(Duration::from_secs_f64(time), &view).expect("later than the one before");
            }
            video.finish().expect("a movie");
            let seen = probe(&path).times();
            assert_eq!(seen.len(), times.len());
            assert!(seen.iter().zip(&times).all(|(seen, time)| (seen - time).abs() < 0.000_02), "{seen:?}");
            assert_eq!(decode(&path, "rgb24", FRAME_BYTES).len(), times.len());
            std::fs::read(path).expect("a movie")
        })
        .collect();
    assert!(made[0] == made[1]);
}

#[test]
fn every_packet_is_reported_once_in_file_order() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let packets = Arc::<Mutex<Vec<PacketStats>>>::default();
    let mut video = builder(&path, H264::crf(23.0), 3).measure_quality().create().expect("opens");
    let kept = Arc::clone(&packets);
    video.on_packet(move |packet: &PacketStats| kept.lock().expect("alone").push(packet.clone())).expect("open");
    (0..40).for_each(|frame| write(&mut video, frame));
    let stats = video.finish().expect("a movie");
    let packets = packets.lock().expect("alone");
    let mut indices: Vec<u64> = packets.iter().map(|packet| packet.index).collect();
    assert!(packets.windows(2).all(|pair| pair[0].dts.ticks < pair[1].dts.ticks));
    assert!(packets.iter().all(|packet| packet.qp.is_some() && packet.quality.is_some()));
    indices.sort_unstable();
    assert_eq!(indices, (0..40).collect::<Vec<u64>>());
    assert_eq!(stats.gops.count, 6);
    assert_eq!(stats.encoder_reports.len(), 6);
    assert_eq!(stats.quality.expect("measured").frames, 40);
    assert!(stats.stages.encoding > Duration::ZERO);
}

#[test]
fn settings_for_the_whole_movie_are_refused() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let refused = |builder: VideoWriterBuilder| {
        let error = builder.create().map(drop).expect_err("refused");
        assert!(matches!(error, Error::Settings(_)), "{error}");
        error.to_string()
    };
    let whole = "it applies to the whole movie, but a job encodes one segment; leave it out, and choose a crf or a quantizer";
    for (codec, with) in [
        (Codec::from(H264::bitrate(500_000)), "a bitrate"),
        (Codec::from(H264::crf(20.0).vbv(500_000, 500_000)), "maxrate"),
        (Codec::from(Mpeg4::bitrate(500_000)), "a bitrate"),
        (Codec::from(H264::crf(20.0).x264_param("zones", "0,9,q=30")), "zones"),
        (Codec::from(Hevc::crf(20.0).x265_param("zones", "0,9,q=30")), "zones"),
        (Codec::from(Av1::crf(20).svtav1_param("mbr", "500")), "mbr"),
    ] {
        assert_eq!(refused(builder(&path, codec, 2)), format!("jobs cannot be combined with {with}: {whole}"));
    }
    let out_of_range = |jobs| refused(builder(&path, H264::crf(20.0), jobs));
    assert_eq!(out_of_range(0), "jobs 0 is out of range: framemill takes 1 to 64");
    assert_eq!(out_of_range(65), "jobs 65 is out of range: framemill takes 1 to 64");
    let none = refused(builder(&path, H264::crf(20.0), 2).segment_frames(0));
    assert_eq!(none, "segment-frames 0 is out of range: framemill takes 1 to 100000");
    assert!(std::fs::read_dir(directory.path()).expect("listed").next().is_none());
}

#[test]
fn an_abandoned_movie_stops_its_encoders_and_keeps_their_packets() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video = builder(&path, H264::crf(20.0), 3).create().expect("opens");
    (0..30).for_each(|frame| write(&mut video, frame));
    let part = video.leave().expect("it ended").expect("it has frames");
    let recovered = framemill::recover(part, Some(&path)).expect("a movie");
    assert_eq!(recovered.frames, 30);
    assert_eq!(decode(&path, "rgb24", FRAME_BYTES).len(), 30);

    let mut video = builder(&path, H264::crf(20.0).preset(Preset::Placebo), 3).create().expect("opens");
    (0..30).for_each(|frame| write(&mut video, frame));
    video.abort();
    assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 2);
}

#[test]
fn the_program_supports_jobs_also_with_a_size_limit() {
    let directory = tempdir().expect("a directory");
    let input = raw_frames(40);
    for jobs in ["1", "2", "auto"] {
        let name = format!("{jobs}.mp4");
        let output = encode(
            directory.path(),
            &["--jobs", jobs, "--segment-frames", "9", "--preset", "ultrafast", "-o", &name],
            &input,
        );
        assert_eq!(code(output.status), 0, "{}", errors(&output));
    }
    let bytes = |name: &str| std::fs::read(directory.path().join(name)).expect("a movie");
    assert!(bytes("1.mp4") == bytes("2.mp4") && bytes("1.mp4") == bytes("auto.mp4"));
    let limited = ["--jobs", "2", "--segment-frames", "9", "--max-size", "30k", "-o", "s.mp4"];
    let output = encode(directory.path(), &limited, &input);
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    let size = bytes("s.mp4").len();
    assert!((20_000..=30_000).contains(&size), "{size}");
    for (arguments, message) in [
        (&["--jobs", "many", "-o", "a.mp4"][..], "--jobs \"many\" is not valid: give a whole number, or auto"),
        (&["--segment-frames", "9", "-o", "a.mp4"], "--segment-frames needs --jobs: give both, or neither"),
        (&["--jobs", "2", "--bitrate", "1M", "-o", "a.mp4"], "--jobs cannot be combined with a bitrate"),
    ] {
        let output = encode(directory.path(), arguments, &input);
        assert_eq!(code(output.status), 2, "{}", errors(&output));
        assert!(errors(&output).contains(message), "{}", errors(&output));
    }
}

#[test]
fn xvid_encoders_do_not_disturb_each_other() {
    let directory = tempdir().expect("a directory");
    let made = |jobs: u32| {
        let path = directory.path().join(format!("{jobs}.avi"));
        let codec = Codec::Xvid(Mpeg4::qp(3));
        let mut video = VideoWriter::builder(&path, 320, 240, FrameRate::new(30, 1))
            .codec(codec)
            .jobs(Jobs::Count(jobs))
            .segment_frames(5)
            .create()
            .expect("opens");
        for frame in 0..60 {
            let pixels = picture(320, 240, frame * 3);
            video.write(&FrameView::rgb(&pixels, 320, 240).expect("a picture")).expect("written");
        }
        video.finish().expect("a movie");
        std::fs::read(path).expect("a movie")
    };
    let alone = made(1);
    assert!((0..4).all(|_| made(4) == alone));
}
