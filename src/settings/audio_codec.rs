//! The audio codecs, and the containers that hold them.

use std::str::FromStr;

use super::Container;
use crate::error::{InvalidSettings, OptionId};

/// The codec of the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum AudioCodec {
    /// AAC-LC, by FFmpeg's own encoder. MP4 players expect it.
    Aac,
    /// Opus, by libopus, at 48 kHz.
    Opus,
    /// FLAC: lossless, in 16 bits, or in 24 bits for samples with more.
    Flac,
    /// Uncompressed 16-bit samples.
    Pcm,
    /// MP3, by libmp3lame: mono or stereo.
    Mp3,
    /// No encoding: the packets of a file are copied into the movie.
    Copy,
}

impl AudioCodec {
    /// Every codec, and `Copy`.
    pub const ALL: [Self; 6] = [Self::Aac, Self::Opus, Self::Flac, Self::Pcm, Self::Mp3, Self::Copy];

    /// Returns the name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "aac",
            Self::Opus => "opus",
            Self::Flac => "flac",
            Self::Pcm => "pcm",
            Self::Mp3 => "mp3",
            Self::Copy => "copy",
        }
    }

    /// Returns FFmpeg's name of the encoder; `None` for `Copy`.
    #[must_use]
    pub const fn encoder_name(self) -> Option<&'static str> {
        match self {
            Self::Aac => Some("aac"),
            Self::Opus => Some("libopus"),
            Self::Flac => Some("flac"),
            Self::Pcm => Some("pcm_s16le"),
            Self::Mp3 => Some("libmp3lame"),
            Self::Copy => None,
        }
    }

    /// Returns the usual codec of the container, which its players expect.
    #[must_use]
    pub const fn default_of(container: Container) -> Self {
        match container {
            Container::Mp4 | Container::Mov | Container::M4v => Self::Aac,
            Container::Avi => Self::Pcm,
            Container::Mkv | Container::Webm => Self::Opus,
        }
    }

    /// Returns the codecs that the container holds and its players support.
    #[must_use]
    pub const fn held_by(container: Container) -> &'static [Self] {
        match container {
            Container::Mp4 => &[Self::Aac, Self::Opus, Self::Flac, Self::Mp3],
            Container::M4v => &[Self::Aac],
            Container::Mov => &[Self::Aac, Self::Pcm, Self::Mp3],
            Container::Avi => &[Self::Pcm, Self::Mp3],
            Container::Mkv => &[Self::Opus, Self::Aac, Self::Flac, Self::Pcm, Self::Mp3],
            Container::Webm => &[Self::Opus],
        }
    }

    /// Makes the error for a container that cannot hold sound of `codec`.
    pub(crate) fn not_held(container: Container, codec: String) -> InvalidSettings {
        let fitting: Vec<&str> = Self::held_by(container).iter().map(|codec| codec.name()).collect();
        InvalidSettings::AudioContainer { container: container.name(), codec, fitting: fitting.join(", ") }
    }

    /// Returns FFmpeg's names of the codecs that can be copied to the container.
    pub(crate) const fn copied_to(container: Container) -> &'static [&'static str] {
        match container {
            Container::Mp4 => &["aac", "opus", "flac", "mp3", "alac"],
            Container::M4v => &["aac", "alac"],
            Container::Mov => &["aac", "alac", "mp3", "pcm_s16le", "pcm_s24le"],
            Container::Avi => &["pcm_s16le", "mp3"],
            Container::Webm => &["opus", "vorbis"],
            Container::Mkv => &[
                "opus",
                "aac",
                "flac",
                "vorbis",
                "mp3",
                "alac",
                "pcm_s16le",
                "pcm_s24le",
                "pcm_s32le",
                "pcm_f32le",
            ],
        }
    }

    /// Returns whether sound in the container must have the channels that players assume. FFmpeg writes only the
    /// `STREAMINFO` of FLAC to an MP4 (`mov_write_dfla_tag` in libavformat/movenc.c), so its speakers are not recorded.
    pub(crate) fn needs_usual_channels(codec: &str, container: Container) -> bool {
        codec == "flac" && container != Container::Mkv
    }

    /// Returns the largest number of channels.
    pub(crate) const fn most_channels(self) -> u32 {
        match self {
            Self::Mp3 => 2,
            _ => 8,
        }
    }

    /// Returns the supported sample rates, highest first; empty if any rate is supported.
    const fn rates(self) -> &'static [u32] {
        match self {
            Self::Aac => &[
                96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
                7_350,
            ],
            Self::Opus => &[48_000],
            Self::Mp3 => &[48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000],
            Self::Flac | Self::Pcm | Self::Copy => &[],
        }
    }

    /// Returns the sample rate for encoding sound of `rate`: the same rate, or the next higher supported one.
    pub(crate) fn encoded_rate(self, rate: u32) -> u32 {
        let rates = self.rates();
        let higher = rates.iter().rev().find(|taken| **taken >= rate);
        higher.or(rates.first()).copied().unwrap_or(rate)
    }

    /// Returns the lowest and the highest bit rate for this sound; `None` if the codec has no bit rate to choose.
    pub(crate) const fn bitrates(self, rate: u32, channels: u32) -> Option<(u64, u64)> {
        let (rate, channels) = (rate as u64, channels as u64);
        match self {
            // A frame of 1,024 samples has at most 6,144 bits per channel (ISO/IEC 14496-3, 4.5.3.3).
            Self::Aac => Some((8_000, 6 * rate * channels)),
            // libopus, `opus_encoder_ctl`.
            Self::Opus => Some((6_000, 256_000 * channels)),
            // MPEG-1 Layer III; at rates below 32 kHz, MPEG-2.
            Self::Mp3 => Some(if rate >= 32_000 { (32_000, 320_000) } else { (8_000, 160_000) }),
            Self::Flac | Self::Pcm | Self::Copy => None,
        }
    }

    /// Returns the default bit rate, at which listeners hear no difference.
    pub(crate) fn default_bitrate(self, rate: u32, channels: u32) -> Option<u64> {
        let (least, most) = self.bitrates(rate, channels)?;
        let wanted = match (self, channels) {
            (Self::Aac, 1) => 96_000,
            (Self::Opus, 1) => 80_000,
            (Self::Aac, 2) => 160_000,
            (Self::Opus, 2) => 128_000,
            (Self::Mp3, 1) => 128_000,
            (Self::Mp3, _) => 192_000,
            (_, channels) => 64_000 * u64::from(channels),
        };
        Some(wanted.clamp(least, most))
    }
}

/// Parses a codec's name, or `copy`.
impl FromStr for AudioCodec {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        Self::ALL.into_iter().find(|codec| codec.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name);
            InvalidSettings::unknown_name(Some(OptionId::AudioCodec), "audio codec", text, &known)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_rates_become_the_next_higher_ones() {
        let rates = |codec: AudioCodec| [8_000, 37_000, 44_100, 192_000].map(|rate| codec.encoded_rate(rate));
        assert_eq!(rates(AudioCodec::Aac), [8_000, 44_100, 44_100, 96_000]);
        assert_eq!(rates(AudioCodec::Opus), [48_000; 4]);
        assert_eq!(rates(AudioCodec::Pcm), [8_000, 37_000, 44_100, 192_000]);
    }

    #[test]
    fn each_container_holds_its_default_codec() {
        for container in Container::ALL {
            assert!(AudioCodec::held_by(container).contains(&AudioCodec::default_of(container)), "{container:?}");
        }
        assert_eq!(AudioCodec::Aac.default_bitrate(8_000, 1), Some(48_000));
    }
}
