//! How to handle transparent pixels.

use std::str::FromStr;

use crate::error::{InvalidSettings, OptionId};

/// How to handle the alpha of frames.
///
/// ```
/// use framemill::Alpha;
/// assert_eq!("keep".parse(), Ok(Alpha::Keep));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Alpha {
    /// Draws frames over the background. The movie is opaque.
    #[default]
    Composite,
    /// Keeps alpha in the movie, straight (colors are not premultiplied). VP9 in WebM, ProRes 4444, PNG, QuickTime
    /// Animation and FFV1 can do this.
    Keep,
}

impl Alpha {
    /// The names of all values.
    pub(super) const NAMES: [&'static str; 2] = ["composite", "keep"];
}

/// Parses `composite` or `keep`.
impl FromStr for Alpha {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        match text {
            "composite" => Ok(Self::Composite),
            "keep" => Ok(Self::Keep),
            _ => Err(InvalidSettings::unknown_name(Some(OptionId::Alpha), "alpha", text, &Self::NAMES)),
        }
    }
}
