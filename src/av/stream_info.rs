//! The properties of a stream, from its demuxer, or from its decoder if the container does not record them.

use std::ffi::{CStr, c_char, c_int};

use ffmpeg_next::ffi;

use super::audio_format::AudioFormat;

/// Any valid sample type: containers do not record it, and it does not matter here.
const KNOWN_SAMPLES: c_int = ffi::AVSampleFormat::AV_SAMPLE_FMT_S16 as c_int;

/// A video stream as FFmpeg describes it. A property that the movie does not record is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamInfo {
    /// The codec: `h264`, `mpeg4`, ….
    pub codec: String,
    /// The container's four-character code of the codec.
    pub fourcc: String,
    /// The codec's profile: `High`, ….
    pub profile: Option<String>,
    /// The pixel format of decoded pictures: `yuv420p`, ….
    pub pixel_format: Option<String>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The color range: `tv` or `pc`.
    pub color_range: Option<String>,
    /// The matrix between RGB and YUV: `bt709`, ….
    pub color_matrix: Option<String>,
    /// The transfer function.
    pub color_transfer: Option<String>,
    /// The primaries.
    pub color_primaries: Option<String>,
    /// The chroma location.
    pub chroma_location: Option<String>,
}

/// An audio stream as FFmpeg describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioInfo {
    /// The codec: `aac`, `opus`, ….
    pub codec: String,
    /// Samples per second of each channel.
    pub sample_rate: u32,
    /// The number of channels.
    pub channels: u32,
    /// The channel layout: `mono`, `stereo`, `5.1`, ….
    pub layout: String,
    /// The number of packets.
    pub packets: u64,
    /// The bytes of the packets.
    pub bytes: u64,
}

impl AudioInfo {
    /// # Safety
    /// `codec` has the parameters of an audio stream.
    pub(super) unsafe fn of(codec: *const ffi::AVCodecParameters) -> Self {
        // SAFETY: the caller guarantees `codec`, whose layout is valid.
        unsafe {
            let codec = &*codec;
            let format = AudioFormat::of(&codec.ch_layout, KNOWN_SAMPLES, codec.sample_rate);
            Self {
                codec: name(ffi::avcodec_get_name(codec.codec_id)).unwrap_or_default(),
                sample_rate: codec.sample_rate.max(0) as u32,
                channels: codec.ch_layout.nb_channels.max(0) as u32,
                layout: format.map(|format| format.layout_name()).unwrap_or_default(),
                packets: 0,
                bytes: 0,
            }
        }
    }
}

impl StreamInfo {
    /// # Safety
    /// `codec` has the parameters of a stream.
    pub(super) unsafe fn of(codec: *const ffi::AVCodecParameters) -> Self {
        // SAFETY: the caller guarantees `codec`. The functions return static names for numbers, or null; the pixel
        // format is checked to be one before it is read as an enum.
        unsafe {
            let codec = &*codec;
            let unspecified =
                |name: Option<String>| name.filter(|name| !matches!(&name[..], "unknown" | "unspecified"));
            Self {
                codec: name(ffi::avcodec_get_name(codec.codec_id)).unwrap_or_default(),
                fourcc: fourcc(codec.codec_tag),
                profile: name(ffi::avcodec_profile_name(codec.codec_id, codec.profile)),
                pixel_format: pixel_format_name(codec.format),
                width: codec.width.max(0) as u32,
                height: codec.height.max(0) as u32,
                color_range: unspecified(name(ffi::av_color_range_name(codec.color_range))),
                color_matrix: unspecified(name(ffi::av_color_space_name(codec.color_space))),
                color_transfer: unspecified(name(ffi::av_color_transfer_name(codec.color_trc))),
                color_primaries: unspecified(name(ffi::av_color_primaries_name(codec.color_primaries))),
                chroma_location: unspecified(name(ffi::av_chroma_location_name(codec.chroma_location))),
            }
        }
    }
}

/// # Safety
/// `text` is null or a static, NUL-terminated string.
unsafe fn name(text: *const c_char) -> Option<String> {
    // SAFETY: as the caller guarantees.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

fn pixel_format_name(format: c_int) -> Option<String> {
    // SAFETY: av_pix_fmt_desc_next walks FFmpeg's table of static descriptions; av_pix_fmt_desc_get_id returns the
    // number of one of them. So no number becomes an invalid enum.
    unsafe {
        let mut description = ffi::av_pix_fmt_desc_next(std::ptr::null());
        while !description.is_null() {
            if ffi::av_pix_fmt_desc_get_id(description) as c_int == format {
                return name((*description).name);
            }
            description = ffi::av_pix_fmt_desc_next(description);
        }
    }
    None
}

/// Returns the four characters. Unprintable ones become a number in brackets, as in FFmpeg.
fn fourcc(tag: u32) -> String {
    let mut text = String::new();
    for byte in tag.to_le_bytes() {
        match byte {
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("[{byte}]")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_their_names() {
        assert_eq!(fourcc(u32::from_le_bytes(*b"avc1")), "avc1");
        assert_eq!(fourcc(0x6100_0000), "[0][0][0]a");
        assert_eq!(pixel_format_name(ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as c_int).as_deref(), Some("yuv420p"));
        assert_eq!(pixel_format_name(-1), None);
        assert_eq!(pixel_format_name(99_999), None);
    }
}
