//! Runs long operations that Ctrl-C can stop.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use framemill::StopToken;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The longest time until Ctrl-C is noticed.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// Runs `work` on another thread, and stops it with `stop` if one of Python's signal handlers raises. Returns the
/// result, and the exception, if there was one.
pub(crate) fn until_interrupted<T: Send + 'static>(
    py: Python<'_>,
    stop: &StopToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<(T, Option<PyErr>)> {
    let (sender, finished) = mpsc::channel();
    thread::spawn(move || sender.send(work()).is_ok());
    // The lock is never contended; it allows using the receiver while the interpreter is released.
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
