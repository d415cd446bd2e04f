//! Tests that memory use does not grow with the number of movies that one process makes. The test runs in its own
//! process, so that nothing else changes the memory use. `make test-memory` makes fewer movies, because valgrind is
//! slow.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use framemill::{
    Codec, Container, Ffv1, FrameRate, FrameView, H264, Memory, Mjpeg, Mpeg4, Output, Preset, VideoWriter, inspect,
    recover,
};

const FRAMES: u8 = 3;

/// Returns the resident memory of this process in kilobytes.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("readable");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn kind(number: usize) -> (Codec, Container) {
    match number % 5 {
        0 => (H264::crf(30.0).preset(Preset::Ultrafast).into(), Container::Mp4),
        1 => (H264::crf(30.0).preset(Preset::Fast).into(), Container::Mkv),
        2 => (Mpeg4::qp(4).into(), Container::Avi),
        3 => (Mjpeg::default().into(), Container::Mov),
        _ => (Ffv1::default().into(), Container::Mkv),
    }
}

fn written(output: Output, codec: Codec) -> VideoWriter {
    let builder = VideoWriter::builder(output, 32, 32, FrameRate::new(30, 1)).codec(codec).threads(2);
    let mut video = builder.create().expect("opens");
    for frame in 0..FRAMES {
        video.write(&FrameView::gray(&[frame * 9; 32 * 32], 32, 32).expect("a picture")).expect("written");
    }
    video
}

/// Makes a movie in memory or in a file. The movie is finished, aborted, or left unfinished and recovered.
fn make(number: usize, folder: &Path) {
    let (codec, container) = kind(number);
    let path = folder.join(format!("a.{}", container.name()));
    match number % 9 {
        6 => {
            written(Output::from(&path), codec).finish().expect("a movie");
            assert_eq!(inspect(&path).expect("a movie").packets.len(), FRAMES.into());
        }
        7 => written(Output::from(&path), codec).abort(),
        8 => {
            let part = written(Output::from(&path), codec).leave().expect("it ended").expect("it has frames");
            assert_eq!(recover(&part, Some(&path)).expect("a movie").frames, FRAMES.into());
            std::fs::remove_file(part).expect("it is kept");
        }
        _ => {
            let memory = Memory::new();
            let stats = written(Output::memory(&memory, container), codec).finish().expect("a movie");
            assert_eq!((stats.packets, memory.take().is_empty()), (FRAMES.into(), false));
        }
    }
}

#[test]
fn memory_is_flat_from_the_300th_movie_to_the_last() {
    let count = std::env::var("FRAMEMILL_MOVIES").map_or(2_000, |count| count.parse().expect("a number"));
    let directory = tempfile::tempdir().expect("a directory");
    let mut at_300 = u64::MAX;
    for number in 0..count {
        if number == 300 {
            at_300 = resident_kilobytes();
        }
        make(number, directory.path());
    }
    let at_end = resident_kilobytes();
    eprintln!("{count} movies: {at_300} kB at the 300th, {at_end} kB at the last");
    assert!(at_end <= at_300.saturating_add(2_048), "{at_300} kB at the 300th movie, {at_end} kB at the last");
}
