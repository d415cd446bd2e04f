//! Tests damaged movies and part files, and concurrent recoveries.

use std::fs;
use std::io::Write;
use std::thread;

use framemill::recover;
use tempfile::tempdir;

use crate::nothing_lost::{names_in, noise, started};
use crate::program::{FRAME_BYTES, code, encode, errors, raw_frames, run};
use crate::reader::decode;
use crate::recovery::wait_until_read;

#[test]
fn concurrent_recoveries_make_complete_movies() {
    let folder = tempdir().expect("a directory");
    let mut child = started(folder.path(), &["--tune", "zerolatency", "-o", "a.mp4"]);
    let mut input = child.stdin.take().expect("piped");
    input.write_all(&raw_frames(120)).expect("read by the program");
    wait_until_read(&input);
    child.kill().expect("killed");
    child.wait().expect("gone");
    let part = folder.path().join("a.mp4.part");
    let frames = recover(&part, Some(&folder.path().join("alone.mp4"))).expect("recovered").frames;
    for round in 0..15 {
        let destination = folder.path().join("a.mp4");
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| assert_eq!(recover(&part, Some(&destination)).expect("recovered").frames, frames));
            }
            // Meanwhile, another run writes a movie of the same name.
            scope.spawn(|| {
                let output =
                    encode(folder.path(), &["-o", "a.mp4", "--max-size", "30k"], &raw_frames(frames as u32));
                assert_eq!(code(output.status), 0, "{}", errors(&output));
            });
        });
        assert_eq!(decode(&destination, "rgb24", FRAME_BYTES).len() as u64, frames, "round {round}");
        assert_eq!(names_in(folder.path()), ["a.mp4", "a.mp4.part", "alone.mp4"]);
    }
}

#[test]
fn a_part_file_that_ends_in_zeros_is_recovered_up_to_them() {
    let folder = tempdir().expect("a directory");
    let mut child = started(folder.path(), &["--tune", "zerolatency", "--crf", "40", "-o", "a.mp4"]);
    let mut input = child.stdin.take().expect("piped");
    input.write_all(&noise(240)).expect("read by the program");
    wait_until_read(&input);
    child.kill().expect("killed");
    child.wait().expect("gone");
    let whole = fs::read(folder.path().join("a.mp4.part")).expect("there");
    let (part, movie) = (folder.path().join("b.mp4.part"), folder.path().join("b.mp4"));
    fs::write(&part, &whole).expect("written");
    let all = recover(&part, Some(&movie)).expect("recovered").frames;
    let mut most = all;
    for lost in (1..whole.len() - 4_000).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        let from = bytes.len() - lost;
        bytes[from..].fill(0);
        fs::write(&part, bytes).expect("written");
        let recovered =
            recover(&part, Some(&movie)).unwrap_or_else(|error| panic!("{lost}: {}", error.with_causes()));
        assert!(recovered.frames <= most, "{lost}");
        most = recovered.frames;
        assert_eq!(decode(&movie, "rgb24", FRAME_BYTES).len() as u64, recovered.frames, "{lost} zeros");
        // The frames before the zeros are recovered. If the zeros reach into a fragment's index, its 30 frames are
        // lost.
        let expected = all as f64 * (1.0 - lost as f64 / whole.len() as f64) - 35.0;
        assert!(recovered.frames as f64 >= expected, "{lost} zeros: {} frames", recovered.frames);
    }
}

#[test]
fn inspect_reports_damage_instead_of_a_shorter_movie() {
    let folder = tempdir().expect("a directory");
    let output = encode(folder.path(), &["--crf", "30", "-o", "a.mp4"], &noise(60));
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    let path = folder.path().join("a.mp4");
    let whole = fs::read(&path).expect("there");
    assert_eq!(framemill::inspect(&path).expect("a movie").damage, None);
    fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let cut = framemill::inspect(&path).expect("a movie").damage.expect("damage is reported");
    assert!(cut.packets > 0);
    let mut lost = whole.clone();
    let middle = whole.len() / 2;
    lost[middle..middle + 4096].fill(0);
    fs::write(&path, &lost).expect("written");
    let damage = framemill::inspect(&path).expect("a movie").damage.expect("damage is reported");
    assert!(damage.packets > 0);
    let output = run(folder.path(), &["inspect", "a.mp4"], b"");
    let frames = if damage.packets == 1 { "1 frame".to_owned() } else { format!("{} frames", damage.packets) };
    let line = format!(
        "damage         {frames} incomplete, 0 B at the end cannot be read, and 0 B after them are missing; \
         `framemill recover` keeps the rest"
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains(&line), "{line}: {output:?}");
}

#[test]
fn black_frames_of_every_codec_are_recovered() {
    for (name, codec) in [
        ("a.mkv", "mjpeg"),
        ("a.avi", "mjpeg"),
        ("a.mp4", "mjpeg"),
        ("a.mkv", "ffv1"),
        ("a.mp4", "mpeg4"),
        ("a.avi", "xvid"),
        ("a.mp4", "h264"),
        ("a.mp4", "h264-rgb"),
    ] {
        let folder = tempdir().expect("a directory");
        let options = ["encode", "-f", "rgb24", "-s", "640x480", "-r", "30", "-c", codec, "-o", name];
        let output = run(folder.path(), &options, &vec![0; 640 * 480 * 3 * 5]);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let movie = folder.path().join(name);
        let recovered = recover(&movie, Some(&folder.path().join(format!("r{name}")))).expect("recovered");
        assert_eq!(recovered.frames, 5, "{codec} in {name}");
        assert_eq!(framemill::inspect(&movie).expect("a movie").damage, None, "{codec} in {name}");
    }
}
