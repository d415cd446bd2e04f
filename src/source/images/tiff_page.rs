//! A page of a TIFF: its samples become pixels.

use std::io::{Read, Seek};

use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::{PlanarConfiguration, Tag};
use tiff::{ColorType, TiffError};

use super::decode::{MAX_DECODER_BYTES, gray_to_rgb};
use super::levels::Levels;
use super::refusal::{Refusal, check_size, resize};
use crate::frame::{ColorRange, PixelFormat};
use crate::source::{FrameBuffer, FrameLayout};

/// How far outside [0, 1] a float may be without levels: what rounding leaves in half floats.
const TOLERANCE: f64 = 1.0 / 1024.0;

impl From<TiffError> for Refusal {
    fn from(error: TiffError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Opens a TIFF at its first page.
pub(super) fn open<R: Read + Seek>(reader: R) -> Result<Decoder<R>, Refusal> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(MAX_DECODER_BYTES).unwrap_or(usize::MAX);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    Ok(Decoder::new(reader)?.with_limits(limits))
}

/// How many samples the pixels of the page have, as far as [`read`] takes them: gray or RGB, with alpha or without, each sample
/// of whole bytes and beside the others of its pixel.
pub(super) fn samples<R: Read + Seek>(page: &mut Decoder<R>) -> Result<Option<usize>, Refusal> {
    let chunky = PlanarConfiguration::Chunky.to_u16();
    let planar = page.find_tag_unsigned(Tag::PlanarConfiguration)?.unwrap_or(chunky);
    Ok(match page.colortype()? {
        ColorType::Gray(8 | 16 | 32 | 64) => Some(1),
        _ if planar != chunky => None,
        ColorType::GrayA(8 | 16 | 32 | 64) => Some(2),
        ColorType::RGB(8 | 16 | 32 | 64) => Some(3),
        ColorType::RGBA(8 | 16 | 32 | 64) => Some(4),
        _ => None,
    })
}

/// Decodes the page, whose pixels have so many samples.
pub(super) fn read<R: Read + Seek>(
    page: &mut Decoder<R>,
    samples: usize,
    expected: Option<(u32, u32)>,
    levels: Option<Levels>,
    pixels: &mut FrameBuffer,
) -> Result<FrameLayout, Refusal> {
    let (width, height) = page.dimensions()?;
    check_size(width, height, expected)?;
    let decoded = page.read_image()?;
    let is_narrow = matches!(decoded, DecodingResult::U8(_)) && levels.is_none();
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
    store(&decoded, samples, levels, &mut pixels[..values * sample_bytes], place)?;
    if samples == 2 {
        gray_to_rgb(pixels, sample_bytes);
    }
    Ok(layout)
}

/// Puts the samples where their pixels are to be.
fn store(
    decoded: &DecodingResult,
    samples: usize,
    levels: Option<Levels>,
    pixels: &mut [u8],
    place: impl Fn(usize) -> (usize, usize),
) -> Result<(), Refusal> {
    let needs_levels = |kind: &str| {
        let hint = "set which are black and white, as in --levels 0:4095";
        Err(Refusal::Unfit(format!("its samples are {kind}: {hint}")))
    };
    let spread = Spread { samples, levels, place };
    match (decoded, levels) {
        (DecodingResult::U8(values), None) => pixels.copy_from_slice(values),
        (DecodingResult::U16(values), None) => {
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
            return Err(Refusal::Broken("integers of 64 bits are not taken: use 32 bits, or floats".to_owned()));
        }
        (DecodingResult::I8(_) | DecodingResult::I16(_) | DecodingResult::I32(_), None) => {
            return needs_levels("signed integers");
        }
        (DecodingResult::U32(_), None) => return needs_levels("integers of 32 bits"),
    }
    Ok(())
}

/// How values become samples of 16 bits.
struct Spread<P> {
    samples: usize,
    levels: Option<Levels>,
    /// The column and the row of a value.
    place: P,
}

impl<P: Fn(usize) -> (usize, usize)> Spread<P> {
    /// Converts `values`, of which `white` is opaque in alpha, and white without levels.
    fn over<T: Copy>(
        &self,
        values: &[T],
        value_of: impl Fn(T) -> f64,
        white: f64,
        pixels: &mut [u8],
    ) -> Result<(), Refusal> {
        let opaque = Levels { black: 0.0, white };
        let has_alpha = self.samples.is_multiple_of(2);
        let levels = self.levels.unwrap_or(opaque);
        for (index, (value, target)) in values.iter().zip(pixels.as_chunks_mut::<2>().0).enumerate() {
            let value = value_of(*value);
            let is_alpha = has_alpha && index % self.samples == self.samples - 1;
            let is_beyond = self.levels.is_none() && !(-TOLERANCE..=white + TOLERANCE).contains(&value);
            match (if is_alpha { opaque } else { levels }).sample(value) {
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
                "its pixel ({x}, {y}) is {value}, and floats are from 0 to 1: set which are black and white, as in --levels \
                 0:4095"
            )),
        }
    }
}
