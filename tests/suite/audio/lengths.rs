//! Tests that the frames set the movie's length. Longer sound is cut and shorter sound is completed with silence, each
//! with a warning.

use std::time::Duration;

use framemill::{Audio, AudioCodec, Container, Error, FrameView, Memory, Output};
use tempfile::tempdir;

use super::{RATE, SIDE, builder, finish, heard, number, probe, sound_file, sound_of, tone, write};
use crate::samples::codec_in;

fn second(seconds: f64) -> Vec<f32> {
    tone((seconds * f64::from(RATE)) as usize, 1)
}

#[test]
fn longer_sound_is_cut_and_shorter_sound_gets_silence_with_a_warning() {
    let directory = tempdir().expect("a directory");
    let wav = directory.path().join("long.wav");
    sound_file(&wav, &second(3.0), 1, &[]);
    for (audio, cut, silence, warning) in [
        (Audio::samples(second(1.0), RATE, 1), 0.0, 0.0, None),
        // These differ by less than a frame, which lasts 40 ms.
        (Audio::samples(second(1.03), RATE, 1), 0.03, 0.0, None),
        (Audio::samples(second(0.97), RATE, 1), 0.0, 0.03, None),
        (
            Audio::samples(second(2.5), RATE, 1),
            1.5,
            0.0,
            Some("the sound is 1.500 s longer than the movie, and was cut at the movie's end, at 1.000 s"),
        ),
        (
            Audio::file(&wav),
            2.0,
            0.0,
            Some("the sound is 2.000 s longer than the movie, and was cut at the movie's end, at 1.000 s"),
        ),
        (
            Audio::samples(second(0.25), RATE, 1),
            0.0,
            0.75,
            Some("the sound ends 0.750 s before the movie, at 1.000 s: the rest is silent"),
        ),
    ] {
        let path = directory.path().join("a.mkv");
        let video = builder(&path, 25, audio).audio_codec(AudioCodec::Flac).create().expect("opens");
        let stats = finish(video, 25);
        assert_eq!(stats.duration, Duration::from_secs(1));
        let sound = sound_of(stats);
        let near = |a: Duration, b: f64| (a.as_secs_f64() - b).abs() < 1e-6;
        assert!(near(sound.cut, cut) && near(sound.silence, silence), "{sound:?}");
        assert_eq!(sound.warnings.len(), usize::from(warning.is_some()), "{:?}", sound.warnings);
        assert!(warning.is_none_or(|warning| sound.warnings[0].starts_with(warning)), "{:?}", sound.warnings);
        let samples = heard(&path);
        assert_eq!(samples.len(), RATE as usize);
        let silent = samples.iter().rev().take_while(|sample| **sample == 0.0).count();
        assert!(silent.abs_diff((silence * f64::from(RATE)) as usize) <= 1, "{silent}");
    }
}

#[test]
fn audio_start_skips_the_beginning_of_the_sound() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    let samples: Vec<i16> = (0..96_000).map(|sample| (sample % 30_000) as i16).collect();
    let start = |seconds| {
        let audio = Audio::samples(samples.clone(), RATE, 1);
        let video = builder(&path, 10, audio).audio_codec(AudioCodec::Flac).audio_start(seconds).create();
        finish(video.expect("opens"), 5);
        heard(&path).into_iter().map(|sample| (sample * 32_768.0) as i16).collect::<Vec<i16>>()
    };
    assert!(start(0.25) == samples[12_000..36_000]);
    let late = start(-0.25);
    assert!(late[..12_000].iter().all(|sample| *sample == 0) && late[12_000..] == samples[..12_000]);
    let beyond = builder(&path, 10, Audio::samples(samples.clone(), RATE, 1)).audio_start(2.0).create();
    let error = beyond.expect_err("beyond the end").to_string();
    assert_eq!(error, "audio-start 2 is out of range: the sound takes starts before its end, at 2.000 s");
}

