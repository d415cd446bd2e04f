//! Exact time: frame rates, time bases, and timestamps with their time base.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::InvalidSettings;

/// The ticks per second that a time base aims at. The time of a frame is exact to 1/60000 s or better wherever the rate
/// allows, and 24, 25, 30, 50, 60 and 1000 divide 60000 evenly.
const TICKS_PER_SECOND: u32 = 60_000;

/// The largest numerator or denominator of a frame rate: H.264 stores twice the numerator in 32 bits.
const MAX_PART: u64 = 1_000_000_000;

/// A constant frame rate in frames per second, as an exact fraction in lowest terms.
///
/// ```
/// use framemill::FrameRate;
/// assert_eq!("29.97".parse::<FrameRate>()?, FrameRate::new(30_000, 1_001));
/// assert_eq!(FrameRate::new(60, 2), FrameRate::new(30, 1));
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FrameRate {
    numerator: u32,
    denominator: u32,
}

impl FrameRate {
    /// Makes a rate of `numerator / denominator` frames per second. A zero is accepted here and rejected when the movie
    /// is created.
    #[must_use]
    pub const fn new(numerator: u32, denominator: u32) -> Self {
        let divisor = greatest_common_divisor(numerator as u64, denominator as u64) as u32;
        if divisor == 0 {
            return Self { numerator, denominator };
        }
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// Returns the number of frames in [`denominator`](Self::denominator) seconds.
    #[must_use]
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// Returns the number of seconds in which [`numerator`](Self::numerator) frames are shown.
    #[must_use]
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// Returns the frames per second, rounded to a float: for display, not for arithmetic.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Checks that the rate is 1/1000 to 1000 frames per second, and that containers can store its parts.
    ///
    /// # Errors
    /// [`InvalidSettings::FrameRate`] with the rate.
    pub fn validate(self) -> Result<(), InvalidSettings> {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        let inside = numerator > 0
            && denominator > 0
            && numerator <= denominator * 1_000
            && numerator * 1_000 >= denominator
            && numerator.max(denominator) <= MAX_PART;
        if inside { Ok(()) } else { Err(InvalidSettings::FrameRate { rate: self.to_string() }) }
    }

    /// Returns the time base with one tick per frame, which AVI uses.
    pub(crate) const fn frame_time_base(self) -> TimeBase {
        TimeBase { numerator: self.denominator, denominator: self.numerator }
    }

    /// Returns the multiple of 1000/1001 that a container rounded to this rate, if there is one within a few parts per
    /// million.
    pub(crate) fn exact(self) -> Self {
        let rate = f64::from(self.numerator) / f64::from(self.denominator.max(1));
        let whole = (rate * 1.001).round();
        let is_near = |exact: f64| (rate - exact).abs() < 3e-6 * exact;
        let is_multiple = whole >= 1.0 && is_near(whole / 1.001) && !is_near(rate.round().max(1.0));
        if is_multiple { Self::new(whole as u32 * 1_000, 1_001) } else { self }
    }

    /// Returns a time base in which a frame lasts a whole number of ticks (the second value), with ticks as close to
    /// 1/60000 s as possible.
    pub(crate) const fn fine_time_base(self) -> (TimeBase, u32) {
        let ticks_a_numerator = if self.numerator >= TICKS_PER_SECOND || self.numerator == 0 {
            1
        } else {
            TICKS_PER_SECOND / self.numerator
        };
        let time_base = TimeBase { numerator: 1, denominator: self.numerator * ticks_a_numerator };
        (time_base, self.denominator.saturating_mul(ticks_a_numerator))
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            _ => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

/// Parses `30`, `30000/1001`, `12.5`, or a rounded NTSC rate (`23.976`, `29.97`, `59.94`, …), which means a multiple of
/// 1000/1001.
impl FromStr for FrameRate {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        let parsed = match text.split_once('/') {
            Some((numerator, denominator)) => parse_fraction(numerator, denominator),
            None => parse_decimal(text),
        };
        let rate = parsed.ok_or_else(|| InvalidSettings::FrameRate { rate: text.to_owned() })?;
        rate.validate().map_err(|_| InvalidSettings::FrameRate { rate: text.to_owned() })?;
        Ok(rate)
    }
}

fn parse_fraction(numerator: &str, denominator: &str) -> Option<FrameRate> {
    Some(FrameRate::new(numerator.trim().parse().ok()?, denominator.trim().parse().ok()?))
}

fn parse_decimal(text: &str) -> Option<FrameRate> {
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let scale = 10_u32.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{decimals}").parse::<u32>().ok()?;
    let rate = FrameRate::new(digits, scale);
    let rounded_name = decimals.len() >= 2;
    Some(if rounded_name { ntsc_rate(rate).unwrap_or(rate) } else { rate })
}

/// Returns the multiple of 1000/1001 that this decimal usually stands for: 23.98 and 23.976 are 24000/1001.
fn ntsc_rate(rate: FrameRate) -> Option<FrameRate> {
    [24_000, 30_000, 48_000, 60_000, 120_000, 240_000]
        .map(|numerator| FrameRate::new(numerator, 1_001))
        .into_iter()
        .find(|exact| (exact.as_f64() - rate.as_f64()).abs() < 0.005)
}

pub(crate) const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The length of a tick in seconds, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TimeBase {
    /// Number of seconds in `denominator` ticks.
    pub numerator: u32,
    /// Number of ticks in `numerator` seconds.
    pub denominator: u32,
}

impl TimeBase {
    /// Makes a timestamp of `ticks` in this time base.
    #[must_use]
    pub const fn at(self, ticks: i64) -> Timestamp {
        Timestamp { ticks, time_base: self }
    }

    /// Returns the tick nearest to `time`, rounding halves up.
    pub(crate) fn nearest_tick(self, time: Duration) -> i64 {
        let numerator = time.as_nanos() as i128 * i128::from(self.denominator);
        let denominator = i128::from(self.numerator) * 1_000_000_000;
        saturate(divide_to_nearest(numerator, denominator))
    }
}

impl fmt::Display for TimeBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// A time or a duration, as a number of ticks of a time base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp {
    /// The number of ticks. It is negative if decoding starts before the first picture is shown.
    pub ticks: i64,
    /// The length of a tick.
    pub time_base: TimeBase,
}

impl Timestamp {
    /// Returns the time in seconds, rounded to a float.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.ticks as f64 * f64::from(self.time_base.numerator) / f64::from(self.time_base.denominator)
    }

