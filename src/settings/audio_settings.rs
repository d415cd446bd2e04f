//! How the sound of a movie is made.

use super::option::check_within;
use super::{AudioCodec, Container};
use crate::error::{InvalidSettings, OptionId};

/// The most seconds by which sound starts before or after the movie.
const MOST_START: f64 = 1e6;

/// How the sound of a movie is made, but not what it is: that is [`Audio`](crate::Audio).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct AudioSettings {
    /// How it is compressed; as the container's players expect when `None`: AAC, in AVI PCM, and in Matroska and WebM Opus.
    pub codec: Option<AudioCodec>,
    /// Bits a second; by codec, rate and channels when `None`.
    pub bitrate: Option<u64>,
    /// Where in the sound the movie starts, in seconds. Where it is negative, so much silence comes before the sound.
    pub start: f64,
    /// Whether the movie ends with the sound, where that is shorter than the frames.
    pub shortest: bool,
}

impl AudioSettings {
    /// The codec in `container`.
    pub(crate) fn codec_in(&self, container: Container) -> AudioCodec {
        self.codec.unwrap_or(AudioCodec::default_of(container))
    }

    /// The option that was set, if any was.
    pub(crate) fn set_option(&self) -> Option<OptionId> {
        [
            (self.codec.is_some(), OptionId::AudioCodec),
            (self.bitrate.is_some(), OptionId::AudioBitrate),
            (self.start != 0.0, OptionId::AudioStart),
            (self.shortest, OptionId::Shortest),
        ]
        .into_iter()
        .find_map(|(is_set, option)| is_set.then_some(option))
    }

    /// Checks what can be without knowing the sound.
    pub(crate) fn validate(&self, container: Container) -> Result<(), InvalidSettings> {
        check_within(OptionId::AudioStart, self.start, "a movie", (-MOST_START, MOST_START))?;
        let codec = self.codec_in(container);
        if codec == AudioCodec::Copy {
            return self.validate_copy();
        }
        if !AudioCodec::held_by(container).contains(&codec) {
            return Err(AudioCodec::not_held(container, codec.name().to_owned()));
        }
        if self.bitrate.is_some() && codec.bitrates(48_000, 2).is_none() {
            let hint = "it keeps every sample, and takes the bits that it needs; leave the bit rate out, or choose aac, opus or mp3";
            let (option, with) = (OptionId::AudioBitrate, codec.name().to_owned());
            return Err(InvalidSettings::Conflict { option, with, hint });
        }
        Ok(())
    }

    fn validate_copy(&self) -> Result<(), InvalidSettings> {
        let conflict =
            |option, hint| Err(InvalidSettings::Conflict { option, with: "a copy of the sound".to_owned(), hint });
        if self.bitrate.is_some() {
            return conflict(OptionId::AudioBitrate, "nothing is encoded; leave one of them out");
        }
        if self.start != 0.0 {
            return conflict(OptionId::AudioStart, "packets cannot be cut to the sample; choose a codec");
        }
        Ok(())
    }

    /// The bits a second of sound that is encoded at `rate` in `channels` channels; `None` where the codec has no choice.
    pub(crate) fn bitrate_of(
        &self,
        codec: AudioCodec,
        rate: u32,
        channels: u32,
    ) -> Result<Option<u64>, InvalidSettings> {
        let (Some(asked), Some((least, most))) = (self.bitrate, codec.bitrates(rate, channels)) else {
            return Ok(codec.default_bitrate(rate, channels));
        };
        if (least..=most).contains(&asked) {
            return Ok(Some(asked));
        }
        let range = format!("{least} to {most} for {channels} channels at {rate} Hz");
        let (option, value, codec) = (OptionId::AudioBitrate, asked.to_string(), codec.name());
        Err(InvalidSettings::OutOfRange { option, value, codec, range })
    }
}
