//! An unfinished track, encoded or copied, and the warnings about it.

use std::time::Duration;

use super::copied::Copied;
use super::encoded::{Encoded, Ending};
use super::file::refused;
use super::sound::SoundSource;
use crate::audio::{Audio, AudioSource, Samples};
use crate::av::{Packet, StreamParameters};
use crate::error::{Error, InvalidAudio, InvalidInput, InvalidSettings, OptionId, Result};
use crate::settings::{AudioCodec, AudioSettings, Container};
use crate::stats::AudioStats;
use crate::time::{TimeBase, Timestamp};

/// An unfinished track.
pub(super) struct Making {
    kind: PacketSource,
    start: f64,
}

enum PacketSource {
    Encoded(Box<Encoded>),
    Copied(Box<Copied>),
}

impl Making {
    pub(super) fn open(audio: Audio, settings: &AudioSettings, container: Container) -> Result<Self> {
        settings.validate(container)?;
        let codec = settings.codec_in(container);
        let kind = match audio.source {
            AudioSource::File(path) if codec == AudioCodec::Copy => {
                PacketSource::Copied(Box::new(Copied::open(&path, container)?))
            }
            _ if codec == AudioCodec::Copy => {
                let (option, with) = (OptionId::AudioCodec, "samples".to_owned());
                let hint = "a copy takes the packets of a file; choose a codec for samples";
                return Err(InvalidSettings::Conflict { option, with, hint }.into());
            }
            source => {
                let path = match &source {
                    AudioSource::File(path) => Some(path.clone()),
                    _ => None,
                };
                let sound = SoundSource::open(source)?;
                let length = sound.stated_length();
                let mut encoded =
                    Encoded::open(sound, codec, settings, container).map_err(|error| match (error, &path) {
                        (Error::Audio(problem), Some(path)) => refused(path, problem.to_string()),
                        (error, _) => error,
                    })?;
                if !encoded.has_some()? {
                    return Err(nothing_to_hear(
                        path.map(|path| path.display().to_string()),
                        settings.start,
                        length,
                    ));
                }
                PacketSource::Encoded(Box::new(encoded))
            }
        };
        Ok(Self { kind, start: settings.start })
    }

    /// Returns the length of the sound in the movie. Reads all of it.
    pub(super) fn length(self) -> Result<Timestamp> {
        let time_base = self.time_base();
        let sample_frames = match self.kind {
            PacketSource::Encoded(encoded) => encoded.count()?,
            PacketSource::Copied(copied) => copied.count()?,
        };
        Ok(time_base.at(i64::try_from(sample_frames).unwrap_or(i64::MAX)))
    }

    /// Returns the time base of its packets: samples of a channel.
    fn time_base(&self) -> TimeBase {
        let rate = match &self.kind {
            PacketSource::Encoded(encoded) => encoded.rate(),
            PacketSource::Copied(copied) => copied.rate,
        };
        TimeBase { numerator: 1, denominator: rate.max(1) }
    }

    pub(super) fn stream_parameters(&self) -> Result<StreamParameters> {
        match &self.kind {
            PacketSource::Encoded(encoded) => encoded.stream_parameters(),
            PacketSource::Copied(copied) => Ok(copied.stream().try_clone()?),
        }
    }

    /// Returns the channels of the samples that are written with [`write`](Self::write), if samples are written.
    pub(super) fn written_channels(&self) -> Option<u32> {
        match &self.kind {
            PacketSource::Encoded(encoded) => encoded.sound().is_written().then_some(encoded.sound().channels),
            PacketSource::Copied(_) => None,
        }
    }

    /// Adds the next samples.
    pub(super) fn write(&mut self, samples: Samples) {
        if let PacketSource::Encoded(encoded) = &mut self.kind {
            encoded.sound_mut().write(samples);
        }
    }

    /// Makes packets up to `time`.
    pub(super) fn reach(&mut self, time: Timestamp, take: &mut dyn FnMut(Packet) -> Result<()>) -> Result<()> {
        let end = time.rescale(self.time_base()).ticks;
        match &mut self.kind {
            PacketSource::Encoded(encoded) => encoded.reach(end, take),
            PacketSource::Copied(copied) => copied.reach(end, take),
        }
    }

