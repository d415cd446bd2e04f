//! What a demuxer knows about a stream, and the decoder where the container does not record it.

use std::ffi::{CStr, c_char, c_int};

use ffmpeg_next::ffi;

use super::audio_format::AudioFormat;

/// A container does not record the type of samples, which does not matter here.
const KNOWN_SAMPLES: c_int = ffi::AVSampleFormat::AV_SAMPLE_FMT_S16 as c_int;

/// A video stream as FFmpeg describes it. What the movie does not record is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamInfo {
    /// The codec: `h264`, `mpeg4`, ….
    pub codec: String,
    /// The four characters by which the container names the codec.
    pub fourcc: String,
    /// The codec's profile: `High`, ….
    pub profile: Option<String>,
    /// How pixels lie when they are decoded: `yuv420p`, ….
    pub pixel_format: Option<String>,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The color range: `tv` or `pc`.
    pub color_range: Option<String>,
    /// How RGB and YUV are computed from each other: `bt709`, ….
    pub color_matrix: Option<String>,
    /// The transfer function.
    pub color_transfer: Option<String>,
    /// The primaries.
    pub color_primaries: Option<String>,
    /// Where chroma samples lie.
    pub chroma_location: Option<String>,
}

/// A stream of sound as FFmpeg describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioInfo {
    /// The codec: `aac`, `opus`, ….
    pub codec: String,
    /// Samples a second of each channel.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u32,
    /// The channels by name: `mono`, `stereo`, `5.1`, ….
    pub layout: String,
    /// Packets of the sound.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl AudioInfo {
    /// # Safety
    /// `codec` is the description of a stream of sound.
    pub(super) unsafe fn of(codec: *const ffi::AVCodecParameters) -> Self {
        // SAFETY: the caller vouches for `codec`, whose layout is valid.
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
    /// `codec` is the description of a stream.
    pub(super) unsafe fn of(codec: *const ffi::AVCodecParameters) -> Self {
        // SAFETY: the caller vouches for `codec`. The functions give static names for numbers, or null; the pixel
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
    // SAFETY: as the caller vouches.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

fn pixel_format_name(format: c_int) -> Option<String> {
    // SAFETY: av_pix_fmt_desc_next walks FFmpeg's table of static descriptions; av_pix_fmt_desc_get_id gives the number
    // of one of them. So no number becomes an enum that is not one.
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

/// The four characters; those that are not printable as a number in brackets, as FFmpeg writes them.
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
