//! A movie's settings by option name, as command lines and other languages pass them.

use std::collections::BTreeMap;

use super::{
    Alpha, AudioSettings, Av1, Codec, ColorRange, Container, H264, Hevc, MovieOption, OddSize, OptionKind,
    OptionValue, Prores, QuantizerOrBitrate, RateControl, Rgb, Settings, Vbv, Vp9, option,
};
use crate::audio::Audio;
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;
use crate::time::FrameRate;

/// Each of these options decides the size of the movie, so only one can be given.
const RATE_CONTROL: [OptionId; 5] =
    [OptionId::Crf, OptionId::Qp, OptionId::Bitrate, OptionId::MaxSize, OptionId::Lossless];

/// The options that were given for a movie.
///
/// ```
/// use framemill::{Codec, FrameRate, MovieOptions, Mpeg4, OptionId};
/// let mut options = MovieOptions::default();
/// options.parse(OptionId::Codec, "mpeg4")?;
/// options.parse(OptionId::Qp, "3")?;
/// assert_eq!(options.settings(640, 480, FrameRate::new(30, 1))?.codec, Codec::Mpeg4(Mpeg4::qp(3)));
///
/// options.parse(OptionId::Preset, "fast")?;
/// let error = options.codec().expect_err("mpeg4 has no presets");
/// assert!(error.to_string().starts_with("mpeg4 has no option preset: leave it out; its options are qp, bitrate, max-size, gop"));
/// # Ok::<(), framemill::InvalidSettings>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MovieOptions {
    values: BTreeMap<OptionId, OptionValue>,
}

impl MovieOptions {
    /// Sets an option from the text that a user types. Pairs are added to those already set.
    ///
    /// # Errors
    /// As [`OptionValue::parse`].
    pub fn parse(&mut self, option: OptionId, text: &str) -> Result<(), InvalidSettings> {
        self.insert(option, OptionValue::parse(option, text)?);
        Ok(())
    }

    /// Sets an option. Pairs are added to those already set.
    ///
    /// # Errors
    /// [`InvalidSettings::Malformed`] for a value of another kind than the option's.
    pub fn set(&mut self, option: OptionId, value: OptionValue) -> Result<(), InvalidSettings> {
        let row = MovieOption::of(option);
        if !value.is_of(row.kind) {
            let expected = "the value has the wrong type for this option";
            return Err(InvalidSettings::Malformed { option, value: format!("{value:?}"), expected });
        }
        // The text of a choice must be one of its names.
        let value = match value {
            OptionValue::Text(text) => OptionValue::parse(option, &text)?,
            value => value,
        };
        self.insert(option, value);
        Ok(())
    }

    fn insert(&mut self, option: OptionId, value: OptionValue) {
        match (self.values.get_mut(&option), value) {
            (Some(OptionValue::Pairs(given)), OptionValue::Pairs(more)) => given.extend(more),
            (_, value) => {
                self.values.insert(option, value);
            }
        }
    }

    /// Returns whether the option was given. A switch that is set to its default counts as not given.
    #[must_use]
    pub fn has(&self, option: OptionId) -> bool {
        match self.values.get(&option) {
            Some(OptionValue::Switch(is_on)) => *is_on != (MovieOption::of(option).default == "on"),
            Some(OptionValue::Pairs(pairs)) => !pairs.is_empty(),
            given => given.is_some(),
        }
    }

    /// Returns the value that was given.
    #[must_use]
    pub fn get(&self, option: OptionId) -> Option<&OptionValue> {
        self.values.get(&option)
    }

    /// Returns the frame rate, if it was given.
    #[must_use]
    pub fn frame_rate(&self) -> Option<FrameRate> {
        match self.get(OptionId::Fps) {
            Some(OptionValue::Rate(rate)) => Some(*rate),
            _ => None,
        }
    }

    /// Returns the container, if it was given.
    #[must_use]
    pub fn container(&self) -> Option<Container> {
        self.text(OptionId::Container)?.parse().ok()
    }

    /// Returns the pixel format of the movie, if it was given.
    #[must_use]
    pub fn pixel_format(&self) -> Option<PixelFormat> {
        self.text(OptionId::PixelFormat)?.parse().ok()
    }

