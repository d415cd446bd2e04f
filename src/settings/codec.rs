//! The codecs, and the settings of each codec.

use std::str::FromStr;

use super::codec_facts::{self, CodecFacts};
use super::h264::{H264, Vbv};
use super::named_encoder::{self, NamedEncoder};
use super::other_codecs::{Ffv1, Mjpeg, Mpeg4, QuantizerOrBitrate};
use super::{Alpha, Av1, Color, Container, Hevc, Prores, RateControl, Vp9, encoder_params, narrow_x265, option};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;
use crate::time::FrameRate;

/// A codec, with its settings.
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
    /// H.264 in YUV by x264: small, and every player supports it. The default.
    H264(H264),
    /// H.264 in RGB by x264: no color conversion. Few players besides FFmpeg's support it.
    H264Rgb(H264),
    /// MPEG-4 Part 2 (DivX, Xvid) by FFmpeg's encoder: fast, and old players support it.
    Mpeg4(Mpeg4),
    /// MPEG-4 Part 2 by the Xvid library.
    Xvid(Mpeg4),
    /// One JPEG picture per frame: large, easy to edit.
    Mjpeg(Mjpeg),
    /// HEVC (H.265) by x265: smaller than H.264. Players of the last ten years support it.
    Hevc(Hevc),
    /// AV1 by SVT-AV1: the smallest. Current players and browsers support it.
    Av1(Av1),
    /// VP9 by libvpx: for browsers. It can keep alpha.
    Vp9(Vp9),
    /// Apple ProRes: large, for editing programs. It can keep alpha.
    Prores(Prores),
    /// FFV1: lossless, for archives. It can keep alpha.
    Ffv1(Ffv1),
    /// One PNG picture per frame: lossless RGB, for editing programs. It can keep alpha.
    Png,
    /// QuickTime Animation: lossless RGB, for editing programs. It can keep alpha.
    Qtrle,
    /// Any other encoder of the linked FFmpeg.
    Encoder(NamedEncoder),
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

impl From<Hevc> for Codec {
    fn from(settings: Hevc) -> Self {
        Self::Hevc(settings)
    }
}

impl From<Av1> for Codec {
    fn from(settings: Av1) -> Self {
        Self::Av1(settings)
    }
}

impl From<Vp9> for Codec {
    fn from(settings: Vp9) -> Self {
        Self::Vp9(settings)
    }
}

impl From<Prores> for Codec {
    fn from(settings: Prores) -> Self {
        Self::Prores(settings)
    }
}

impl From<NamedEncoder> for Codec {
    fn from(encoder: NamedEncoder) -> Self {
        Self::Encoder(encoder)
    }
}

/// Parses a codec's name, with default settings, or `encoder:NAME`.
impl FromStr for Codec {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        if let Some(name) = text.strip_prefix(named_encoder::PREFIX) {
            let encoder = NamedEncoder::new(name);
            return encoder.validate_name().map(|()| Self::Encoder(encoder));
        }
        Self::all().into_iter().find(|codec| codec.name() == text).ok_or_else(|| {
            let known = Self::all().each_ref().map(Self::name);
            let mut error = InvalidSettings::unknown_name(Some(OptionId::Codec), "codec", text, &known);
            if let (InvalidSettings::UnknownName { suggestion, .. }, Some(meant)) =
                (&mut error, codec_meant_by(text))
            {
                *suggestion = Some(meant.to_owned());
            }
            error
        })
    }
}

/// Returns our name of the codec that other programs call `name`, such as `hevc` for `libx265` or `h265`.
fn codec_meant_by(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    match &name[..] {
        "avc" | "x264" => Some("h264"),
        "h265" | "x265" => Some("hevc"),
        "libaom-av1" | "svt-av1" => Some("av1"),
        _ => Codec::all().into_iter().find(|codec| codec.facts().encoder == name).map(|codec| codec.name()),
    }
}

