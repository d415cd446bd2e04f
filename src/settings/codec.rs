//! The codecs, and the settings of each.

use std::str::FromStr;

use super::h264::{H264, H264RateControl, Vbv};
use super::other_codecs::{Ffv1, Mjpeg, Mpeg4, QuantizerOrBitrate};
use super::{Color, Container, MAX_SIDE, option, x264_params};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// How frames are compressed, with the settings of that codec and no others.
///
/// ```
/// use framemill::{Codec, H264, Mpeg4};
/// let small: Codec = H264::crf(28.0).into();
/// let exact = Codec::H264Rgb(H264::lossless());
/// let old_players = Codec::Xvid(Mpeg4::qp(4).fourcc(*b"DX50"));
/// assert_eq!("ffv1".parse::<Codec>()?.encoder_name(), "ffv1");
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Codec {
    /// H.264 in YUV by x264: small, and every player shows it. The default.
    H264(H264),
    /// H.264 in RGB by x264: no color conversion, and few players beyond FFmpeg's show it.
    H264Rgb(H264),
    /// MPEG-4 Part 2 (DivX, Xvid) by FFmpeg's encoder: fast, for old players.
    Mpeg4(Mpeg4),
    /// MPEG-4 Part 2 by the Xvid library.
    Xvid(Mpeg4),
    /// A JPEG picture a frame: large, easy to edit.
    Mjpeg(Mjpeg),
    /// Lossless, for archives.
    Ffv1(Ffv1),
}

impl Default for Codec {
    fn default() -> Self {
        Self::H264(H264::default())
    }
}

impl From<H264> for Codec {
    fn from(settings: H264) -> Self {
        Self::H264(settings)
    }
}

impl From<Mpeg4> for Codec {
    fn from(settings: Mpeg4) -> Self {
        Self::Mpeg4(settings)
    }
}

impl From<Mjpeg> for Codec {
    fn from(settings: Mjpeg) -> Self {
        Self::Mjpeg(settings)
    }
}

impl From<Ffv1> for Codec {
    fn from(settings: Ffv1) -> Self {
        Self::Ffv1(settings)
    }
}

/// Reads a codec's name, with default settings.
impl FromStr for Codec {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        Self::all().into_iter().find(|codec| codec.name() == text).ok_or_else(|| {
            let known = Self::all().each_ref().map(Self::name);
            InvalidSettings::unknown_name(Some(OptionId::Codec), "codec", text, &known)
        })
    }
}

impl Codec {
    /// Each codec with its default settings.
    #[must_use]
    pub fn all() -> [Self; 6] {
        [
            Self::H264(H264::default()),
            Self::H264Rgb(H264::default()),
            Self::Mpeg4(Mpeg4::default()),
            Self::Xvid(Mpeg4::default()),
            Self::Mjpeg(Mjpeg::default()),
            Self::Ffv1(Ffv1::default()),
        ]
    }