#[test]
fn a_movie_may_end_with_its_sound() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video = builder(&path, 10, Audio::samples(second(0.45), RATE, 1)).shortest().create().expect("opens");
    for frame in 0..20 {
        assert_eq!(video.is_full(), frame >= 5);
        write(&mut video, frame);
    }
    let stats = video.finish().expect("a movie");
    assert_eq!((stats.frames, stats.duration), (5, Duration::from_millis(500)));
    let sound = sound_of(stats);
    assert_eq!((sound.frames_left_out, sound.warnings.len()), (15, 0));
    assert_eq!(number(&probe(&path)["format"]["duration"]), 0.5);
    // Sound that is longer than the frames is cut as usual.
    let video = builder(&path, 10, Audio::samples(second(1.0), RATE, 1)).shortest().create().expect("opens");
    assert_eq!(finish(video, 3).frames, 3);
}

#[test]
fn a_held_frame_is_not_shown_after_the_sound_that_ends_the_movie() {
    let directory = tempdir().expect("a directory");
    for container in ["mp4", "mkv"] {
        let path = directory.path().join("a").with_extension(container);
        let audio = Audio::samples(second(2.45), RATE, 1);
        let mut video = builder(&path, 10, audio).shortest().create().expect("opens");
        write(&mut video, 1);
        video.hold(Duration::from_secs(1)).expect("held");
        write(&mut video, 50);
        video.hold(Duration::from_secs(5)).expect("held");
        assert!(video.is_full());
        write(&mut video, 100);
        let stats = video.finish().expect("a movie");
        assert_eq!((stats.frames, stats.duration), (2, Duration::from_millis(2_500)), "{container}");
        let sound = sound_of(stats);
        assert_eq!((sound.frames_left_out, sound.duration), (1, Duration::from_millis(2_500)), "{container}");
        let duration = number(&probe(&path)["format"]["duration"]);
        assert!((duration - 2.5).abs() < 0.03, "{container}: {duration}");
    }
}

#[test]
fn a_frame_after_the_sound_shows_the_frame_before_it_until_the_end() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let audio = Audio::samples(second(2.5), RATE, 1);
    let mut video = builder(&path, 10, audio).shortest().create().expect("opens");
    for time in [0, 1, 5, 6] {
        let pixels = [20 * time as u8; SIDE as usize * SIDE as usize];
        let picture = FrameView::gray(&pixels, SIDE, SIDE).expect("a picture");
        video.write_at(Duration::from_secs(time), &picture).expect("written or left out");
    }
    let stats = video.finish().expect("a movie");
    assert_eq!((stats.frames, stats.duration), (2, Duration::from_millis(2_500)));
    let sound = sound_of(stats);
    assert_eq!((sound.frames_left_out, sound.duration), (2, Duration::from_millis(2_500)));
}

#[test]
fn a_day_of_silence_before_the_sound_takes_no_memory() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mkv");
    let audio = Audio::samples(vec![0.5_f32; 8 * RATE as usize], RATE, 8);
    let video = builder(&path, 10, audio).audio_codec(AudioCodec::Flac).audio_start(-86_400.0).create();
    finish(video.expect("opens"), 5);
    let heard = heard(&path);
    assert!(heard.len() == 8 * 24_000 && heard.iter().all(|sample| *sample == 0.0));
}

#[test]
fn held_frames_have_sound_too() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let mut video = builder(&path, 10, Audio::samples(second(3.0), RATE, 1)).create().expect("opens");
    write(&mut video, 1);
    video.hold(Duration::from_millis(2_900)).expect("held");
    let sound = sound_of(video.finish().expect("a movie"));
    assert_eq!((sound.duration, sound.warnings.len()), (Duration::from_secs(3), 0));
}

