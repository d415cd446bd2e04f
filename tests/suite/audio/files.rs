//! Tests sound files that are damaged, unusual, or the movie itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use framemill::{Audio, AudioCodec, Container, JoinOptions, Memory, Output, join_with};
use tempfile::tempdir;

use super::{RATE, builder, click, finish, heard, loudest, sound_file, sound_of, tone};
use crate::program;
use crate::samples::codec_in;

/// Writes a WAV file whose header has these properties. `format` is 1 for integers and 3 for floats.
fn wav(path: &Path, (format, bits): (u16, u16), rate: u32, channels: u16, data: &[u8]) -> PathBuf {
    let sample_frame_bytes = channels * bits / 8;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0");
    bytes.extend([format, channels].iter().flat_map(|field| field.to_le_bytes()));
    bytes.extend(rate.to_le_bytes());
    bytes.extend(rate.wrapping_mul(u32::from(sample_frame_bytes)).to_le_bytes());
    bytes.extend([sample_frame_bytes, bits].iter().flat_map(|field| field.to_le_bytes()));
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    fs::write(path, bytes).expect("written");
    path.to_owned()
}

/// Writes frames and finishes the movie, unless its sound fails.
fn write_all(mut video: framemill::VideoWriter, frames: u32) -> framemill::Result<()> {
    let picture = [0; 256];
    for _ in 0..frames {
        video.write(&framemill::FrameView::gray(&picture, 16, 16)?)?;
    }
    video.finish().map(drop)
}

fn refused(audio: impl Into<Audio>) -> String {
    let output = Output::memory(&Memory::new(), Container::Mkv);
    let builder = builder(output, 30, audio).audio_codec(AudioCodec::Flac);
    match builder.create() {
        Err(error) => error.with_causes(),
        Ok(mut video) => video.finish_early(),
    }
}

/// Writes frames until reading the sound fails.
trait FinishEarly {
    fn finish_early(&mut self) -> String;
}

impl FinishEarly for framemill::VideoWriter {
    fn finish_early(&mut self) -> String {
        let picture = [0; 256];
        let frame = framemill::FrameView::gray(&picture, 16, 16).expect("a picture");
        (0..1_000).find_map(|_| self.write(&frame).err()).map_or(String::new(), |error| error.with_causes())
    }
}

#[test]
fn impossible_rates_and_channels_are_named() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.wav");
    for (rate, channels, problem) in [
        (2_147_483_647, 1, "a sample rate of 2147483647 Hz is out of range: it must be 1000 to 768000"),
        (999, 1, "a sample rate of 999 Hz is out of range"),
        (48_000, 9, "9 channels are out of range: a movie takes 1 to 8"),
    ] {
        let file = wav(&path, (1, 16), rate, channels, &[0; 18_000]);
        let message = refused(&file);
        assert!(message.contains("a.wav: ") && message.contains(problem), "{message}");
        assert!(Audio::file(&file).check().expect_err("refused").to_string().contains(problem));
    }
    let file = wav(&path, (3, 32), 48_000, 1, &32_767.0_f32.to_le_bytes().repeat(10_000));
    let message = refused(&file);
    assert!(
        message.contains("its floats reach 32767.0, but full scale is 1: scale them to -1 to 1, or save 16-bit"),
        "{message}"
    );
}

#[test]
fn a_cut_wav_is_refused_at_once() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.wav");
    wav(&path, (1, 16), 48_000, 1, &[0; 400_000]);
    assert!(Audio::file(&path).check().is_ok());
    let whole = fs::read(&path).expect("there");
    fs::write(&path, &whole[..150_000]).expect("cut");
    let message = refused(&path);
    assert!(message.contains("a.wav: it is cut short: it has 150000 of 400044 bytes"), "{message}");
    // A program that writes to a pipe cannot fill in the size.
    for size in [0_u32, u32::MAX, 0x7fff_ffff] {
        let mut bytes = whole[..150_000].to_vec();
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        bytes[40..44].copy_from_slice(&size.to_le_bytes());
        fs::write(&path, bytes).expect("written");
        assert!(size == 0 || Audio::file(&path).check().is_ok(), "{size}");
    }
}

