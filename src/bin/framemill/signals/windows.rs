//! Ctrl-C and Ctrl-Break on a Windows console, which count as SIGINT.

use std::io;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit_code;

const SIGINT: i32 = 2;

/// Calls `hear` with each signal, in a separate thread. While `ends_at_once` is set, the process ends instead.
pub(super) fn listen(ends_at_once: &Arc<AtomicBool>, mut hear: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let ends_at_once = Arc::clone(ends_at_once);
    ctrlc::set_handler(move || {
        if ends_at_once.load(Ordering::SeqCst) {
            exit(exit_code(SIGINT).into());
        }
        hear(SIGINT);
    })
    .map_err(io::Error::other)
}
