//! Which values of a picture are black and white.

use std::str::FromStr;

/// The values that become black and white; those between are spread evenly, and those beyond are cut.
///
/// ```
/// use framemill::Levels;
/// assert_eq!("-0.5:1200".parse(), Ok(Levels { black: -0.5, white: 1200.0 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// The value of black.
    pub black: f64,
    /// The value of white; less than that of black, it makes a negative.
    pub white: f64,
}

impl Levels {
    /// A value as a sample of 16 bits; `None` of one that is not a number.
    pub(super) fn sample(self, value: f64) -> Option<u16> {
        let part = (value - self.black) / (self.white - self.black);
        (!part.is_nan()).then(|| (part.clamp(0.0, 1.0) * 65_535.0 + 0.5) as u16)
    }
}

/// Reads `MIN:MAX`.
impl FromStr for Levels {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse().ok().filter(|value: &f64| value.is_finite());
        let levels = text.split_once(':').and_then(|(black, white)| Some((number(black)?, number(white)?)));
        match levels {
            Some((black, white)) if black != white && (white - black).is_finite() => Ok(Self { black, white }),
            _ => Err("write the values of black and white as 0:4095; they must be finite, and not the same"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_and_spread() {
        let levels: Levels = "100:1100".parse().expect("levels");
        let samples =
            [-5.0, 100.0, 600.0, 1100.0, f64::INFINITY, f64::NEG_INFINITY].map(|value| levels.sample(value));
        assert_eq!(samples, [0, 0, 32_768, 65_535, 65_535, 0].map(Some));
        assert_eq!(levels.sample(f64::NAN), None);
        let negative = Levels { black: 1.0, white: 0.0 };
        assert_eq!([0.0, 1.0].map(|value| negative.sample(value)), [Some(65_535), Some(0)]);
        for text in ["", "1", "1:", ":1", "1:1", "nan:1", "0:inf", "0-1", "0:1:2", "-1e308:1e308"] {
            assert!(text.parse::<Levels>().is_err(), "{text}");
        }
    }
}
