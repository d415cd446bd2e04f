//! The settings of ProRes.

use std::str::FromStr;

use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// Apple ProRes by FFmpeg's `prores_ks`: large, for editing programs. Every frame is a keyframe.
///
/// ```
/// use framemill::{Prores, ProresProfile};
/// let codec = Prores::profile(ProresProfile::Hq);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Prores {
    /// The profile. When `None`, `4444` for a pixel format with full-resolution chroma, otherwise `hq`.
    pub profile: Option<ProresProfile>,
}

/// The profiles of ProRes, from the lowest to the highest bit rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ProresProfile {
    /// 422 Proxy.
    #[cfg_attr(feature = "serde", serde(rename = "proxy"))]
    Proxy,
    /// 422 LT.
    #[cfg_attr(feature = "serde", serde(rename = "lt"))]
    Lt,
    /// 422.
    #[cfg_attr(feature = "serde", serde(rename = "standard"))]
    Standard,
    /// 422 HQ.
    #[cfg_attr(feature = "serde", serde(rename = "hq"))]
    Hq,
    /// 4444: full-resolution chroma, and alpha if it is kept.
    #[cfg_attr(feature = "serde", serde(rename = "4444"))]
    P4444,
    /// 4444 XQ.
    #[cfg_attr(feature = "serde", serde(rename = "4444xq"))]
    P4444Xq,
}

impl ProresProfile {
    /// Every profile.
    pub const ALL: [Self; 6] = [Self::Proxy, Self::Lt, Self::Standard, Self::Hq, Self::P4444, Self::P4444Xq];

    /// Returns FFmpeg's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Lt => "lt",
            Self::Standard => "standard",
            Self::Hq => "hq",
            Self::P4444 => "4444",
            Self::P4444Xq => "4444xq",
        }
    }

    /// Returns whether the profile has full-resolution chroma, and can keep alpha.
    const fn is_4444(self) -> bool {
        matches!(self, Self::P4444 | Self::P4444Xq)
    }
}

/// Parses FFmpeg's names.
impl FromStr for ProresProfile {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        Self::ALL.into_iter().find(|profile| profile.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name);
            InvalidSettings::unknown_name(Some(OptionId::Profile), "profile of prores", text, &known)
        })
    }
}

impl Prores {
    /// Makes the settings with this profile.
    #[must_use]
    pub const fn profile(profile: ProresProfile) -> Self {
        Self { profile: Some(profile) }
    }

    /// Returns the profile for frames in `format`.
    pub(crate) fn profile_of(&self, format: PixelFormat) -> ProresProfile {
        let default = if format.chroma_shift() == (0, 0) { ProresProfile::P4444 } else { ProresProfile::Hq };
        self.profile.unwrap_or(default)
    }

    /// Returns the pixel format to use if none is set.
    pub(super) fn default_format(&self) -> PixelFormat {
        match self.profile {
            Some(profile) if profile.is_4444() => PixelFormat::Yuv444p10Le,
            _ => PixelFormat::Yuv422p10Le,
        }
    }

    pub(super) fn validate(&self, format: PixelFormat) -> Result<(), InvalidSettings> {
        let profile = self.profile_of(format);
        let allowed = if profile.is_4444() { "yuv444p10le, yuva444p10le" } else { "yuv422p10le" };
        if profile.is_4444() == (format.chroma_shift() == (0, 0)) {
            return Ok(());
        }
        Err(InvalidSettings::PixelFormat {
            codec: format!("the {} profile", profile.name()),
            pixel_format: format.name(),
            allowed: allowed.to_owned(),
        })
    }
}
