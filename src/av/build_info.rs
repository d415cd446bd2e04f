//! What this build can do, according to the linked FFmpeg.

use std::ffi::{CStr, c_char};

use ffmpeg_next::ffi;

use super::audio_encoder::AudioEncoder;
use super::encoder_choice;
use crate::error::InvalidSettings;
use crate::settings::{AudioCodec, Codec};

/// The linked FFmpeg: versions, license, and available encoders.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildInfo {
    /// FFmpeg's release, as in `5.1.9`.
    pub ffmpeg: String,
    /// Each linked library and its version, as in `("libavcodec", "59.37.100")`.
    pub libraries: Vec<(&'static str, String)>,
    /// The license of the linked FFmpeg, which also applies to a program that links it.
    pub license: String,
    /// Each codec's name, the name of its encoder, and whether the linked FFmpeg has it.
    pub codecs: Vec<(&'static str, &'static str, bool)>,
    /// The same for each audio codec.
    pub audio_codecs: Vec<(&'static str, &'static str, bool)>,
}

/// Returns the versions, the license and the encoders of the linked FFmpeg.
///
/// ```
/// let info = framemill::build_info();
/// assert!(info.codecs.contains(&("h264", "libx264", true)));
/// ```
#[must_use]
pub fn build_info() -> BuildInfo {
    // SAFETY: these functions take nothing and return numbers or static, NUL-terminated strings.
    let (ffmpeg, license, versions) = unsafe {
        (
            text(ffi::av_version_info()),
            text(ffi::avcodec_license()),
            [
                ("libavcodec", ffi::avcodec_version()),
                ("libavformat", ffi::avformat_version()),
                ("libavutil", ffi::avutil_version()),
                ("libswresample", ffi::swresample_version()),
                ("libswscale", ffi::swscale_version()),
            ],
        )
    };
    BuildInfo {
        ffmpeg,
        license,
        libraries: versions.map(|(name, version)| (name, dotted(version))).to_vec(),
        codecs: Codec::all()
            .each_ref()
            .map(|codec| (codec.name(), codec.usual_encoder(), check_encoder(codec).is_ok()))
            .to_vec(),
        audio_codecs: AudioCodec::ALL
            .into_iter()
            .filter_map(|codec| Some((codec.name(), codec.encoder_name()?, AudioEncoder::is_available(codec))))
            .collect(),
    }
}

/// Checks that the linked FFmpeg has the encoder of a codec, before a movie is started.
///
/// ```
/// use framemill::{Codec, NamedEncoder, check_encoder};
/// assert!(check_encoder(&Codec::default()).is_ok());
/// assert!(check_encoder(&NamedEncoder::new("nobody's").into()).is_err());
/// ```
///
/// # Errors
/// [`InvalidSettings::EncoderMissing`], with a hint on how to get the encoder.
pub fn check_encoder(codec: &Codec) -> Result<(), InvalidSettings> {
    encoder_choice::find(codec).map(drop)
}

/// # Safety
/// `text` is a static, NUL-terminated string.
unsafe fn text(text: *const c_char) -> String {
    // SAFETY: as the caller guarantees.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Formats an AV_VERSION_INT, which has major, minor and micro in 16, 8 and 8 bits.
fn dotted(version: u32) -> String {
    format!("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff)
}