    /// Returns the movie's largest size in bytes, if it was given.
    #[must_use]
    pub fn max_bytes(&self) -> Option<u64> {
        self.count(OptionId::MaxSize)
    }

    /// Returns whether an existing file is replaced.
    #[must_use]
    pub fn replaces(&self) -> bool {
        !self.has(OptionId::Clobber)
    }

    /// Returns whether the movie keeps more than 8 bits per sample of frames that have them, even if the frame format
    /// is not set in advance.
    ///
    /// # Errors
    /// As [`codec`](Self::codec).
    pub fn is_deep(&self) -> Result<bool, InvalidSettings> {
        let codec = self.codec()?;
        Ok(match self.pixel_format() {
            Some(format) => format.bits() > 8,
            None => codec.is_lossless() && codec.pixel_formats().iter().any(|format| format.bits() == 16),
        })
    }

    /// Makes the settings of a movie of `width` × `height` pixels at `frame_rate`.
    ///
    /// # Errors
    /// As [`codec`](Self::codec). [`Settings::validate`] checks what depends on more than the options.
    pub fn settings(&self, width: u32, height: u32, frame_rate: FrameRate) -> Result<Settings, InvalidSettings> {
        let mut settings = Settings::new(width, height, frame_rate);
        settings.codec = self.codec()?;
        settings.pixel_format = self.pixel_format();
        settings.color_range = self.choice::<ColorRange>(OptionId::ColorRange)?;
        settings.odd_size = self.choice::<OddSize>(OptionId::Odd)?.unwrap_or_default();
        settings.alpha = self.choice::<Alpha>(OptionId::Alpha)?.unwrap_or_default();
        settings.is_premultiplied = self.has(OptionId::Premultiplied);
        settings.background = match self.get(OptionId::Background) {
            Some(OptionValue::Color(color)) => *color,
            _ => Rgb::WHITE,
        };
        settings.scale = match self.get(OptionId::Scale) {
            Some(OptionValue::Size(width, height)) => Some((*width, *height)),
            _ => None,
        };
        settings.metadata = self.pairs(OptionId::Metadata);
        settings.threads = self.small_count(OptionId::Threads)?;
        settings.jobs = match self.get(OptionId::Jobs) {
            Some(OptionValue::Jobs(jobs)) => Some(*jobs),
            _ => None,
        };
        settings.segment_frames = self.small_count(OptionId::SegmentFrames)?;
        settings.max_bytes = self.max_bytes();
        settings.measure_quality = self.has(OptionId::Quality);
        settings.audio = self.audio_settings()?;
        Ok(settings)
    }

    /// Returns the file with the movie's sound, if it was given.
    #[must_use]
    pub fn audio(&self) -> Option<Audio> {
        self.text(OptionId::Audio).map(Audio::from)
    }

    /// Makes the settings of the sound.
    ///
    /// # Errors
    /// [`InvalidSettings::UnknownName`] for a codec that is none.
    pub fn audio_settings(&self) -> Result<AudioSettings, InvalidSettings> {
        let start = match self.get(OptionId::AudioStart) {
            Some(OptionValue::Number(seconds)) => *seconds,
            _ => 0.0,
        };
        Ok(AudioSettings {
            codec: self.choice(OptionId::AudioCodec)?,
            bitrate: self.count(OptionId::AudioBitrate),
            start,
            shortest: self.has(OptionId::Shortest),
        })
    }

