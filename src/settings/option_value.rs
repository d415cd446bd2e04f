//! The values of options, and how users write them.

use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;
use crate::time::FrameRate;

use super::{Codec, Jobs, MovieOption, OptionKind, Rgb, encoder_params};

/// A value of an option.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OptionValue {
    /// The value of a [`Switch`](OptionKind::Switch).
    Switch(bool),
    /// The value of a [`Count`](OptionKind::Count) or an [`Amount`](OptionKind::Amount).
    Count(u64),
    /// The value of [`Jobs`](OptionKind::Jobs).
    Jobs(Jobs),
    /// The value of a [`Number`](OptionKind::Number).
    Number(f64),
    /// The value of a [`Rate`](OptionKind::Rate).
    Rate(FrameRate),
    /// The value of a [`Choice`](OptionKind::Choice), a [`Text`](OptionKind::Text) or a [`File`](OptionKind::File).
    Text(String),
    /// The value of a [`Color`](OptionKind::Color).
    Color(Rgb),
    /// The value of a [`Size`](OptionKind::Size): width and height in pixels.
    Size(u32, u32),
    /// The value of [`Pairs`](OptionKind::Pairs) or [`Params`](OptionKind::Params).
    Pairs(Vec<(String, String)>),
}

impl OptionValue {
    /// Parses the value of an option from the text that a user types.
    ///
    /// ```
    /// use framemill::{OptionId, OptionValue};
    /// assert_eq!(OptionValue::parse(OptionId::Bitrate, "4M")?, OptionValue::Count(4_000_000));
    /// let error = OptionValue::parse(OptionId::Gop, "often").expect_err("no number");
    /// assert_eq!(error.to_string(), "gop \"often\" is not valid: give a whole number of frames, as in 60");
    /// # Ok::<(), framemill::InvalidSettings>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidSettings::Malformed`] for an invalid value; [`InvalidSettings::UnknownName`] for a name that is not
    /// among the [choices](MovieOption::choices).
    pub fn parse(option: OptionId, text: &str) -> Result<Self, InvalidSettings> {
        let row = MovieOption::of(option);
        let malformed = |expected| InvalidSettings::Malformed { option, value: text.to_owned(), expected };
        match row.kind {
            OptionKind::Switch => match text {
                "on" | "true" => Ok(Self::Switch(true)),
                "off" | "false" => Ok(Self::Switch(false)),
                _ => Err(malformed("give on or off")),
            },
            OptionKind::Count => text.parse().map(Self::Count).map_err(|_| {
                malformed(match row.unit {
                    "frames" => "give a whole number of frames, as in 60",
                    "threads" => "give a whole number of threads, as in 2",
                    _ => "give a whole number",
                })
            }),
            OptionKind::Jobs => text.parse().map(Self::Jobs),
            OptionKind::Number => text.parse().map(Self::Number).map_err(|_| malformed("give a number")),
            OptionKind::Amount => parse_amount(text).map(Self::Count).ok_or_else(|| {
                malformed(match row.unit {
                    "bytes" => "write bytes as 25MB, 800k, 1.5GB, 24MiB or 25000000",
                    "bits" => "write bits as 4M, 800k or 4000000",
                    _ => "write bits per second as 4M, 800k or 4000000",
                })
            }),
            OptionKind::Rate => text.parse().map(Self::Rate),
            // There is no list of encoders that are chosen by name.
            OptionKind::Choice if option == OptionId::Codec => {
                text.parse::<Codec>().map(|_| Self::Text(text.to_owned()))
            }
            // Pixel formats have more than one spelling.
            OptionKind::Choice if option == OptionId::PixelFormat => {
                let format: PixelFormat = text.parse()?;
                Ok(Self::Text(format.name().to_owned()))
            }
            OptionKind::Choice => match row.choices() {
                choices if choices.contains(&text) => Ok(Self::Text(text.to_owned())),
                choices => Err(InvalidSettings::unknown_name(Some(option), choice_name(option), text, &choices)),
            },
            OptionKind::Text | OptionKind::File => Ok(Self::Text(text.to_owned())),
            OptionKind::Color => text.parse().map(Self::Color),
            OptionKind::Size => parse_size(text)
                .map(|(width, height)| Self::Size(width, height))
                .ok_or_else(|| malformed("write a size as 1920x1080, each side 1 to 65535")),
            OptionKind::Pairs => match text.split_once('=') {
                Some((name, value)) => Ok(Self::Pairs(vec![(name.to_owned(), value.to_owned())])),
                None => Err(malformed("give a name and a value, as in title=Ripples")),
            },
            OptionKind::Params => encoder_params::parse(option, text).map(Self::Pairs),
        }
    }

