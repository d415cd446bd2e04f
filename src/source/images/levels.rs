//! The values of a picture that become black and white.

use std::str::FromStr;

/// The values that become black and white. Values between them are spread evenly, and others are clipped.
///
/// ```
/// use framemill::Levels;
/// assert_eq!("-0.5:1200".parse(), Levels::new(-0.5, 1200.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    black: f64,
    white: f64,
}

impl Levels {
    /// Makes levels from the values of black and white. A white below black makes a negative.
    ///
    /// # Errors
    /// A message, if the values are equal, not finite, or too far apart for a finite difference.
    pub fn new(black: f64, white: f64) -> Result<Self, &'static str> {
        match (white - black).is_finite() && black != white {
            true => Ok(Self { black, white }),
            false => Err("the values of black and white must be finite and different"),
        }
    }

    /// Returns the value of black.
    #[must_use]
    pub const fn black(self) -> f64 {
        self.black
    }

    /// Returns the value of white.
    #[must_use]
    pub const fn white(self) -> f64 {
        self.white
    }

    /// Makes levels from 0 to `white`, which must not be 0.
    pub(super) const fn of_white(white: f64) -> Self {
        Self { black: 0.0, white }
    }

    /// Converts a value to a sample of 16 bits; `None` for NaN.
    pub(super) fn sample(self, value: f64) -> Option<u16> {
        let part = (value - self.black) / (self.white - self.black);
        (!part.is_nan()).then(|| (part.clamp(0.0, 1.0) * 65_535.0 + 0.5) as u16)
    }
}

/// Parses `MIN:MAX`.
impl FromStr for Levels {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse().ok();
        let levels = text.split_once(':').and_then(|(black, white)| Some((number(black)?, number(white)?)));
        let (black, white) =
            levels.ok_or("write the values of black and white separated by a colon, as in 0:4095")?;
        Self::new(black, white)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_parsed_and_scale_samples() {
        let levels: Levels = "100:1100".parse().expect("levels");
        let samples =
            [-5.0, 100.0, 600.0, 1100.0, f64::INFINITY, f64::NEG_INFINITY].map(|value| levels.sample(value));
        assert_eq!(samples, [0, 0, 32_768, 65_535, 65_535, 0].map(Some));
        assert_eq!(levels.sample(f64::NAN), None);
        let negative = Levels::new(1.0, 0.0).expect("levels");
        assert_eq!([0.0, 1.0].map(|value| negative.sample(value)), [Some(65_535), Some(0)]);
        for text in ["", "1", "1:", ":1", "1:1", "nan:1", "0:inf", "0-1", "0:1:2", "-1e308:1e308"] {
            assert!(text.parse::<Levels>().is_err(), "{text}");
        }
    }
}
