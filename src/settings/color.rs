//! Colors: the background behind transparent pixels, and how a movie encodes colors.

use std::str::FromStr;

use crate::error::{InvalidSettings, OptionId};
use crate::frame::{ChromaLocation, ColorRange};

/// An 8-bit color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rgb {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

impl Rgb {
    /// White, the usual background of a plot.
    pub const WHITE: Self = Self::new(255, 255, 255);

    /// Makes a color from its red, green and blue values.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }
}

/// Parses `#rrggbb`, `#rgb`, or either without `#`.
impl FromStr for Rgb {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        let malformed = || InvalidSettings::Malformed {
            option: OptionId::Background,
            value: text.to_owned(),
            expected: "give a color as #rrggbb",
        };
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| malformed())?;
        let byte = |shift: u32| (value >> shift) as u8;
        let doubled = |shift: u32| (value >> shift & 0xf) as u8 * 0x11;
        match digits.len() {
            6 => Ok(Self::new(byte(16), byte(8), byte(0))),
            3 => Ok(Self::new(doubled(8), doubled(4), doubled(0))),
            _ => Err(malformed()),
        }
    }
}

/// How the samples of a movie encode colors, in FFmpeg's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColorTags {
    /// The matrix between RGB and YUV: `bt709`, `smpte170m` (BT.601), or `gbr` if the movie is RGB.
    pub matrix: &'static str,
    /// The primaries: `bt709`, which are also those of sRGB.
    pub primaries: &'static str,
    /// The transfer function: `bt709`, or `iec61966-2-1` (sRGB) if the movie is RGB.
    pub transfer: &'static str,
    /// The range of the samples: `tv` (limited) or `pc` (full).
    pub range: &'static str,
}

/// How the samples of a picture encode colors, as stream and container record it. The primaries are always those of
/// BT.709 and sRGB, because the caller's pixels have them, whichever matrix converts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color {
    pub(crate) matrix: Matrix,
    pub(crate) range: ColorRange,
    /// Where the chroma samples of 4:2:0 are located.
    pub(crate) chroma_location: ChromaLocation,
}

/// The matrix that converts between RGB and YUV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matrix {
    /// No conversion: the picture is RGB.
    Rgb,
    /// ITU-R BT.709, for HD. The default.
    Bt709,
    /// ITU-R BT.601, as in SMPTE 170M.
    Bt601,
}

impl Color {
    pub(crate) const SRGB: Self = Self::new(Matrix::Rgb, ColorRange::Full);
    pub(crate) const BT709_LIMITED: Self = Self::new(Matrix::Bt709, ColorRange::Limited);
    pub(crate) const BT709_FULL: Self = Self::new(Matrix::Bt709, ColorRange::Full);
    pub(crate) const BT601_LIMITED: Self = Self::new(Matrix::Bt601, ColorRange::Limited);
    pub(crate) const BT601_FULL: Self = Self::new(Matrix::Bt601, ColorRange::Full);

    const fn new(matrix: Matrix, range: ColorRange) -> Self {
        Self { matrix, range, chroma_location: ChromaLocation::Center }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_read() {
        assert_eq!("#ff8000".parse(), Ok(Rgb::new(255, 128, 0)));
        assert_eq!("0f8".parse(), Ok(Rgb::new(0, 255, 136)));
        for text in ["", "#", "red", "#ff800", "#+f8000", "#é800"] {
            assert!(text.parse::<Rgb>().is_err(), "{text:?}");
        }
    }
}
