//! How to encode the sound of a movie.

use super::option::check_within;
use super::{AudioCodec, Container};
use crate::error::{InvalidSettings, OptionId};

/// The largest distance in seconds between the start of the sound and the start of the movie.
const MAX_START: f64 = 1e6;

/// How to encode the sound of a movie. The sound itself is an [`Audio`](crate::Audio).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct AudioSettings {
    /// The codec. When `None`, the usual one of the container: PCM in AVI, Opus in Matroska and WebM, otherwise AAC.
    pub codec: Option<AudioCodec>,
    /// The bit rate in bits per second. When `None`, it depends on codec, sample rate and channels.
    pub bitrate: Option<u64>,
    /// The position in the sound where the movie starts, in seconds. A negative value adds silence before the sound.
    pub start: f64,
    /// Whether the movie ends when the sound ends, if the sound is shorter than the frames.
    pub shortest: bool,
}

impl AudioSettings {
    /// Returns the codec for `container`.
    pub(crate) fn codec_in(&self, container: Container) -> AudioCodec {
        self.codec.unwrap_or(AudioCodec::default_of(container))
    }

    /// Returns an option that was set, if any.
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

    /// Checks everything that does not depend on the sound.
    pub(crate) fn validate(&self, container: Container) -> Result<(), InvalidSettings> {
        check_within(OptionId::AudioStart, self.start, "a movie", (-MAX_START, MAX_START))?;
        let codec = self.codec_in(container);
        if codec == AudioCodec::Copy {
            return self.validate_copy();
        }
        if !AudioCodec::held_by(container).contains(&codec) {
            return Err(AudioCodec::not_held(container, codec.name().to_owned()));
        }
        if self.bitrate.is_some() && codec.bitrates(48_000, 2).is_none() {
            let hint =
                "it is lossless and has no bit rate to choose; leave the bit rate out, or choose aac, opus or mp3";
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
            return conflict(OptionId::AudioStart, "packets cannot be cut at an exact sample; choose a codec");
        }
        Ok(())
    }

    /// Returns the bit rate for sound that is encoded at `rate` with `channels` channels; `None` if the codec has none
    /// to choose.
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
