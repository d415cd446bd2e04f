//! The settings of a movie: plain data, with one [`Settings::validate`] that rejects what is impossible.

mod alpha;
mod audio_codec;
mod audio_settings;
mod av1;
mod codec;
mod codec_facts;
mod color;
mod container;
mod encoder_params;
mod h264;
mod hevc;
mod jobs;
mod movie_options;
mod named_encoder;
mod narrow_x265;
mod option;
mod option_value;
mod other_codecs;
mod prores;
mod rate_control;
mod reserved;
mod vp9;
mod x264_names;
mod x264_params;

use std::str::FromStr;

pub use alpha::Alpha;
pub use audio_codec::AudioCodec;
pub use audio_settings::AudioSettings;
pub use av1::Av1;
pub use codec::Codec;
pub(crate) use color::{Color, Matrix};
pub use color::{ColorTags, Rgb};
pub use container::Container;
pub use h264::{H264, Vbv};
pub use hevc::Hevc;
pub use jobs::Jobs;
pub(crate) use jobs::{default_segment_frames, most_waiting_frames};
pub use movie_options::MovieOptions;
pub use named_encoder::NamedEncoder;
pub(crate) use narrow_x265::safe_params as safe_x265_params;
pub use option::{MovieOption, OptionKind, OptionScope};
pub use option_value::{OptionValue, parse_amount, parse_size};
pub use other_codecs::{Ffv1, Mjpeg, Mpeg4, QuantizerOrBitrate};
pub use prores::{Prores, ProresProfile};
pub use rate_control::RateControl;
pub use vp9::Vp9;
pub use x264_names::{Preset, Profile, Tune};
pub(crate) use x264_params::X264_PARAM_NAMES;
pub use x264_params::parse_x264_params;

use crate::error::{InvalidFrame, InvalidSettings, OptionId};
use crate::frame::{ChromaLocation, ColorRange, FrameLayout, PixelFormat};
use crate::time::FrameRate;

/// The largest side in pixels: x264's limit.
const MAX_SIDE: u32 = 16_384;

/// All settings of a movie, except where it goes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Settings {
    /// Width of the frames that will be written, in pixels.
    pub width: u32,
    /// Height of the frames that will be written, in pixels.
    pub height: u32,
    /// Frames per second.
    pub frame_rate: FrameRate,
    /// The codec of the movie, with its settings.
    pub codec: Codec,
    /// The pixel format of the frames that will be written, if known. A lossless movie keeps all of it.
    pub frame_format: Option<PixelFormat>,
    /// The encoder's pixel format. When `None`, a lossless movie uses one that keeps the frames exactly, and other
    /// movies use the codec's default.
    pub pixel_format: Option<PixelFormat>,
    /// The range of luma and chroma values in the movie. When `None`, limited (full in JPEG), as players expect.
    pub color_range: Option<ColorRange>,
    /// The chroma location of a 4:2:0 movie and of its 4:2:0 frames; the center when `None`. Chroma is not moved: set
    /// this for YUV frames with another chroma location. H.264, HEVC and FFV1 can store it.
    pub chroma_location: Option<ChromaLocation>,
    /// How to handle a size that the pixel format cannot hold.
    pub odd_size: OddSize,
    /// How to handle the alpha of frames.
    pub alpha: Alpha,
    /// Whether the colors of the frames are premultiplied by alpha.
    pub is_premultiplied: bool,
    /// The color behind transparent pixels, unless alpha is kept.
    pub background: Rgb,
    /// The size that frames are scaled to. When `None`, frames are not scaled, and all must have the movie's size.
    pub scale: Option<(u32, u32)>,
    /// The movie's metadata, as in `("title", "Ripples")`. [`Container::metadata_names`] lists the names that are kept.
    pub metadata: Vec<(String, String)>,
    /// Threads of an encoder. When `None`, as many as this process may use, or one if there are jobs.
    pub threads: Option<u32>,
    /// Encoders that work in parallel, each on a segment of the movie; one encoder for the whole movie when `None`. See
    /// [`jobs`](crate::VideoWriterBuilder::jobs).
    pub jobs: Option<Jobs>,
    /// Frames per segment, if there are jobs; 250, or fewer for large frames, when `None`.
    pub segment_frames: Option<u32>,
    /// The largest size of the movie in bytes; unlimited when `None`. See
    /// [`max_bytes`](crate::VideoWriterBuilder::max_bytes).
    pub max_bytes: Option<u64>,
    /// Whether to measure the encoded pictures against the frames. See
    /// [`measure_quality`](crate::VideoWriterBuilder::measure_quality).
    pub measure_quality: bool,
    /// How to encode the sound, if there is one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub audio: AudioSettings,
}

