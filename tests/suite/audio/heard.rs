//! Tests that sound is heard at the right time, in every container and codec.

use std::path::PathBuf;

use framemill::{Audio, AudioCodec, Container};
use tempfile::{TempDir, tempdir};

use super::{RATE, builder, click, finish, heard, loudest, number, probe, sound_file, sound_of, tone};
use crate::samples::codec_in;

/// One millisecond in samples.
const NEAR: usize = RATE as usize / 1_000;

fn movie(directory: &TempDir, container: Container, codec: AudioCodec, audio: Audio, frames: u32) -> PathBuf {
    let path = directory.path().join(format!("{}.{}", codec.name(), container.name()));
    let video = builder(&path, 30, audio).codec(codec_in(container)).audio_codec(codec).create();
    finish(video.expect("opens"), frames);
    path
}

/// Not every build has LAME.
fn has_encoder(codec: AudioCodec) -> bool {
    let listed = framemill::build_info().audio_codecs.into_iter().find(|(name, ..)| *name == codec.name());
    listed.is_some_and(|(.., is_there)| is_there || codec != AudioCodec::Mp3)
}

fn each_codec() -> impl Iterator<Item = (Container, AudioCodec)> {
    Container::ALL
        .into_iter()
        .flat_map(|container| AudioCodec::held_by(container).iter().map(move |codec| (container, *codec)))
        .filter(|(_, codec)| has_encoder(*codec))
}

#[test]
fn a_click_keeps_its_position_and_the_sound_is_as_long_as_the_movie() {
    let directory = tempdir().expect("a directory");
    for (container, codec) in each_codec() {
        for (frames, at) in [(1, 1_400), (2, 2_000), (31, 20_000), (31, 49_000)] {
            let sample_frames = frames as usize * 1_600;
            let audio = Audio::samples(click(sample_frames, at), RATE, 1);
            let path = movie(&directory, container, codec, audio, frames);
            let samples = heard(&path);
            let what = format!("{} in {}, {frames} frames", codec.name(), container.name());
            assert!(loudest(&samples).abs_diff(at) <= NEAR, "{what}: {} for {at}", loudest(&samples));
            let is_lossless = matches!(codec, AudioCodec::Pcm | AudioCodec::Flac);
            // Codecs with a delay may also decode the rest of the last packet.
            assert!(
                samples.len() >= sample_frames && (!is_lossless || samples.len() == sample_frames),
                "{what}: {}",
                samples.len()
            );
            let streams = probe(&path)["streams"].clone();
            assert_eq!(streams.as_array().map(Vec::len), Some(2), "{what}");
            assert_eq!(streams[1]["codec_type"], "audio", "{what}");
            if container.name() == "mp4" || container.name() == "mov" {
                let length = number(&streams[1]["duration"]);
                assert!((length - sample_frames as f64 / f64::from(RATE)).abs() < 0.022, "{what}: {length}");
            }
        }
    }
}

#[test]
fn lossless_sound_is_preserved_bit_for_bit() {
    let directory = tempdir().expect("a directory");
    for (container, codec) in each_codec().filter(|(_, codec)| matches!(codec, AudioCodec::Pcm | AudioCodec::Flac))
    {
        for channels in [1, 2, 6] {
            let samples: Vec<i16> =
                tone(RATE as usize, channels).iter().map(|sample| (sample * 32_767.0) as i16).collect();
            let audio = Audio::samples(samples.clone(), RATE, channels as u32);
            let path = movie(&directory, container, codec, audio, 30);
            let back: Vec<i16> = heard(&path).iter().map(|sample| (sample * 32_768.0) as i16).collect();
            assert!(back == samples, "{} in {}, {channels} channels", codec.name(), container.name());
        }
    }
}

