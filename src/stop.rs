//! Stopping: one token that everything which takes long looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Stops a movie from another thread, from a signal handler, or from wherever else: see
/// [`VideoWriter::stop_token`](crate::VideoWriter::stop_token). Clones stop the same movie.
#[derive(Clone, Debug, Default)]
pub struct StopToken {
    asked: Arc<AtomicBool>,
}

impl StopToken {
    /// Stops encoding, finishing, and the search for a size, soon: the call that runs fails with
    /// [`Error::Stopped`] as its cause, and what was encoded stays to be recovered. It may be called from a signal handler.
    pub fn stop(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether somebody stopped it.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Fails where somebody stopped it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_stopped() { Err(Error::Stopped) } else { Ok(()) }
    }
}
