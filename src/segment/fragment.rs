//! When what was written becomes safe: how much an interrupted run may lose.

use std::time::{Duration, Instant};

/// Movie time and wall time after which the movie so far is handed to the operating system.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Bytes after which it is, so that little waits in memory.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Decides where a movie is cut into fragments.
pub(crate) struct FragmentClock {
    movie_time: Duration,
    bytes: u64,
    last_cut: Instant,
}

impl FragmentClock {
    pub(crate) fn new() -> Self {
        Self { movie_time: Duration::ZERO, bytes: 0, last_cut: Instant::now() }
    }

    /// Counts a packet; says whether to cut after it.
    pub(crate) fn is_due(&mut self, duration: Duration, bytes: u64) -> bool {
        self.movie_time += duration;
        self.bytes += bytes;
        let due = self.movie_time >= MAX_AGE || self.bytes >= MAX_BYTES || self.last_cut.elapsed() >= MAX_AGE;
        if due {
            *self = Self::new();
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_due_each_second_and_each_four_mebibytes() {
        let mut clock = FragmentClock::new();
        let frame = Duration::from_millis(400);
        assert_eq!([(); 6].map(|()| clock.is_due(frame, 10)), [false, false, true, false, false, true]);
        assert!(clock.is_due(Duration::ZERO, MAX_BYTES));
    }
}