#[test]
fn a_cut_file_is_not_copied() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("a.m4a");
    sound_file(&file, &tone(8 * RATE as usize, 1), 1, &["-movflags", "+faststart"]);
    let whole = fs::read(&file).expect("there");
    fs::write(&file, &whole[..whole.len() / 2]).expect("cut");
    let path = directory.path().join("a.mp4");
    let mut video = builder(&path, 10, &file).audio_codec(AudioCodec::Copy).create().expect("opens");
    let message = video.finish_early();
    assert!(message.contains("a.m4a: it is cut short inside a packet"), "{message}");
    assert!(!path.exists());
}

#[test]
fn sound_that_starts_later_than_the_pictures_of_its_file_stays_late() {
    let directory = tempdir().expect("a directory");
    let click_file = directory.path().join("click.wav");
    sound_file(&click_file, &click(RATE as usize, 20_000), 1, &[]);
    for (name, codecs) in [
        ("a.mkv", ["mpeg4", "flac"]),
        ("b.webm", ["libvpx", "libopus"]),
        ("c.mp4", ["mpeg4", "aac"]),
        ("d.mov", ["mpeg4", "pcm_s16le"]),
        ("e.mkv", ["libx264", "flac"]),
        ("f.mkv", ["libx264", "libopus"]),
    ] {
        let file = directory.path().join(name);
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", "color=s=64x48:r=10:d=3", "-itsoffset", "1", "-i"])
            .arg(&click_file)
            .args(["-c:v", codecs[0], "-c:a", codecs[1]])
            .arg(&file)
            .status();
        assert!(status.expect("ffmpeg runs").success(), "{name}");
        // In the WebM, FFmpeg writes the sound 6 ms early.
        let expected = loudest(&heard(&file));
        assert!(expected.abs_diff(RATE as usize + 20_000) < 300, "{name}: {expected}");
        // Matroska rounds the times of copied packets to milliseconds. FFmpeg also changes the times of Opus because of
        // its delay.
        for (codec, tolerance) in [(AudioCodec::Flac, 48), (AudioCodec::Copy, 384)] {
            let movie = directory.path().join("movie.mkv");
            let video = builder(&movie, 10, Audio::file(&file)).audio_codec(codec).create().expect("opens");
            finish(video, 30);
            let place = loudest(&heard(&movie));
            assert!(place.abs_diff(expected) <= tolerance, "{name}, {codec:?}: {place} instead of {expected}");
        }
    }
}