    /// Returns whether an option of this kind accepts the value.
    pub(super) const fn is_of(&self, kind: OptionKind) -> bool {
        match self {
            Self::Switch(_) => matches!(kind, OptionKind::Switch),
            Self::Count(_) => matches!(kind, OptionKind::Count | OptionKind::Amount),
            Self::Jobs(_) => matches!(kind, OptionKind::Jobs),
            Self::Number(_) => matches!(kind, OptionKind::Number),
            Self::Rate(_) => matches!(kind, OptionKind::Rate),
            Self::Text(_) => matches!(kind, OptionKind::Choice | OptionKind::Text | OptionKind::File),
            Self::Color(_) => matches!(kind, OptionKind::Color),
            Self::Size(..) => matches!(kind, OptionKind::Size),
            Self::Pairs(_) => matches!(kind, OptionKind::Pairs | OptionKind::Params),
        }
    }
}

/// The name of a choice in messages.
const fn choice_name(option: OptionId) -> &'static str {
    match option {
        OptionId::PixelFormat => "pixel format",
        OptionId::ColorRange => "color range",
        OptionId::AudioCodec => "audio codec",
        OptionId::Odd => "way to handle odd sizes",
        other => other.name(),
    }
}

/// Parses a size such as `1920x1080`. Each side is 1 to 65,535.
#[must_use]
pub fn parse_size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let side = |text: &str| text.parse().ok().filter(|side| (1..=65_535).contains(side));
    Some((side(width)?, side(height)?))
}

/// Parses a number of bits or bytes. `25MB` and `25M` are 25,000,000; `25MiB` is 25 × 1024².
#[must_use]
pub fn parse_amount(text: &str) -> Option<u64> {
    let text = text.trim();
    let end_of_number = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(end_of_number);
    let unit = unit.trim_start().to_ascii_lowercase();
    let factor = match unit.strip_suffix('b').unwrap_or(&unit) {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "ki" => 1024.0,
        "mi" => 1024.0 * 1024.0,
        "gi" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let amount = number.replace('_', "").parse::<f64>().ok()? * factor;
    (1.0..=1e15).contains(&amount).then_some(amount as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read() {
        for (text, amount) in [
            ("25MB", 25_000_000),
            ("25M", 25_000_000),
            ("25 mb", 25_000_000),
            ("800k", 800_000),
            ("1.5k", 1_500),
            ("1.5GB", 1_500_000_000),
            ("24MiB", 25_165_824),
            ("2Ki", 2_048),
            ("123456", 123_456),
            ("4_000_000", 4_000_000),
            ("10B", 10),
        ] {
            assert_eq!(parse_amount(text), Some(amount), "{text}");
        }
        for text in ["", "MB", "M", "-1", "0", "0.1", "1e6", "25 TB", "25MBit", "nan", "inf", "1.2.3k", "25 M B"] {
            assert_eq!(parse_amount(text), None, "{text:?}");
        }
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(parse_size("640x480"), Some((640, 480)));
        for text in ["", "x", "640", "0x10", "10x0", "640X480", "-1x5", "1x2x3", "65536x1"] {
            assert_eq!(parse_size(text), None, "{text:?}");
        }
    }

    #[test]
    fn each_example_of_the_table_is_read() {
        for row in MovieOption::all().iter().filter(|row| !row.example.is_empty()) {
            let value = OptionValue::parse(row.id, row.example);
            assert!(value.is_ok_and(|value| value.is_of(row.kind)), "{}", row.id);
        }
    }
}
