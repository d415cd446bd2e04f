//! Handles Ctrl-C, SIGTERM and SIGHUP. The first signal finishes the movie with the frames so far, the second stops at
//! once and leaves a part file, and the third ends the process immediately. Before the run opens its output, the first
//! signal ends the process.

#[cfg_attr(windows, path = "signals/windows.rs")]
#[cfg_attr(not(windows), path = "signals/unix.rs")]
mod system;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crossbeam_channel::{Receiver, unbounded};
use framemill::StopToken;

/// The signals of this process.
pub(crate) struct Signals {
    pub(crate) heard: Receiver<i32>,
    ends_at_once: Arc<AtomicBool>,
    stop: Arc<OnceLock<StopToken>>,
    stops_at_first: Arc<AtomicBool>,
    input: Arc<OnceLock<StopToken>>,
}

impl Signals {
    /// Starts listening. The process still ends at the first signal.
    pub(crate) fn listen() -> io::Result<Self> {
        let ends_at_once = Arc::new(AtomicBool::new(true));
        let (sender, heard) = unbounded();
        let stop = Arc::<OnceLock<StopToken>>::default();
        let stops_at_first = Arc::<AtomicBool>::default();
        let input = Arc::<OnceLock<StopToken>>::default();
        let (ends, stops, first_stops, inputs) =
            (Arc::clone(&ends_at_once), Arc::clone(&stop), Arc::clone(&stops_at_first), Arc::clone(&input));
        let mut is_first = true;
        system::listen(&ends_at_once, move |signal| {
            if !std::mem::take(&mut is_first) || first_stops.load(Ordering::SeqCst) {
                ends.store(true, Ordering::SeqCst);
                stops.get().into_iter().for_each(StopToken::stop);
            }
            // When everything is done, the receiver is gone.
            let _ = sender.send(signal);
            inputs.get().into_iter().for_each(StopToken::stop);
        })?;
        Ok(Self { heard, ends_at_once, stop, stops_at_first, input })
    }

    /// From now on, the first signal finishes the movie instead of ending the process.
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

    /// Stops `input` at the first signal, when `heard` has it: the frames so far become the movie.
    pub(crate) fn stop_input(&self, input: StopToken) {
        let _ = self.input.set(input);
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
