//! Tests sound with part files, segments, plans and resumed runs.

use framemill::{
    Audio, AudioCodec, Codec, Container, FrameRate, JoinOptions, Memory, Output, RecoverOptions, SegmentSource,
    VideoWriter, join, join_with,
};
use serde_json::{Value, json};
use tempfile::tempdir;

use super::streams::worst_gap;
use super::{RATE, SIDE, builder, click, finish, heard, loudest, number, probe, sound_file, sound_of, tone, write};
use crate::program;
use crate::samples::codec_in;

#[test]
fn a_part_file_has_no_sound_and_recover_adds_it() {
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
fn segments_with_sound_cannot_be_joined_but_the_join_can_add_sound() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let movies = ["a.mp4", "b.mp4"].map(at);
    for movie in &movies {
        finish(builder(movie, 30, Audio::samples(tone(RATE as usize, 1), RATE, 1)).create().expect("opens"), 30);
    }
    let error = join(&movies, at("c.mp4")).expect_err("refused").to_string();
    assert!(error.ends_with("a.mp4: it cannot be joined: it has sound, which cannot be joined without gaps: add the sound of the whole movie once, as by --audio FILE"), "{error}");
    let options = JoinOptions::default().audio(Audio::samples(click(2 * RATE as usize, 70_000), RATE, 1));
    let joined = join_with(&movies, at("c.mp4"), &options).expect("joins");
    assert_eq!((joined.frames, joined.audio.expect("sound").warnings.len()), (60, 0));
    assert!(loudest(&heard(&at("c.mp4"))).abs_diff(70_000) <= 48);
    let late = JoinOptions::default().audio(Audio::written(RATE, 1));
    assert!(join_with(&movies, at("d.mp4"), &late).is_err());
    assert!(!at("d.mp4").exists());
}

#[test]
fn a_join_adds_sound_in_memory_and_interleaves_it_in_a_stream() {
    let directory = tempdir().expect("a directory");
    let audio = || JoinOptions::default().audio(Audio::samples(click(4 * RATE as usize, 150_000), RATE, 1));
    for container in [Container::Mp4, Container::Mov, Container::Mkv, Container::Webm, Container::Avi] {
        let codec = || codec_in(container);
        let silent = [60, 60].map(|frames| SegmentSource::memory(segment(container, codec(), frames)));
        let path = directory.path().join("a").with_extension(container.name());
        let joined = join_with(&silent, &path, &audio()).expect("a movie");
        assert_eq!((joined.frames, joined.audio.expect("sound").warnings.len()), (120, 0));
        assert!(loudest(&heard(&path)).abs_diff(150_000) <= 48, "{container:?}");
        let expected = std::fs::read(&path).expect("a movie");
        let memory = Memory::new();
        let joined = join_with(&silent, Output::memory(&memory, container), &audio()).expect("a movie");
        assert_eq!(joined.bytes, expected.len() as u64);
        assert!(memory.take() == expected, "{container:?}");
        let streamed = directory.path().join("streamed").with_extension(container.name());
        let file = std::fs::File::create(&streamed).expect("a file");
        if container == Container::Avi {
            assert!(join_with(&silent, Output::stream(file, container), &audio()).is_err());
            continue;
        }
        join_with(&silent, Output::stream(file, container), &audio()).expect("a movie");
        assert!(loudest(&heard(&streamed)).abs_diff(150_000) <= 48, "{container:?}");
        assert!(worst_gap(&streamed) < 0.5 || container.name() == "mkv", "{container:?}: {}", worst_gap(&streamed));
        assert_eq!(framemill::inspect(&streamed).expect("a movie").packets.len(), 120, "{container:?}");
    }
}

/// Returns the bytes of a movie without sound.
fn segment(container: Container, codec: Codec, frames: u32) -> Vec<u8> {
    let memory = Memory::new();
    let output = Output::memory(&memory, container);
    let video = VideoWriter::builder(output, SIDE, SIDE, FrameRate::new(30, 1)).codec(codec).create();
    finish(video.expect("opens"), frames);
    memory.take()
}