#[test]
fn copied_sound_keeps_its_position() {
    let directory = tempdir().expect("a directory");
    let at = 20_000;
    let mut wrong = Vec::new();
    for (name, codec, containers) in [
        ("a.m4a", "aac", &[Container::Mp4, Container::Mov, Container::Mkv][..]),
        ("b.mkv", "aac", &[Container::Mp4, Container::Mkv]),
        ("c.opus", "libopus", &[Container::Mp4, Container::Mkv, Container::Webm]),
        ("d.mkv", "libopus", &[Container::Mp4, Container::Mkv, Container::Webm]),
        ("e.webm", "libopus", &[Container::Mp4, Container::Mkv, Container::Webm]),
        ("f.mp4", "libopus", &[Container::Mp4, Container::Mkv, Container::Webm]),
        ("g.ogg", "libvorbis", &[Container::Mkv, Container::Webm]),
        ("h.mp3", "libmp3lame", &[Container::Mp4, Container::Mov, Container::Mkv, Container::Avi]),
        ("i.flac", "flac", &[Container::Mp4, Container::Mkv]),
        ("j.mkv", "pcm_s16le", &[Container::Mov, Container::Mkv, Container::Avi]),
    ] {
        let file = directory.path().join(name);
        sound_file(&file, &click(RATE as usize, at), 1, &["-c:a", codec]);
        let expected = match name {
            // FFmpeg does not store the delay of AAC in Matroska.
            "b.mkv" => at + 1_024,
            // FFmpeg reads the times of Vorbis half a short block late.
            "g.ogg" => at + 128,
            _ => at,
        };
        for &container in containers {
            let movie = directory.path().join(format!("movie.{}", container.name()));
            let video = builder(&movie, 10, Audio::file(&file)).codec(codec_in(container));
            finish(video.audio_codec(AudioCodec::Copy).create().expect("opens"), 10);
            let place = loudest(&heard(&movie));
            // AVI cannot store a delay, so an MP3 may shift by up to half a packet.
            let tolerance = if codec == "libmp3lame" && container == Container::Avi { 576 } else { 48 };
            if place.abs_diff(expected) > tolerance {
                wrong.push(format!("{name} in {}: {place} instead of {expected}", container.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Runs the ffmpeg program.
fn ffmpeg(arguments: &[&str]) {
    let status = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).status();
    assert!(status.expect("ffmpeg runs").success(), "{arguments:?}");
}

#[test]
fn a_wav_that_was_written_to_a_pipe_is_complete() {
    let directory = tempdir().expect("a directory");
    let (file, movie) = (directory.path().join("a.wav"), directory.path().join("movie.mkv"));
    sound_file(&file, &click(RATE as usize, 20_000), 1, &[]);
    let mut bytes = fs::read(&file).expect("there");
    for size in [4, bytes.windows(4).position(|name| name == b"data").expect("there") + 4] {
        bytes[size..size + 4].fill(0xff);
    }
    fs::write(&file, bytes).expect("written");
    for codec in [AudioCodec::Copy, AudioCodec::Flac] {
        finish(builder(&movie, 10, file.as_path()).audio_codec(codec).create().expect("opens"), 10);
        assert!(loudest(&heard(&movie)).abs_diff(20_000) <= 48);
    }
}

#[test]
fn sound_that_starts_a_little_later_than_its_pictures_stays_late() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).display().to_string();
    sound_file(&directory.path().join("click.wav"), &click(RATE as usize, 20_000), 1, &[]);
    for offset in ["0.005", "0.014", "0.016", "0.05"] {
        let (click_file, file) = (at("click.wav"), at("late.mkv"));
        let pictures = ["-f", "lavfi", "-i", "color=s=64x48:r=10:d=2", "-itsoffset", offset, "-i", &click_file];
        ffmpeg(&[&pictures[..], &["-c:v", "libx264", "-c:a", "libopus", &file]].concat());
        let expected = loudest(&heard(Path::new(&file)));
        for codec in [AudioCodec::Flac, AudioCodec::Copy] {
            let movie = directory.path().join("movie.mkv");
            finish(builder(&movie, 10, Path::new(&file)).audio_codec(codec).create().expect("opens"), 12);
            let place = loudest(&heard(&movie));
            assert!(place.abs_diff(expected) <= 96, "{offset}, {codec:?}: {place} instead of {expected}");
        }
    }
}

#[test]
fn times_that_do_not_start_at_zero_are_not_damage() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    sound_file(&at("click.wav"), &click(RATE as usize, 20_000), 1, &[]);
    let click_file = at("click.wav").display().to_string();
    for name in ["late.opus", "late.mka"] {
        ffmpeg(&["-itsoffset", "0.7", "-i", &click_file, "-c:a", "libopus", &at(name).display().to_string()]);
        for codec in [AudioCodec::Flac, AudioCodec::Copy] {
            let movie = at("movie.mkv");
            finish(builder(&movie, 10, at(name)).audio_codec(codec).create().expect("opens"), 10);
            let place = loudest(&heard(&movie));
            assert!(place.abs_diff(20_000) <= 48, "{name}, {codec:?}: {place}");
        }
    }
}

#[test]
fn a_copy_that_would_close_gaps_is_refused_at_once() {
    let directory = tempdir().expect("a directory");
    let gap = directory.path().join("gap.mkv");
    sound_file(&gap, &tone(96_000, 1), 1, &["-af", "aselect=not(between(t\\,0.4\\,0.8))", "-c:a", "pcm_s16le"]);
    for container in [Container::Mov, Container::Avi, Container::Mkv] {
        let movie = directory.path().join(format!("movie.{}", container.name()));
        let opened =
            builder(&movie, 10, gap.as_path()).codec(codec_in(container)).audio_codec(AudioCodec::Copy).create();
        if container == Container::Mkv {
            finish(opened.expect("opens"), 20);
            continue;
        }
        let message = opened.expect_err("refused").with_causes();
        let expected = format!("a copy in {} would have no silence there: leave the copy out", container.name());
        assert!(message.contains("gap.mkv: it has no sound for 0.4") && message.contains(&expected), "{message}");
    }
}

#[test]
fn a_late_copy_is_late_in_mov_and_refused_in_avi() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).display().to_string();
    sound_file(&directory.path().join("click.wav"), &click(RATE as usize, 20_000), 1, &[]);
    let (click_file, file) = (at("click.wav"), at("late.mkv"));
    let pictures = ["-f", "lavfi", "-i", "color=s=64x48:r=10:d=3", "-itsoffset", "0.5", "-i", &click_file];
    for codec in ["pcm_s16le", "libmp3lame"] {
        ffmpeg(&[&pictures[..], &["-c:v", "mpeg4", "-c:a", codec, &file]].concat());
        let copy = |name: &str, container| {
            let movie = builder(directory.path().join(name), 10, Path::new(&file)).codec(codec_in(container));
            movie.audio_codec(AudioCodec::Copy).create()
        };
        finish(copy("a.mov", Container::Mov).expect("opens"), 20);
        let place = loudest(&heard(&directory.path().join("a.mov")));
        assert!(place.abs_diff(RATE as usize / 2 + 20_000) <= 96, "{codec}: {place}");
        let message = copy("a.avi", Container::Avi).expect_err("refused").with_causes();
        assert!(message.contains("it has no sound for 0."), "{message}");
    }
}

