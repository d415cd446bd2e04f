//! The signals of Unix.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::exit_code;

/// Calls `hear` with each signal, in a separate thread. While `ends_at_once` is set, the process ends instead.
pub(super) fn listen(ends_at_once: &Arc<AtomicBool>, hear: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let ignored = ignored_signals();
    let listened: Vec<_> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !ignored(*signal)).collect();
    for signal in &listened {
        let code = i32::from(exit_code(*signal));
        signal_hook::flag::register_conditional_shutdown(*signal, code, Arc::clone(ends_at_once))?;
    }
    // Writing beyond the file size limit then fails with an error instead of killing the process.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    let mut incoming = Signals::new(&listened)?;
    thread::Builder::new()
        .name("framemill-signals".to_owned())
        .spawn(move || incoming.forever().for_each(hear))
        .map(drop)
}

/// Returns which signals this process was started to ignore, as with `nohup` and for background jobs of shells: they
/// stay ignored.
fn ignored_signals() -> impl Fn(i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    move |signal| mask & (1 << (signal - 1)) != 0
}
