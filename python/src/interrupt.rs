//! Work that takes long, and that Ctrl-C stops.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use framemill::StopToken;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How often somebody may press Ctrl-C unheard.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// Runs `work` on another thread, and stops it by `stop` when one of Python's signal handlers raises. Returns the result, and
/// the exception where there was one.
pub(crate) fn until_interrupted<T: Send + 'static>(
    py: Python<'_>,
    stop: &StopToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<(T, Option<PyErr>)> {
    let (sender, finished) = mpsc::channel();
    thread::spawn(move || sender.send(work()).is_ok());
    // The lock is never waited for; with it the receiver may be used while the interpreter is let go.
    let finished = Mutex::new(finished);
    let wait = || finished.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(SIGNAL_INTERVAL);
    let mut interrupt = None;
    loop {
        match py.detach(wait) {
            Ok(finished) => return Ok((finished, interrupt)),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the thread that did the work panicked"));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if let Err(error) = py.check_signals() {
                    stop.stop();
                    interrupt.get_or_insert(error);
                }
            }
        }
    }
}
