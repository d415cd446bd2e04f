//! Reads OpenEXR: converts linear light to sRGB samples.

use std::io::Cursor;

use exr::meta::MetaData;
use exr::meta::attribute::SampleType;
use image::ImageDecoder;
use image::codecs::openexr::OpenExrDecoder;

use super::ImageOptions;
use super::refusal::{Refusal, check_size, resize};
use crate::frame::{ColorRange, PixelFormat};
use crate::settings::Rgb;
use crate::source::{FrameBuffer, FrameLayout};

/// Decodes the first layer of red, green and blue, with alpha if it has alpha and `options` have no background for it.
/// The light is assumed to have the primaries of BT.709 and to be premultiplied by alpha, as OpenEXR defines.
pub(super) fn decode(
    bytes: &[u8],
    expected: Option<(u32, u32)>,
    options: &ImageOptions,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let decoder = OpenExrDecoder::new(Cursor::new(bytes))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, expected)?;
    check_channels(bytes)?;
    let has_alpha = decoder.color_type().has_alpha();
    let keeps_alpha = has_alpha && options.background.is_none();
    let format = if keeps_alpha { PixelFormat::Rgba64Le } else { PixelFormat::Rgb48Le };
    let layout = FrameLayout::new(format, width, height).range(ColorRange::Full);
    let mut light = FrameBuffer::new();
    let channels = if has_alpha { 4 } else { 3 };
    resize(&mut light, width as usize * height as usize * channels * size_of::<f32>())?;
    decoder.read_image(&mut light)?;
    resize(pixels, layout.frame_bytes())?;
    let gain = options.exposure.unwrap_or(0.0).exp2();
    let first_nan = match (has_alpha, options.background) {
        (false, _) => convert(&light, pixels, |light: [f32; 3]| light.map(|light| srgb(light * gain))),
        (true, Some(background)) => {
            let background = light_of(background);
            convert(&light, pixels, |[red, green, blue, alpha]: [f32; 4]| {
                let uncovered = 1.0 - alpha.clamp(0.0, 1.0);
                let over = |light: f32, background: f32| srgb(light * gain + background * uncovered);
                [over(red, background[0]), over(green, background[1]), over(blue, background[2])]
            })
        }
        (true, None) => convert(&light, pixels, |[red, green, blue, alpha]: [f32; 4]| {
            let gain = if alpha > 0.0 { gain / alpha } else { 0.0 };
            [srgb(red * gain), srgb(green * gain), srgb(blue * gain), alpha]
        }),
    };
    let Some(pixel) = first_nan else { return Ok(layout) };
    let (x, y) = (pixel % width as usize, pixel / width as usize);
    Err(Refusal::Broken(format!("its pixel ({x}, {y}) is not a number (NaN)")))
}

/// Checks that the channels of the layer are floats: the decoder would convert whole numbers as if they were light.
fn check_channels(bytes: &[u8]) -> Result<(), Refusal> {
    let layers = MetaData::read_from_buffered(Cursor::new(bytes), false).map(|metadata| metadata.headers);
    for layer in layers.unwrap_or_default() {
        let channel = |name: &str| layer.channels.list.iter().find(|channel| channel.name == *name);
        let [Some(red), Some(green), Some(blue)] = ["R", "G", "B"].map(channel) else { continue };
        if layer.deep {
            continue;
        }
        let colors = [Some(red), Some(green), Some(blue), channel("A")];
        let mut whole = colors.into_iter().flatten().filter(|channel| channel.sample_type == SampleType::U32);
        return match whole.next() {
            None => Ok(()),
            Some(channel) => Err(Refusal::Unsupported(format!(
                "its channel {} has whole numbers (UINT), such as identifiers, which are not light: save it as HALF or FLOAT",
                channel.name
            ))),
        };
    }
    Ok(())
}

/// Converts each pixel of `N` floats, where 1 is white, to `M` samples of 16 bits. Returns the first pixel that is NaN.
fn convert<const N: usize, const M: usize>(
    light: &[u8],
    pixels: &mut [u8],
    encoded: impl Fn([f32; N]) -> [f32; M],
) -> Option<usize> {
    let floats = light.as_chunks::<4>().0.as_chunks::<N>().0;
    let samples = pixels.as_chunks_mut::<2>().0.as_chunks_mut::<M>().0;
    for (index, (floats, samples)) in floats.iter().zip(samples).enumerate() {
        let floats = floats.map(f32::from_ne_bytes);
        if floats.iter().any(|value| value.is_nan()) {
            return Some(index);
        }
        *samples = encoded(floats).map(|value| ((value.clamp(0.0, 1.0) * 65_535.0 + 0.5) as u16).to_le_bytes());
    }
    None
}

/// Applies the sRGB curve (IEC 61966-2-1) to linear light.
fn srgb(light: f32) -> f32 {
    match light {
        _ if light <= 0.003_130_8 => 12.92 * light,
        _ => 1.055 * light.min(1.0).powf(1.0 / 2.4) - 0.055,
    }
}

/// Returns the linear light of a color.
fn light_of(color: Rgb) -> [f32; 3] {
    [color.red, color.green, color.blue].map(|byte| match f32::from(byte) / 255.0 {
        dark @ ..=0.040_45 => dark / 12.92,
        bright => ((bright + 0.055) / 1.055).powf(2.4),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_follows_the_curve_of_srgb() {
        for level in 0..=255_u8 {
            let encoded = f64::from(level) / 255.0;
            let light = if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) };
            assert!((f64::from(srgb(light as f32)) - encoded).abs() < 1e-6, "{level}");
            assert!((f64::from(light_of(Rgb::new(0, level, 0))[1]) - light).abs() < 1e-6, "{level}");
        }
        assert!((srgb(f32::INFINITY) - 1.0).abs() < 1e-6 && srgb(-1.0) < 0.0);
    }

    #[test]
    fn channels_of_whole_numbers_are_refused() {
        use exr::prelude::*;

        let decoded = |channels: &dyn Fn(&mut Cursor<Vec<u8>>) -> exr::error::UnitResult| {
            let mut file = Cursor::new(Vec::new());
            channels(&mut file).expect("written");
            let options = ImageOptions::default();
            super::decode(&file.into_inner(), None, &options, &mut FrameBuffer::new())
        };
        let light = |file: &mut Cursor<Vec<u8>>| {
            let channels = SpecificChannels::rgb(|_| (0.25_f32, f16::from_f32(0.5), 1.0_f32));
            Image::from_channels((4, 2), channels).write().to_buffered(file)
        };
        assert!(decoded(&light).is_ok());
        let numbers = |file: &mut Cursor<Vec<u8>>| {
            let channels = SpecificChannels::rgb(|_| (1.0_f32, 2_u32, 3_u32));
            Image::from_channels((4, 2), channels).write().to_buffered(file)
        };
        let Err(Refusal::Unsupported(reason)) = decoded(&numbers) else { panic!("accepted") };
        assert!(reason.starts_with("its channel G has whole numbers (UINT)"), "{reason}");
    }

    #[test]
    fn the_first_pixel_that_is_not_a_number_is_found() {
        let light: Vec<u8> =
            [0.0, 2.0, -1.0, 0.5, f32::NAN, 0.0].iter().flat_map(|value: &f32| value.to_ne_bytes()).collect();
        let mut samples = [0; 12];
        assert_eq!(convert(&light, &mut samples, |pixel: [f32; 3]| pixel), Some(1));
        assert_eq!(samples[..6], [0, 0, 255, 255, 0, 0]);
    }
}
