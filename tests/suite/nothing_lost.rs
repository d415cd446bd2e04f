//! Tests that the program loses no frames silently: on full disks, with pipes, and when it receives signals.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use framemill::recover;
use tempfile::tempdir;

use crate::program::{FRAME_BYTES, code, encode, errors, raw_frames};
use crate::reader::{decode, probe};
use crate::recovery::wait_until_read;

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

/// Makes frames that compress badly.
pub(crate) fn noise(frames: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(frames as usize * FRAME_BYTES).collect()
}

/// Starts the program, which reads frames of 96 × 64 from standard input.
pub(crate) fn started(folder: &Path, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-f", "rgb24", "-s", "96x64", "-r", "30"])
        .args(more)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts")
}

fn send(child: &Child, signal: i32) {
    let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// Waits until the program ends, and panics if it hangs.
pub(crate) fn ended(mut child: Child) -> Output {
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if started.elapsed() > Duration::from_secs(30) {
            child.kill().expect("killed");
            panic!("the program hangs");
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("ended")
}

#[test]
fn an_unwritable_standard_error_does_not_end_a_run() {
    let folder = tempdir().expect("a directory");
    fs::write(folder.path().join("in.raw"), raw_frames(60)).expect("written");
    for progress in ["json", "always", "auto"] {
        for redirect in ["2>/dev/full", "2>&-"] {
            let framemill = env!("CARGO_BIN_EXE_framemill");
            let line = format!(
                "{framemill} encode in.raw -f rgb24 -s 96x64 -r 30 --progress {progress} -o a.mp4 {redirect}"
            );
            let ran = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).status().expect("runs");
            assert_eq!(code(ran), 0, "{line}");
            assert_eq!(probe(&folder.path().join("a.mp4")).packets.len(), 60, "{line}");
            fs::remove_file(folder.path().join("a.mp4")).expect("removed");
        }
    }
}

#[test]
fn a_hangup_finishes_the_movie_and_an_ignored_hangup_does_not() {
    for ignored in [false, true] {
        let folder = tempdir().expect("a directory");
        let mut child = if ignored {
            let framemill = env!("CARGO_BIN_EXE_framemill");
            let line = format!("trap '' HUP; exec {framemill} encode -q -f rgb24 -s 96x64 -r 30 -o a.mp4");
            let mut shell = Command::new("sh");
            shell.args(["-c", &line]).current_dir(folder.path()).stdin(Stdio::piped()).spawn().expect("starts")
        } else {
            started(folder.path(), &["-o", "a.mp4"])
        };
        let mut input = child.stdin.take().expect("piped");
        input.write_all(&raw_frames(40)).expect("read by the program");
        wait_until_read(&input);
        send(&child, libc::SIGHUP);
        if ignored {
            input.write_all(&raw_frames(20)).expect("read by the program");
            drop(input);
        }
        let output = ended(child);
        assert_eq!(code(output.status), if ignored { 0 } else { 129 }, "{}", errors(&output));
        let frames = probe(&folder.path().join("a.mp4")).packets.len();
        assert!(if ignored { frames == 60 } else { (1..=40).contains(&frames) }, "{frames}");
        assert_eq!(names_in(folder.path()), ["a.mp4"]);
    }
}

#[test]
fn signals_stop_the_size_search_without_leftovers() {
    for signals in [1, 2] {
        let folder = tempdir().expect("a directory");
        let mut child = started(
            folder.path(),
            &["--max-size", "60k", "--preset", "veryslow", "--progress", "json", "-o", "a.mp4"],
        );
        let mut input = child.stdin.take().expect("piped");
        input.write_all(&raw_frames(400)).expect("read by the program");
        drop(input);
        // Wait for the progress line that reports the size search.
        let mut shown = String::new();
        let mut stderr = child.stderr.take().expect("piped");
        while !shown.contains("fitting") {
            let mut byte = [0];
            std::io::Read::read_exact(&mut stderr, &mut byte).expect("goes on");
            shown.push(byte[0] as char);
        }
        thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        for _ in 0..signals {
            send(&child, libc::SIGINT);
            thread::sleep(Duration::from_millis(30));
        }
        let output = ended(child);
        assert_eq!(code(output.status), 130);
        let names = names_in(folder.path());
        // After the second signal, either the best movie is kept, or the lossless frames if no movie fits yet.
        assert!(names == ["a.mp4"] || (signals == 2 && names == ["a.mp4.part"]), "{names:?}");
        if names == ["a.mp4.part"] {
            let recovered = recover(folder.path().join("a.mp4.part"), None).expect("recovered");
            assert_eq!(recovered.frames, 400);
        }
    }
}

#[test]
fn a_file_size_limit_is_an_error_and_the_frames_before_it_are_kept() {
    let folder = tempdir().expect("a directory");
    fs::write(folder.path().join("in.raw"), noise(150)).expect("written");
    let framemill = env!("CARGO_BIN_EXE_framemill");
    let encode = "encode in.raw -q -f rgb24 -s 96x64 -r 30 --tune zerolatency -o a.mp4";
    let line = format!("ulimit -f 150; exec {framemill} {encode}");
    let ran = Command::new("bash").args(["-c", &line]).current_dir(folder.path()).output().expect("runs");
    assert_eq!(code(ran.status), 1, "{}", errors(&ran));
    assert!(errors(&ran).contains("File too large"), "{}", errors(&ran));
    assert_eq!(names_in(folder.path()), ["a.mp4.part", "in.raw"]);
    let recovered = recover(folder.path().join("a.mp4.part"), None).expect("recovered");
    assert_eq!(decode(&recovered.path, "rgb24", FRAME_BYTES).len() as u64, recovered.frames);
}

#[test]
fn a_part_file_without_complete_frames_is_not_offered_for_recovery() {
    let folder = tempdir().expect("a directory");
    fs::write(folder.path().join("in.raw"), noise(50)).expect("written");
    let framemill = env!("CARGO_BIN_EXE_framemill");
    for name in ["a.mp4", "a.mov", "a.mkv", "a.avi"] {
        let encode = format!("encode in.raw -q -f rgb24 -s 96x64 -r 30 --crf 1 -o {name}");
        let line = format!("ulimit -f 1; exec {framemill} {encode}");
        let ran = Command::new("bash").args(["-c", &line]).current_dir(folder.path()).output().expect("runs");
        assert_eq!(code(ran.status), 1, "{}", errors(&ran));
        assert!(errors(&ran).contains("File too large"), "{}", errors(&ran));
        assert!(!errors(&ran).contains("recover"), "{}", errors(&ran));
        assert_eq!(names_in(folder.path()), ["in.raw"]);
    }
}

#[test]
fn a_report_on_a_movie_in_a_pipe_does_not_block() {
    let folder = tempdir().expect("a directory");
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status().expect("runs");
    assert!(made.success());
    let reader = Command::new("cat").arg("pipe").current_dir(folder.path()).stdout(Stdio::piped()).spawn();
    let reader = reader.expect("starts");
    let mut child = started(folder.path(), &["--container", "mkv", "--report", "a.html", "-o", "pipe"]);
    child.stdin.take().expect("piped").write_all(&raw_frames(30)).expect("read by the program");
    let output = ended(child);
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    fs::write(folder.path().join("seen.mkv"), reader.wait_with_output().expect("read").stdout).expect("written");
    assert_eq!(probe(&folder.path().join("seen.mkv")).packets.len(), 30);
    let page = fs::read_to_string(folder.path().join("a.html")).expect("a page");
    assert!(page.contains("cannot be read again"));
}

#[test]
fn a_signal_ends_a_program_that_waits_for_a_pipe_to_open() {
    let folder = tempdir().expect("a directory");
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status().expect("runs");
    assert!(made.success());
    let mut child = started(folder.path(), &["--container", "mkv", "-o", "pipe"]);
    child.stdin.take().expect("piped").write_all(&raw_frames(1)).expect("read by the program");
    thread::sleep(Duration::from_millis(500));
    send(&child, libc::SIGTERM);
    assert_eq!(code(ended(child).status), 143);
}

#[test]
fn without_space_for_the_copy_the_movie_stays_fragmented() {
    // The test needs a small file system of its own.
    let folder = tempdir().expect("a directory");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none"]).arg(folder.path()).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        eprintln!("skipped: this user may not mount file systems");
        return;
    }
    let output = encode(folder.path(), &["--qp", "8", "-o", "a.mp4"], &noise(100));
    let movie = folder.path().join("a.mp4");
    let (names, bytes) = (names_in(folder.path()), fs::metadata(&movie).map_or(0, |data| data.len()));
    let frames = if movie.exists() { probe(&movie).packets.len() } else { 0 };
    let _ = File::open(&movie);
    assert!(Command::new("umount").arg(folder.path()).status().expect("runs").success());
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    assert!(errors(&output).contains("there is no room for a copy"), "{}", errors(&output));
    assert!(bytes > 524_288, "{bytes}");
    assert_eq!((names, frames), (vec!["a.mp4".to_owned()], 100));
}