#[test]
fn the_default_stream_is_the_sound() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).display().to_string();
    sound_file(&directory.path().join("click.wav"), &click(RATE as usize, 20_000), 1, &[]);
    let silence = ["-f", "lavfi", "-t", "1", "-i", "anullsrc=r=48000:cl=mono", "-i"];
    for (default, expected) in [("1", true), ("0", false)] {
        let other = if expected { "0" } else { "1" };
        let dispositions = [format!("-disposition:a:{default}"), format!("-disposition:a:{other}")];
        let (click_file, file) = (at("click.wav"), at("two.mka"));
        let mut arguments = silence.to_vec();
        arguments.extend([&click_file, "-map", "0", "-map", "1", "-c:a", "flac"]);
        arguments.extend([&dispositions[0], "default", &dispositions[1], "0", &file]);
        ffmpeg(&arguments);
        let movie = directory.path().join("movie.mkv");
        finish(builder(&movie, 10, Path::new(&file)).audio_codec(AudioCodec::Flac).create().expect("opens"), 10);
        let loud = heard(&movie).iter().any(|sample| sample.abs() > 0.5);
        assert_eq!(loud, expected);
    }
}

#[test]
fn sound_of_other_formats_is_refused_by_name() {
    let directory = tempdir().expect("a directory");
    for (name, codec, problem) in [
        ("a.mkv", "ac3", "its sound is ac3, which framemill does not read: convert it to FLAC, or to PCM in a WAV"),
        ("a.mkv", "mp2", "its sound is mp2, which framemill does not read"),
        ("a.ts", "ac3", "it is not a sound file that framemill reads"),
    ] {
        let file = directory.path().join(name);
        sound_file(&file, &tone(48_000, 1), 1, &["-c:a", codec]);
        let message = refused(file.as_path());
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn the_shortest_vorbis_is_copied() {
    let directory = tempdir().expect("a directory");
    let (file, movie) = (directory.path().join("one.ogg"), directory.path().join("movie.mkv"));
    sound_file(&file, &tone(1, 1), 1, &["-c:a", "libvorbis"]);
    let video = builder(&movie, 10, file.as_path()).audio_codec(AudioCodec::Copy).create().expect("opens");
    let stats = finish(video, 10).audio.expect("has sound");
    assert!(stats.cut.as_secs_f64() < 0.1, "{stats:?}");
}

#[test]
fn a_fragmented_file_that_ends_inside_a_packet_is_not_copied() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("a.m4a");
    let fragments = ["-movflags", "frag_keyframe+empty_moov", "-frag_duration", "200000"];
    sound_file(&file, &tone(144_000, 1), 1, &fragments);
    let whole = fs::read(&file).expect("there");
    fs::write(&file, &whole[..whole.len() * 45 / 100]).expect("written");
    let movie = Output::memory(&Memory::new(), Container::Mkv);
    let mut video = builder(movie, 30, file.as_path()).audio_codec(AudioCodec::Copy).create().expect("opens");
    let early =
        (0..90).find_map(|_| video.write(&framemill::FrameView::gray(&[0; 256], 16, 16).expect("a picture")).err());
    let error = early.or_else(|| video.finish().err()).expect("refused");
    assert!(error.with_causes().contains("it is cut short inside a packet"), "{error}");
}

#[test]
fn gaps_in_a_sound_file_become_silence() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let mut samples = tone(4 * RATE as usize, 1);
    samples[120_000] = 3.0;
    for (name, options) in [
        ("a.mkv", &["-af", "aselect=not(between(t\\,1\\,2))", "-c:a", "pcm_s16le"][..]),
        ("b.mkv", &["-af", "aselect=not(between(t\\,1\\,2))", "-c:a", "flac"]),
        ("c.m4a", &["-af", "aselect=not(between(t\\,1\\,2))"]),
    ] {
        sound_file(&at(name), &samples, 1, options);
        let path = at("movie.mkv");
        let video = builder(&path, 10, at(name)).audio_codec(AudioCodec::Flac).create().expect("opens");
        finish(video, 40);
        let movie = heard(&path);
        assert!(loudest(&movie).abs_diff(120_000) <= 100, "{name}: {}", loudest(&movie));
        let silent = movie[55_000..90_000].iter().map(|sample| sample.abs()).fold(0.0, f32::max);
        assert!(silent < 0.02, "{name}: {silent}");
    }
}

