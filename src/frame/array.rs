//! Pictures in arrays: samples of several types, with any strides.

mod floats;
mod strips;
mod walk;

pub use strips::ArrayStrips;

use super::{FrameLayout, PixelFormat, check_size};
use crate::error::InvalidFrame;
use strips::InPlace;

/// The type of an array's samples, in the processor's byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SampleType {
    /// A byte: 0 is black, and everything else is white.
    Bool,
    /// 8 bits: 255 is white.
    U8,
    /// 16 bits: 65535 is white.
    U16,
    /// 32-bit floats from 0 (black) to 1 (white).
    F32,
    /// 64-bit floats from 0 (black) to 1 (white).
    F64,
}

impl SampleType {
    /// Returns the bytes of a sample.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Bool | Self::U8 => 1,
            Self::U16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// A borrowed picture in an array of rows, pixels and channels. Strides may be arbitrary, as in NumPy: negative, zero,
/// or transposed. One channel is gray, three are red, green and blue, and four have straight alpha.
///
/// Samples that the converter supports are read in place. Others are converted a few rows at a time.
///
/// ```
/// use framemill::{ArrayView, PixelFormat, SampleType, Strips};
/// let pixels = [0.0_f64, 0.5, 1.0].map(f64::to_ne_bytes).concat();
/// // One row of three pixels, mirrored.
/// let array = ArrayView::new(SampleType::F64, &pixels, 16, [1, 3, 1], [24, -8, 8])?;
/// let mut memory = Vec::new();
/// let mut strips = array.strips(&mut memory);
/// let row = strips.next_strip(1)?;
/// assert_eq!((row.format(), &row.planes()[0].data[..3]), (PixelFormat::Gray8, &[255, 128, 0][..]));
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ArrayView<'a> {
    data: &'a [u8],
    samples: SampleType,
    /// The position of the first pixel's first sample in `data`.
    first: usize,
    width: u32,
    height: u32,
    channels: usize,
    strides: Strides,
    floats_in_16_bits: bool,
}

/// The bytes from one row, pixel and sample to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Strides {
    row: isize,
    pixel: isize,
    sample: isize,
}

impl<'a> ArrayView<'a> {
    /// Makes a view of an array of `[height, width, channels]`, with `strides` in bytes. Its first sample starts at
    /// byte `first` of `data`.
    ///
    /// # Errors
    /// [`InvalidFrame`] if a side is out of range, there are not 1, 3 or 4 channels, or a sample is outside `data`.
    pub fn new(
        samples: SampleType,
        data: &'a [u8],
        first: usize,
        shape: [usize; 3],
        strides: [isize; 3],
    ) -> Result<Self, InvalidFrame> {
        let [height, width, channels] = shape;
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let (height, width) = (side(height), side(width));
        check_size(width, height)?;
        if !matches!(channels, 1 | 3 | 4) {
            return Err(InvalidFrame::Channels { channels });
        }
        let bytes = samples.bytes() as isize;
        // The stride of an axis of length one has no meaning, and may be anything.
        let [row, pixel, sample] = strides;
        let sample = if channels == 1 { bytes } else { sample };
        let pixel = if width == 1 { channels as isize * bytes } else { pixel };
        let row = if height == 1 { 0 } else { row };
        let strides = Strides { row, pixel, sample };
        let array = Self { data, samples, first, width, height, channels, strides, floats_in_16_bits: false };
        array.check_bounds()?;
        Ok(array)
    }

    /// Converts floats to 16-bit samples, for movies of more than 8 bits, instead of 8-bit samples.
    #[must_use]
    pub const fn floats_in_16_bits(mut self, wide: bool) -> Self {
        self.floats_in_16_bits = wide;
        self
    }

    /// Returns the layout of the pixels that the encoder receives.
    #[must_use]
    pub fn layout(&self) -> FrameLayout {
        let format = InPlace::of(self).map_or_else(|| self.gathered_format(), |place| place.format);
        FrameLayout::new(format, self.width, self.height).range(super::ColorRange::Full)
    }