#[test]
fn non_blocking_pipes_are_read() {
    let folder = tempdir().expect("a directory");
    // Python makes framemill's ends of both pipes non-blocking.
    let script = format!(
        "import os, subprocess, sys, threading, time\n\
         read_in, write_in = os.pipe(); read_out, write_out = os.pipe()\n\
         for end in (read_in, write_out): os.set_blocking(end, False)\n\
         command = [{:?}, *'encode -q -f rgb24 -s 96x64 -r 30 --container mkv -o -'.split()]\n\
         program = subprocess.Popen(command, stdin=read_in, stdout=write_out)\n\
         os.close(read_in); os.close(write_out)\n\
         def feed():\n    for frame in range(20):\n        time.sleep(0.02)\n        os.write(write_in, bytes([frame * 9]) * {FRAME_BYTES})\n    os.close(write_in)\n\
         threading.Thread(target=feed).start()\n\
         movie = b''\n\
         while data := os.read(read_out, 4096): movie += data; time.sleep(0.001)\n\
         open('a.mkv', 'wb').write(movie); sys.exit(program.wait())\n",
        env!("CARGO_BIN_EXE_framemill"),
    );
    let ran = Command::new("python3").args(["-c", &script]).current_dir(folder.path()).output().expect("runs");
    assert_eq!(code(ran.status), 0, "{}", errors(&ran));
    assert_eq!(probe(&folder.path().join("a.mkv")).packets.len(), 20);
}