#[test]
fn segments_in_memory_with_sound_are_named_by_position() {
    let memory = Memory::new();
    let output = Output::memory(&memory, Container::Webm);
    let audio = Audio::samples(tone(RATE as usize, 1), RATE, 1);
    finish(builder(output, 30, audio).codec(codec_in(Container::Webm)).create().expect("opens"), 30);
    let silent = segment(Container::Webm, codec_in(Container::Webm), 30);
    let error =
        join([silent, memory.take()], Output::memory(&Memory::new(), Container::Webm)).expect_err("refused");
    let start = "segments[1]: it cannot be joined: it has sound, which cannot be joined without gaps";
    assert!(error.to_string().starts_with(start), "{error}");
}

#[test]
fn the_statistics_of_a_joined_movie_list_its_sound() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("0.webm"), segment(Container::Webm, codec_in(Container::Webm), 30)).expect("written");
    sound_file(&at("a.wav"), &tone(2 * RATE as usize, 2), 2, &[]);
    let arguments = ["join", "0.webm", "--audio", "a.wav", "-o", "a.webm", "--stats", "a.json"];
    let output = program::run(directory.path(), &arguments, &[]);
    assert_eq!(program::code(output.status), 0, "{}", program::errors(&output));
    let warning = "the sound is 1.000 s longer than the movie, and was cut at the movie's end, at 1.000 s";
    assert!(program::errors(&output).contains(warning), "{}", program::errors(&output));
    let stats: Value = serde_json::from_slice(&std::fs::read(at("a.json")).expect("statistics")).expect("JSON");
    let sound = &stats["run"]["audio"];
    let known = ["codec", "sample_rate", "channels", "layout"].map(|key| sound[key].clone());
    assert_eq!(known, [json!("opus"), json!(48_000), json!(2), json!("stereo")]);
    assert!(sound["cut_seconds"].is_null() && sound["seconds"].is_null(), "{sound}");
    let packets = probe(&at("a.webm"))["packets"].as_array().cloned().expect("packets");
    let of_sound: Vec<&Value> = packets.iter().filter(|packet| packet["codec_type"] == "audio").collect();
    let bytes: f64 = of_sound.iter().map(|packet| number(&packet["size"])).sum();
    assert_eq!(sound["packets"], of_sound.len());
    assert_eq!(sound["bytes"].as_f64(), Some(bytes));
    let run = |key: &str| stats["run"][key].as_f64().expect("a number");
    assert_eq!(run("overhead_bytes"), run("file_bytes") - run("stream_bytes") - bytes);
}

#[test]
fn a_plan_has_no_sound() {
    let plan = builder("a.mp4", 30, Audio::samples(tone(100, 1), RATE, 1)).plan();
    let error = plan.expect_err("refused").to_string();
    assert_eq!(
        error,
        "audio cannot be combined with a plan: sound is made once, for the whole movie; give it when you join the segments"
    );
    let builder = VideoWriter::builder("a.mp4", SIDE, SIDE, FrameRate::new(30, 1));
    assert!(builder.audio_codec(AudioCodec::Aac).plan().is_err());
}

#[test]
fn inspect_lists_the_sound() {
    let directory = tempdir().expect("a directory");
    for (container, codec) in [
        (Container::Mp4, "aac"),
        (Container::Mkv, "opus"),
        (Container::Webm, "opus"),
        (Container::Avi, "pcm_s16le"),
    ] {
        let name = container.name();
        let path = directory.path().join("a").with_extension(name);
        let audio = Audio::samples(tone(RATE as usize, 2), RATE, 2);
        let video = builder(&path, 30, audio).codec(codec_in(container)).create().expect("opens");
        let sound = sound_of(finish(video, 30));
        let movie = framemill::inspect(&path).expect("a movie");
        let found = movie.audio.expect("sound");
        assert_eq!((&*found.codec, found.sample_rate, found.channels), (codec, RATE, 2));
        assert_eq!((found.packets, found.bytes), (sound.packets, sound.bytes), "{name}");
        assert_eq!(movie.packets.len(), 30, "{name}");
    }
}