impl Settings {
    /// Makes settings for frames of this size and rate, with defaults for the rest: H.264 at crf 23, preset medium.
    #[must_use]
    pub fn new(width: u32, height: u32, frame_rate: FrameRate) -> Self {
        Self {
            width,
            height,
            frame_rate,
            codec: Codec::default(),
            frame_format: None,
            pixel_format: None,
            color_range: None,
            chroma_location: None,
            odd_size: OddSize::default(),
            alpha: Alpha::default(),
            is_premultiplied: false,
            background: Rgb::WHITE,
            scale: None,
            metadata: Vec::new(),
            threads: None,
            jobs: None,
            segment_frames: None,
            max_bytes: None,
            measure_quality: false,
            audio: AudioSettings::default(),
        }
    }

    /// Checks that these settings can make a movie in `container`.
    ///
    /// # Errors
    /// The first invalid setting, with its value, what is allowed, and how to fix it.
    pub fn validate(&self, container: Container) -> Result<(), InvalidSettings> {
        check_side_lengths(None, self.width, self.height)?;
        if let Some((width, height)) = self.scale {
            check_side_lengths(Some(OptionId::Scale), width, height)?;
        }
        self.frame_rate.validate()?;
        self.codec.validate(container, self.encoder_pixel_format())?;
        self.codec.validate_frame_rate(self.frame_rate)?;
        self.validate_alpha(container)?;
        self.validate_color_range(container)?;
        self.frame_format.map_or(Ok(()), |format| self.check_matrix(container, format))?;
        if self.chroma_location.is_some() && !self.codec.records_chroma_location(container) {
            return Err(InvalidSettings::ChromaLocation { codec: self.codec.name(), container: container.name() });
        }
        container.validate_metadata(&self.metadata)?;
        if let Some(threads) = self.threads {
            option::check_range(OptionId::Threads, threads.into(), self.codec.name())?;
        }
        self.validate_jobs()?;
        self.audio.validate(container)?;
        if self.max_bytes.is_some() {
            self.codec.validate_for_max_bytes()?;
        }
        let coded = self.geometry()?.coded;
        self.codec.validate_size(coded)?;
        check_area(coded)
    }

    /// Returns the number of threads of an encoder, if it is decided here: several encoders have one thread each.
    pub(crate) fn encoder_threads(&self) -> Option<u32> {
        self.threads.or(self.jobs.map(|_| 1))
    }

    /// Checks that the movie can have the requested range.
    fn validate_color_range(&self, container: Container) -> Result<(), InvalidSettings> {
        let format = self.encoder_pixel_format();
        let (with, hint) = match (self.color_range, &self.codec) {
            (Some(ColorRange::Full), Codec::Prores(_)) => {
                (self.codec.name(), "leave it out; players read ProRes as limited range")
            }
            (Some(ColorRange::Full), Codec::Ffv1(_)) if format.is_yuv() && container != Container::Mkv => {
                (container.name(), "choose mkv, which records the range of ffv1, or limited range")
            }
            (Some(ColorRange::Full), Codec::Mpeg4(_) | Codec::Xvid(_)) => {
                (self.codec.name(), "leave it out; MPEG-4 Part 2 always has limited range")
            }
            (Some(ColorRange::Limited), Codec::Mjpeg(_)) => {
                (self.codec.name(), "leave it out; JPEG always has full range")
            }
            (Some(ColorRange::Limited), _) if !format.is_yuv() => {
                (format.name(), "leave it out; gray and RGB always have full range")
            }
            _ => return Ok(()),
        };
        Err(InvalidSettings::Conflict { option: OptionId::ColorRange, with: with.to_owned(), hint })
    }