#[test]
fn a_movie_does_not_replace_its_sound() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("same.m4a");
    sound_file(&path, &click(2 * RATE as usize, 40_000), 1, &[]);
    let before = fs::read(&path).expect("there");
    let output = || Output::path(&path).container(Container::Mp4);
    let message = builder(output(), 30, &path).create().expect_err("refused").to_string();
    assert!(message.contains("same.m4a: it is also the output: give the movie another name"), "{message}");
    let segment = directory.path().join("segment.mp4");
    finish(builder(&segment, 30, Audio::samples(vec![0_i16; 9_600], RATE, 1)).create().expect("opens"), 6);
    let options = JoinOptions::default().audio(&path);
    let message = join_with([segment.as_path()], output(), &options).expect_err("refused").to_string();
    assert!(message.contains("it is also the output"), "{message}");
    let name = path.to_str().expect("UTF-8");
    let raw = ["encode", "-f", "gray", "-s", "16x16", "-r", "30", "--container", "mp4", "--audio", name];
    for option in ["-o", "--stats"] {
        let more = ["-o", segment.to_str().expect("UTF-8")];
        let rest: &[&str] = if option == "-o" { &[option, name] } else { &[option, name, more[0], more[1]] };
        let arguments: Vec<&str> = raw.iter().chain(rest).copied().collect();
        let output = program::run(directory.path(), &arguments, &[0; 256 * 6]);
        let errors = program::errors(&output);
        assert!(program::code(output.status) == 2 && errors.contains("are the same file"), "{errors}");
    }
    assert_eq!(fs::read(&path).expect("there"), before);
}

#[test]
fn sound_before_the_start_of_a_movie_is_left_out() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    sound_file(&at("click.wav"), &click(RATE as usize, 20_000), 1, &[]);
    sound_file(&at("ffmpeg.mp4"), &click(RATE as usize, 20_000), 1, &["-movflags", "frag_keyframe+delay_moov"]);
    // Our own streams and Matroska files start with the priming samples of AAC.
    let memory = Memory::new();
    let video = builder(Output::memory(&memory, Container::Mkv), 10, at("click.wav")).audio_codec(AudioCodec::Aac);
    finish(video.create().expect("opens"), 10);
    std::fs::write(at("own.mkv"), memory.take()).expect("written");
    let stream = Output::stream(std::fs::File::create(at("own.mp4")).expect("made"), Container::Mp4);
    finish(builder(stream, 10, at("click.wav")).create().expect("opens"), 10);
    for name in ["ffmpeg.mp4", "own.mkv", "own.mp4"] {
        for (codec, container) in [
            (AudioCodec::Pcm, Container::Mov),
            (AudioCodec::Copy, Container::Mp4),
            (AudioCodec::Copy, Container::Mkv),
        ] {
            let movie = at("movie").with_extension(container.name());
            finish(builder(&movie, 10, at(name)).audio_codec(codec).create().expect("opens"), 10);
            let place = loudest(&heard(&movie));
            // Matroska rounds times to milliseconds.
            let tolerance = if codec == AudioCodec::Copy || name == "own.mkv" { 48 } else { 0 };
            assert!(place.abs_diff(20_000) <= tolerance, "{name}, {codec:?} in {}: {place}", container.name());
        }
    }
}