#[test]
fn samples_and_frames_may_be_written_in_any_order() {
    let directory = tempdir().expect("a directory");
    let samples: Vec<i32> = second(1.0).iter().map(|sample| (sample * 2e9) as i32).collect();
    let mut movies = Vec::new();
    for (frames_first, piece) in [(true, 48_000), (false, 48_000), (true, 1_600), (false, 777)] {
        let path = directory.path().join("a.mkv");
        let audio = Audio::written(RATE, 1);
        let mut video = builder(&path, 30, audio).audio_codec(AudioCodec::Flac).create().expect("opens");
        let mut pieces = samples.chunks(piece);
        if frames_first {
            (0..30).for_each(|frame| write(&mut video, frame));
            pieces.for_each(|piece| video.write_audio(piece).expect("taken"));
        } else {
            for frame in 0..30 {
                if let Some(piece) = pieces.next() {
                    video.write_audio(piece).expect("taken");
                }
                write(&mut video, frame);
            }
            pieces.for_each(|piece| video.write_audio(piece).expect("taken"));
        }
        let sound = sound_of(video.finish().expect("a movie"));
        assert!(sound.warnings.is_empty(), "{:?}", sound.warnings);
        movies.push(std::fs::read(&path).expect("a movie"));
    }
    assert!(movies.windows(2).all(|pair| pair[0] == pair[1]), "the same samples give the same movie");
}

#[test]
fn a_size_limit_counts_the_sound() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let audio = Audio::samples(second(2.0), RATE, 1);
    let video = builder(&path, 30, audio).audio_bitrate(64_000).max_bytes(40_000).create().expect("opens");
    let stats = finish(video, 60);
    assert!(stats.file_bytes <= 40_000, "{}", stats.file_bytes);
    assert_eq!(std::fs::metadata(&path).expect("a movie").len(), stats.file_bytes);
    let sound = sound_of(stats);
    assert!(sound.bytes > 10_000, "{sound:?}");
    assert_eq!(heard(&path).len().next_multiple_of(1_024), 96_000_usize.next_multiple_of(1_024));
}

#[test]
fn memory_and_sinks_get_sound() {
    let directory = tempdir().expect("a directory");
    for container in [Container::Mp4, Container::Mov, Container::Mkv, Container::Webm, Container::Avi] {
        let path = directory.path().join(format!("a.{}", container.name()));
        let audio = || Audio::samples(second(2.0), RATE, 1);
        let memory = Memory::new();
        let open = |output| builder(output, 30, audio()).codec(codec_in(container)).create().expect("opens");
        finish(open(Output::memory(&memory, container)), 60);
        let file = std::fs::File::create(&path).expect("a file");
        std::fs::write(&path, memory.take()).expect("written");
        let in_memory = heard(&path).len();
        finish(open(Output::seekable(file, container)), 60);
        assert_eq!(heard(&path).len(), in_memory, "{container:?}");
        assert!(in_memory.abs_diff(96_000) < 1_024, "{in_memory}");
    }
}