    /// Checks that a movie with frames in `format` records how RGB becomes YUV. AVI has no place for it.
    pub(crate) fn check_matrix(&self, container: Container, format: PixelFormat) -> Result<(), InvalidSettings> {
        let is_converted = format.is_rgb() && self.encoder_pixel_format().is_yuv();
        if !is_converted || container != Container::Avi || self.codec.records_matrix() {
            return Ok(());
        }
        let hint = "choose mkv or mov, which record how RGB becomes YUV, or leave it out to keep RGB";
        let name = match &self.codec {
            Codec::Encoder(encoder) => format!("encoder:{}", encoder.name),
            codec => codec.name().to_owned(),
        };
        let with = format!("{name} in avi");
        Err(InvalidSettings::Conflict { option: OptionId::PixelFormat, with, hint })
    }

    /// Checks that alpha can be kept, if it should be.
    fn validate_alpha(&self, container: Container) -> Result<(), InvalidSettings> {
        self.codec.validate_alpha(self.alpha, container, self.encoder_pixel_format())?;
        if self.alpha == Alpha::Composite {
            return Ok(());
        }
        let (option, hint) = match () {
            () if self.scale.is_some() => (OptionId::Scale, "scale the frames before, or leave alpha out"),
            () if self.max_bytes.is_some() => (OptionId::MaxSize, "choose a crf, or leave alpha out"),
            () if self.measure_quality => (OptionId::Quality, "leave one of them out: alpha is not measured"),
            () => return Ok(()),
        };
        Err(InvalidSettings::Conflict { option, with: "alpha that is kept".to_owned(), hint })
    }

    /// Checks that segments can be encoded independently.
    fn validate_jobs(&self) -> Result<(), InvalidSettings> {
        if let Some(frames) = self.segment_frames {
            option::check_range(OptionId::SegmentFrames, frames.into(), "framemill")?;
        }
        let Some(jobs) = self.jobs else {
            let (option, missing) = (OptionId::SegmentFrames, OptionId::Jobs);
            let is_alone = self.segment_frames.is_some();
            return if is_alone { Err(InvalidSettings::Incomplete { option, missing }) } else { Ok(()) };
        };
        if let Jobs::Count(jobs) = jobs {
            option::check_range(OptionId::Jobs, jobs.into(), "framemill")?;
        }
        match self.codec.shared_rate() {
            Some(with) => Err(InvalidSettings::Conflict {
                option: OptionId::Jobs,
                with: with.to_owned(),
                hint: "it applies to the whole movie, but a job encodes one segment; leave it out, and choose a crf or a quantizer",
            }),
            None if matches!(jobs, Jobs::Count(2..)) && self.codec.is_alone_in_process() => {
                Err(InvalidSettings::Conflict {
                    option: OptionId::Jobs,
                    with: self.codec.name().to_owned(),
                    hint: "a process can run only one such encoder at a time, with several threads; use one job, or make segments in several processes",
                })
            }
            None => Ok(()),
        }
    }

    /// Returns the encoder's pixel format.
    #[must_use]
    pub fn encoder_pixel_format(&self) -> PixelFormat {
        let kept = || self.codec.format_that_keeps(self.frame_format.filter(|_| self.codec.is_lossless())?);
        let bits = self.frame_format.map_or(8, PixelFormat::bits);
        let with_alpha = || self.codec.alpha_format(bits).filter(|_| self.alpha == Alpha::Keep);
        self.pixel_format.or_else(with_alpha).or_else(kept).unwrap_or_else(|| self.codec.default_format())
    }

    /// Checks that a lossless movie keeps all bits of a frame in `format`, if its codec can.
    pub(crate) fn check_depth(&self, index: u64, format: PixelFormat) -> Result<(), InvalidFrame> {
        let kept = self.encoder_pixel_format();
        let is_asked = self.pixel_format.is_some() || !self.codec.is_lossless();
        if is_asked || format.bits() <= kept.bits() || self.codec.format_that_keeps(format).is_none() {
            return Ok(());
        }
        Err(InvalidFrame::TooDeep { index, format: format.name(), bits: format.bits(), kept_bits: kept.bits() })
    }

