//! The durations of the frames of an animation.

use crate::time::FrameRate;

/// Delays up to this many milliseconds become the usual delay, as in browsers, because many animations were made
/// without delays.
const NO_DELAY_MS: u64 = 10;

/// The usual delay, in milliseconds.
const USUAL_DELAY_MS: u64 = 100;

/// The duration of a frame in milliseconds, as a fraction.
pub(super) type Delay = (u32, u32);

/// The durations of the frames, in periods of a frame rate.
pub(super) struct PictureTimes {
    frame_rate: FrameRate,
    periods: Vec<u64>,
}

impl PictureTimes {
    /// Computes the durations from the delays of all frames.
    pub(super) fn of(delays: &[Delay]) -> Self {
        let delays: Vec<(u64, u64)> =
            delays.iter().map(|(parts, of)| shown((*parts).into(), (*of).into())).collect();
        Self::exact(&delays).unwrap_or_else(|| Self::in_milliseconds(&delays))
    }

    /// Uses the longest period of which all delays are multiples, if it is a valid frame rate.
    fn exact(delays: &[(u64, u64)]) -> Option<Self> {
        // Computes the greatest common divisor of fractions in a way that keeps the numbers small.
        let common = delays.iter().try_fold((0, 1), |(a, b): (u64, u64), (c, d)| {
            let (parts, of) = (gcd(a.checked_mul(*d)?, c.checked_mul(b)?), b.checked_mul(*d)?);
            let divisor = gcd(parts, of);
            Some((parts / divisor, of / divisor))
        })?;
        let rate = (common.1.checked_mul(1_000)?, common.0);
        let divisor = gcd(rate.0, rate.1);
        let part = |value: u64| u32::try_from(value / divisor).ok();
        let frame_rate = FrameRate::new(part(rate.0)?, part(rate.1)?);
        frame_rate.validate().ok()?;
        let periods = delays.iter().map(|(parts, of)| parts * common.1 / (of * common.0)).collect();
        Some(Self { frame_rate, periods })
    }

    /// Rounds the times to milliseconds.
    fn in_milliseconds(delays: &[(u64, u64)]) -> Self {
        let (mut time, mut rounded) = (0.0, 0);
        let periods = delays.iter().map(|(parts, of)| {
            time += *parts as f64 / *of as f64;
            let end = (time.round() as u64).max(rounded + 1);
            end - std::mem::replace(&mut rounded, end)
        });
        Self { periods: periods.collect(), frame_rate: FrameRate::new(1_000, 1) }
    }

    pub(super) fn frame_rate(&self) -> FrameRate {
        self.frame_rate
    }

    pub(super) fn frames(&self) -> u64 {
        self.periods.len() as u64
    }

    /// Returns the duration of a frame in periods.
    pub(super) fn periods(&self, frame: u64) -> u64 {
        usize::try_from(frame).ok().and_then(|frame| self.periods.get(frame)).copied().unwrap_or(1)
    }

    /// Returns whether frames have different durations.
    pub(super) fn vary(&self) -> bool {
        self.periods.iter().any(|periods| *periods != 1)
    }
}

/// Returns the duration of a frame with this delay.
fn shown(parts: u64, of: u64) -> (u64, u64) {
    if of == 0 || parts <= NO_DELAY_MS * of { (USUAL_DELAY_MS, 1) } else { (parts, of) }
}

const fn gcd(a: u64, b: u64) -> u64 {
    crate::time::greatest_common_divisor(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(delays: &[(u32, u32)]) -> (String, Vec<u64>) {
        let times = PictureTimes::of(delays);
        (times.frame_rate().to_string(), times.periods)
    }

    #[test]
    fn equal_delays_give_a_constant_rate() {
        assert_eq!(times(&[(40, 1); 3]), ("25".to_owned(), vec![1; 3]));
        // An APNG stores a thirtieth of a second in this way.
        assert_eq!(times(&[(1_000, 30), (1_000, 30)]), ("30".to_owned(), vec![1, 1]));
        assert_eq!(times(&[(70, 1)]), ("100/7".to_owned(), vec![1]));
        assert!(!PictureTimes::of(&[(40, 1); 3]).vary());
    }

    #[test]
    fn different_delays_are_multiples_of_one_period() {
        assert_eq!(times(&[(30, 1), (70, 1), (2_000, 1)]), ("100".to_owned(), vec![3, 7, 200]));
        assert_eq!(times(&[(50, 1), (50, 1), (3_000, 1)]), ("20".to_owned(), vec![1, 1, 60]));
        assert_eq!(times(&[(1_000, 30), (1_000, 24)]), ("120".to_owned(), vec![4, 5]));
    }

    #[test]
    fn a_missing_delay_becomes_the_default() {
        assert_eq!(times(&[(0, 1), (10, 1), (20, 1), (0, 0)]), ("50".to_owned(), vec![5, 5, 1, 5]));
    }

    #[test]
    fn times_that_fit_no_rate_are_rounded_without_drift() {
        // These delays are fractions of milliseconds.
        let (rate, periods) = times(&[(80, 7), (130, 11), (80, 7), (130, 11)]);
        assert_eq!((rate.as_str(), periods), ("1000", vec![11, 12, 12, 11]));
        let (rate, periods) = times(&[(u32::MAX, 1)]);
        assert_eq!((rate.as_str(), periods), ("1000", vec![u64::from(u32::MAX)]));
    }
}
