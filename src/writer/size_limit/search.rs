//! The search for the rate factor: pure arithmetic.

/// A movie is large enough if it has this fraction of the bytes. Nobody notices the remaining 3 %.
const CLOSE_ENOUGH: f64 = 0.97;

/// The target: the middle of the accepted range.
const AIM: f64 = 0.985;

/// The largest number of encodings. Three are usual.
const MAX_TRIES: usize = 12;

/// The number of tries after which lines through two movies have proved to be bad guides, and the interval is roughly
/// halved instead.
const TRUSTING_TRIES: usize = 5;

/// A step that changes most movies by a thousandth.
const MIN_STEP: f64 = 0.01;

/// The change of the rate factor that roughly halves a movie.
const HALVING: f64 = 6.0;

/// One try: its rate factor, and the size of the movie.
#[derive(Clone, Copy, Debug)]
struct Try {
    rate_factor: f64,
    bytes: u64,
}

/// Searches the rate factor at which a movie has almost `max_bytes`, and not more.
#[derive(Debug)]
pub(super) struct Search {
    max_bytes: u64,
    best: f64,
    worst: f64,
    start: f64,
    /// The largest rate factor that was too large.
    over: Option<Try>,
    /// The smallest rate factor that fits.
    fits: Option<Try>,
    /// The size of the largest movie that fits: sizes do not always fall with quality.
    largest: u64,
    /// The last two tries, oldest first.
    last: [Option<Try>; 2],
    tries: usize,
}

impl Search {
    /// Starts a search at `start`, between the smallest and the largest rate factor.
    pub(super) fn new(max_bytes: u64, (best, worst): (f64, f64), start: f64) -> Self {
        Self { max_bytes, best, worst, start, over: None, fits: None, largest: 0, last: [None; 2], tries: 0 }
    }

    /// Returns the next rate factor to try; `None` if nothing more can be found.
    pub(super) fn next(&self) -> Option<f64> {
        let Some(last) = self.last[1] else {
            return Some(self.start);
        };
        match (self.over, self.fits) {
            _ if self.largest as f64 >= CLOSE_ENOUGH * self.max_bytes as f64 => None,
            (_, Some(_)) if self.tries >= MAX_TRIES => None,
            (Some(over), Some(fits)) if fits.rate_factor - over.rate_factor < MIN_STEP => None,
            (Some(over), Some(fits)) => Some(self.between(over, fits)),
            (None, Some(fits)) if fits.rate_factor <= self.best => None,
            (Some(over), None) if over.rate_factor >= self.worst => None,
            // The model does not hold, but there should be at least one movie.
            (Some(_), None) if self.tries + 1 >= MAX_TRIES => Some(self.worst),
            _ => Some(self.beyond(last)),
        }
    }

    /// Records that a movie of this rate factor has `bytes` bytes; returns whether it is the largest so far that fits.
    pub(super) fn learn(&mut self, rate_factor: f64, bytes: u64) -> bool {
        let tried = Try { rate_factor, bytes };
        self.tries += 1;
        self.last = [self.last[1], Some(tried)];
        if bytes > self.max_bytes {
            self.over = Some(tried);
            return false;
        }
        self.fits = Some(tried);
        let is_largest = bytes > self.largest;
        self.largest = self.largest.max(bytes);
        is_largest
    }

    /// Returns the size of the last movie, which had the lowest quality if none fits.
    pub(super) fn least_bytes(&self) -> u64 {
        self.last[1].map_or(0, |last| last.bytes)
    }

    /// Returns how many times larger the movie should be, as a logarithm to base 2.
    fn missing(&self, tried: Try) -> f64 {
        (AIM * self.max_bytes as f64 / tried.bytes.max(1) as f64).log2()
    }

    /// Interpolates between two movies, one on each side, but not so close to either that nothing would be learned.
    fn between(&self, over: Try, fits: Try) -> f64 {
        let (above, below) = (self.missing(over), self.missing(fits));
        let margin = if self.tries < TRUSTING_TRIES { 0.1 } else { 0.35 };
        let place = (above / (above - below)).clamp(margin, 1.0 - margin);
        over.rate_factor + place * (fits.rate_factor - over.rate_factor)
    }