impl Codec {
    /// Returns each codec with its default settings, except [`Encoder`](Self::Encoder), which stands for all others.
    #[must_use]
    pub fn all() -> [Self; 12] {
        [
            Self::H264(H264::default()),
            Self::H264Rgb(H264::default()),
            Self::Hevc(Hevc::default()),
            Self::Av1(Av1::default()),
            Self::Vp9(Vp9::default()),
            Self::Mpeg4(Mpeg4::default()),
            Self::Xvid(Mpeg4::default()),
            Self::Mjpeg(Mjpeg::default()),
            Self::Prores(Prores::default()),
            Self::Ffv1(Ffv1::default()),
            Self::Png,
            Self::Qtrle,
        ]
    }

    const fn facts(&self) -> &'static CodecFacts {
        match self {
            Self::H264(_) => &codec_facts::H264,
            Self::H264Rgb(_) => &codec_facts::H264_RGB,
            Self::Hevc(_) => &codec_facts::HEVC,
            Self::Av1(_) => &codec_facts::AV1,
            Self::Vp9(_) => &codec_facts::VP9,
            Self::Mpeg4(_) => &codec_facts::MPEG4,
            Self::Xvid(_) => &codec_facts::XVID,
            Self::Mjpeg(_) => &codec_facts::MJPEG,
            Self::Prores(_) => &codec_facts::PRORES,
            Self::Ffv1(_) => &codec_facts::FFV1,
            Self::Png => &codec_facts::PNG,
            Self::Qtrle => &codec_facts::QTRLE,
            Self::Encoder(_) => &codec_facts::NAMED,
        }
    }

    /// Returns the codec's name on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.facts().name
    }

    /// Returns FFmpeg's name of the encoder.
    #[must_use]
    pub fn encoder_name(&self) -> &str {
        match self {
            Self::Encoder(encoder) => &encoder.name,
            _ => self.facts().encoder,
        }
    }

    /// Returns FFmpeg's name of the encoder, unless the encoder is chosen by name.
    pub(crate) const fn usual_encoder(&self) -> &'static str {
        self.facts().encoder
    }

    /// Returns what to do if a build does not have the encoder.
    pub(crate) const fn missing_hint(&self) -> &'static str {
        self.facts().missing_hint
    }

    /// Returns the pixel formats that the codec encodes. The first is the default.
    #[must_use]
    pub const fn pixel_formats(&self) -> &'static [PixelFormat] {
        self.facts().pixel_formats
    }

    /// Returns the pixel format to use if none is set.
    pub(super) fn default_format(&self) -> PixelFormat {
        match self {
            Self::Prores(prores) => prores.default_format(),
            _ => self.pixel_formats()[0],
        }
    }

    /// Returns the pixel format that keeps alpha of frames with `bits` bits per sample, if there is one.
    pub(super) fn alpha_format(&self, bits: u32) -> Option<PixelFormat> {
        let [shallow, deep] = self.facts().alpha_formats?;
        Some(if bits > 8 { deep } else { shallow })
    }

    /// Returns whether the codec can keep alpha.
    #[must_use]
    pub const fn keeps_alpha(&self) -> bool {
        self.facts().alpha_formats.is_some()
    }

    /// Returns the pixel format in which the codec keeps every sample of a frame in `format`, if it has one.
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
            // These are the formats of an opaque movie.
            format if format.is_rgb() && format.bits() == 8 => match self {
                Self::Png | Self::Qtrle => PixelFormat::Rgb24,
                _ => PixelFormat::Bgr0,
            },
            format => format,
        };
        self.pixel_formats().contains(&kept).then_some(kept)
    }

    /// Returns whether decoded pictures equal the encoder's input.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        matches!(self, Self::Ffv1(_) | Self::Png | Self::Qtrle)
            || self.rate_control() == Some(RateControl::Lossless)
    }

    /// Returns the rate control of an encoder with a constant-quality mode.
    pub(crate) const fn rate_control(&self) -> Option<RateControl> {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => Some(h264.rate_control),
            Self::Hevc(hevc) => Some(hevc.rate_control),
            Self::Av1(av1) => Some(av1.rate_control),
            Self::Vp9(vp9) => Some(vp9.rate_control),
            _ => None,
        }
    }

    /// Returns the rate control of an encoder without a constant-quality mode.
    pub(crate) const fn quantizer_or_bitrate(&self) -> Option<QuantizerOrBitrate> {
        match self {
            Self::Mpeg4(Mpeg4 { rate_control, .. })
            | Self::Xvid(Mpeg4 { rate_control, .. })
            | Self::Mjpeg(Mjpeg { rate_control }) => Some(*rate_control),
            _ => None,
        }
    }

    /// Returns the parameters of the encoder's library and the option that holds them, if the codec has one.
    pub(crate) fn encoder_params(&self) -> Option<(OptionId, &[(String, String)])> {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => Some((OptionId::X264Params, &h264.x264_params)),
            Self::Hevc(hevc) => Some((OptionId::X265Params, &hevc.x265_params)),
            Self::Av1(av1) => Some((OptionId::SvtAv1Params, &av1.svtav1_params)),
            _ => None,
        }
    }

    /// Returns the VBV buffer, if the codec has one and it was set.
    pub(crate) const fn vbv(&self) -> Option<Vbv> {
        match self {
            Self::H264(h264) | Self::H264Rgb(h264) => h264.vbv,
            _ => None,
        }
    }

    /// Returns how full x264 assumes the VBV buffer to be when the first frame is decoded: its `vbv-init`, a fraction
    /// up to 1, or kilobits above 1.
    pub(crate) fn vbv_full_at_first(&self) -> f64 {
        const DEFAULT: f64 = 0.9;
        let (Self::H264(h264) | Self::H264Rgb(h264)) = self else { return DEFAULT };
        let given = h264.x264_params.iter().rev().find(|(name, _)| name.replace('_', "-") == "vbv-init");
        let value = given.and_then(|(_, value)| value.parse::<f64>().ok()).unwrap_or(DEFAULT);
        let bits = h264.vbv.map_or(1.0, |vbv| vbv.buffer_bits as f64);
        if value > 1.0 { (value * 1e3 / bits).min(1.0) } else { value.max(0.0) }
    }

    /// Returns the setting that applies to the whole movie, so that segments cannot be encoded independently.
    pub(crate) fn shared_rate(&self) -> Option<&'static str> {
        let is_bitrate = matches!(self.rate_control(), Some(RateControl::Bitrate(_)))
            || matches!(self.quantizer_or_bitrate(), Some(QuantizerOrBitrate::Bitrate(_)));
        match self {
            _ if is_bitrate => Some("a bitrate"),
            Self::H264(h264) | Self::H264Rgb(h264) if h264.vbv.is_some() => Some("maxrate"),
            // The options of a named encoder may request anything.
            Self::Encoder(_) => Some("a named encoder"),
            _ => self.encoder_params().and_then(|(_, params)| encoder_params::of_whole_movie(params)),
        }
    }

    /// Returns whether a process can have only one encoder of this codec: SVT-AV1's encoders share tables.
    pub(crate) const fn is_alone_in_process(&self) -> bool {
        matches!(self, Self::Av1(_))
    }

    /// Returns the containers that hold the codec.
    #[must_use]
    pub const fn containers(&self) -> &'static [Container] {
        self.facts().containers
    }

    /// Returns whether a stream without tags in its container records how RGB becomes YUV, or players know it.
    pub(crate) fn records_matrix(&self) -> bool {
        match self {
            Self::Ffv1(_) => false,
            Self::Encoder(encoder) => encoder.records_matrix(),
            _ => true,
        }
    }

    /// Returns whether a movie in this container records its chroma location: in its stream, or in Matroska and WebM.
    /// Players assume one for MPEG-4 Part 2 and JPEG, whatever the container records.
    #[must_use]
    pub const fn records_chroma_location(&self, container: Container) -> bool {
        let is_free = matches!(self, Self::Av1(_) | Self::Vp9(_) | Self::Ffv1(_));
        self.facts().records_chroma_location || (is_free && matches!(container, Container::Mkv | Container::Webm))
    }

    /// Checks the size of the encoded picture.
    pub(super) fn validate_size(&self, (width, height): (u32, u32)) -> Result<(), InvalidSettings> {
        let (least, most) = self.facts().sides;
        if width.max(height) <= most && width.min(height) >= least {
            return match self {
                Self::Hevc(hevc) => {
                    let names = hevc.x265_params.iter().map(|(name, _)| name.as_str());
                    narrow_x265::validate(OptionId::X265Params, names, width)
                }
                Self::Encoder(encoder) if self.is_x265() => {
                    narrow_x265::validate(OptionId::EncoderOptions, encoder.x265_param_names(), width)
                }
                _ => Ok(()),
            };
        }
        Err(InvalidSettings::CodecSize { width, height, codec: self.name(), sides: (least, most) })
    }

    /// Checks that the bit rate can be chosen to fit the movie's size.
    pub(super) fn validate_for_max_bytes(&self) -> Result<(), InvalidSettings> {
        let (with, hint) = match (self.rate_control(), self.quantizer_or_bitrate()) {
            (Some(RateControl::Crf(_)), _) if self.facts().has_whole_crf => {
                (self.name(), "its crf is a whole number, which is too coarse; choose h264 or hevc, or set a crf")
            }
            (Some(RateControl::Crf(_)), _) => return Ok(()),
            (_, Some(QuantizerOrBitrate::Qp(_) | QuantizerOrBitrate::MeanQp(_))) => return Ok(()),
            (Some(RateControl::Qp(_)), _) => ("a constant quantizer", DECIDED_TWICE),
            (Some(RateControl::Bitrate(_)), _) | (_, Some(QuantizerOrBitrate::Bitrate(_))) => {
                ("a bitrate", DECIDED_TWICE)
            }
            (Some(RateControl::Lossless), _) => ("a lossless movie", DECIDED_TWICE),
            _ if self.is_lossless() => ("a lossless movie", DECIDED_TWICE),
            _ => (self.name(), "it has no quality setting; choose h264 or hevc"),
        };
        Err(InvalidSettings::Conflict { option: OptionId::MaxSize, with: with.to_owned(), hint })
    }

    /// Returns whether x265 is the encoder, as `hevc` or by its name.
    pub(crate) fn is_x265(&self) -> bool {
        self.encoder_name() == codec_facts::HEVC.encoder
    }

    /// Returns how samples of the encoded picture map to colors. RGB becomes BT.709. MPEG-4 Part 2 and JPEG cannot
    /// signal the matrix, and players assume BT.601 for them, so they use BT.601.
    pub(crate) fn color(&self, pixel_format: PixelFormat) -> Color {
        if pixel_format.is_rgb() {
            return Color::SRGB;
        }
        match self {
            Self::Mpeg4(_) | Self::Xvid(_) => Color::BT601_LIMITED,
            Self::Mjpeg(_) => Color::BT601_FULL,
            Self::Encoder(encoder) if encoder.name == codec_facts::MJPEG.encoder => Color::BT601_FULL,
            _ if pixel_format.is_gray() => Color::BT709_FULL,
            _ => Color::BT709_LIMITED,
        }
    }

    pub(crate) fn validate(&self, container: Container, pixel_format: PixelFormat) -> Result<(), InvalidSettings> {
        if !self.containers().contains(&container) {
            return Err(self.not_in(container));
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
                h264.validate(self.facts(), pixel_format)?;
                refuse_b_frames(h264, container)
            }
            Self::Hevc(hevc) => hevc.validate(pixel_format),
            Self::Av1(av1) => av1.validate(pixel_format),
            Self::Vp9(vp9) => vp9.validate(pixel_format),
            Self::Mpeg4(mpeg4) | Self::Xvid(mpeg4) => mpeg4.validate(self.name(), container),
            Self::Mjpeg(mjpeg) => mjpeg.rate_control.validate("mjpeg"),
            Self::Prores(prores) => prores.validate(pixel_format),
            Self::Ffv1(ffv1) => option::check_range(OptionId::Gop, ffv1.gop.into(), "ffv1"),
            Self::Png | Self::Qtrle => Ok(()),
            Self::Encoder(encoder) => encoder.validate(container),
        }
    }

    /// Makes the error for a container that cannot hold the codec.
    fn not_in(&self, container: Container) -> InvalidSettings {
        let containers = self.containers().iter().map(|container| container.name());
        let codecs = Self::all().into_iter().filter(|codec| codec.containers().contains(&container));
        InvalidSettings::Container {
            container: container.name(),
            codec: self.name(),
            fitting: containers.collect::<Vec<_>>().join(", "),
            fitting_codecs: codecs.map(|codec| codec.name()).collect::<Vec<_>>().join(", "),
        }
    }

    /// Checks that `alpha` can be handled as requested.
    pub(super) fn validate_alpha(
        &self,
        alpha: Alpha,
        container: Container,
        pixel_format: PixelFormat,
    ) -> Result<(), InvalidSettings> {
        if alpha == Alpha::Composite {
            return match pixel_format.has_alpha() {
                true => Err(InvalidSettings::AlphaNotKept { pixel_format: pixel_format.name() }),
                false => Ok(()),
            };
        }
        // MP4 cannot store the second stream in which VP9 keeps alpha.
        let is_lost = matches!(self, Self::Vp9(_)) && container == Container::Mp4;
        if pixel_format.has_alpha() && !is_lost {
            return Ok(());
        }
        if matches!(self, Self::Encoder(_)) {
            return Err(InvalidSettings::Conflict {
                option: OptionId::Alpha,
                with: pixel_format.name().to_owned(),
                hint: "choose a pixel format with alpha, such as bgra",
            });
        }
        let codec = if is_lost { "vp9 in mp4".to_owned() } else { self.name().to_owned() };
        match self.keeps_alpha() && !is_lost {
            true => Err(InvalidSettings::AlphaFormat { pixel_format: pixel_format.name() }),
            false => Err(InvalidSettings::NoAlpha { codec }),
        }
    }

    /// Checks that the encoder supports the frame rate.
    pub(super) fn validate_frame_rate(&self, rate: FrameRate) -> Result<(), InvalidSettings> {
        match self {
            Self::Av1(av1) => av1.validate_frame_rate(rate),
            _ => Ok(()),
        }
    }
}

const DECIDED_TWICE: &str = "leave one of them out, as the size decides the rate";

/// AVI stores no presentation times, so a player would show frames in decoding order.
fn refuse_b_frames(h264: &H264, container: Container) -> Result<(), InvalidSettings> {
    let asked =
        h264.x264_params.iter().any(|(name, value)| encoder_params::is_named(name, "bframes") && value != "0");
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
        for (name, meant) in
            [("x264", "h264"), ("libx264", "h264"), ("H265", "hevc"), ("libvpx-vp9", "vp9"), ("mepg4", "mpeg4")]
        {
            let error = name.parse::<Codec>().expect_err("another name").to_string();
            assert!(error.contains(&format!("did you mean {meant:?}?")), "{error}");
        }
    }

    #[test]
    fn each_codec_accepts_its_own_defaults_in_its_containers() {
        for codec in Codec::all() {
            for container in codec.containers() {
                assert_eq!(codec.validate(*container, codec.default_format()), Ok(()), "{codec:?} {container:?}");
            }
        }
    }
}
