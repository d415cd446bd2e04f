//! Converts the samples of a TIFF page to pixels.

use std::io::{Read, Seek};

use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::{ExtraSamples, PhotometricInterpretation, PlanarConfiguration, Tag};
use tiff::{ColorType, TiffError};

use super::decode::{MAX_DECODER_BYTES, gray_to_rgb};
use super::levels::Levels;
use super::refusal::{Refusal, check_size, resize};
use crate::frame::{ColorRange, PixelFormat};
use crate::source::{FrameBuffer, FrameLayout};

/// The number of slices of a page that is a volume, as SGI defined it.
const IMAGE_DEPTH: Tag = Tag::Unknown(32_997);

/// How far a float may be outside [0, 1] without levels: as far as rounding of half floats goes.
const TOLERANCE: f64 = 1.0 / 1024.0;

impl From<TiffError> for Refusal {
    fn from(error: TiffError) -> Self {
        match error {
            TiffError::UnsupportedError(_) | TiffError::LimitsExceeded => Self::Unsupported(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Opens a TIFF at its first page.
pub(super) fn open<R: Read + Seek>(reader: R) -> Result<Decoder<R>, Refusal> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(MAX_DECODER_BYTES).unwrap_or(usize::MAX);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    Ok(Decoder::new(reader)?.with_limits(limits))
}

/// The samples of a pixel: gray or RGB, and alpha as the last sample if their number is even.
#[derive(Clone, Copy)]
pub(super) struct TiffPixel {
    samples: usize,
    /// Whether each channel is stored separately.
    is_planar: bool,
    /// Whether colors are premultiplied by alpha.
    is_premultiplied: bool,
}

/// Returns the samples of the page's pixels, if [`read`] supports them: whole bytes.
pub(super) fn pixel<R: Read + Seek>(page: &mut Decoder<R>) -> Result<Option<TiffPixel>, Refusal> {
    if let Some(depth @ 2..) = page.find_tag_unsigned::<u32>(IMAGE_DEPTH)? {
        return Err(Refusal::Unsupported(format!(
            "a page is a volume of {depth} slices (ImageDepth): save each slice as a page"
        )));
    }
    let configuration = page.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)?;
    let extra = extra_sample(page)?;
    let has_alpha = matches!(extra, Some(ExtraSamples::AssociatedAlpha | ExtraSamples::UnassociatedAlpha));
    let samples = match page.colortype()? {
        ColorType::Gray(8 | 16 | 32 | 64) => 1,
        // The decoder's type for gray with another sample.
        ColorType::Multiband { bit_depth: 8 | 16 | 32 | 64, num_samples: 2 } if has_alpha => 2,
        ColorType::RGB(8 | 16 | 32 | 64) => 3,
        ColorType::RGBA(8 | 16 | 32 | 64) => 4,
        _ => return Ok(None),
    };
    let is_planar = samples > 1 && configuration == Some(PlanarConfiguration::Planar.to_u16());
    if is_planar {
        check_planar_tiles(page)?;
    }
    Ok(Some(TiffPixel { samples, is_planar, is_premultiplied: is_premultiplied(extra) }))
}

/// Checks that the decoder can read a page whose colors are stored separately. It panics on tiles if the height of the
/// page is not a multiple of theirs.
fn check_planar_tiles<R: Read + Seek>(page: &mut Decoder<R>) -> Result<(), Refusal> {
    let (_, height) = page.dimensions()?;
    let (_, tile_height) = page.chunk_dimensions();
    if page.get_chunk_type() != ChunkType::Tile || tile_height == 0 || height.is_multiple_of(tile_height) {
        return Ok(());
    }
    Err(Refusal::Unsupported(format!(
        "its colors are stored separately (PlanarConfiguration 2), in tiles of {tile_height} rows, and its height {height} is \
         not a multiple of that: save it with PlanarConfiguration 1, or without tiles"
    )))
}

/// Returns the first sample after those of the color.
pub(super) fn extra_sample<R: Read + Seek>(page: &mut Decoder<R>) -> Result<Option<ExtraSamples>, Refusal> {
    let extra = page.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)?.unwrap_or_default();
    Ok(extra.first().copied().and_then(ExtraSamples::from_u16))
}

/// Returns whether colors are premultiplied by this sample.
pub(super) fn is_premultiplied(extra: Option<ExtraSamples>) -> bool {
    extra == Some(ExtraSamples::AssociatedAlpha)
}

/// Decodes the page, whose pixels have these samples.
pub(super) fn read<R: Read + Seek>(
    page: &mut Decoder<R>,
    pixel: TiffPixel,
    expected: Option<(u32, u32)>,
    levels: Option<Levels>,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let (width, height) = page.dimensions()?;
    check_size(width, height, expected)?;
    let decoded = if pixel.is_planar { interleaved(page, pixel.samples)? } else { page.read_image()? };
    let is_narrow = matches!(decoded, DecodingResult::U8(_)) && levels.is_none();
    let samples = pixel.samples;
    let format = match (samples, is_narrow) {
        (1, true) => PixelFormat::Gray8,
        (1, false) => PixelFormat::Gray16Le,
        (3, true) => PixelFormat::Rgb24,
        (3, false) => PixelFormat::Rgb48Le,
        (_, true) => PixelFormat::Rgba,
        (_, false) => PixelFormat::Rgba64Le,
    };
    let layout = FrameLayout::new(format, width, height).range(ColorRange::Full);
    resize(pixels, layout.frame_bytes())?;
    let sample_bytes = if is_narrow { 1 } else { 2 };
    let values = width as usize * height as usize * samples;
    let place = |index: usize| (index / samples % width as usize, index / samples / width as usize);
    // Levels are about the values in the file, and the decoder inverts those of which 0 is white.
    let is_inverted = levels.is_some()
        && page.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)?
            == Some(PhotometricInterpretation::WhiteIsZero.to_u16());
    let spread = Spread { pixel, levels, is_inverted, place };
    store(&decoded, spread, &mut pixels[..values * sample_bytes])?;
    if samples == 2 {
        gray_to_rgb(pixels, sample_bytes);
    }
    Ok(layout)
}

