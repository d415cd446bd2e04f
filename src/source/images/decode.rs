//! Decodes the bytes of one picture to pixels.

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, png::PngDecoder, pnm::PnmDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::{ColorType, ImageDecoder, Limits};

use super::kind::PictureKind;
use super::refusal::{ANIMATED, MAX_SIDE, Refusal, check_size, resize};
use super::tiff_pages::{self, CountError};
use super::{ImageOptions, exr, jpeg, tiff_description, tiff_page};
use crate::frame::{ColorRange, PixelFormat};
use crate::source::{FrameBuffer, FrameLayout};

/// The most memory that decoding a picture may take: the largest picture, with 16 bits for each of 4 samples, and as
/// much again for the decoder.
pub(in crate::source) const MAX_DECODER_BYTES: u64 = MAX_SIDE as u64 * MAX_SIDE as u64 * 8 * 2;

/// Decodes the picture in `bytes` into `pixels`. With an `expected` size, a picture of another size is rejected before
/// memory is allocated for it.
pub(super) fn decode(
    bytes: &[u8],
    expected: Option<(u32, u32)>,
    options: &ImageOptions,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let kind = PictureKind::of_start(bytes).ok_or_else(|| {
        let start = &bytes[..bytes.len().min(8)];
        Refusal::Broken(format!("no supported kind of picture starts with {start:02x?}"))
    })?;
    let still = |animated| match animated {
        false => Ok(()),
        true => Err(Refusal::Unsupported(ANIMATED.to_owned())),
    };
    options.check_kind(kind)?;
    match kind {
        PictureKind::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits())?;
            still(decoder.is_apng()?)?;
            read(decoder, expected, pixels)
        }
        PictureKind::WebP => {
            let decoder = WebPDecoder::new(Cursor::new(bytes))?;
            still(decoder.has_animation())?;
            read(decoder, expected, pixels)
        }
        PictureKind::Bmp => read(BmpDecoder::new(Cursor::new(bytes))?, expected, pixels),
        PictureKind::Pnm => read(PnmDecoder::new(Cursor::new(bytes))?, expected, pixels),
        PictureKind::Tiff => match tiff_pages::count(&mut Cursor::new(bytes)) {
            Ok(pages @ 2..) => Err(Refusal::Unsupported(format!(
                "it has {pages} pages; pass it as the only input to use them as frames"
            ))),
            Err(CountError::Circle) => Err(CountError::in_circle()),
            _ => decode_tiff(bytes, expected, options, pixels),
        },
        PictureKind::Exr => exr::decode(bytes, expected, options, pixels),
        PictureKind::Jpeg => jpeg::decode(bytes, expected, pixels),
        PictureKind::Gif => Err(Refusal::Unsupported(ANIMATED.to_owned())),
    }
}

fn decode_tiff(
    bytes: &[u8],
    expected: Option<(u32, u32)>,
    options: &ImageOptions,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let mut page = tiff_page::open(Cursor::new(bytes))?;
    tiff_description::check(&mut page, 1)?;
    match (tiff_page::pixel(&mut page)?, options.levels) {
        (Some(pixel), levels) => tiff_page::read(&mut page, pixel, expected, levels, pixels),
        (None, Some(_)) => Err(Refusal::Unfit(
            "levels are for gray and RGB samples of 8, 16 and 32 bits: leave them out".to_owned(),
        )),
        (None, None) if tiff_page::is_premultiplied(tiff_page::extra_sample(&mut page)?) => {
            Err(Refusal::Unsupported(
                "its colors are multiplied by alpha, which is taken where the samples of a pixel are beside each other, \
                 in gray or RGB: save it as such, or with alpha that is not associated"
                    .to_owned(),
            ))
        }
        // Bilevel and CMYK pictures, and separate planes.
        (None, None) => read(TiffDecoder::new(Cursor::new(bytes))?, expected, pixels),
    }
}

pub(in crate::source) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    limits
}

fn read(
    mut decoder: impl ImageDecoder,
    expected: Option<(u32, u32)>,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let (width, height) = decoder.dimensions();
    check_size(width, height, expected)?;
    decoder.set_limits(limits())?;
    let color = decoder.color_type();
    let (format, gray_alpha) = match color {
        ColorType::L8 => (PixelFormat::Gray8, false),
        ColorType::L16 => (PixelFormat::Gray16Le, false),
        ColorType::La8 => (PixelFormat::Rgba, true),
        ColorType::La16 => (PixelFormat::Rgba64Le, true),
        ColorType::Rgb8 => (PixelFormat::Rgb24, false),
        ColorType::Rgba8 => (PixelFormat::Rgba, false),
        ColorType::Rgb16 => (PixelFormat::Rgb48Le, false),
        ColorType::Rgba16 => (PixelFormat::Rgba64Le, false),
        other => {
            return Err(Refusal::Unsupported(format!("samples of {other:?} are not supported: use 8 or 16 bits")));
        }
    };
    let layout = FrameLayout::new(format, width, height).range(ColorRange::Full);
    let decoded_bytes = if gray_alpha { layout.frame_bytes() / 2 } else { layout.frame_bytes() };
    resize(pixels, layout.frame_bytes())?;
    decoder.read_image(&mut pixels[..decoded_bytes])?;
    if cfg!(target_endian = "big") && format.bits() == 16 {
        pixels.as_chunks_mut::<2>().0.iter_mut().for_each(|sample| sample.reverse());
    }
    if gray_alpha {
        gray_to_rgb(pixels, format.bits() as usize / 8);
    }
    Ok(layout)
}

