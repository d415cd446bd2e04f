//! Decodes JPEG strictly: a damaged or cut picture is an error, instead of gray from there on.

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::boundaries::EndFinder;
use super::kind::PictureKind;
use super::refusal::{MAX_SIDE, Refusal, check_size, resize};
use crate::frame::{ColorRange, PixelFormat};
use crate::source::{FrameBuffer, FrameLayout};

/// Decodes a picture as it is stored, ignoring the camera orientation in its EXIF data.
pub(super) fn decode(
    bytes: &[u8],
    expected: Option<(u32, u32)>,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let refused = |error: DecodeErrors| match error {
        DecodeErrors::Unsupported(_) => Refusal::Unsupported(error.to_string()),
        _ => Refusal::Broken(error.to_string()),
    };
    if EndFinder::new(PictureKind::Jpeg).find(bytes) == Ok(None) {
        return Err(Refusal::Broken(format!("it is cut: only {} bytes of it exist", bytes.len())));
    }
    let side = MAX_SIDE as usize;
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(side).set_max_height(side);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(refused)?;
    let (Some((width, height)), Some(stored)) = (decoder.dimensions(), decoder.input_colorspace()) else {
        return Err(Refusal::Broken("it has no header".to_owned()));
    };
    let (width, height) = (width as u32, height as u32);
    check_size(width, height, expected)?;
    let (color, format) = match stored {
        ColorSpace::Luma => (ColorSpace::Luma, PixelFormat::Gray8),
        _ => (ColorSpace::RGB, PixelFormat::Rgb24),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(color));
    let layout = FrameLayout::new(format, width, height).range(ColorRange::Full);
    resize(pixels, layout.frame_bytes())?;
    decoder.decode_into(pixels).map_err(refused)?;
    Ok(layout)
}
