//! x264's presets, tunes and profiles.

use std::str::FromStr;

use crate::error::{InvalidSettings, OptionId};

macro_rules! named {
    ($(#[$doc:meta])* $type:ident, $what:literal, { $($(#[$variant_doc:meta])* $variant:ident => $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns x264's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl FromStr for $type {
            type Err = InvalidSettings;

            fn from_str(text: &str) -> Result<Self, InvalidSettings> {
                let names: Vec<&str> = Self::ALL.iter().map(|value| value.name()).collect();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.name() == text)
                    .ok_or_else(|| InvalidSettings::unknown_name(Some(OptionId::$type), $what, text, &names))
            }
        }
    };
}

named! {
    /// The presets of x264, which trade speed for size. The quality at one crf stays about the same.
    Preset, "preset", {
        /// The fastest, with the largest files.
        Ultrafast => "ultrafast",
        /// Faster than `Veryfast`.
        Superfast => "superfast",
        /// Fast, at about the size of `Medium`.
        Veryfast => "veryfast",
        /// Between `Veryfast` and `Fast`.
        Faster => "faster",
        /// A little faster than `Medium`.
        Fast => "fast",
        /// x264's default.
        Medium => "medium",
        /// About half as fast as `Medium`.
        Slow => "slow",
        /// About a quarter as fast as `Medium`.
        Slower => "slower",
        /// About a tenth as fast as `Medium`.
        Veryslow => "veryslow",
        /// The slowest: tries everything.
        Placebo => "placebo",
    }
}

named! {
    /// What to tune x264 for.
    Tune, "tune", {
        /// Films.
        Film => "film",
        /// Cartoons: flat areas and hard edges.
        Animation => "animation",
        /// Films with grain that should be kept.
        Grain => "grain",
        /// Slide shows.
        StillImage => "stillimage",
        /// The best PSNR, for measurements only.
        Psnr => "psnr",
        /// The best SSIM, for measurements only.
        Ssim => "ssim",
        /// Fast decoding.
        FastDecode => "fastdecode",
        /// Low latency: no frame waits in the encoder.
        ZeroLatency => "zerolatency",
    }
}

named! {
    /// The H.264 features that a player must support.
    Profile, "profile", {
        /// No B-frames, no CABAC: the oldest players.
        Baseline => "baseline",
        /// 4:2:0 in 8 bits.
        Main => "main",
        /// 4:2:0 in 8 bits: what browsers and televisions play.
        High => "high",
        /// 4:2:0 in 10 bits.
        High10 => "high10",
        /// 4:2:2 in 10 bits.
        High422 => "high422",
        /// 4:4:4, RGB and lossless.
        High444 => "high444",
    }
}

impl Profile {
    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::Baseline | Self::Main | Self::High => 8,
            Self::High10 | Self::High422 | Self::High444 => 10,
        }
    }

    pub(super) const fn least_chroma_shift(self) -> (u32, u32) {
        match self {
            Self::Baseline | Self::Main | Self::High | Self::High10 => (1, 1),
            Self::High422 => (1, 0),
            Self::High444 => (0, 0),
        }
    }

    pub(super) const fn holds(self) -> &'static str {
        match self {
            Self::Baseline | Self::Main | Self::High => "yuv420p",
            Self::High10 => "yuv420p, yuv420p10le",
            Self::High422 => "yuv420p, yuv422p, yuv420p10le, yuv422p10le",
            Self::High444 => "every YUV format and RGB",
        }
    }
}