    /// Returns the picture's rows, from the top down. `memory` holds rows that have to be converted; pass the same for
    /// each frame.
    #[must_use]
    pub fn strips<'m>(&self, memory: &'m mut Vec<u8>) -> ArrayStrips<'m>
    where
        'a: 'm,
    {
        ArrayStrips::new(*self, memory)
    }

    /// Checks that all floats are between 0 and 1.
    ///
    /// # Errors
    /// [`InvalidFrame::NotALevel`] or [`InvalidFrame::NotANumber`] for the first that is not from 0 to 1.
    pub fn check_levels(&self) -> Result<(), InvalidFrame> {
        match self.samples {
            SampleType::F32 => {
                self.check_floats(|bytes| f32::from_ne_bytes(bytes).into(), |value| (value as f32).to_string())
            }
            SampleType::F64 => self.check_floats(f64::from_ne_bytes, |value| value.to_string()),
            _ => Ok(()),
        }
    }

    fn check_floats<const N: usize>(
        &self,
        read: impl Fn([u8; N]) -> f64,
        shown: impl Fn(f64) -> String,
    ) -> Result<(), InvalidFrame> {
        let (mut least, mut most, mut outside) = (f64::INFINITY, f64::NEG_INFINITY, None);
        for row in 0..self.height {
            for column in 0..self.width {
                for channel in 0..self.channels {
                    let value = read(self.sample(row, column, channel));
                    (least, most) = (least.min(value), most.max(value));
                    if outside.is_none() && !(0.0..=1.0).contains(&value) {
                        outside = Some((value, row, column));
                    }
                }
            }
        }
        let Some((value, row, column)) = outside else { return Ok(()) };
        if value.is_nan() {
            return Err(InvalidFrame::NotANumber { row, column });
        }
        let [value, least, most] = [value, least, most].map(shown);
        Err(InvalidFrame::NotALevel { value, row, column, least, most })
    }

    /// Returns the bytes of one sample; zeros if a sample does not have `N` bytes.
    fn sample<const N: usize>(&self, row: u32, column: u32, channel: usize) -> [u8; N] {
        let Strides { row: down, pixel, sample } = self.strides;
        let at = self.first as isize + row as isize * down + column as isize * pixel + channel as isize * sample;
        self.data.get(at as usize..).and_then(|data| data.first_chunk()).copied().unwrap_or([0; N])
    }

    /// Returns the format of the converted pixels.
    fn gathered_format(&self) -> PixelFormat {
        match (self.is_wide(), self.channels) {
            (false, 1) => PixelFormat::Gray8,
            (false, 3) => PixelFormat::Rgb24,
            (false, _) => PixelFormat::Rgba,
            (true, 1) => PixelFormat::Gray16Le,
            (true, 3) => PixelFormat::Rgb48Le,
            (true, _) => PixelFormat::Rgba64Le,
        }
    }

    /// Returns whether samples become 16 bits.
    fn is_wide(&self) -> bool {
        match self.samples {
            SampleType::Bool | SampleType::U8 => false,
            SampleType::U16 => true,
            SampleType::F32 | SampleType::F64 => self.floats_in_16_bits,
        }
    }

    fn check_bounds(&self) -> Result<(), InvalidFrame> {
        let Strides { row, pixel, sample } = self.strides;
        let axes = [(self.height as i128, row), (self.width as i128, pixel), (self.channels as i128, sample)];
        let first = self.first as i128;
        let (mut lowest, mut end) = (first, first + self.samples.bytes() as i128);
        for (places, stride) in axes {
            let last = (places - 1) * stride as i128;
            lowest += last.min(0);
            end += last.max(0);
        }
        if lowest < 0 || end > self.data.len() as i128 {
            return Err(InvalidFrame::OutsideArray { lowest, end, bytes: self.data.len() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
