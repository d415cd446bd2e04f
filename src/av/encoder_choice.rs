//! Chooses the encoder of the linked FFmpeg for a codec.

use std::ffi::CString;

use ffmpeg_next::ffi;

use super::{muxer, pixel_format};
use crate::error::InvalidSettings;
use crate::frame::PixelFormat;
use crate::settings::{Codec, Container, Settings};

/// Returns the encoder of `codec`.
pub(super) fn find(codec: &Codec) -> Result<*const ffi::AVCodec, InvalidSettings> {
    let encoder = codec.encoder_name();
    let c_name = CString::new(encoder).unwrap_or_default();
    // SAFETY: the name is NUL-terminated; the result is a static description or null.
    let found = unsafe { ffi::avcodec_find_encoder_by_name(c_name.as_ptr()) };
    if !found.is_null() {
        return Ok(found);
    }
    Err(InvalidSettings::EncoderMissing { encoder: encoder.to_owned(), hint: codec.missing_hint() })
}

/// Returns an encoder by name, if it supports the pixel format, and the container its codec.
pub(super) fn named(
    codec: &Codec,
    settings: &Settings,
    container: Container,
) -> Result<*const ffi::AVCodec, InvalidSettings> {
    let found = find(codec)?;
    let wanted = settings.encoder_pixel_format();
    // SAFETY: `found` is a static description. Its list of pixel formats is null, or ends with AV_PIX_FMT_NONE.
    let (is_video, formats) = unsafe {
        let mut formats = Vec::new();
        let mut format = (*found).pix_fmts;
        while !format.is_null() && *format != ffi::AVPixelFormat::AV_PIX_FMT_NONE {
            formats.push(*format);
            format = format.add(1);
        }
        ((*found).type_ == ffi::AVMediaType::AVMEDIA_TYPE_VIDEO, formats)
    };
    if !is_video {
        return Err(InvalidSettings::NotAVideoEncoder { encoder: codec.encoder_name().to_owned() });
    }
    let color = settings.color();
    let takes = |format: &PixelFormat| {
        formats.is_empty() || formats.contains(&pixel_format::encoder_format(*format, color))
    };
    if !takes(&wanted) {
        let allowed: Vec<&str> =
            codec.pixel_formats().iter().filter(|format| takes(format)).map(|f| f.name()).collect();
        return Err(InvalidSettings::PixelFormat {
            codec: codec.encoder_name().to_owned(),
            pixel_format: wanted.name(),
            allowed: if allowed.is_empty() { "another encoder".to_owned() } else { allowed.join(", ") },
        });
    }
    // SAFETY: `found` is a static description.
    if muxer::holds(container, unsafe { (*found).id }) {
        return Ok(found);
    }
    let fitting = Container::ALL.into_iter().filter(|container| {
        // SAFETY: `found` is a static description.
        muxer::holds(*container, unsafe { (*found).id })
    });
    Err(InvalidSettings::EncoderContainer {
        container: container.name(),
        encoder: codec.encoder_name().to_owned(),
        fitting: fitting.map(Container::name).collect::<Vec<_>>().join(", "),
    })
}
