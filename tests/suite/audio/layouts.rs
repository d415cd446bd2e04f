//! Tests the order of channels, and layouts that codecs do not store.

use std::f64::consts::TAU;
use std::path::Path;
use std::process::Command;

use framemill::{Audio, AudioCodec};
use tempfile::tempdir;

use super::{RATE, builder, finish, heard, probe};

/// Writes a WAV of one second with these speakers. Channel n has a tone of 200 + 100 n Hz.
fn wav(path: &Path, mask: u32, channels: u32) {
    let sample = |place: u32| {
        let (seconds, channel) = (f64::from(place / channels) / f64::from(RATE), place % channels);
        (f64::sin(TAU * f64::from(200 + 100 * channel) * seconds) * 8_000.0) as i16
    };
    let data: Vec<u8> = (0..RATE * channels).flat_map(|place| sample(place).to_le_bytes()).collect();
    let block = channels as u16 * 2;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((60 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(40_u32.to_le_bytes());
    bytes.extend([0xfe, 0xff]);
    bytes.extend((channels as u16).to_le_bytes());
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * u32::from(block)).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend([16, 0, 22, 0, 16, 0]);
    bytes.extend(mask.to_le_bytes());
    bytes.extend(b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    std::fs::write(path, bytes).expect("written");
}

/// Returns the number of the tone in each decoded channel; `None` for a silent one.
fn tones(movie: &Path) -> Vec<Option<u32>> {
    let channels = probe(movie)["streams"][1]["channels"].as_u64().expect("a number") as usize;
    let samples = heard(movie);
    let strength = |channel: usize, tone: u32| {
        let frames = samples.chunks_exact(channels).skip(9_600).take(24_000).enumerate();
        let turn = |place: usize| TAU * f64::from(200 + 100 * tone) * place as f64 / f64::from(RATE);
        let (sine, cosine) = frames.fold((0.0, 0.0), |(sine, cosine), (place, frame)| {
            let sample = f64::from(frame[channel]);
            (sine + sample * turn(place).sin(), cosine + sample * turn(place).cos())
        });
        f64::hypot(sine, cosine) / 12_000.0
    };
    let loudest = |channel| {
        let tones = (0..8).map(|tone| (tone, strength(channel, tone)));
        tones.max_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, strength)| *strength > 0.05)
    };
    (0..channels).map(|channel| loudest(channel).map(|(tone, _)| tone)).collect()
}

#[test]
fn channels_keep_their_speakers_in_every_codec() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("sound.wav");
    let in_order = |count: u32| (0..count).map(Some).collect::<Vec<_>>();
    for (mask, channels) in [(0x4, 1), (0x3, 2), (0x7, 3), (0x33, 4), (0x37, 5), (0x3f, 6), (0x70f, 7), (0x63f, 8)]
    {
        wav(&file, mask, channels);
        for (codec, name) in [
            (AudioCodec::Opus, "m.mkv"),
            (AudioCodec::Opus, "m.mp4"),
            (AudioCodec::Aac, "m.mp4"),
            (AudioCodec::Flac, "m.mkv"),
            (AudioCodec::Pcm, "m.mov"),
        ] {
            let movie = directory.path().join(name);
            finish(builder(&movie, 10, Audio::file(&file)).audio_codec(codec).create().expect("opens"), 10);
            let (mut found, mut expected) = (tones(&movie), in_order(channels));
            // The fourth channel is LFE, which has only the lowest tones after lossy compression.
            if channels > 5 && !matches!(codec, AudioCodec::Flac | AudioCodec::Pcm) {
                (found[3], expected[3]) = (None, None);
            }
            assert_eq!(found, expected, "{mask:#x} as {codec:?} in {name}");
        }
    }
}

