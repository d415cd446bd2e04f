//! Tests that movies in a stream interleave frames and sound.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use framemill::{Audio, AudioCodec, Container, FrameView, Output};
use tempfile::tempdir;

use super::{RATE, builder, click, finish, heard, loudest, number, probe, sound_of, tone, write};
use crate::samples::codec_in;

/// A stream that stores its bytes.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pipe {
    fn save(&self, path: &Path) {
        std::fs::write(path, &*self.0.lock().expect("not poisoned")).expect("written");
    }
}

/// Returns the largest time difference, in seconds, between neighboring packets of different streams.
pub(super) fn worst_gap(path: &Path) -> f64 {
    let answer = probe(path);
    let (mut times, mut worst) = ([f64::NAN; 2], 0.0_f64);
    let mut packets = answer["packets"].as_array().cloned().expect("packets");
    // Sort the packets by file position: ffprobe may list them in another order.
    packets.sort_by_key(|packet| number(&packet["pos"]) as u64);
    for packet in &packets {
        let stream = packet["stream_index"].as_u64().expect("a stream") as usize;
        times[stream] = number(&packet["dts_time"]);
        // NaN until both streams have a packet.
        worst = worst.max((times[0] - times[1]).abs());
    }
    worst
}

#[test]
fn a_stream_has_frames_and_sound_side_by_side() {
    let directory = tempdir().expect("a directory");
    for (container, codec) in [
        (Container::Mp4, AudioCodec::Aac),
        (Container::Mp4, AudioCodec::Opus),
        (Container::Mov, AudioCodec::Pcm),
        (Container::Mkv, AudioCodec::Opus),
        (Container::Mkv, AudioCodec::Aac),
        (Container::Mkv, AudioCodec::Pcm),
        (Container::Webm, AudioCodec::Opus),
    ] {
        for (frames, at) in [(1, 1_000), (2, 2_000), (31, 20_000), (150, 230_000)] {
            let pipe = Pipe::default();
            let audio = Audio::samples(click(frames * 1_600, at), RATE, 1);
            let output = Output::stream(pipe.clone(), container);
            let video = builder(output, 30, audio).codec(codec_in(container)).audio_codec(codec);
            let stats = finish(video.create().expect("opens"), frames as u32);
            let path = directory.path().join(format!("a.{}", container.name()));
            pipe.save(&path);
            let what = format!("{codec:?} in {container:?}, {frames} frames");
            let found = loudest(&heard(&path));
            assert!(found.abs_diff(at) <= 48, "{what}: {found}");
            assert!(worst_gap(&path) < 0.5, "{what}: {}", worst_gap(&path));
            let sound = sound_of(stats);
            assert!(sound.packets > 0 && sound.warnings.is_empty(), "{what}: {sound:?}");
        }
    }
}

#[test]
fn samples_may_be_written_to_a_stream() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let pipe = Pipe::default();
    let audio = Audio::written(RATE, 2);
    let mut video = builder(Output::stream(pipe.clone(), Container::Mp4), 25, audio).create().expect("opens");
    let samples = tone(4 * RATE as usize, 2);
    for (frame, piece) in (0..100).zip(samples.chunks(2 * 1_920)) {
        video.write_audio(piece).expect("taken");
        write(&mut video, frame);
    }
    let sound = sound_of(video.finish().expect("a movie"));
    assert!(sound.warnings.is_empty(), "{:?}", sound.warnings);
    pipe.save(&path);
    assert!(worst_gap(&path) < 0.5, "{}", worst_gap(&path));
    assert!((heard(&path).len() / 2).abs_diff(4 * RATE as usize) <= 1_024);
}

