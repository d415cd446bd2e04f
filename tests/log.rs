//! Tests FFmpeg's log, which the whole process shares, when another part of the process reads it too. Each case runs in
//! its own process.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(unsafe_code, reason = "the other user of FFmpeg is a C callback")]

use std::env;
use std::ffi::{c_char, c_int, c_void};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ffmpeg_next::ffi;
use framemill::{
    Av1, Codec, Container, EncodeStats, FrameRate, FrameView, H264, Hevc, Memory, Output, VideoWriter,
    leave_ffmpeg_log,
};

/// The number of lines that the program's own callback received.
static LINES: AtomicU64 = AtomicU64::new(0);

#[cfg(all(target_arch = "x86_64", not(windows)))]
type VaList = *mut ffi::__va_list_tag;
#[cfg(not(all(target_arch = "x86_64", not(windows))))]
type VaList = ffi::va_list;

/// Counts log lines up to debug level. Like most callbacks, it ignores higher levels, such as framemill's probe.
unsafe extern "C" fn count(_: *mut c_void, level: c_int, _: *const c_char, _: VaList) {
    if level <= ffi::AV_LOG_DEBUG as c_int {
        LINES.fetch_add(1, Ordering::Relaxed);
    }
}

fn set_callback() {
    // SAFETY: the callback may be called from any thread, and lives as long as the program.
    unsafe { ffi::av_log_set_callback(Some(count)) };
}

/// Writes a movie of ten frames. Returns its statistics, the quantizers that were reported, and the number of lines
/// that the callback received.
fn movie(codec: impl Into<Codec>) -> framemill::Result<(EncodeStats, Vec<f32>, u64)> {
    let before = LINES.load(Ordering::Relaxed);
    let output = Output::memory(&Memory::new(), Container::Mp4);
    let mut video = VideoWriter::builder(output, 64, 64, FrameRate::new(30, 1)).codec(codec).create()?;
    let quantizers = Arc::<Mutex<Vec<f32>>>::default();
    let kept = Arc::clone(&quantizers);
    video.on_packet(move |packet| kept.lock().expect("not poisoned").extend(packet.qp))?;
    for shade in 0..10_u8 {
        video.write(&FrameView::gray(&[shade * 20; 64 * 64], 64, 64)?)?;
    }
    let stats = video.finish()?;
    let quantizers = quantizers.lock().expect("not poisoned").clone();
    Ok((stats, quantizers, LINES.load(Ordering::Relaxed) - before))
}

fn assert_read_by_framemill() {
    let (stats, quantizers, lines) = movie(H264::default().x264_param("aq-mode", "2")).expect("a movie");
    assert_eq!((stats.packets, quantizers.len(), lines), (10, 10, 0));
    assert_eq!(stats.encoder_reports.len(), 1);
}

fn assert_read_by_the_program() {
    let (stats, quantizers, lines) = movie(H264::default()).expect("a movie");
    assert_eq!((stats.packets, quantizers.len()), (10, 0));
    assert_eq!((stats.mean_qp(), stats.encoder_reports.len()), (None, 0));
    assert!(lines > 10, "{lines}");
    let codecs: [(&str, Codec); 3] = [
        ("x264-params", H264::default().x264_param("aq-mode", "2").into()),
        ("x265-params", Hevc::default().x265_param("aq-mode", "2").into()),
        ("svtav1-params", Av1::default().svtav1_param("tune", "0").into()),
    ];
    for (option, codec) in codecs {
        let refused = movie(codec).expect_err("nobody would see a mistake");
        let message = format!(
            "{option} cannot be checked: the encoder reports mistakes only in FFmpeg's log, which another part of \
             this process reads: leave it out, or do not replace framemill's log callback"
        );
        assert_eq!(refused.to_string(), message);
    }
}

/// Starts a new process that runs the test `name`; in that process, runs `case`.
fn in_own_process(name: &str, case: impl Fn()) {
    const CASE: &str = "FRAMEMILL_LOG_TEST";
    if env::var_os(CASE).is_some() {
        return case();
    }
    let program = env::current_exe().expect("a program");
    let ran = Command::new(program).args(["--exact", name, "--nocapture"]).env(CASE, name).output().expect("runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn an_earlier_callback_stays_if_the_log_is_left_to_the_program() {
    in_own_process("an_earlier_callback_stays_if_the_log_is_left_to_the_program", || {
        set_callback();
        assert!(leave_ffmpeg_log());
        assert_read_by_the_program();
    });
}

#[test]
fn a_later_callback_stays() {
    in_own_process("a_later_callback_stays", || {
        assert_read_by_framemill();
        assert!(!leave_ffmpeg_log());
        set_callback();
        assert_read_by_the_program();
    });
}

#[test]
fn by_default_framemill_reads_the_log() {
    in_own_process("by_default_framemill_reads_the_log", || {
        set_callback();
        assert_read_by_framemill();
    });
}