#[cfg(target_os = "linux")]
#[test]
fn finishing_an_mp4_reads_its_bytes_once() {
    use framemill::{FrameRate, FrameView, H264, Preset, VideoWriter};
    let read_so_far = || {
        let io = fs::read_to_string("/proc/self/io").expect("Linux has this file");
        let line = io.lines().find_map(|line| line.strip_prefix("rchar: ")).expect("a count");
        line.parse::<u64>().expect("a number")
    };
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("a.mp4");
    let codec = H264::qp(4).preset(Preset::Ultrafast);
    let mut video =
        VideoWriter::builder(&path, 96, 64, FrameRate::new(30, 1)).codec(codec).create().expect("opens");
    for frame in noise(200).chunks(FRAME_BYTES) {
        video.write(&FrameView::rgb(frame, 96, 64).expect("a frame")).expect("written");
    }
    // All reads from here on belong to finishing the movie.
    let before = read_so_far();
    let bytes = video.finish().expect("a movie").file_bytes;
    let read = read_so_far() - before;
    assert!(bytes > 1_000_000, "{bytes}");
    // FFmpeg refills its buffer each time that it seeks from an index to the following frames.
    assert!(read < bytes + bytes / 2, "{read} bytes were read for a movie of {bytes}");
}

#[test]
fn signals_end_a_run_with_an_unread_output() {
    let folder = tempdir().expect("a directory");
    let mut child = started(folder.path(), &["--container", "mkv", "--qp", "1", "-o", "-"]);
    let mut input = child.stdin.take().expect("piped");
    let feeding = thread::spawn(move || input.write_all(&noise(2_000)));
    thread::sleep(Duration::from_millis(1_500));
    for _ in 0..3 {
        send(&child, libc::SIGINT);
        thread::sleep(Duration::from_millis(100));
    }
    // Keep standard output open and unread until the program has ended.
    let stdout = child.stdout.take();
    assert_eq!(code(ended(child).status), 130);
    drop(stdout);
    assert!(feeding.join().expect("ended").is_err());
}

#[test]
fn a_second_signal_exits_with_the_status_of_the_first() {
    let folder = tempdir().expect("a directory");
    let slow = "encode -f rgb24 -s 1280x720 -r 30 --preset placebo --qp 1 -o a.mp4";
    let mut command = Command::new(env!("CARGO_BIN_EXE_framemill"));
    command.args(slow.split(' ')).current_dir(folder.path()).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let frame = noise(151)[..1280 * 720 * 3].to_vec();
    let feeding = thread::spawn(move || while input.write_all(&frame).is_ok() {});
    thread::sleep(Duration::from_millis(2_500));
    for _ in 0..2 {
        send(&child, libc::SIGINT);
        thread::sleep(Duration::from_millis(20));
    }
    let output = ended(child);
    assert_eq!(code(output.status), 130, "{}", errors(&output));
    feeding.join().expect("ended");
    assert!(names_in(folder.path()).iter().all(|name| ["a.mp4", "a.mp4.part"].contains(&name.as_str())));
}

/// Starts the program, which reads frames of 1920 × 1080 from standard input.
fn large(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-f", "rgb24", "-s", "1920x1080", "-r", "30", "--preset", "ultrafast", "-o", "a.mp4"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts")
}