#[test]
fn unusable_sound_is_refused() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let refused = |audio: Audio| builder(&path, 30, audio).create().expect_err("refused").to_string();
    let file = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    assert_eq!(
        refused(Audio::samples(Vec::<f32>::new(), RATE, 1)),
        "the sound has no samples: add some, or leave the sound out"
    );
    assert!(refused(Audio::samples(vec![f32::NAN], RATE, 1)).starts_with("sample 0 of channel 0 is NaN"));
    assert!(refused(Audio::samples(vec![0_i16; 3], RATE, 2)).starts_with("3 samples cannot be divided among"));
    assert!(refused(Audio::samples(vec![0_i16; 9], RATE, 9)).starts_with("9 channels are out of range"));
    assert!(refused(Audio::samples(vec![0_i16; 9], 10, 1)).starts_with("a sample rate of 10 Hz is out of range"));
    let text = refused(Audio::file(file("a.txt", b"no sound at all, but words")));
    assert!(text.contains("a.txt: it is not a sound file that framemill reads"), "{text}");
    let text = refused(Audio::file(file("b.wav", b"")));
    assert!(text.contains("b.wav: it is not a sound file that framemill reads"), "{text}");
    let text = refused(Audio::file(directory.path().join("none.wav")));
    assert!(text.starts_with("cannot read the sound") && text.ends_with("none.wav"), "{text}");
    // A movie without sound.
    let silent = directory.path().join("silent.mp4");
    finish(
        framemill::VideoWriter::builder(&silent, 16, 16, framemill::FrameRate::new(30, 1)).create().expect("opens"),
        2,
    );
    let text = refused(Audio::file(&silent));
    assert!(text.contains("silent.mp4: it is not a sound file that framemill reads: it has no sound"), "{text}");
    let error = |builder: framemill::VideoWriterBuilder| builder.create().expect_err("refused").to_string();
    let samples = || Audio::samples(vec![0_i16; 9], RATE, 1);
    assert_eq!(
        error(builder(&path, 30, samples()).audio_codec(AudioCodec::Pcm)),
        "mp4 cannot hold pcm sound: choose audio-codec aac, opus, flac, mp3"
    );
    assert_eq!(
        error(builder(&path, 30, samples()).audio_codec(AudioCodec::Flac).audio_bitrate(64_000)).split(':').next(),
        Some("audio-bitrate cannot be combined with flac")
    );
    assert_eq!(
        error(builder(&path, 30, samples()).audio_bitrate(900_000)),
        "audio-bitrate 900000 is out of range: aac takes 8000 to 288000 for 1 channels at 48000 Hz"
    );
    let silent = framemill::VideoWriter::builder(&path, 16, 16, framemill::FrameRate::new(30, 1));
    assert_eq!(error(silent.audio_start(1.0)), "audio-start needs audio: give both, or neither");
    assert_eq!(
        std::fs::read_dir(directory.path())
            .expect("a folder")
            .filter(|entry| {
                entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().contains("part"))
            })
            .count(),
        0
    );
}

#[test]
fn a_truncated_sound_file_fails_the_movie_and_is_named() {
    let directory = tempdir().expect("a directory");
    for (name, options) in [("a.aiff", &[][..]), ("b.flac", &[]), ("c.m4a", &["-movflags", "+faststart"])] {
        let file = directory.path().join(name);
        sound_file(&file, &second(4.0), 1, options);
        let bytes = std::fs::read(&file).expect("sound");
        std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("cut");
        let path = directory.path().join("a.mp4");
        let mut video = builder(&path, 10, Audio::file(&file)).create().expect("opens");
        let failed = (0..40).find_map(|frame| {
            let pixels = [frame; 256];
            video.write(&framemill::FrameView::gray(&pixels, 16, 16).expect("a picture")).err()
        });
        let error = failed.unwrap_or_else(|| video.finish().expect_err("cut"));
        let text = error.with_causes();
        let Error::Interrupted { part_file, .. } = error else { panic!("{text}") };
        assert!(text.contains(name) && (text.contains("cut short") || text.contains("cannot be read")), "{text}");
        assert!(!path.exists());
        assert!(framemill::recover(&part_file, None).expect("recovers").frames >= 10);
        std::fs::remove_file(&path).expect("there");
    }
}

#[test]
fn loud_samples_are_clipped_and_counted() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let loud: Vec<f32> = second(1.0).iter().map(|sample| sample * 2.5).collect();
    let beyond = loud.iter().filter(|sample| sample.abs() > 1.0).count() as u64;
    assert!(beyond > 0);
    let sound =
        sound_of(finish(builder(&path, 30, Audio::samples(loud.clone(), RATE, 1)).create().expect("opens"), 30));
    assert_eq!(sound.clipped, beyond);
    assert_eq!(sound.warnings, [format!("{beyond} samples of the sound are outside -1 to 1 and were clipped")]);
    let mut video = builder(&path, 30, Audio::written(RATE, 1)).create().expect("opens");
    assert!(video.write_audio(&[f64::NAN]).expect_err("no number").leaves_movie_usable());
    video.write_audio(&loud).expect("taken");
    assert_eq!(
        video.write_audio(&[0_i16]).expect_err("mixed").to_string(),
        "the samples have a different type from the earlier ones: use one type for all"
    );
    assert_eq!(sound_of(finish(video, 30)).clipped, beyond);
}