    /// Checks that a frame has the movie's chroma location. A scaled frame may have another, because scaling moves the
    /// chroma.
    pub(crate) fn check_chroma(
        &self,
        container: Container,
        index: u64,
        frame: &FrameLayout,
    ) -> Result<(), InvalidFrame> {
        let is_scaled = self.scale.is_some_and(|size| size != (frame.width, frame.height));
        let is_stated =
            self.codec.records_chroma_location(container) && self.encoder_pixel_format().chroma_shift() == (1, 1);
        let location = match frame.format {
            format if format.is_rgb() => Some(ChromaLocation::Center),
            _ => frame.chroma_location,
        };
        let movie = self.color().chroma_location;
        match location.filter(|location| is_stated && !is_scaled && *location != movie) {
            Some(location) => {
                Err(InvalidFrame::OtherChromaLocation { index, location: location.name(), movie: movie.name() })
            }
            None => Ok(()),
        }
    }

    /// Returns the size of the encoder's frames: the frame size or the scaled size, without an odd row or column that
    /// the pixel format cannot hold.
    ///
    /// # Errors
    /// As [`validate`](Self::validate), if the size is invalid.
    pub fn encoded_size(&self) -> Result<(u32, u32), InvalidSettings> {
        Ok(self.geometry()?.coded)
    }

    /// Returns the color tags that the movie records, as far as codec and container can store them.
    #[must_use]
    pub fn color_tags(&self) -> ColorTags {
        let Color { matrix, range, .. } = self.color();
        ColorTags {
            matrix: match matrix {
                Matrix::Rgb => "gbr",
                Matrix::Bt709 => "bt709",
                Matrix::Bt601 => "smpte170m",
            },
            primaries: "bt709",
            transfer: if matrix == Matrix::Rgb { "iec61966-2-1" } else { "bt709" },
            range: if range == ColorRange::Full { "pc" } else { "tv" },
        }
    }

    /// Returns the colors of the movie.
    pub(crate) fn color(&self) -> Color {
        let format = self.encoder_pixel_format();
        let color = self.codec.color(format);
        let color = Color { chroma_location: self.chroma_location.unwrap_or_default(), ..color };
        match self.color_range {
            Some(range) if format.is_yuv() => Color { range, ..color },
            _ => color,
        }
    }

    /// Returns the part of each frame that is read, and the size of the movie's picture.
    pub(crate) fn geometry(&self) -> Result<Geometry, InvalidSettings> {
        let (width, height) = self.scale.unwrap_or((self.width, self.height));
        let (across, down) = self.encoder_pixel_format().chroma_shift();
        let (wide, high) = ((width >> across) << across, (height >> down) << down);
        if (wide, high) == (width, height) {
            return Ok(Geometry { picture: (width, height), coded: (width, height) });
        }
        match self.odd_size {
            OddSize::Pad => Ok(Geometry {
                picture: (width, height),
                coded: (width.next_multiple_of(1 << across), height.next_multiple_of(1 << down)),
            }),
            OddSize::Crop if wide == 0 || high == 0 => Err(InvalidSettings::NothingLeft { width, height }),
            OddSize::Crop => Ok(Geometry { picture: (wide, high), coded: (wide, high) }),
            OddSize::Error => {
                Err(InvalidSettings::OddSize { width, height, pixel_format: self.encoder_pixel_format().name() })
            }
        }
    }
}

/// The sizes on the way from a frame to the movie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// The picture as shown: the frame, scaled and cropped.
    pub(crate) picture: (u32, u32),
    /// The picture as encoded: padded to what the pixel format can hold.
    pub(crate) coded: (u32, u32),
}

/// How to handle an odd width or height if chroma has half resolution. The picture is never rescaled for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum OddSize {
    /// Repeats the last column or row.
    #[default]
    Pad,
    /// Drops the last column or row.
    Crop,
    /// Rejects the movie.
    Error,
}

