//! Decides when written data is made safe, which limits how much an interrupted run may lose.

use std::time::{Duration, Instant};

/// The movie time and wall time after which the movie is flushed to the operating system.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The movie time after which a movie with interleaved sound is flushed: a fragment has all its frames, and then its
/// sound.
const MAX_AGE_WITH_SOUND: Duration = Duration::from_millis(400);

/// The bytes after which the movie is flushed, so that little waits in memory.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Decides where a movie is cut into fragments.
pub(crate) struct FragmentClock {
    movie_time: Duration,
    max_movie_time: Duration,
    bytes: u64,
    /// `None` if wall time does not count.
    last_cut: Option<Instant>,
}

/// The reason for a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The contents of the movie: the same movie is cut there each time.
    Regular,
    /// Frames that come slowly.
    Late,
}

impl FragmentClock {
    pub(crate) fn new() -> Self {
        Self { movie_time: Duration::ZERO, max_movie_time: MAX_AGE, bytes: 0, last_cut: Some(Instant::now()) }
    }

    /// Makes the clock for a movie with interleaved sound.
    pub(crate) fn with_sound(self) -> Self {
        Self { max_movie_time: MAX_AGE_WITH_SOUND, ..self }
    }

    /// Makes a clock for packets that are all available.
    pub(crate) fn without_waiting() -> Self {
        Self { last_cut: None, ..Self::new() }
    }

    /// Counts a packet; returns whether to cut after it, and why.
    pub(crate) fn due(&mut self, duration: Duration, bytes: u64) -> Option<Cut> {
        self.movie_time += duration;
        self.bytes += bytes;
        let is_late = self.last_cut.is_some_and(|cut| cut.elapsed() >= MAX_AGE);
        let cut = match self.movie_time >= self.max_movie_time || self.bytes >= MAX_BYTES {
            true => Cut::Regular,
            false if is_late => Cut::Late,
            false => return None,
        };
        let (last_cut, max_movie_time) = (self.last_cut.map(|_| Instant::now()), self.max_movie_time);
        *self = Self { last_cut, max_movie_time, ..Self::new() };
        Some(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_due_each_second_and_each_four_mebibytes() {
        let mut clock = FragmentClock::new();
        let frame = Duration::from_millis(400);
        let due = Some(Cut::Regular);
        assert_eq!([(); 6].map(|()| clock.due(frame, 10)), [None, None, due, None, None, due]);
        assert_eq!(clock.due(Duration::ZERO, MAX_BYTES), due);
    }
}