    /// Extrapolates from the last two movies, within likely limits.
    fn beyond(&self, last: Try) -> f64 {
        let slope = self.last[0]
            .map(|before| (self.missing(last) - self.missing(before)) / (last.rate_factor - before.rate_factor))
            .filter(|slope| slope.is_finite())
            .unwrap_or(1.0 / HALVING);
        // The slope may be extreme by chance; it is limited to half and four times the usual value.
        let slope = slope.clamp(0.25 / HALVING, 2.0 / HALVING);
        let step = -self.missing(last) / slope;
        let step = if step.abs() < 0.1 { 0.1_f64.copysign(step) } else { step };
        (last.rate_factor + step).clamp(self.best, self.worst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches among movies whose sizes a function returns; returns the size that was found and the number of tries.
    fn search(max_bytes: u64, size: impl Fn(f64) -> f64) -> (Option<u64>, usize) {
        let mut search = Search::new(max_bytes, (1.0, 51.0), 23.0);
        let mut found = None;
        while let Some(rate_factor) = search.next() {
            assert!((1.0..=51.0).contains(&rate_factor), "{rate_factor}");
            let bytes = size(rate_factor) as u64;
            if search.learn(rate_factor, bytes) {
                assert!(bytes <= max_bytes);
                found = Some(bytes);
            }
            assert!(search.tries <= MAX_TRIES);
        }
        (found, search.tries)
    }

    #[test]
    fn movies_that_halve_every_six_steps_are_found_at_once() {
        for max_bytes in [100_000, 1_000_000, 7_000_000] {
            let (found, tries) = search(max_bytes, |crf| 1e6 * ((23.0 - crf) / 6.0).exp2());
            assert!(found.is_some_and(|bytes| bytes as f64 >= CLOSE_ENOUGH * max_bytes as f64), "{found:?}");
            assert!(tries <= 2, "{tries}");
        }
    }

    #[test]
    fn other_slopes_and_a_container_take_a_few_more() {
        for max_bytes in [30_000, 100_000, 1_000_000, 5_000_000] {
            for halving in [3.5, 5.0, 8.0, 15.0] {
                let size = |crf: f64| 20_000.0 + 1e6 * ((23.0 - crf) / halving).exp2();
                if !(size(51.0)..size(1.0)).contains(&(max_bytes as f64)) {
                    continue;
                }
                let (found, tries) = search(max_bytes, size);
                let found = found.unwrap_or_else(|| panic!("{max_bytes} {halving}"));
                assert!(found as f64 >= CLOSE_ENOUGH * max_bytes as f64, "{found} of {max_bytes}, {halving}");
                assert!(tries <= 7, "{tries} for {max_bytes}, {halving}");
            }
        }
    }

    #[test]
    fn whole_steps_find_the_largest_that_fits() {
        let (found, _) = search(1_000_000, |crf| 1e6 * ((23.3 - crf.round()) / 6.0).exp2());
        assert_eq!(found, Some((1e6 * (-0.7_f64 / 6.0).exp2()) as u64));
    }

    #[test]
    fn the_ends_of_the_range_are_tried_once() {
        assert_eq!(search(u64::MAX / 2, |_| 5_000.0), (Some(5_000), 2));
        let (found, tries) = search(10, |crf| 1e6 * ((23.0 - crf) / 6.0).exp2());
        assert_eq!((found, tries), (None, 2));
    }

    #[test]
    fn the_search_ends_for_arbitrary_sizes() {
        for seed in 1..200_u64 {
            let size =
                |crf: f64| ((crf * 1_000.0) as u64).wrapping_mul(seed).wrapping_mul(2_654_435_761) % 3_000_000;
            search(1_000_000, |crf| size(crf) as f64);
        }
    }
}