#[test]
fn files_of_all_kinds_are_decoded_correctly() {
    let directory = tempdir().expect("a directory");
    let original = tone(RATE as usize, 2);
    for (name, options) in [
        ("a.wav", &[][..]),
        ("b.wav", &["-c:a", "pcm_f32le"]),
        ("c.flac", &[]),
        ("d.mp3", &["-b:a", "192k"]),
        ("e.ogg", &["-c:a", "libvorbis", "-q:a", "6"]),
        ("f.opus", &["-b:a", "192k"]),
        ("g.m4a", &["-b:a", "256k"]),
        ("h.mka", &["-c:a", "flac"]),
    ] {
        let file = directory.path().join(name);
        sound_file(&file, &original, 2, options);
        let path = movie(&directory, Container::Mkv, AudioCodec::Flac, Audio::file(&file), 30);
        let samples = heard(&path);
        assert_eq!(samples.len(), original.len(), "{name}");
        // FFmpeg loses the last block of its own Vorbis streams.
        let (samples, original) = (&samples[..47_000], &original[..47_000]);
        let error: f32 = samples.iter().zip(original).map(|(a, b)| (a - b).powi(2)).sum();
        let power: f32 = original.iter().map(|sample| sample.powi(2)).sum();
        // If this tone shifts by one sample, the difference is −22 dB.
        let decibels = 10.0 * (error / power).log10();
        assert!(decibels < -26.0, "{name}: {decibels} dB");
    }
}

#[test]
fn unsupported_rates_are_resampled() {
    let directory = tempdir().expect("a directory");
    for (codec, container, rate, expected) in [
        (AudioCodec::Opus, Container::Mkv, 44_100, 48_000),
        (AudioCodec::Opus, Container::Mkv, 8_000, 48_000),
        (AudioCodec::Aac, Container::Mp4, 192_000, 96_000),
        (AudioCodec::Aac, Container::Mp4, 8_000, 8_000),
        (AudioCodec::Pcm, Container::Avi, 192_000, 192_000),
        (AudioCodec::Flac, Container::Mkv, 192_000, 192_000),
        (AudioCodec::Mp3, Container::Avi, 96_000, 48_000),
    ]
    .into_iter()
    .filter(|(codec, ..)| has_encoder(*codec))
    {
        let at = rate as usize / 2;
        let audio = Audio::samples(click(rate as usize, at), rate, 1);
        let path = movie(&directory, container, codec, audio, 30);
        let stream = probe(&path)["streams"][1].clone();
        assert_eq!(number(&stream["sample_rate"]), f64::from(expected), "{codec:?} {rate}");
        let found = loudest(&heard(&path)) as f64 / f64::from(expected);
        assert!((found - 0.5).abs() < 1e-3, "{codec:?} of {rate} Hz: {found}");
    }
}

#[test]
fn channels_are_kept() {
    let directory = tempdir().expect("a directory");
    for (container, codec) in each_codec().filter(|(_, codec)| *codec != AudioCodec::Mp3) {
        for (channels, layout) in [(1, "mono"), (2, "stereo"), (6, "5.1")] {
            let audio = Audio::samples(tone(RATE as usize, channels), RATE, channels as u32);
            let path = directory.path().join(format!("a.{}", container.name()));
            let video = builder(&path, 30, audio).codec(codec_in(container)).audio_codec(codec).create();
            let sound = sound_of(finish(video.expect("opens"), 30));
            assert_eq!((sound.channels, &*sound.layout), (channels as u32, layout));
            let stream = probe(&path)["streams"][1].clone();
            assert_eq!(stream["channels"], channels, "{codec:?} in {container:?}");
            // Each channel has its own pitch.
            let samples = heard(&path);
            for channel in 0..channels {
                let own: Vec<f32> = samples.iter().skip(channel).step_by(channels).copied().collect();
                // The fourth channel of 5.1 is the bass; encoders keep only its lowest frequencies.
                let is_bass = channels == 6 && channel == 3 && !matches!(codec, AudioCodec::Pcm | AudioCodec::Flac);
                let strongest = (0..channels).max_by(|a, b| power(&own, *a).total_cmp(&power(&own, *b)));
                assert!(is_bass || strongest == Some(channel), "{codec:?} {channel}: {strongest:?}");
            }
        }
    }
}

/// Returns the power of a channel's pitch in the samples.
fn power(samples: &[f32], channel: usize) -> f32 {
    let turn = std::f32::consts::TAU * (300.0 + 200.0 * channel as f32) / RATE as f32;
    let (sine, cosine) = samples.iter().enumerate().fold((0.0, 0.0), |(sine, cosine), (place, sample)| {
        let (s, c) = (turn * place as f32).sin_cos();
        (sine + s * sample, cosine + c * sample)
    });
    f32::hypot(sine, cosine)
}