    /// Compares two times exactly.
    pub(crate) fn compare(self, other: Self) -> Ordering {
        let in_parts = |time: Self, other: Self| {
            i128::from(time.ticks)
                .saturating_mul(time.time_base.numerator.into())
                .saturating_mul(other.time_base.denominator.into())
        };
        in_parts(self, other).cmp(&in_parts(other, self))
    }

    /// Converts the time to another time base, rounded to the nearest tick.
    #[must_use]
    pub fn rescale(self, to: TimeBase) -> Self {
        let numerator = i128::from(self.ticks)
            .saturating_mul(i128::from(self.time_base.numerator))
            .saturating_mul(i128::from(to.denominator));
        let denominator = i128::from(self.time_base.denominator) * i128::from(to.numerator);
        to.at(saturate(divide_to_nearest(numerator, denominator)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6} s", self.as_secs_f64())
    }
}

fn divide_to_nearest(numerator: i128, denominator: i128) -> i128 {
    if denominator == 0 {
        return 0;
    }
    numerator.saturating_mul(2).saturating_add(denominator).div_euclid(2 * denominator)
}

fn saturate(ticks: i128) -> i64 {
    i64::try_from(ticks).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_of_rates_are_parsed() {
        for (text, numerator, denominator) in [
            ("30", 30, 1),
            ("30000/1001", 30_000, 1_001),
            ("24000/1001", 24_000, 1_001),
            ("29.97", 30_000, 1_001),
            ("23.976", 24_000, 1_001),
            ("23.98", 24_000, 1_001),
            ("59.94", 60_000, 1_001),
            ("119.88", 120_000, 1_001),
            ("12.5", 25, 2),
            ("0.1", 1, 10),
            ("1000", 1_000, 1),
            ("29.5", 59, 2),
            ("24.00", 24, 1),
        ] {
            assert_eq!(text.parse::<FrameRate>(), Ok(FrameRate::new(numerator, denominator)), "{text}");
        }
    }

    #[test]
    fn invalid_rates_are_refused_with_their_text() {
        for text in ["0", "-1", "", ".", "1/0", "0/1", "nan", "inf", "1e3", "30 fps", "1001", "4294967296", "1.-5"]
        {
            let error = text.parse::<FrameRate>().expect_err(text);
            assert_eq!(error, InvalidSettings::FrameRate { rate: text.to_owned() });
        }
    }

    #[test]
    fn a_frame_is_a_whole_number_of_fine_ticks() {
        for (rate, ticks_per_second, frame) in [
            (FrameRate::new(30, 1), 60_000, 2_000),
            (FrameRate::new(24_000, 1_001), 48_000, 2_002),
            (FrameRate::new(30_000, 1_001), 60_000, 2_002),
            (FrameRate::new(25, 2), 60_000, 4_800),
            (FrameRate::new(1, 10), 60_000, 600_000),
            (FrameRate::new(120_000, 1_001), 120_000, 1_001),
        ] {
            let (time_base, ticks) = rate.fine_time_base();
            assert_eq!((time_base.numerator, time_base.denominator, ticks), (1, ticks_per_second, frame), "{rate}");
        }
    }

    #[test]
    fn rescaling_rounds_to_the_nearest_tick() {
        let thirds = TimeBase { numerator: 1, denominator: 3 };
        let milliseconds = TimeBase { numerator: 1, denominator: 1_000 };
        assert_eq!(thirds.at(1).rescale(milliseconds).ticks, 333);
        assert_eq!(thirds.at(2).rescale(milliseconds).ticks, 667);
        assert_eq!(thirds.at(-1).rescale(milliseconds).ticks, -333);
        let (long, short) =
            (TimeBase { numerator: u32::MAX, denominator: 1 }, TimeBase { numerator: 1, denominator: u32::MAX });
        assert_eq!(long.at(i64::MAX).rescale(short).ticks, i64::MAX);
        assert_eq!(long.at(i64::MIN).rescale(short).ticks, i64::MIN);
        assert_eq!(milliseconds.nearest_tick(Duration::from_micros(2_499)), 2);
        assert_eq!(milliseconds.nearest_tick(Duration::from_micros(2_500)), 3);
    }
}