#[test]
fn a_signal_ends_a_run_whose_input_stalls_inside_a_frame() {
    for (signals, status) in [(&[libc::SIGINT][..], 130), (&[libc::SIGTERM, libc::SIGTERM], 143)] {
        let folder = tempdir().expect("a directory");
        let mut child = large(folder.path());
        let mut input = child.stdin.take().expect("piped");
        input.write_all(&vec![90; 1920 * 1080 * 3 * 3 / 2]).expect("read by the program");
        wait_until_read(&input);
        for signal in signals {
            send(&child, *signal);
        }
        let output = ended(child);
        drop(input);
        assert_eq!(code(output.status), status, "{}", errors(&output));
        let names = names_in(folder.path());
        // The second signal may come before the movie is finished.
        if signals.len() == 1 || names == ["a.mp4"] {
            assert_eq!(names, ["a.mp4"]);
            assert_eq!(probe(&folder.path().join("a.mp4")).packets.len(), 1);
        }
    }
}

/// Writes one byte after another until the program ends, so that there is nearly always one to read.
fn trickle(mut input: ChildStdin) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        while input.write_all(&[90]).is_ok() {
            thread::sleep(Duration::from_millis(5));
        }
    })
}

/// Writes these bytes at once and then slowly, and ends the program by Ctrl-C.
fn interrupt_slow(mut child: Child, bytes: &[u8]) {
    let mut input = child.stdin.take().expect("piped");
    input.write_all(bytes).expect("read by the program");
    wait_until_read(&input);
    let feeding = trickle(input);
    thread::sleep(Duration::from_millis(100));
    send(&child, libc::SIGINT);
    let output = ended(child);
    feeding.join().expect("ended");
    assert_eq!(code(output.status), 130, "{}", errors(&output));
}

#[test]
fn a_signal_ends_a_run_whose_input_is_slow_inside_a_frame() {
    let folder = tempdir().expect("a directory");
    let child = started(folder.path(), &["-o", "a.mp4"]);
    interrupt_slow(child, &raw_frames(2)[..FRAME_BYTES + 5_000]);
    assert_eq!(probe(&folder.path().join("a.mp4")).packets.len(), 1);
}

#[test]
fn a_signal_ends_a_resumed_run_that_skips_frames_of_a_slow_pipe() {
    let folder = tempdir().expect("a directory");
    let run = || started(folder.path(), &["--resume", "--tune", "zerolatency", "--gop", "2", "-o", "a.mp4"]);
    for skips in [false, true] {
        interrupt_slow(run(), &raw_frames(if skips { 1 } else { 40 }));
        assert!(!folder.path().join("a.mp4").exists());
    }
    assert!(recover(folder.path().join("a.mp4.part"), None).expect("recovered").frames > 30);
}

/// Ctrl-C in a terminal reaches the program that writes the frames, too.
#[test]
fn a_signal_that_ends_the_input_too_is_neither_a_cut_frame_nor_the_end() {
    for (more, bytes) in [(None, FRAME_BYTES * 3 / 2), (Some("--resume"), FRAME_BYTES * 2)] {
        let folder = tempdir().expect("a directory");
        let mut child = started(
            folder.path(),
            &["--tune", "zerolatency", "-o", "a.mp4"].into_iter().chain(more).collect::<Vec<_>>(),
        );
        let mut input = child.stdin.take().expect("piped");
        input.write_all(&raw_frames(2)[..bytes]).expect("read by the program");
        wait_until_read(&input);
        thread::sleep(Duration::from_millis(100));
        send(&child, libc::SIGINT);
        thread::sleep(Duration::from_millis(10));
        drop(input);
        let output = ended(child);
        assert_eq!(code(output.status), 130, "{}", errors(&output));
        assert!(!errors(&output).contains("the stream ends"), "{}", errors(&output));
        // A run to be resumed is not a movie yet.
        assert_eq!(names_in(folder.path()), [if more.is_some() { "a.mp4.part" } else { "a.mp4" }]);
    }
}

#[test]
fn a_shorter_finished_run_keeps_the_part_file_of_a_longer_one() {
    use framemill::{FrameRate, FrameView, VideoWriter};
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("a.mp4");
    let write = |frames: usize| {
        let mut video = VideoWriter::builder(&path, 96, 64, FrameRate::new(30, 1)).create().expect("opens");
        for frame in raw_frames(frames as u32).chunks(FRAME_BYTES) {
            video.write(&FrameView::rgb(frame, 96, 64).expect("a frame")).expect("written");
        }
        video
    };
    let part = write(30).leave().expect("left").expect("a part file");
    write(1).finish().expect("a movie");
    assert_eq!(recover(&part, Some(&folder.path().join("r.mp4"))).expect("recovered").frames, 30);
    write(30).finish().expect("a movie");
    assert_eq!(names_in(folder.path()), ["a.mp4", "r.mp4"]);
}