/// Decodes a page whose channels are stored separately.
fn interleaved<R: Read + Seek>(page: &mut Decoder<R>, samples: usize) -> Result<DecodingResult, Refusal> {
    use DecodingResult as D;

    fn pixels<T: Copy>(planes: &[T], samples: usize) -> Vec<T> {
        let count = planes.len() / samples;
        (0..count * samples).map(|index| planes[index % samples * count + index / samples]).collect()
    }

    let mut decoded = D::U8(Vec::new());
    let layout = page.read_image_to_buffer(&mut decoded)?;
    let is_complete = decoded.as_buffer(0).as_bytes().len() >= layout.complete_len;
    if layout.planes != samples || !is_complete {
        return Err(Refusal::Unsupported("its channels do not fit in memory at once".to_owned()));
    }
    Ok(match decoded {
        D::U8(planes) => D::U8(pixels(&planes, samples)),
        D::U16(planes) => D::U16(pixels(&planes, samples)),
        D::U32(planes) => D::U32(pixels(&planes, samples)),
        D::U64(planes) => D::U64(pixels(&planes, samples)),
        D::I8(planes) => D::I8(pixels(&planes, samples)),
        D::I16(planes) => D::I16(pixels(&planes, samples)),
        D::I32(planes) => D::I32(pixels(&planes, samples)),
        D::I64(planes) => D::I64(pixels(&planes, samples)),
        D::F16(planes) => D::F16(pixels(&planes, samples)),
        D::F32(planes) => D::F32(pixels(&planes, samples)),
        D::F64(planes) => D::F64(pixels(&planes, samples)),
    })
}

