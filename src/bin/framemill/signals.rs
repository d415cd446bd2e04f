//! Handles Ctrl-C, SIGTERM and SIGHUP. The first signal finishes the movie with the frames so far, the second stops at
//! once and leaves a part file, and the third ends the process immediately. Before there is a movie, the first signal
//! ends the process.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use crossbeam_channel::{Receiver, unbounded};
use framemill::StopToken;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals as Incoming;

/// The signals of this process.
pub(crate) struct Signals {
    pub(crate) heard: Receiver<i32>,
    ends_at_once: Arc<AtomicBool>,
    stop: Arc<OnceLock<StopToken>>,
    stops_at_first: Arc<AtomicBool>,
}

impl Signals {
    /// Starts listening. The process still ends at the first signal.
    pub(crate) fn listen() -> io::Result<Self> {
        let ignored = ignored_signals();
        let listened: Vec<_> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !ignored(*signal)).collect();
        let ends_at_once = Arc::new(AtomicBool::new(true));
        for signal in &listened {
            let code = i32::from(exit_code(*signal));
            signal_hook::flag::register_conditional_shutdown(*signal, code, Arc::clone(&ends_at_once))?;
        }
        // Writing beyond the file size limit then fails with an error instead of killing the process.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let mut incoming = Incoming::new(&listened)?;
        let (sender, heard) = unbounded();
        let stop = Arc::<OnceLock<StopToken>>::default();
        let (ends, stops) = (Arc::clone(&ends_at_once), Arc::clone(&stop));
        let stops_at_first = Arc::<AtomicBool>::default();
        let first_stops = Arc::clone(&stops_at_first);
        thread::Builder::new().name("framemill-signals".to_owned()).spawn(move || {
            for (count, signal) in incoming.forever().enumerate() {
                if count > 0 || first_stops.load(Ordering::SeqCst) {
                    ends.store(true, Ordering::SeqCst);
                    stops.get().into_iter().for_each(StopToken::stop);
                }
                // When everything is done, the receiver is gone.
                let _ = sender.send(signal);
            }
        })?;
        Ok(Self { heard, ends_at_once, stop, stops_at_first })
    }

    /// Reports that there is a movie now, which a signal finishes instead of losing it.
    pub(crate) fn keep_movie(&self) {
        self.ends_at_once.store(false, Ordering::SeqCst);
    }

    /// Stops `stop` at the first signal, because nothing of it is worth keeping.
    pub(crate) fn stop_at_first(&self, stop: StopToken) {
        self.stop(stop);
        self.stops_at_first.store(true, Ordering::SeqCst);
        self.keep_movie();
    }

    /// Stops `stop` at the second signal.
    pub(crate) fn stop(&self, stop: StopToken) {
        let _ = self.stop.set(stop);
    }

    /// Returns the first signal, if one came that was not handled.
    pub(crate) fn came(&self) -> Option<i32> {
        self.heard.try_iter().next()
    }
}

/// Returns the exit status of a process that a signal ended, as shells define it.
pub(crate) fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

/// Returns which signals this process was started to ignore, as with `nohup` and for background jobs of shells: they
/// stay ignored.
fn ignored_signals() -> impl Fn(i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    move |signal| mask & (1 << (signal - 1)) != 0
}