    /// The codec's name on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::H264(_) => "h264",
            Self::H264Rgb(_) => "h264-rgb",
            Self::Mpeg4(_) => "mpeg4",
            Self::Xvid(_) => "xvid",
            Self::Mjpeg(_) => "mjpeg",
            Self::Ffv1(_) => "ffv1",
        }
    }

    /// FFmpeg's name of the encoder.
    #[must_use]
    pub const fn encoder_name(&self) -> &'static str {
        match self {
            Self::H264(_) => "libx264",
            Self::H264Rgb(_) => "libx264rgb",
            Self::Mpeg4(_) => "mpeg4",
            Self::Xvid(_) => "libxvid",
            Self::Mjpeg(_) => "mjpeg",
            Self::Ffv1(_) => "ffv1",
        }
    }

    /// The pixel formats that the codec encodes; the first is the default.
    #[must_use]
    pub const fn pixel_formats(&self) -> &'static [PixelFormat] {
        use PixelFormat::{
            Bgr0, Bgr24, Gray8, Gray16Le, Rgb24, Rgb48Le, Yuv420p, Yuv420p10Le, Yuv422p, Yuv422p10Le, Yuv444p,
            Yuv444p10Le,
        };
        match self {
            Self::H264(_) => &[Yuv420p, Yuv422p, Yuv444p, Yuv420p10Le, Yuv422p10Le, Yuv444p10Le],
            Self::H264Rgb(_) => &[Bgr0, Bgr24, Rgb24],
            Self::Mpeg4(_) | Self::Xvid(_) => &[Yuv420p],
            Self::Mjpeg(_) => &[Yuv420p, Yuv422p, Yuv444p],
            Self::Ffv1(_) => {
                &[Bgr0, Rgb48Le, Gray8, Gray16Le, Yuv420p, Yuv422p, Yuv444p, Yuv420p10Le, Yuv422p10Le, Yuv444p10Le]
            }
        }
    }

    /// The pixel format in which the codec keeps every sample of a frame in `format`, where it has one.
    ///
    /// ```
    /// use framemill::{Codec, Ffv1, PixelFormat};
    /// let ffv1 = Codec::Ffv1(Ffv1::default());
    /// assert_eq!(ffv1.format_that_keeps(PixelFormat::Nv12), Some(PixelFormat::Yuv420p));
    /// assert_eq!(ffv1.format_that_keeps(PixelFormat::Rgba64Le), Some(PixelFormat::Rgb48Le));
    /// ```
    #[must_use]
    pub fn format_that_keeps(&self, format: PixelFormat) -> Option<PixelFormat> {
        let kept = match format {
            PixelFormat::Nv12 => PixelFormat::Yuv420p,
            PixelFormat::Rgba64Le => PixelFormat::Rgb48Le,
            format if format.is_rgb() && format.bits() == 8 => PixelFormat::Bgr0,
            format => format,
        };
        self.pixel_formats().contains(&kept).then_some(kept)
    }

    /// Whether pictures come out as they went in.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => h264.rate_control == H264RateControl::Lossless,
            Self::Ffv1(_) => true,
            Self::Mpeg4(_) | Self::Xvid(_) | Self::Mjpeg(_) => false,
        }
    }

    /// Whether x264 gets parameters of its own.
    pub(crate) const fn has_x264_params(&self) -> bool {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => !h264.x264_params.is_empty(),
            _ => false,
        }
    }

    /// The player's buffer, where the codec has one and it was asked to be kept from running empty.
    pub(crate) const fn vbv(&self) -> Option<Vbv> {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => h264.vbv,
            _ => None,
        }
    }

    /// How full x264 takes that buffer to be when the first frame is decoded: its `vbv-init`, which is a part of it up to
    /// 1, and kilobits beyond.
    pub(crate) fn vbv_full_at_first(&self) -> f64 {
        const DEFAULT: f64 = 0.9;
        let (Self::H264(h264) | Self::H264Rgb(h264)) = self else { return DEFAULT };
        let given = h264.x264_params.iter().rev().find(|(name, _)| name.replace('_', "-") == "vbv-init");
        let value = given.and_then(|(_, value)| value.parse::<f64>().ok()).unwrap_or(DEFAULT);
        let bits = h264.vbv.map_or(1.0, |vbv| vbv.buffer_bits as f64);
        if value > 1.0 { (value * 1e3 / bits).min(1.0) } else { value.max(0.0) }
    }

    /// What the encoder keeps over the whole movie, so that a segment cannot be encoded without the others.
    pub(crate) fn shared_rate(&self) -> Option<&'static str> {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => match h264.rate_control {
                H264RateControl::Bitrate(_) => Some("a bitrate"),
                _ if h264.vbv.is_some() => Some("maxrate"),
                // Its frames are counted from the start of the movie.
                _ if h264.has_zones() => Some("zones of x264-params"),
                _ => None,
            },
            Self::Mpeg4(Mpeg4 { rate_control, .. })
            | Self::Xvid(Mpeg4 { rate_control, .. })
            | Self::Mjpeg(Mjpeg { rate_control }) => match rate_control {
                QuantizerOrBitrate::Bitrate(_) => Some("a bitrate"),
                _ => None,
            },
            Self::Ffv1(_) => None,
        }
    }

    /// The containers that hold the codec.
    #[must_use]
    pub const fn containers(&self) -> &'static [Container] {
        use Container::{Avi, M4v, Mkv, Mov, Mp4};
        match self {
            Self::H264(_) | Self::H264Rgb(_) | Self::Mpeg4(_) | Self::Xvid(_) => &[Mp4, Mov, M4v, Avi, Mkv],
            Self::Mjpeg(_) => &[Mp4, Mov, Avi, Mkv],
            Self::Ffv1(_) => &[Mkv, Avi, Mov],
        }
    }

    /// The largest width and height that the codec can say: MPEG-4 Part 2 has 13 bits for each.
    const fn max_side(&self) -> u32 {
        match self {
            Self::Mpeg4(_) | Self::Xvid(_) => 8_191,
            _ => MAX_SIDE,
        }
    }

    /// Whether a movie says where its chroma lies. MPEG-4 Part 2 and JPEG have no place for it.
    #[must_use]
    pub const fn says_chroma_location(&self) -> bool {
        matches!(self, Self::H264(_) | Self::Ffv1(_))
    }

    /// Checks the size of the encoded picture.
    pub(super) fn validate_size(&self, (width, height): (u32, u32)) -> Result<(), InvalidSettings> {
        let most = self.max_side();
        let side = width.max(height);
        if side <= most {
            return Ok(());
        }
        Err(InvalidSettings::TooLarge { width, height, codec: self.name(), max_side: most })
    }

    /// Checks that the number of bits can be chosen for the size of the movie.
    pub(super) fn validate_for_max_bytes(&self) -> Result<(), InvalidSettings> {
        let decides = match self {
            Self::H264(h264) | Self::H264Rgb(h264) => match h264.rate_control {
                H264RateControl::Crf(_) => return Ok(()),
                H264RateControl::Qp(_) => "a constant quantizer",
                H264RateControl::Bitrate(_) => "a bitrate",
                H264RateControl::Lossless => "a lossless movie",
            },
            Self::Mpeg4(Mpeg4 { rate_control, .. })
            | Self::Xvid(Mpeg4 { rate_control, .. })
            | Self::Mjpeg(Mjpeg { rate_control }) => match rate_control {
                QuantizerOrBitrate::Qp(_) | QuantizerOrBitrate::MeanQp(_) => return Ok(()),
                QuantizerOrBitrate::Bitrate(_) => "a bitrate",
            },
            Self::Ffv1(_) => "a lossless movie",
        };
        let hint = "leave one of them out, as the size decides the rate";
        Err(InvalidSettings::Conflict { option: OptionId::MaxSize, with: decides.to_owned(), hint })
    }

    /// How the encoded picture's numbers mean colors. RGB becomes BT.709; MPEG-4 Part 2 and JPEG cannot say so in
    /// their streams, players assume BT.601 there, and so they get it.
    pub(crate) const fn color(&self, pixel_format: PixelFormat) -> Color {
        if pixel_format.is_rgb() {
            return Color::SRGB;
        }
        match self {
            Self::Mpeg4(_) | Self::Xvid(_) => Color::BT601_LIMITED,
            Self::Mjpeg(_) => Color::BT601_FULL,
            _ if pixel_format.is_gray() => Color::BT709_FULL,
            _ => Color::BT709_LIMITED,
        }
    }

    pub(crate) fn validate(&self, container: Container, pixel_format: PixelFormat) -> Result<(), InvalidSettings> {
        if !self.containers().contains(&container) {
            let fitting: Vec<&str> = self.containers().iter().map(|container| container.name()).collect();
            return Err(InvalidSettings::Container {
                container: container.name(),
                codec: self.name(),
                fitting: fitting.join(", "),
            });
        }
        if !self.pixel_formats().contains(&pixel_format) {
            let allowed: Vec<&str> = self.pixel_formats().iter().map(|format| format.name()).collect();
            return Err(InvalidSettings::PixelFormat {
                codec: self.name().to_owned(),
                pixel_format: pixel_format.name(),
                allowed: allowed.join(", "),
            });
        }
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => {
                h264.validate(self.name(), pixel_format)?;
                refuse_b_frames(h264, container)
            }
            Self::Mpeg4(mpeg4) | Self::Xvid(mpeg4) => mpeg4.validate(self.name(), container),
            Self::Mjpeg(mjpeg) => mjpeg.rate_control.validate("mjpeg"),
            Self::Ffv1(ffv1) => option::check_range(OptionId::Gop, ffv1.gop.into(), "ffv1"),
        }
    }
}

/// AVI keeps no presentation times, so frames that are decoded out of order would be shown out of order.
fn refuse_b_frames(h264: &H264, container: Container) -> Result<(), InvalidSettings> {
    let asked =
        h264.x264_params.iter().any(|(name, value)| x264_params::meant_setting(name) == "bframes" && value != "0");
    if asked && container == Container::Avi {
        return Err(InvalidSettings::Conflict {
            option: OptionId::X264Params,
            with: format!("{}, which has no B-frames", container.name()),
            hint: "leave bframes out, or choose mp4, mov or mkv",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for codec in Codec::all() {
            assert_eq!(codec.name().parse(), Ok(codec));
        }
        let error = "x264".parse::<Codec>().expect_err("x264").to_string();
        assert!(error.contains("did you mean \"h264\"?"), "{error}");
    }

    #[test]
    fn each_codec_accepts_its_own_defaults_in_its_containers() {
        for codec in Codec::all() {
            for container in codec.containers() {
                assert_eq!(codec.validate(*container, codec.pixel_formats()[0]), Ok(()), "{codec:?} {container:?}");
            }
        }
    }
}