    /// Makes the codec from the options that belong to it.
    ///
    /// # Errors
    /// [`InvalidSettings::NotForCodec`] for an option that the codec does not have: none is ignored.
    /// [`InvalidSettings::Several`] and [`InvalidSettings::Incomplete`] for options that do not go together.
    pub fn codec(&self) -> Result<Codec, InvalidSettings> {
        self.check_combinations()?;
        let mut codec = self.text(OptionId::Codec).map(str::parse).transpose()?.unwrap_or(Codec::default());
        self.refuse_foreign(codec.name())?;
        match &mut codec {
            Codec::H264(h264) | Codec::H264Rgb(h264) => *h264 = self.h264()?,
            Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => {
                mpeg4.rate_control = self.rate_control(mpeg4.rate_control)?;
                mpeg4.gop = self.small_count(OptionId::Gop)?.unwrap_or(mpeg4.gop);
                mpeg4.fourcc = self.text(OptionId::Fourcc).map(fourcc).transpose()?;
            }
            Codec::Mjpeg(mjpeg) => mjpeg.rate_control = self.rate_control(mjpeg.rate_control)?,
            Codec::Hevc(hevc) => *hevc = self.hevc()?,
            Codec::Av1(av1) => *av1 = self.av1()?,
            Codec::Vp9(vp9) => *vp9 = self.vp9()?,
            Codec::Prores(prores) => *prores = Prores { profile: self.choice(OptionId::Profile)? },
            Codec::Ffv1(ffv1) => ffv1.gop = self.small_count(OptionId::Gop)?.unwrap_or(ffv1.gop),
            Codec::Png | Codec::Qtrle => {}
            Codec::Encoder(encoder) => encoder.options = self.pairs(OptionId::EncoderOptions),
        }
        Ok(codec)
    }

    /// Returns the rate control that was given, for an encoder with a constant-quality mode.
    fn quality(&self) -> Result<Option<RateControl>, InvalidSettings> {
        let crf = match self.get(OptionId::Crf) {
            Some(OptionValue::Number(crf)) => Some(*crf as f32),
            _ => None,
        };
        Ok(match (crf, self.small_count(OptionId::Qp)?, self.count(OptionId::Bitrate)) {
            (Some(crf), ..) => Some(RateControl::Crf(crf)),
            (_, Some(qp), _) => Some(RateControl::Qp(qp)),
            (.., Some(bitrate)) => Some(RateControl::Bitrate(bitrate)),
            _ => self.has(OptionId::Lossless).then_some(RateControl::Lossless),
        })
    }

    fn hevc(&self) -> Result<Hevc, InvalidSettings> {
        let hevc = Hevc::default();
        Ok(Hevc {
            rate_control: self.quality()?.unwrap_or(hevc.rate_control),
            preset: self.choice(OptionId::Preset)?.unwrap_or(hevc.preset),
            tune: self.choice(OptionId::Tune)?,
            gop: self.small_count(OptionId::Gop)?,
            x265_params: self.pairs(OptionId::X265Params),
        })
    }

    fn av1(&self) -> Result<Av1, InvalidSettings> {
        let av1 = Av1::default();
        let preset = self.text(OptionId::Preset).map(|preset| {
            preset.parse().map_err(|_| InvalidSettings::Malformed {
                option: OptionId::Preset,
                value: preset.to_owned(),
                expected: "av1 presets are numbers from 0 (slowest) to 13: give a number, as in 8",
            })
        });
        Ok(Av1 {
            rate_control: self.quality()?.unwrap_or(av1.rate_control),
            preset: preset.transpose()?.unwrap_or(av1.preset),
            gop: self.small_count(OptionId::Gop)?,
            film_grain: self.small_count(OptionId::FilmGrain)?.unwrap_or(av1.film_grain),
            svtav1_params: self.pairs(OptionId::SvtAv1Params),
        })
    }

    fn vp9(&self) -> Result<Vp9, InvalidSettings> {
        let vp9 = Vp9::default();
        Ok(Vp9 {
            rate_control: self.quality()?.unwrap_or(vp9.rate_control),
            cpu_used: self.small_count(OptionId::CpuUsed)?.unwrap_or(vp9.cpu_used),
            gop: self.small_count(OptionId::Gop)?,
        })
    }

    fn h264(&self) -> Result<H264, InvalidSettings> {
        let h264 = H264::default();
        let vbv = self.count(OptionId::Maxrate).zip(self.count(OptionId::Bufsize));
        Ok(H264 {
            rate_control: self.quality()?.unwrap_or(h264.rate_control),
            preset: self.choice(OptionId::Preset)?.unwrap_or(h264.preset),
            tune: self.choice(OptionId::Tune)?,
            profile: self.choice(OptionId::Profile)?,
            gop: self.small_count(OptionId::Gop)?,
            vbv: vbv.map(|(max_bits_per_second, buffer_bits)| Vbv::new(max_bits_per_second, buffer_bits)),
            x264_params: self.pairs(OptionId::X264Params),
        })
    }

