//! The state that the caller's thread, the encoding thread and observers share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::process;
use crate::stats::EncodeStats;
use crate::stop::StopToken;

/// The statistics of a movie, readable from any thread: see [`VideoWriter::monitor`](super::VideoWriter::monitor).
#[derive(Clone)]
pub struct Monitor {
    shared: Arc<Shared>,
}

impl Monitor {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Returns the statistics up to now, or to the movie's end.
    #[must_use]
    pub fn stats(&self) -> EncodeStats {
        self.shared.stats()
    }
}

/// The state behind a [`Monitor`], which the writer's threads share.
pub(super) struct Shared {
    stats: Mutex<EncodeStats>,
    /// Whether to remove everything that was written.
    pub(super) aborted: AtomicBool,
    pub(super) stop: StopToken,
    started: Instant,
    cpu_before: Duration,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            stats: Mutex::default(),
            aborted: AtomicBool::default(),
            stop: StopToken::default(),
            started: Instant::now(),
            cpu_before: process::cpu_time(),
        }
    }
}

impl Shared {
    /// Makes the state of a movie that `stop` can end.
    pub(super) fn stopped_by(stop: StopToken) -> Arc<Self> {
        Arc::new(Self { stop, ..Self::default() })
    }

    /// Calls `use_stats` with the statistics, which stay locked until it returns.
    pub(super) fn with_stats<R>(&self, use_stats: impl FnOnce(&mut EncodeStats) -> R) -> R {
        use_stats(&mut self.stats.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn stats(&self) -> EncodeStats {
        let mut stats = self.with_stats(|stats| stats.clone());
        // The elapsed time of a finished movie is final.
        if stats.file_bytes == 0 {
            self.clock(&mut stats);
        }
        stats
    }

    /// Records the elapsed time of the movie so far.
    pub(super) fn clock(&self, stats: &mut EncodeStats) {
        stats.wall = self.started.elapsed();
        stats.cpu = process::cpu_time().saturating_sub(self.cpu_before);
        stats.peak_memory_bytes = process::peak_memory();
    }
}
