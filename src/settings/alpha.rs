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
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Composite, Self::Keep];

    /// Returns the name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Composite => "composite",
            Self::Keep => "keep",
        }
    }
}

/// Parses `composite` or `keep`.
impl FromStr for Alpha {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        let known = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|alpha| alpha.name() == text);
        found.ok_or_else(|| InvalidSettings::unknown_name(Some(OptionId::Alpha), "alpha", text, &known))
    }
}
