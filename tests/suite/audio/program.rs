//! Tests sound on the command line.

use std::fs;
use std::process::Output;

use tempfile::tempdir;

use super::{RATE, click, heard, loudest, probe, sound_file, tone};
use crate::program;

/// Runs the program. All paths in `arguments` must be absolute.
fn run(arguments: &[&str], input: Vec<u8>) -> Output {
    program::run(&std::env::temp_dir(), arguments, &input)
}

fn code(output: &Output) -> i32 {
    program::code(output.status)
}

fn errors(output: &Output) -> String {
    program::errors(output)
}

fn frames(count: u8) -> Vec<u8> {
    (0..count).flat_map(|frame| vec![frame; 256]).collect()
}

const RAW: [&str; 7] = ["encode", "-f", "gray", "-s", "16x16", "-r", "30"];

#[test]
fn a_file_becomes_the_sound() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).to_str().expect("UTF-8").to_owned();
    sound_file(at("a.flac").as_ref(), &click(2 * RATE as usize, 40_000), 1, &[]);
    let movie = at("a.mp4");
    let encode = |options: &[&str], count: u8| {
        let arguments: Vec<&str> = RAW.iter().chain(options).copied().chain(["-o", &movie]).collect();
        run(&arguments, frames(count))
    };
    let output = encode(&["--audio", &at("a.flac")], 60);
    assert_eq!((code(&output), loudest(&heard(movie.as_ref())).abs_diff(40_000) <= 48), (0, true));
    assert!(errors(&output).contains("sound     aac mono at 48 kHz"), "{}", errors(&output));

    let output = encode(&["--audio", &at("a.flac"), "-q"], 30);
    assert_eq!((code(&output), errors(&output).as_str()), (0, ""));
    let output = encode(&["--audio", &at("a.flac")], 30);
    let warning =
        "framemill: the sound is 1.000 s longer than the movie, and was cut at the movie's end, at 1.000 s\n";
    assert!(errors(&output).contains(warning), "{}", errors(&output));

    let output = encode(&["--audio", &at("a.flac"), "--shortest"], 90);
    assert!(code(&output) == 0 && !errors(&output).contains("framemill:"), "{}", errors(&output));
    assert_eq!(framemill::inspect(&movie).expect("a movie").packets.len(), 60);

    for (options, message) in [
        (&["--audio-codec", "opus"][..], "framemill: --audio-codec needs --audio: give both, or neither\n"),
        (
            &["--audio", "none.wav"],
            "framemill: cannot read the sound none.wav: No such file or directory (os error 2)\n",
        ),
        (
            &["--audio", "a", "--audio-codec", "pcm"],
            "framemill: mp4 cannot hold pcm sound: choose --audio-codec aac, opus, flac, mp3\n",
        ),
        (
            &["--audio", "a", "--segment", "0", "--segment-frames", "10"],
            "framemill: --segment cannot be combined with --audio: sound is made once, for the whole movie: give it to framemill join\n",
        ),
    ] {
        let output = encode(options, 30);
        assert!(code(&output) != 0 && errors(&output).ends_with(message), "{}", errors(&output));
    }
}

#[test]
fn a_file_may_be_both_frames_and_sound() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).to_str().expect("UTF-8").to_owned();
    sound_file(at("a.wav").as_ref(), &tone(RATE as usize, 1), 1, &[]);
    let bytes = fs::read(at("a.wav")).expect("there");
    fs::write(at("a.wav"), [bytes.as_slice(), &[0; 256][bytes.len() % 256..]].concat()).expect("whole frames");
    let output = run(
        &[
            "encode",
            &at("a.wav"),
            "-f",
            "gray",
            "-s",
            "16x16",
            "-r",
            "300",
            "--audio",
            &at("a.wav"),
            "-o",
            &at("a.mp4"),
        ],
        Vec::new(),
    );
    assert_eq!(code(&output), 0, "{}", errors(&output));
}

#[cfg(unix)]
#[test]
fn a_pipe_without_a_writer_is_refused_at_once() {
    let directory = tempdir().expect("a directory");
    let pipe = directory.path().join("sound.pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
    let movie = directory.path().join("a.mp4");
    let files = ["--audio", pipe.to_str().expect("UTF-8"), "-o", movie.to_str().expect("UTF-8")];
    let arguments: Vec<&str> = RAW.iter().copied().chain(files).collect();
    let output = run(&arguments, frames(1));
    assert!(code(&output) != 0 && errors(&output).contains("it is a pipe or a device"), "{}", errors(&output));
}

#[test]
fn packets_are_copied_where_the_container_holds_them() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).to_str().expect("UTF-8").to_owned();
    let samples = click(2 * RATE as usize, 40_000);
    for (sound, movie) in [
        ("a.m4a", "a.mp4"),
        ("a.mp3", "b.mp4"),
        ("a.opus", "a.mkv"),
        ("a.m4a", "b.mkv"),
        ("a.mp3", "c.mkv"),
        ("a.wav", "a.avi"),
    ] {
        sound_file(at(sound).as_ref(), &samples, 1, &[]);
        let (sound, movie) = (at(sound), at(movie));
        let arguments: Vec<&str> =
            RAW.iter().copied().chain(["--audio", &sound, "--audio-codec", "copy", "-o", &movie]).collect();
        let output = run(&arguments, frames(59));
        assert_eq!(code(&output), 0, "{movie}: {}", errors(&output));
        let (original, copied) = (heard(sound.as_ref()), heard(movie.as_ref()));
        assert!(loudest(&copied).abs_diff(40_000) <= 48, "{movie}: {}", loudest(&copied));
        // Copying changes no sample.
        let around = |samples: &[f32]| samples[loudest(samples) - 9_000..loudest(samples) + 9_000].to_vec();
        assert!(around(&copied) == around(&original), "{movie}");
        assert_eq!(probe(movie.as_ref())["streams"].as_array().map(Vec::len), Some(2));
    }
    let (sound, movie) = (at("a.mp3"), at("d.m4v"));
    let arguments: Vec<&str> =
        RAW.iter().copied().chain(["--audio", &sound, "--audio-codec", "copy", "-o", &movie]).collect();
    let output = run(&arguments, frames(9));
    assert!(errors(&output).contains("m4v cannot hold mp3 sound: choose --audio-codec aac"), "{}", errors(&output));
    assert!(fs::metadata(&movie).is_err());
}

#[test]
fn segments_and_part_files_get_their_sound_at_the_end() {
    let directory = tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name).to_str().expect("UTF-8").to_owned();
    sound_file(at("a.wav").as_ref(), &tone(RATE as usize, 2), 2, &[]);
    for segment in ["0", "1", "2"] {
        let output = at(&format!("{segment}.mkv"));
        let segmented = ["--segment", segment, "--segment-frames", "10", "-o", &output];
        let arguments: Vec<&str> = RAW.iter().copied().chain(segmented).collect();
        assert_eq!(code(&run(&arguments, frames(30))), 0);
    }
    let (sound, movie) = (at("a.wav"), at("a.mkv"));
    let segments = ["0", "1", "2"].map(|segment| at(&format!("{segment}.mkv")));
    let [a, b, c] = &segments;
    let output = run(&["join", a, b, c, "--audio", &sound, "--audio-codec", "flac", "-o", &movie], Vec::new());
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert_eq!(heard(movie.as_ref()).len(), 2 * RATE as usize);
    let listed = run(&["inspect", &movie], Vec::new());
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("sound          flac at 48000 Hz, 2 channels (stereo), "), "{listed}");
}