/// Expands gray and alpha, in the first half of `pixels`, to red, green, blue and alpha, from the end backward.
pub(super) fn gray_to_rgb(pixels: &mut [u8], sample_bytes: usize) {
    let (from, to) = (2 * sample_bytes, 4 * sample_bytes);
    for pixel in (0..pixels.len() / to).rev() {
        let mut samples = [0; 4];
        let (gray_alpha, rest) = (&mut samples[..from], pixel * from);
        gray_alpha.copy_from_slice(&pixels[rest..rest + from]);
        let (gray, alpha) = gray_alpha.split_at(sample_bytes);
        let target = &mut pixels[pixel * to..(pixel + 1) * to];
        for (index, sample) in target.chunks_exact_mut(sample_bytes).enumerate() {
            sample.copy_from_slice(if index < 3 { gray } else { alpha });
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayAlphaImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, Rgba};

    use super::*;
    use crate::source::images::test_pictures::{encoded, jpeg, png};

    fn decoded(bytes: &[u8]) -> Result<(PixelFormat, Vec<u8>), Refusal> {
        let mut pixels = FrameBuffer::new();
        pixels.resize(3);
        decode(bytes, None, &ImageOptions::default(), &mut pixels).map(|layout| (layout.format, pixels.to_vec()))
    }

    #[test]
    fn every_depth_and_shape_keeps_its_samples() {
        let little = |samples: &[u16]| samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<u8>>();
        let gray: DynamicImage = ImageBuffer::<Luma<u8>, _>::from_raw(2, 1, vec![1, 2]).expect("fits").into();
        let gray16: DynamicImage =
            ImageBuffer::<Luma<u16>, _>::from_raw(2, 1, vec![0x0102, 0xfffe]).expect("fits").into();
        let rgb16: DynamicImage =
            ImageBuffer::<Rgb<u16>, _>::from_raw(1, 1, vec![1, 0x0203, 0xff00]).expect("fits").into();
        let rgba: DynamicImage = ImageBuffer::<Rgba<u8>, _>::from_raw(1, 1, vec![1, 2, 3, 4]).expect("fits").into();
        let rgba16: DynamicImage =
            ImageBuffer::<Rgba<u16>, _>::from_raw(1, 1, vec![1, 2, 3, 400]).expect("fits").into();
        let gray_alpha: DynamicImage = GrayAlphaImage::from_raw(2, 1, vec![1, 2, 3, 4]).expect("fits").into();
        let gray_alpha16: DynamicImage =
            ImageBuffer::<LumaA<u16>, _>::from_raw(2, 1, vec![0x0102, 2, 3, 4]).expect("fits").into();
        for (picture, format, bytes) in [
            (gray, PixelFormat::Gray8, vec![1, 2]),
            (gray16, PixelFormat::Gray16Le, little(&[0x0102, 0xfffe])),
            (rgb16, PixelFormat::Rgb48Le, little(&[1, 0x0203, 0xff00])),
            (rgba, PixelFormat::Rgba, vec![1, 2, 3, 4]),
            (rgba16, PixelFormat::Rgba64Le, little(&[1, 2, 3, 400])),
            (gray_alpha, PixelFormat::Rgba, vec![1, 1, 1, 2, 3, 3, 3, 4]),
            (gray_alpha16, PixelFormat::Rgba64Le, little(&[0x0102, 0x0102, 0x0102, 2, 3, 3, 3, 4])),
        ] {
            assert_eq!(decoded(&encoded(&picture, ImageFormat::Png)), Ok((format, bytes)));
        }
        assert_eq!(
            decoded(&png(5, 3, 7)).map(|(format, pixels)| (format, pixels.len())),
            Ok((PixelFormat::Rgb24, 45))
        );
    }

    #[test]
    fn partial_pictures_are_refused() {
        for picture in [png(5, 3, 7), jpeg(19, 17, 9)] {
            assert!(decoded(&picture).is_ok());
            // The last bytes of a PNG, its end chunk, hold nothing of the picture.
            for cut in 0..picture.len() - 12 {
                assert!(matches!(decoded(&picture[..cut]), Err(Refusal::Broken(_))), "{cut} of {}", picture.len());
            }
        }
    }

    #[test]
    fn another_size_is_refused_before_it_is_decoded() {
        let mut bomb = png(4, 4, 0);
        // This is the header's width; its checksum is now wrong, which is found first.
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(matches!(decoded(&bomb), Err(Refusal::Broken(_))));
        let mut pixels = FrameBuffer::new();
        assert_eq!(
            decode(&png(5, 3, 7), Some((3, 5)), &ImageOptions::default(), &mut pixels),
            Err(Refusal::OtherSize { size: (5, 3), expected: (3, 5) })
        );
        assert_eq!(
            decode(b"P5 20000 1 255\n", None, &ImageOptions::default(), &mut pixels).map(drop).expect_err("wide"),
            Refusal::Unsupported("it has 20000x1 pixels: each side must be 1 to 16384".to_owned())
        );
        assert_eq!(pixels.capacity(), 0);
    }

    #[test]
    fn the_values_of_a_netpbm_picture_are_scaled_to_the_full_range() {
        assert_eq!(decoded(b"P5 2 1 100\n\x00\x64"), Ok((PixelFormat::Gray8, vec![0, 255])));
        assert_eq!(decoded(b"P4 2 1\n\x40"), Ok((PixelFormat::Gray8, vec![255, 0])));
    }
}
