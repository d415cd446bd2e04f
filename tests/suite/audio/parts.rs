//! Sound and what is made in parts: part files, segments, plans, resumed runs.

use framemill::{Audio, AudioCodec, FrameRate, JoinOptions, RecoverOptions, VideoWriter, join, join_with};
use tempfile::tempdir;

use super::{RATE, SIDE, builder, click, finish, heard, loudest, sound_of, tone, write};

#[test]
fn a_part_file_has_no_sound_and_gets_it_when_it_is_recovered() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let audio = || Audio::samples(click(RATE as usize, 30_000), RATE, 1);
    let mut video = builder(&path, 30, audio()).create().expect("opens");
    (0..30).for_each(|frame| write(&mut video, frame));
    let part = video.leave().expect("left").expect("frames");
    assert!(framemill::inspect(&part).expect("a movie").audio.is_none());
    let silent = framemill::recover(&part, None).expect("recovers");
    assert_eq!((silent.frames, silent.audio), (30, None));
    let loud = RecoverOptions::default().audio(audio());
    let recovered = framemill::recover_with(&part, Some(&path), &loud).expect("recovers");
    assert_eq!(recovered.audio.expect("sound").warnings.len(), 0);
    assert!(loudest(&heard(&path)).abs_diff(30_000) <= 48);
}

#[test]
fn a_resumed_run_gets_the_same_sound() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let audio = || Audio::samples(tone(2 * RATE as usize, 1), RATE, 1);
    let open = |path| {
        VideoWriter::builder(path, SIDE, SIDE, FrameRate::new(30, 1))
            .jobs(framemill::Jobs::Count(1))
            .segment_frames(10)
            .audio(audio())
            .resume()
    };
    let mut video = open(&path).create().expect("opens");
    (0..40).for_each(|frame| write(&mut video, frame));
    drop(video);
    let mut video = open(&path).create().expect("resumes");
    assert!(video.frames() >= 10);
    (video.frames()..60).for_each(|frame| write(&mut video, frame as u8));
    assert!(sound_of(video.finish().expect("a movie")).warnings.is_empty());
    let whole = directory.path().join("b.mp4");
    finish(open(&whole).create().expect("opens"), 60);
    assert!(std::fs::read(&path).expect("a movie") == std::fs::read(&whole).expect("a movie"));
}

#[test]
fn sound_is_joined_once_and_never_piece_by_piece() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let movies = ["a.mp4", "b.mp4"].map(at);
    for movie in &movies {
        finish(builder(movie, 30, Audio::samples(tone(RATE as usize, 1), RATE, 1)).create().expect("opens"), 30);
    }
    let error = join(&movies, at("c.mp4")).expect_err("refused").to_string();
    assert!(error.ends_with("a.mp4: it cannot be joined: it has sound, which cannot be joined without gaps: give the sound of the whole movie once, as by --audio FILE"), "{error}");
    let options = JoinOptions::default().audio(Audio::samples(click(2 * RATE as usize, 70_000), RATE, 1));
    let joined = join_with(&movies, at("c.mp4"), &options).expect("joins");
    assert_eq!((joined.frames, joined.audio.expect("sound").warnings.len()), (60, 0));
    assert!(loudest(&heard(&at("c.mp4"))).abs_diff(70_000) <= 48);
    let late = JoinOptions::default().audio(Audio::written(RATE, 1));
    assert!(join_with(&movies, at("d.mp4"), &late).is_err());
    assert!(!at("d.mp4").exists());
}

#[test]
fn a_plan_has_no_sound() {
    let plan = builder("a.mp4", 30, Audio::samples(tone(100, 1), RATE, 1)).plan();
    let error = plan.expect_err("refused").to_string();
    assert_eq!(
        error,
        "audio does not go with a plan: sound is made once, for the whole movie; give it when you join the segments"
    );
    let builder = VideoWriter::builder("a.mp4", SIDE, SIDE, FrameRate::new(30, 1));
    assert!(builder.audio_codec(AudioCodec::Aac).plan().is_err());
}

#[test]
fn inspect_lists_the_sound() {
    let directory = tempdir().expect("a directory");
    for (name, codec) in [("a.mp4", "aac"), ("a.mkv", "opus"), ("a.avi", "pcm_s16le")] {
        let path = directory.path().join(name);
        let video = builder(&path, 30, Audio::samples(tone(RATE as usize, 2), RATE, 2)).create().expect("opens");
        let sound = sound_of(finish(video, 30));
        let movie = framemill::inspect(&path).expect("a movie");
        let found = movie.audio.expect("sound");
        assert_eq!((&*found.codec, found.sample_rate, found.channels), (codec, RATE, 2));
        assert_eq!((found.packets, found.bytes), (sound.packets, sound.bytes), "{name}");
        assert_eq!(movie.packets.len(), 30, "{name}");
    }
}