#[test]
fn a_gap_inside_a_long_packet_is_not_closed_in_avi() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let gap = ["-af", "aselect=not(between(t\\,0.8\\,1.4))", "-c:a", "libmp3lame"];
    sound_file(&at("gap.mkv"), &tone(2 * RATE as usize, 1), 1, &gap);
    // In an MP4, the packet before the gap lasts until its end.
    let paths = ["gap.mkv", "gap.mp4"].map(|name| at(name).display().to_string());
    ffmpeg(&["-i", &paths[0], "-c", "copy", &paths[1]]);
    let video = builder(at("m.avi"), 10, at("gap.mp4")).codec(codec_in(Container::Avi));
    let message = video.audio_codec(AudioCodec::Copy).create().expect_err("a gap").with_causes();
    assert!(message.contains("a copy in avi would have no silence there"), "{message}");
}

#[test]
fn pcm_before_the_start_is_cut_to_the_sample_in_avi() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).display().to_string();
    sound_file(&directory.path().join("click.wav"), &click(RATE as usize, 20_000), 1, &[]);
    for offset in ["-0.01", "-0.1", "-0.25"] {
        let (click_file, file) = (at("click.wav"), at("early.mov"));
        let pictures = ["-f", "lavfi", "-i", "color=s=64x48:r=25:d=3", "-itsoffset", offset, "-i", &click_file];
        ffmpeg(
            &[&pictures[..], &["-map", "0:v", "-map", "1:a", "-c:v", "mpeg4", "-c:a", "pcm_s16le", &file]].concat(),
        );
        let movie = directory.path().join("movie.avi");
        let video = builder(&movie, 10, Path::new(&file)).codec(codec_in(Container::Avi));
        finish(video.audio_codec(AudioCodec::Copy).create().expect("opens"), 8);
        let early: f64 = offset.parse().expect("a number");
        let expected = 20_000 + (early * f64::from(RATE)).round() as i64;
        assert_eq!(loudest(&heard(&movie)) as i64, expected, "{offset}");
    }
}

#[test]
fn sound_whose_last_packet_crosses_the_end_of_the_movie_is_copied() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("long.flac");
    // Packets of FLAC have 4,608 sample frames. The movie ends inside the last packet, or before it.
    for sample_frames in [3 * RATE as usize + 700, 3 * RATE as usize + 4_000] {
        sound_file(&file, &tone(sample_frames, 1), 1, &[]);
        for name in ["m.mp4", "m.mkv"] {
            let movie = directory.path().join(name);
            let video = builder(&movie, 10, file.as_path()).audio_codec(AudioCodec::Copy);
            let sound = sound_of(finish(video.create().expect("opens"), 30));
            assert_eq!(sound.codec, "flac");
        }
    }
}

#[test]
fn a_cut_flac_is_not_copied() {
    let directory = tempdir().expect("a directory");
    let (whole, cut) = (directory.path().join("whole.flac"), directory.path().join("cut.flac"));
    sound_file(&whole, &tone(3 * RATE as usize, 2), 2, &[]);
    let bytes = std::fs::read(&whole).expect("made");
    for per_cent in [95, 97, 98, 99] {
        std::fs::write(&cut, &bytes[..bytes.len() * per_cent / 100]).expect("written");
        let movie = directory.path().join("movie.mp4");
        let video = builder(&movie, 10, cut.as_path()).audio_codec(AudioCodec::Copy).create().expect("opens");
        let message = write_all(video, 30).expect_err("a cut file").with_causes();
        assert!(message.contains("cut.flac") && message.contains("cut short"), "{per_cent}: {message}");
    }
}

#[test]
fn a_start_far_before_the_sound_is_reported() {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("tone.wav");
    sound_file(&file, &tone(RATE as usize, 1), 1, &[]);
    let video = builder(directory.path().join("m.mp4"), 10, file.as_path()).audio_start(-100.0);
    let sound = sound_of(finish(video.create().expect("opens"), 10));
    assert_eq!(sound.warnings, ["the sound would start at 100 s, but the movie ends at 1.000 s: it is silent"]);
}
