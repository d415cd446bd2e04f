//! Tests that framemill starts no process and uses no network. The tests write movies under a kernel filter that kills
//! any process that does.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;

use framemill::{Alpha, Codec, FrameRate, FrameView, VideoWriter, check_encoder};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// Forbids this thread, and all threads that it starts, to start processes or open sockets. `refusal` is the kernel's
/// answer to an attempt.
fn enter_sandbox(refusal: SeccompAction) {
    let thread_flag = libc::CLONE_THREAD as u64;
    let starts_process = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread_flag), 0);
    let process_clone = SeccompRule::new(vec![starts_process.expect("a condition")]).expect("a rule");
    let forbidden = BTreeMap::from([
        (libc::SYS_execve, vec![]),
        (libc::SYS_execveat, vec![]),
        (libc::SYS_fork, vec![]),
        (libc::SYS_vfork, vec![]),
        (libc::SYS_socket, vec![]),
        (libc::SYS_connect, vec![]),
        (libc::SYS_clone, vec![process_clone]),
    ]);
    apply(forbidden, refusal);
    // The filter cannot read the flags of clone3, which are behind a pointer. Without clone3, the C library uses clone.
    apply(BTreeMap::from([(libc::SYS_clone3, vec![])]), SeccompAction::Errno(libc::ENOSYS as u32));
}

fn apply(rules: BTreeMap<i64, Vec<SeccompRule>>, action: SeccompAction) {
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, TargetArch::x86_64).expect("a filter");
    let program: BpfProgram = filter.try_into().expect("a program");
    apply_filter(&program).expect("applied");
}

#[test]
fn the_sandbox_blocks_processes_and_sockets() {
    thread::spawn(|| {
        enter_sandbox(SeccompAction::Errno(libc::EPERM as u32));
        let refused = |kind: ErrorKind| assert_eq!(kind, ErrorKind::PermissionDenied);
        refused(Command::new("true").spawn().expect_err("no processes").kind());
        refused(TcpStream::connect("127.0.0.1:9").expect_err("no sockets").kind());
        thread::spawn(|| ()).join().expect("threads are fine");
    })
    .join()
    .expect("the sandbox holds");
}

#[test]
fn a_movie_is_written_in_a_sandbox_without_processes_and_sockets() {
    let directory = tempfile::tempdir().expect("a directory");
    let folder = directory.path().to_owned();
    let (codecs, missing): (Vec<_>, Vec<_>) =
        Codec::all().into_iter().partition(|codec| check_encoder(codec).is_ok());
    // A small FFmpeg lacks the large encoders.
    let is_large = |codec: &Codec| ["hevc", "av1", "vp9"].contains(&codec.name());
    assert!(missing.iter().all(is_large), "{missing:?}");
    thread::spawn(move || {
        enter_sandbox(SeccompAction::KillProcess);
        for name in ["tcp:127.0.0.1:9.mkv", "http:example.mov"] {
            write_movie(&folder.join(name), Codec::default());
        }
        for codec in codecs {
            // The default container of each codec keeps alpha if the codec does.
            write_movie(&folder.join(codec.name()).with_extension(codec.containers()[0].name()), codec);
        }
    })
    .join()
    .expect("written");
}

/// Writes a movie of noise, so that each encoder uses its threads.
fn write_movie(path: &Path, codec: Codec) {
    let name = path.display().to_string();
    let alpha = if codec.keeps_alpha() { Alpha::Keep } else { Alpha::Composite };
    let builder = VideoWriter::builder(path, 160, 120, FrameRate::new(25, 1)).codec(codec).alpha(alpha).threads(3);
    let mut video = builder.create().expect(&name);
    for frame in 0..60_u32 {
        let noise = |place: u32| (place.wrapping_mul(2_654_435_761).wrapping_add(frame << 24) >> 24) as u8;
        let pixels: Vec<u8> = (0..160 * 120 * 4).map(noise).collect();
        video.write(&FrameView::bgra(&pixels, 160, 120).expect("a picture")).expect(&name);
    }
    assert_eq!(video.finish().expect(&name).packets, 60, "{name}");
    assert!(fs::metadata(path).expect(&name).len() > 1_000, "{name}");
}
