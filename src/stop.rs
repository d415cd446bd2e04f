//! A token that stops long operations, which check it regularly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Stops a movie from another thread, a signal handler, or anywhere else: see
/// [`VideoWriter::stop_token`](crate::VideoWriter::stop_token). Clones stop the same movie.
#[derive(Clone, Debug, Default)]
pub struct StopToken {
    asked: Arc<AtomicBool>,
}

impl StopToken {
    /// Stops encoding, finishing, and the search for a size, soon. The running call fails with [`Error::Stopped`] as
    /// its cause, and what was encoded can be recovered. It may be called from a signal handler.
    pub fn stop(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Returns whether the token was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Returns an error if the token was stopped.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_stopped() { Err(Error::Stopped) } else { Ok(()) }
    }
}