impl OddSize {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Pad, Self::Crop, Self::Error];

    /// Returns the name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pad => "pad",
            Self::Crop => "crop",
            Self::Error => "error",
        }
    }
}

/// Parses `pad`, `crop` or `error`.
impl FromStr for OddSize {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        let (what, known) = ("way to handle odd sizes", Self::ALL.map(Self::name));
        let found = Self::ALL.into_iter().find(|odd| odd.name() == text);
        found.ok_or_else(|| InvalidSettings::unknown_name(Some(OptionId::Odd), what, text, &known))
    }
}

fn check_side_lengths(option: Option<OptionId>, width: u32, height: u32) -> Result<(), InvalidSettings> {
    let allowed = 1..=MAX_SIDE;
    if allowed.contains(&width) && allowed.contains(&height) {
        Ok(())
    } else {
        Err(InvalidSettings::Size { option, width, height, max_side: MAX_SIDE })
    }
}

/// Checks a picture's size as libavutil's `av_image_check_size2` does: with 8 bytes per pixel and 128 more pixels on
/// each side, the number of bytes must fit in 31 bits.
fn check_area((width, height): (u32, u32)) -> Result<(), InvalidSettings> {
    const MAX: u32 = (i32::MAX as u32 - 1) / 8;
    let most_rows = MAX / (width + 128) - 128;
    if height <= most_rows {
        return Ok(());
    }
    Err(InvalidSettings::Area { width, height, most_rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(width: u32, height: u32, odd_size: OddSize) -> Settings {
        Settings { odd_size, ..Settings::new(width, height, FrameRate::new(30, 1)) }
    }

    #[test]
    fn odd_sizes_are_padded_cropped_or_refused() {
        let geometry = |width, height, odd| settings(width, height, odd).geometry();
        assert_eq!(geometry(5, 4, OddSize::Pad), Ok(Geometry { picture: (5, 4), coded: (6, 4) }));
        assert_eq!(geometry(5, 3, OddSize::Crop), Ok(Geometry { picture: (4, 2), coded: (4, 2) }));
        assert_eq!(geometry(1, 3, OddSize::Crop), Err(InvalidSettings::NothingLeft { width: 1, height: 3 }));
        assert!(matches!(geometry(5, 3, OddSize::Error), Err(InvalidSettings::OddSize { .. })));
        let whole_chroma = Settings { pixel_format: Some(PixelFormat::Yuv444p), ..settings(5, 3, OddSize::Error) };
        assert_eq!(whole_chroma.geometry(), Ok(Geometry { picture: (5, 3), coded: (5, 3) }));
    }

    #[test]
    fn invalid_settings_are_named_with_their_range() {
        let with = |codec: Codec| Settings { codec, ..settings(64, 64, OddSize::Pad) }.validate(Container::Mp4);
        for (codec, message) in [
            (H264::crf(99.0).into(), "crf 99 is out of range: h264 takes 0 to 51"),
            (H264::crf(f32::NAN).into(), "crf NaN is out of range: h264 takes 0 to 51"),
            (H264::qp(52).into(), "qp 52 is out of range: h264 takes 0 to 51"),
            (Mpeg4::qp(0).into(), "qp 0 is out of range: mpeg4 takes 1 to 31"),
            (
                Codec::Ffv1(Ffv1::default()),
                "mp4 cannot hold ffv1: choose mkv, avi, mov, or another codec: h264, h264-rgb, hevc, av1, vp9, mpeg4, xvid, mjpeg",
            ),
        ] {
            assert_eq!(with(codec).expect_err(message).to_string(), message);
        }
        let area = |width, height| settings(width, height, OddSize::Pad).validate(Container::Mp4);
        assert_eq!(area(16_384, 16_128), Ok(()));
        let message = "a picture of 16384x16130 pixels is too large for FFmpeg: at a width of 16384 the height is at most 16128";
        assert_eq!(area(16_384, 16_129).expect_err("too large").to_string(), message);
        let empty = settings(0, 64, OddSize::Pad).validate(Container::Mp4).expect_err("zero width");
        assert_eq!(empty.to_string(), "frame size 0x64 is out of range: each side must be 1 to 16384 pixels");
    }
}
