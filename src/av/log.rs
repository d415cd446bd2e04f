//! Handles FFmpeg's log, which must never go to standard error. Lines go to `tracing`, and the last lines of each
//! thread are kept, so that an error can include what FFmpeg logged.
//!
//! A process has one log callback, and FFmpeg does not report which one is set. Therefore, framemill does not install
//! its callback after `leave_ffmpeg_log`, never replaces a callback that was set later, and logs a probe line to find
//! out whether its own callback is active.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Once, OnceLock};

use ffmpeg_next::ffi;

/// The number of lines to keep for each thread: more than x264 logs when it opens.
const KEPT_LINES: usize = 64;

/// A line that FFmpeg logged.
#[derive(Clone, Debug)]
pub(super) struct LogLine {
    pub(super) level: c_int,
    pub(super) text: String,
}

/// The start of x264's line about each encoded frame.
const FRAME_REPORT: &str = "frame=";

/// A line that is logged to test whether it arrives here. Other callbacks ignore such a high level.
static PROBE: &CStr = c"framemill tests who reads the log";
const PROBE_LEVEL: c_int = 2 * ffi::AV_LOG_TRACE as c_int;

/// Whether the log was taken over; unset until that is decided.
static TAKEN: OnceLock<bool> = OnceLock::new();

thread_local! {
    static HEARD: Cell<bool> = const { Cell::new(false) };
    static LINES: RefCell<VecDeque<LogLine>> = const { RefCell::new(VecDeque::new()) };
    static FRAME_REPORTS: RefCell<VecDeque<String>> = const { RefCell::new(VecDeque::new()) };
}

/// Takes over FFmpeg's log, once per process, unless the program keeps it.
pub(super) fn install() {
    TAKEN.get_or_init(|| {
        // SAFETY: av_log_set_callback stores the pointer; `receive` lives as long as the program, may be called
        // from any thread at once, and does not unwind.
        unsafe { ffi::av_log_set_callback(Some(receive)) };
        true
    });
}

/// Leaves FFmpeg's log to the program. By default, framemill takes over the log of the whole process on first use, and
/// passes it to `tracing` with the target `framemill::libav`. Call this before anything else if your program, or
/// another library in it, has a log callback that must stay. A callback that is set later also stays.
///
/// Some information is only in that log. If framemill does not read it, packets of H.264 have no
/// [`qp`](crate::PacketStats::qp), the statistics have no [`EncoderReport`](crate::EncoderReport), and `x264-params`,
/// `x265-params` and `svtav1-params` are [rejected](crate::InvalidSettings::LogUnread), because mistakes in them are
/// only logged.
///
/// Returns whether the log is left to the program; `false` if it was taken over before.
///
/// ```
/// assert!(framemill::leave_ffmpeg_log());
/// ```
pub fn leave_ffmpeg_log() -> bool {
    !*TAKEN.get_or_init(|| false)
}

/// Returns whether FFmpeg's log arrives here.
pub(super) fn is_read() -> bool {
    HEARD.set(false);
    // SAFETY: av_log takes no context; the format is NUL-terminated and has no arguments.
    unsafe { ffi::av_log(std::ptr::null_mut(), PROBE_LEVEL, PROBE.as_ptr()) };
    HEARD.get()
}

/// Warns once about the information that is missing because another part of the process reads the log.
pub(super) fn warn_of_other_reader() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "another part of this process reads FFmpeg's log: quantizers of H.264 and x264's report are unavailable"
        );
    });
}

/// Takes the lines that this thread logged since the last call.
pub(super) fn take() -> Vec<LogLine> {
    LINES.with_borrow_mut(|lines| lines.drain(..).collect())
}

/// Takes the oldest of this thread's frame reports that was not taken yet.
pub(super) fn take_frame_report() -> Option<String> {
    FRAME_REPORTS.with_borrow_mut(VecDeque::pop_front)
}

/// Returns the last line that is a warning or an error.
pub(super) fn last_complaint(lines: Vec<LogLine>) -> Option<String> {
    lines.into_iter().rev().find(|line| line.level <= ffi::AV_LOG_WARNING as c_int).map(|line| line.text)
}

unsafe extern "C" fn receive(context: *mut c_void, level: c_int, format: *const c_char, arguments: VaList) {
    if format == PROBE.as_ptr() {
        let _ = HEARD.try_with(|heard| heard.set(true));
        return;
    }
    // SAFETY: av_log's format is a NUL-terminated string.
    let reports_frame = || unsafe { CStr::from_ptr(format) }.to_bytes().starts_with(FRAME_REPORT.as_bytes());
    if level > ffi::AV_LOG_VERBOSE as c_int && !(level == ffi::AV_LOG_DEBUG as c_int && reports_frame()) {
        return;
    }
    let mut text = [0 as c_char; 1024];
    let mut print_prefix: c_int = 0;
    // SAFETY: context, format and arguments are what av_log was called with and are passed on unchanged, within the
    // callback; at most text.len() bytes are written, NUL included.
    let text = unsafe {
        ffi::av_log_format_line2(
            context,
            level,
            format,
            arguments,
            text.as_mut_ptr(),
            text.len() as c_int,
            &mut print_prefix,
        );
        CStr::from_ptr(text.as_ptr()).to_string_lossy()
    };
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    // A panic of a tracing subscriber must not unwind through C.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        forward(level, text);
        store(level, text);
    }));
}

/// The type that bindgen uses for C's `va_list`: a pointer to its only element on platforms where C has it as an array.
#[cfg(all(target_arch = "x86_64", not(windows)))]
type VaList = *mut ffi::__va_list_tag;
#[cfg(not(all(target_arch = "x86_64", not(windows))))]
type VaList = ffi::va_list;

/// Passes a line to `tracing`.
fn forward(level: c_int, text: &str) {
    if level <= ffi::AV_LOG_ERROR as c_int {
        tracing::error!(target: "framemill::libav", "{text}");
    } else if level <= ffi::AV_LOG_WARNING as c_int {
        tracing::warn!(target: "framemill::libav", "{text}");
    } else if level <= ffi::AV_LOG_INFO as c_int {
        tracing::debug!(target: "framemill::libav", "{text}");
    } else {
        tracing::trace!(target: "framemill::libav", "{text}");
    }
}

/// Keeps a line for [`take`] or [`take_frame_report`].
fn store(level: c_int, text: &str) {
    // This fails while the thread ends, and if a subscriber calls FFmpeg while the lines are borrowed. Both are harmless.
    let _ = if text.starts_with(FRAME_REPORT) {
        FRAME_REPORTS.try_with(|reports| push(reports, text.to_owned()))
    } else {
        LINES.try_with(|lines| push(lines, LogLine { level, text: text.to_owned() }))
    };
}

fn push<T>(ring: &RefCell<VecDeque<T>>, item: T) {
    if let Ok(mut ring) = ring.try_borrow_mut() {
        if ring.len() == KEPT_LINES {
            ring.pop_front();
        }
        ring.push_back(item);
    }
}
