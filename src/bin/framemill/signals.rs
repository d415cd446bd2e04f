//! Ctrl-C and SIGTERM: the first asks to finish the movie, the second ends the process where it stands.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What a process that a signal ended exits with, as shells count.
pub(crate) fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

/// Tells of the first signal.
pub(crate) fn listen() -> io::Result<Receiver<i32>> {
    let heard = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let code = i32::from(exit_code(signal));
        signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&heard))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let (sender, receiver) = bounded(1);
    thread::Builder::new().name("framemill-signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            heard.store(true, Ordering::SeqCst);
            // Nobody listens any more when the movie is finished.
            let _ = sender.send(signal);
        }
    })?;
    Ok(receiver)
}
