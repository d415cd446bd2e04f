//! No process is started and no network is touched: a movie is written under a filter of the kernel's that kills
//! whoever tries.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::process::Command;
use std::thread;

use framemill::{Codec, FrameRate, FrameView, VideoWriter};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// Lets this thread, and the threads that it starts, do everything but start processes and open sockets: `refusal`
/// is what happens then.
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
    // Its flags are behind a pointer, where no filter sees them; without it the C library uses clone.
    apply(BTreeMap::from([(libc::SYS_clone3, vec![])]), SeccompAction::Errno(libc::ENOSYS as u32));
}

fn apply(rules: BTreeMap<i64, Vec<SeccompRule>>, action: SeccompAction) {
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, TargetArch::x86_64).expect("a filter");
    let program: BpfProgram = filter.try_into().expect("a program");
    apply_filter(&program).expect("applied");
}

#[test]
fn the_sandbox_forbids_what_it_should() {
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
fn a_movie_is_written_under_a_filter_that_kills_who_starts_a_process_or_opens_a_socket() {
    let directory = tempfile::tempdir().expect("a directory");
    let folder = directory.path().to_owned();
    thread::spawn(move || {
        enter_sandbox(SeccompAction::KillProcess);
        for (codec, name) in [
            ("h264", "a.mp4"),
            ("h264", "tcp:127.0.0.1:9.mkv"),
            ("mpeg4", "http:example.mov"),
            ("xvid", "a.avi"),
            ("mjpeg", "b.avi"),
            ("ffv1", "a.mkv"),
        ] {
            let path = folder.join(name);
            let codec: Codec = codec.parse().expect("known");
            let mut video = VideoWriter::builder(&path, 160, 120, FrameRate::new(25, 1))
                .codec(codec)
                .threads(3)
                .create()
                .expect(name);
            for frame in 0..60_u8 {
                let pixels = vec![frame * 4; 160 * 120 * 4];
                video.write(&FrameView::bgra(&pixels, 160, 120).expect("a picture")).expect(name);
            }
            assert_eq!(video.finish().expect(name).packets, 60);
            assert!(fs::metadata(&path).expect(name).len() > 1_000);
        }
    })
    .join()
    .expect("written");
}