    fn rate_control(&self, default: QuantizerOrBitrate) -> Result<QuantizerOrBitrate, InvalidSettings> {
        Ok(match (self.small_count(OptionId::Qp)?, self.count(OptionId::Bitrate)) {
            (Some(qp), _) => QuantizerOrBitrate::Qp(qp),
            (_, Some(bitrate)) => QuantizerOrBitrate::Bitrate(bitrate),
            _ => default,
        })
    }

    fn check_combinations(&self) -> Result<(), InvalidSettings> {
        let options: Vec<OptionId> = RATE_CONTROL.into_iter().filter(|option| self.has(*option)).collect();
        if options.len() > 1 {
            return Err(InvalidSettings::Several { options });
        }
        if self.has(OptionId::Background) && self.text(OptionId::Alpha) == Some("keep") {
            let (option, with) = (OptionId::Background, "alpha that is kept".to_owned());
            let hint = "no background is drawn then; leave one of them out";
            return Err(InvalidSettings::Conflict { option, with, hint });
        }
        for (option, missing) in [
            (OptionId::Maxrate, OptionId::Bufsize),
            (OptionId::Bufsize, OptionId::Maxrate),
            (OptionId::SegmentFrames, OptionId::Jobs),
        ] {
            if self.has(option) && !self.has(missing) {
                return Err(InvalidSettings::Incomplete { option, missing });
            }
        }
        Ok(())
    }

    fn refuse_foreign(&self, codec: &'static str) -> Result<(), InvalidSettings> {
        let foreign = |option: &&OptionId| self.has(**option) && !MovieOption::of(**option).applies_to(codec);
        let Some(option) = self.values.keys().find(foreign) else { return Ok(()) };
        Err(option::not_for_codec(*option, codec))
    }

    fn text(&self, option: OptionId) -> Option<&str> {
        match self.get(option) {
            Some(OptionValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn choice<T: std::str::FromStr<Err = InvalidSettings>>(
        &self,
        option: OptionId,
    ) -> Result<Option<T>, InvalidSettings> {
        self.text(option).map(str::parse).transpose()
    }

    fn count(&self, option: OptionId) -> Option<u64> {
        match self.get(option) {
            Some(OptionValue::Count(count)) => Some(*count),
            _ => None,
        }
    }

    /// Returns a count that the settings store in 32 bits.
    fn small_count(&self, option: OptionId) -> Result<Option<u32>, InvalidSettings> {
        let too_large = |count: u64| {
            let row = MovieOption::of(option);
            let (codec, range) = ("framemill", row.range_text());
            InvalidSettings::OutOfRange { option, value: count.to_string(), codec, range }
        };
        self.count(option).map(|count| u32::try_from(count).map_err(|_| too_large(count))).transpose()
    }

    fn pairs(&self, option: OptionId) -> Vec<(String, String)> {
        match self.get(option) {
            Some(OptionValue::Pairs(pairs)) => pairs.clone(),
            _ => Vec::new(),
        }
    }
}

fn fourcc(text: &str) -> Result<[u8; 4], InvalidSettings> {
    text.as_bytes().try_into().map_err(|_| InvalidSettings::Malformed {
        option: OptionId::Fourcc,
        value: text.to_owned(),
        expected: super::other_codecs::FOURCC_FORM,
    })
}

/// The names of the kinds of option, for languages that name their types.
impl OptionKind {
    /// Returns the name of the kind, in lowercase.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Count => "count",
            Self::Jobs => "jobs",
            Self::Number => "number",
            Self::Amount => "amount",
            Self::Rate => "rate",
            Self::Choice => "choice",
            Self::Text => "text",
            Self::File => "file",
            Self::Color => "color",
            Self::Size => "size",
            Self::Pairs => "pairs",
            Self::Params => "params",
        }
    }
}