    /// Makes the rest of the packets of a movie that ends at `time`, and whose frames last `frame` each.
    pub(super) fn finish(
        &mut self,
        time: Timestamp,
        frame: Duration,
        take: &mut dyn FnMut(Packet) -> Result<()>,
    ) -> Result<AudioStats> {
        let time_base = self.time_base();
        let end = time.rescale(time_base).ticks;
        let ending = match &mut self.kind {
            PacketSource::Encoded(encoded) => encoded.finish(end, take)?,
            PacketSource::Copied(copied) => copied.finish(end, take)?,
        };
        let stats = self.stats(&ending, time_base.at(end));
        let mut stats = AudioStats { warnings: self.warnings(&stats, &ending, frame), ..stats };
        if let PacketSource::Encoded(encoded) = &self.kind {
            stats.add_clipped(encoded.sound().clipped());
        }
        Ok(stats)
    }

    fn stats(&self, ending: &Ending, end: Timestamp) -> AudioStats {
        let time_base = self.time_base();
        let duration = |sample_frames: i64| seconds(time_base.at(sample_frames).as_secs_f64());
        let (codec, (channels, layout)) = match &self.kind {
            PacketSource::Encoded(encoded) => {
                let codec = encoded.stream_parameters().map(|stream| stream.codec_name()).unwrap_or_default();
                (codec, encoded.channels())
            }
            PacketSource::Copied(copied) => (copied.codec.clone(), copied.channels.clone()),
        };
        let cut = match ending.left_over {
            Some(sample_frames) => Some(duration(sample_frames)),
            None => self.given_length().map(|given| given.saturating_sub(seconds(end.as_secs_f64()))),
        };
        AudioStats {
            codec,
            sample_rate: time_base.denominator,
            channels,
            layout,
            duration: seconds(end.as_secs_f64()),
            silence: duration(ending.silence),
            cut: cut.unwrap_or_default(),
            ..AudioStats::default()
        }
    }

    /// Returns the length that the sound would have in a movie without an end, if known.
    fn given_length(&self) -> Option<Duration> {
        let stated = match &self.kind {
            PacketSource::Encoded(encoded) => encoded.sound().stated_length()?,
            PacketSource::Copied(copied) => seconds(self.time_base().at(copied.stated_length()?).as_secs_f64()),
        };
        Some(seconds(stated.as_secs_f64() - self.start))
    }

    fn warnings(&self, stats: &AudioStats, ending: &Ending, frame: Duration) -> Vec<String> {
        let movie = stats.duration.as_secs_f64();
        let mut warnings = Vec::new();
        if -self.start >= movie {
            let before = -self.start;
            return vec![format!(
                "the sound would start at {before} s, but the movie ends at {movie:.3} s: it is silent"
            )];
        }
        if stats.silence > frame {
            let silence = stats.silence.as_secs_f64();
            warnings.push(match &self.kind {
                PacketSource::Encoded(_) => {
                    format!("the sound ends {silence:.3} s before the movie, at {movie:.3} s: the rest is silent")
                }
                PacketSource::Copied(_) => format!(
                    "the sound ends {silence:.3} s before the movie, at {movie:.3} s: packets were copied, and no \
                     silence follows them"
                ),
            });
        }
        match ending.left_over {
            _ if stats.cut > frame => {
                let cut = stats.cut.as_secs_f64();
                warnings.push(format!(
                    "the sound is {cut:.3} s longer than the movie, and was cut at the movie's end, at {movie:.3} s"
                ));
            }
            None if stats.cut.is_zero() => warnings.push(format!(
                "the sound is longer than the movie, and was cut at the movie's end, at {movie:.3} s"
            )),
            _ => {}
        }
        warnings
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Makes the error for sound that has no samples after its start.
fn nothing_to_hear(name: Option<String>, start: f64, length: Option<Duration>) -> Error {
    match name {
        Some(name) if start > 0.0 => {
            let problem =
                format!("the sound ends before {start} s, where the movie should start: choose an earlier start");
            Error::Input { name, problem: InvalidInput::Audio { problem } }
        }
        Some(name) => {
            let problem = "the sound is empty: it has no samples".to_owned();
            Error::Input { name, problem: InvalidInput::Audio { problem } }
        }
        None if start > 0.0 => {
            let (option, value) = (OptionId::AudioStart, start.to_string());
            let end = length.map_or(String::new(), |length| format!(", at {:.3} s", length.as_secs_f64()));
            let range = format!("starts before its end{end}");
            InvalidSettings::OutOfRange { option, value, codec: "the sound", range }.into()
        }
        None => InvalidAudio::Empty.into(),
    }
}