/// Stores the samples as pixels.
fn store(
    decoded: &DecodingResult,
    spread: Spread<impl Fn(usize) -> (usize, usize)>,
    pixels: &mut [u8],
) -> Result<(), Refusal> {
    let Spread { pixel, levels, .. } = spread;
    let needs_levels = |kind: &str| {
        let hint = "set the values of black and white, as in --levels 0:4095";
        Err(Refusal::Unfit(format!("its samples are {kind}: {hint}")))
    };
    match (decoded, levels) {
        (DecodingResult::U8(values), None) => {
            pixels.copy_from_slice(values);
            if pixel.is_premultiplied {
                pixels.chunks_exact_mut(pixel.samples).for_each(divide);
            }
        }
        (DecodingResult::U16(values), None) if !pixel.is_premultiplied => {
            let targets = pixels.as_chunks_mut::<2>().0.iter_mut();
            targets.zip(values).for_each(|(target, value)| *target = value.to_le_bytes());
        }
        (DecodingResult::F16(values), _) => {
            return spread.over(values, |value| f64::from(value.to_f32()), 1.0, pixels);
        }
        (DecodingResult::F32(values), _) => return spread.over(values, f64::from, 1.0, pixels),
        (DecodingResult::F64(values), _) => return spread.over(values, |value| value, 1.0, pixels),
        (DecodingResult::U8(values), _) => return spread.over(values, f64::from, 255.0, pixels),
        (DecodingResult::U16(values), _) => return spread.over(values, f64::from, 65_535.0, pixels),
        (DecodingResult::I8(values), Some(_)) => return spread.over(values, f64::from, 127.0, pixels),
        (DecodingResult::I16(values), Some(_)) => return spread.over(values, f64::from, 32_767.0, pixels),
        (DecodingResult::U32(values), Some(_)) => return spread.over(values, f64::from, u32::MAX.into(), pixels),
        (DecodingResult::I32(values), Some(_)) => return spread.over(values, f64::from, i32::MAX.into(), pixels),
        (DecodingResult::U64(_) | DecodingResult::I64(_), _) => {
            return Err(Refusal::Unsupported(
                "integers of 64 bits are not supported: use 32 bits, or floats".to_owned(),
            ));
        }
        (DecodingResult::I8(_) | DecodingResult::I16(_) | DecodingResult::I32(_), None) => {
            return needs_levels("signed integers");
        }
        (DecodingResult::U32(_), None) => return needs_levels("integers of 32 bits"),
    }
    Ok(())
}

/// Divides the colors of a pixel by its alpha, rounded to nearest. A color above its alpha becomes white.
fn divide(pixel: &mut [u8]) {
    let Some((&mut alpha @ 1.., colors)) = pixel.split_last_mut() else { return };
    let alpha = u32::from(alpha);
    colors.iter_mut().for_each(|color| *color = ((u32::from(*color) * 255 + alpha / 2) / alpha).min(255) as u8);
}

/// The conversion of values to samples of 16 bits.
struct Spread<P> {
    pixel: TiffPixel,
    levels: Option<Levels>,
    /// Whether the decoder has inverted the values.
    is_inverted: bool,
    /// Returns the column and the row of a value.
    place: P,
}

impl<P: Fn(usize) -> (usize, usize)> Spread<P> {
    /// Converts `values`. `white` is opaque for alpha, and white if there are no levels.
    fn over<T: Copy>(
        &self,
        values: &[T],
        value_of: impl Fn(T) -> f64,
        white: f64,
        pixels: &mut [u8],
    ) -> Result<(), Refusal> {
        let opaque = Levels::of_white(white);
        let TiffPixel { samples, is_premultiplied, .. } = self.pixel;
        let has_alpha = samples.is_multiple_of(2);
        let levels = self.levels.unwrap_or(opaque);
        for (index, (value, target)) in values.iter().zip(pixels.as_chunks_mut::<2>().0).enumerate() {
            let value = if self.is_inverted { white - value_of(*value) } else { value_of(*value) };
            let is_alpha = has_alpha && index % samples == samples - 1;
            let is_beyond = self.levels.is_none() && !(-TOLERANCE..=white + TOLERANCE).contains(&value);
            let sample = match is_alpha {
                true => opaque.sample(value),
                false if is_premultiplied => {
                    let alpha = value_of(values[index - index % samples + samples - 1]) / white;
                    levels.sample(if alpha > 0.0 { value / alpha } else { value })
                }
                false => levels.sample(value),
            };
            match sample {
                Some(sample) if !is_beyond => *target = sample.to_le_bytes(),
                _ => return Err(self.refused(index, value)),
            }
        }
        Ok(())
    }

    fn refused(&self, index: usize, value: f64) -> Refusal {
        let (x, y) = (self.place)(index);
        match value.is_nan() {
            true => Refusal::Broken(format!("its pixel ({x}, {y}) is not a number (NaN)")),
            false => Refusal::Unfit(format!(
                "its pixel ({x}, {y}) is {value}: floats must be 0 to 1; otherwise set the values of black and white, as in \
                 --levels 0:4095"
            )),
        }
    }
}