#[test]
fn channels_that_a_codec_does_not_store_get_silent_neighbors() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("sound.wav");
    let silent = None;
    for (mask, channels, codec, expected) in [
        // 2.1 becomes 5.1: front left, right, center, LFE, back left, right.
        (0xb, 3, AudioCodec::Opus, vec![Some(0), Some(1), silent, silent, silent, silent]),
        // 4.0 becomes 6.1: front left, right, center, LFE, back center, sides.
        (0x107, 4, AudioCodec::Opus, vec![Some(0), Some(1), Some(2), silent, Some(3), silent, silent]),
        // 5.1 with side speakers is 5.1 with back speakers.
        (0x60f, 6, AudioCodec::Opus, vec![Some(0), Some(1), Some(2), silent, Some(4), Some(5)]),
        // Quadraphonic sound with side speakers.
        (0x603, 4, AudioCodec::Opus, (0..4).map(Some).collect()),
        // The names of these channels cannot be right.
        (0x30, 2, AudioCodec::Aac, vec![Some(0), Some(1)]),
        (0x600, 2, AudioCodec::Opus, vec![Some(0), Some(1)]),
        (0x71f, 9, AudioCodec::Flac, vec![]),
    ] {
        wav(&file, mask, channels);
        let movie = directory.path().join("m.mkv");
        let opened = builder(&movie, 10, Audio::file(&file)).audio_codec(codec).create();
        if channels > 8 {
            let message = opened.expect_err("too many").with_causes();
            assert!(message.contains("9 channels are out of range"), "{message}");
            continue;
        }
        finish(opened.unwrap_or_else(|error| panic!("{mask:#x}: {}", error.with_causes())), 10);
        let mut found = tones(&movie);
        // LFE has only the lowest tones.
        if let Some(lfe) = found.get_mut(3).filter(|_| channels != 4 || expected.len() > 4) {
            *lfe = None;
        }
        assert_eq!(found, expected, "{mask:#x} as {codec:?}");
    }
}

#[test]
fn channels_without_a_place_are_refused_by_name() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("sound.wav");
    // Front left and right, and top front left and center; 7.1 with wide front speakers.
    for (mask, channels) in [(0x3003, 4), (0xff, 8)] {
        wav(&file, mask, channels);
        let movie = directory.path().join("m.mkv");
        let opened = builder(&movie, 10, Audio::file(&file)).audio_codec(AudioCodec::Opus).create();
        let message = opened.expect_err("no place").with_causes();
        let expected = "choose flac in mkv, or pcm, which keep any channels, or mix the sound to stereo";
        assert!(message.contains("sound.wav") && message.contains(expected), "{message}");
        assert!(message.contains("opus in mkv cannot store the channels"), "{message}");
        finish(builder(&movie, 10, Audio::file(&file)).audio_codec(AudioCodec::Flac).create().expect("opens"), 10);
        assert_eq!(tones(&movie), (0..channels).map(Some).collect::<Vec<_>>(), "{mask:#x}");
    }
}

#[test]
fn flac_in_mp4_has_the_channels_that_players_assume() {
    let directory = tempdir().expect("a directory");
    let (file, movie) = (directory.path().join("sound.wav"), directory.path().join("m.mp4"));
    let open = |file: &Path, codec| builder(&movie, 10, Audio::file(file)).audio_codec(codec).create();
    let silent = None;
    for (mask, channels, expected) in [
        // 2.1 becomes 5.1, and 4.0 becomes 6.1.
        (0xb, 3, vec![Some(0), Some(1), silent, Some(2), silent, silent]),
        (0x107, 4, vec![Some(0), Some(1), Some(2), silent, Some(3), silent, silent]),
        (0x33, 4, (0..4).map(Some).collect()),
        (0x60f, 6, (0..6).map(Some).collect()),
    ] {
        wav(&file, mask, channels);
        finish(open(&file, AudioCodec::Flac).expect("opens"), 10);
        assert_eq!(tones(&movie), expected, "{mask:#x}");
        let flac = directory.path().join("sound.flac");
        let arguments = ["-v", "error", "-y", "-i"].map(std::ffi::OsStr::new);
        let status = Command::new("ffmpeg").args(arguments).args([&file, &flac]).status().expect("ffmpeg runs");
        assert!(status.success());
        match open(&flac, AudioCodec::Copy) {
            Ok(video) => {
                finish(video, 10);
                assert_eq!(tones(&movie), expected, "{mask:#x}, copied");
            }
            Err(error) => {
                let expected = "mp4 does not record which speakers its FLAC is for";
                assert!(channels < 6 && mask != 0x33, "{mask:#x}");
                assert!(error.with_causes().contains(expected), "{}", error.with_causes());
            }
        }
    }
}

#[test]
fn ffmpeg_reads_the_same_speakers() {
    let directory = tempdir().expect("a directory");
    let (file, movie) = (directory.path().join("sound.wav"), directory.path().join("m.mkv"));
    wav(&file, 0x37, 5);
    finish(builder(&movie, 10, Audio::file(&file)).audio_codec(AudioCodec::Opus).create().expect("opens"), 10);
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "a", "-show_entries", "stream=channel_layout", "-of", "csv=p=0"])
        .arg(&movie)
        .output()
        .expect("ffprobe runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "5.0");
}