/// The frames are so large that many bytes wait for a packet of sound, which lasts several frames.
#[test]
fn large_frames_never_wait_for_sound_that_waits_for_them() {
    const SIZE: (u32, u32) = (4_096, 2_160);
    let mut noise = 1_u64;
    let mut picture = || -> Vec<u8> {
        let mut next = || {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (noise >> 56) as u8
        };
        (0..SIZE.0 * SIZE.1).map(|_| next()).collect()
    };
    let first = picture();
    let pictures = [first.iter().rev().copied().collect(), first];
    for is_written in [false, true] {
        let samples = tone(RATE as usize / 8, 1);
        let audio = if is_written { Audio::written(RATE, 1) } else { Audio::samples(samples.clone(), RATE, 1) };
        let pipe = Pipe::default();
        let output = Output::stream(pipe.clone(), Container::Mkv);
        let builder = framemill::VideoWriter::builder(output, SIZE.0, SIZE.1, framemill::FrameRate::new(120, 1));
        let builder = builder.codec(framemill::Ffv1::default()).audio(audio).audio_codec(AudioCodec::Flac);
        let mut video = builder.create().expect("opens");
        for (frame, piece) in samples.chunks(RATE as usize / 120).enumerate() {
            if is_written {
                video.write_audio(piece).expect("taken");
            }
            let view = FrameView::gray(&pictures[frame % 2], SIZE.0, SIZE.1).expect("a picture");
            video.write(&view).expect("written");
        }
        let sound = sound_of(video.finish().expect("a movie"));
        assert!(sound.warnings.is_empty(), "{:?}", sound.warnings);
        assert!(pipe.0.lock().expect("not poisoned").len() > 100 << 20);
    }
}

#[test]
fn a_stream_without_its_sound_is_silent_with_a_warning() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    let pipe = Pipe::default();
    let audio = Audio::written(RATE, 1);
    let video = builder(Output::stream(pipe.clone(), Container::Mkv), 25, audio).create().expect("opens");
    let sound = sound_of(finish(video, 50));
    assert_eq!(sound.warnings, ["the sound ends 2.000 s before the movie, at 2.000 s: the rest is silent"]);
    pipe.save(&path);
    assert!(heard(&path).iter().all(|sample| sample.abs() < 1e-3));
}

#[test]
fn a_truncated_stream_keeps_its_sound() {
    let directory = tempdir().expect("a directory");
    for (container, codec) in
        [(Container::Mp4, AudioCodec::Aac), (Container::Mkv, AudioCodec::Opus), (Container::Webm, AudioCodec::Opus)]
    {
        let pipe = Pipe::default();
        let audio = Audio::samples(click(5 * RATE as usize, 30_000), RATE, 1);
        let output = Output::stream(pipe.clone(), container);
        let video = builder(output, 30, audio).codec(codec_in(container)).audio_codec(codec);
        finish(video.create().expect("opens"), 150);
        let path = directory.path().join(format!("cut.{}", container.name()));
        let whole = pipe.0.lock().expect("not poisoned").len();
        pipe.0.lock().expect("not poisoned").truncate(whole * 2 / 3);
        pipe.save(&path);
        let recovered = framemill::recover(&path, None).expect("recovers");
        assert!((30..150).contains(&recovered.frames), "{container:?}: {}", recovered.frames);
        let sound = recovered.audio.expect("has sound");
        assert!(sound.packets > 50, "{sound:?}");
        let found = loudest(&heard(&recovered.path));
        assert!(found.abs_diff(30_000) <= 48, "{container:?}: {found}");
    }
}

#[test]
fn frames_waiting_for_sound_survive_an_interruption() {
    let pipe = Pipe::default();
    let audio = Audio::written(RATE, 1);
    let mut video = builder(Output::stream(pipe.clone(), Container::Mkv), 25, audio).create().expect("opens");
    (0..60).for_each(|frame| {
        video.write(&FrameView::gray(&[frame; 256], 16, 16).expect("a picture")).expect("written");
    });
    assert!(video.leave().expect("left").is_none());
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    pipe.save(&path);
    assert_eq!(framemill::inspect(&path).expect("a movie").packets.len(), 60);
}
