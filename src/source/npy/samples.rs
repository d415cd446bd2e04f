//! The data types of array samples, and their conversion to pixels.
//!
//! Floats become 16-bit samples, so that a 10-bit movie gets all the precision that it can show. For an 8-bit movie it
//! is better to round wider samples here: color conversion from 16 bits takes several times as long.

use super::floats::{half, is_unit, scaled};
use crate::frame::PixelFormat;

/// The type of an array's samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NpyType {
    kind: NumberType,
    big_endian: bool,
    /// Whether to round wider samples to 8 bits.
    in_8_bits: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberType {
    Bool,
    U8,
    U16,
    F16,
    F32,
    F64,
}

impl NpyType {
    /// Parses NumPy's name of the type: `|u1`, `<f4`, ….
    ///
    /// # Errors
    /// How to convert the type to a supported one.
    pub(super) fn parse(descr: &str) -> Result<Self, &'static str> {
        let (big_endian, name) = match descr.split_at_checked(1) {
            Some((">", name)) => (true, name),
            Some(("<" | "|", name)) => (false, name),
            Some(("=", name)) => (cfg!(target_endian = "big"), name),
            _ => (cfg!(target_endian = "big"), descr),
        };
        let kind = match name {
            "b1" | "?" => NumberType::Bool,
            "u1" => NumberType::U8,
            "u2" => NumberType::U16,
            "f2" => NumberType::F16,
            "f4" => NumberType::F32,
            "f8" => NumberType::F64,
            _ if name.starts_with(['i', 'u']) => {
                return Err("for values of 0 to 255 save a.astype('u1'), for 0 to 65535 a.astype('u2')");
            }
            _ if name.starts_with('f') => return Err("save (a * 255).astype('u1'), or a.astype('f4')"),
            _ if name.starts_with('c') => return Err("save a real quantity, as in abs(a).astype('f4')"),
            _ if name.starts_with(['[', '(', '{']) => return Err("save one of its fields, as in a['name']"),
            _ => return Err("save numbers, as in (a * 255).astype('u1')"),
        };
        Ok(Self { kind, big_endian, in_8_bits: false })
    }

    /// Returns the same type, but rounded to 8 bits if it has more.
    pub(super) const fn in_8_bits(self) -> Self {
        Self { in_8_bits: true, ..self }
    }

    /// Returns the bytes of a sample in the array.
    pub(super) const fn bytes(self) -> usize {
        match self.kind {
            NumberType::Bool | NumberType::U8 => 1,
            NumberType::U16 | NumberType::F16 => 2,
            NumberType::F32 => 4,
            NumberType::F64 => 8,
        }
    }

    /// Returns the format of pixels with `channels` samples: 1, 3 or 4.
    pub(super) const fn pixel_format(self, channels: u64) -> PixelFormat {
        match (self.pixel_bytes(), channels) {
            (1, 1) => PixelFormat::Gray8,
            (1, 3) => PixelFormat::Rgb24,
            (1, _) => PixelFormat::Rgba,
            (_, 1) => PixelFormat::Gray16Le,
            (_, 3) => PixelFormat::Rgb48Le,
            _ => PixelFormat::Rgba64Le,
        }
    }

    /// Returns the bytes of a converted sample.
    pub(super) const fn pixel_bytes(self) -> usize {
        if self.in_8_bits || self.bytes() == 1 { 1 } else { 2 }
    }

    /// Converts all `samples` into `pixels`, which holds that many.
    ///
    /// # Errors
    /// The first sample that is not from 0 to 1, and its value.
    pub(super) fn convert(self, samples: &[u8], pixels: &mut [u8]) -> Result<(), (usize, String)> {
        let valid = match (self.kind, self.big_endian) {
            (NumberType::U8, _) => each(samples, pixels, |sample: [u8; 1]| (sample, true)),
            (NumberType::Bool, _) => each(samples, pixels, |[sample]| ([if sample == 0 { 0 } else { 255 }], true)),
            (NumberType::U16, false) => self.integers(samples, pixels, u16::from_le_bytes),
            (NumberType::U16, true) => self.integers(samples, pixels, u16::from_be_bytes),
            (NumberType::F16, false) => self.floats(samples, pixels, |sample| half(u16::from_le_bytes(sample))),
            (NumberType::F16, true) => self.floats(samples, pixels, |sample| half(u16::from_be_bytes(sample))),
            (NumberType::F32, false) => self.floats(samples, pixels, f32::from_le_bytes),
            (NumberType::F32, true) => self.floats(samples, pixels, f32::from_be_bytes),
            (NumberType::F64, false) => self.floats(samples, pixels, |sample| f64::from_le_bytes(sample) as f32),
            (NumberType::F64, true) => self.floats(samples, pixels, |sample| f64::from_be_bytes(sample) as f32),
        };
        if valid { Ok(()) } else { Err(self.first_outside(samples)) }
    }

    fn integers(self, samples: &[u8], pixels: &mut [u8], read: impl Fn([u8; 2]) -> u16) -> bool {
        if self.in_8_bits {
            // Multiplies by 255/65535, which is 1/257, and rounds to nearest.
            let narrow = |value: u16| ((u32::from(value) * 255 + 32_895) >> 16) as u8;
            each(samples, pixels, |sample| ([narrow(read(sample))], true))
        } else {
            each(samples, pixels, |sample| (read(sample).to_le_bytes(), true))
        }
    }

    fn floats<const N: usize>(self, samples: &[u8], pixels: &mut [u8], read: impl Fn([u8; N]) -> f32) -> bool {
        if self.in_8_bits {
            each(samples, pixels, |sample| {
                let value = read(sample);
                ([scaled(value, 255.0) as u8], is_unit(value))
            })
        } else {
            each(samples, pixels, |sample| {
                let value = read(sample);
                (scaled(value, 65_535.0).to_le_bytes(), is_unit(value))
            })
        }
    }

    /// Searches one by one for the invalid sample that the fast loop detected.
    #[cold]
    fn first_outside(self, samples: &[u8]) -> (usize, String) {
        let mut floats = samples.chunks_exact(self.bytes()).map(|sample| self.float(sample));
        let at = floats.position(|value| !is_unit(value as f32)).unwrap_or_default();
        let sample = &samples[at * self.bytes()..][..self.bytes()];
        let value = self.float(sample);
        // A float prints with the digits of its precision.
        (at, if self.kind == NumberType::F64 { value.to_string() } else { (value as f32).to_string() })
    }

    /// The value of a sample of floats.
    fn float(self, sample: &[u8]) -> f64 {
        let mut bytes = [0; 8];
        let little_endian = &mut bytes[..sample.len()];
        little_endian.copy_from_slice(sample);
        if self.big_endian {
            little_endian.reverse();
        }
        let bits = u64::from_le_bytes(bytes);
        match self.kind {
            NumberType::F16 => half(bits as u16).into(),
            NumberType::F32 => f32::from_bits(bits as u32).into(),
            _ => f64::from_bits(bits),
        }
    }
}

/// Converts each sample of `N` bytes to one of `M` bytes; returns whether all were valid. The loop has no branch, so
/// that the compiler can vectorize it.
fn each<const N: usize, const M: usize>(
    samples: &[u8],
    pixels: &mut [u8],
    convert: impl Fn([u8; N]) -> ([u8; M], bool),
) -> bool {
    let mut all_valid = true;
    for (sample, pixel) in samples.as_chunks().0.iter().zip(pixels.as_chunks_mut().0) {
        let (converted, valid) = convert(*sample);
        *pixel = converted;
        all_valid &= valid;
    }
    all_valid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample_type(descr: &str) -> NpyType {
        NpyType::parse(descr).expect("taken")
    }

    /// Returns the only pixel that `sample` becomes.
    fn pixel(descr: &str, sample: &[u8]) -> Result<u16, (usize, String)> {
        let mut pixel = [0; 2];
        let sample_type = sample_type(descr);
        sample_type.convert(sample, &mut pixel[..sample_type.pixel_bytes()])?;
        Ok(u16::from_le_bytes(pixel))
    }

    #[test]
    fn dtypes_are_recognized() {
        for (descr, bytes, formats) in [
            ("|u1", 1, ["gray", "rgb24", "rgba"]),
            ("|b1", 1, ["gray", "rgb24", "rgba"]),
            ("<u2", 2, ["gray16le", "rgb48le", "rgba64le"]),
            ("=u2", 2, ["gray16le", "rgb48le", "rgba64le"]),
            (">f2", 2, ["gray16le", "rgb48le", "rgba64le"]),
            ("<f4", 4, ["gray16le", "rgb48le", "rgba64le"]),
            (">f8", 8, ["gray16le", "rgb48le", "rgba64le"]),
        ] {
            let sample_type = sample_type(descr);
            assert_eq!(
                (sample_type.bytes(), [1, 3, 4].map(|n| sample_type.pixel_format(n).name())),
                (bytes, formats)
            );
        }
        for (descr, hint) in [
            ("|i1", "a.astype('u1')"),
            ("<i8", "a.astype('u1')"),
            ("<u4", "a.astype('u2')"),
            ("<f16", "(a * 255).astype('u1')"),
            ("<c8", "abs(a)"),
            ("[('x', '<f4')]", "a['name']"),
            ("|O", "(a * 255).astype('u1')"),
            ("<M8[ns]", "(a * 255).astype('u1')"),
            ("", "(a * 255).astype('u1')"),
        ] {
            assert!(NpyType::parse(descr).expect_err(descr).contains(hint), "{descr}");
        }
    }

    #[test]
    fn samples_keep_their_meaning() {
        assert_eq!(pixel("|u1", &[7]), Ok(7));
        assert_eq!([0, 1, 7].map(|byte| pixel("|b1", &[byte])), [Ok(0), Ok(255), Ok(255)]);
        assert_eq!((pixel("<u2", &[1, 2]), pixel(">u2", &[1, 2])), (Ok(0x0201), Ok(0x0102)));
        for (value, expected) in
            [(0.0, 0), (0.25, 16_384), (0.5, 32_768), (1.0, 65_535), (1.0005, 65_535), (-0.0005, 0)]
        {
            let (single, double): (f32, f64) = (value as f32, value);
            assert_eq!(pixel("<f4", &single.to_le_bytes()), Ok(expected), "{value}");
            assert_eq!(pixel(">f4", &single.to_be_bytes()), Ok(expected), "{value}");
            assert_eq!(pixel("<f8", &double.to_le_bytes()), Ok(expected), "{value}");
            assert_eq!(pixel(">f8", &double.to_be_bytes()), Ok(expected), "{value}");
        }
        assert_eq!((pixel("<f2", &[0, 0x38]), pixel(">f2", &[0x3c, 0])), (Ok(32_768), Ok(65_535)));
    }

    #[test]
    fn wider_samples_are_rounded_to_8_bits_on_request() {
        let narrow = |descr: &str, samples: &[u8]| {
            let sample_type = sample_type(descr).in_8_bits();
            assert_eq!((sample_type.pixel_bytes(), sample_type.pixel_format(3).name()), (1, "rgb24"));
            let mut pixels = vec![0; samples.len() / sample_type.bytes()];
            sample_type.convert(samples, &mut pixels).map(|()| pixels)
        };
        let (all, expected): (Vec<[u8; 2]>, Vec<u8>) =
            (0..=u16::MAX).map(|value| (value.to_be_bytes(), ((u32::from(value) + 128) / 257) as u8)).unzip();
        assert!(narrow(">u2", &all.concat()) == Ok(expected));
        let floats = [0.0_f32, 0.4 / 255.0, 0.6 / 255.0, 254.6 / 255.0, 1.0005].map(f32::to_le_bytes).concat();
        assert_eq!(narrow("<f4", &floats), Ok(vec![0, 0, 1, 255, 255]));
        assert_eq!(narrow("<f8", &2_f64.to_le_bytes()), Err((0, "2".to_owned())));
        assert_eq!(narrow("|u1", &[7]), Ok(vec![7]));
    }

    #[test]
    fn the_first_invalid_float_is_named() {
        let refused = |descr: &str, bytes: &[u8]| pixel(descr, bytes).expect_err("refused").1;
        assert_eq!(refused("<f4", &f32::NAN.to_le_bytes()), "NaN");
        assert_eq!(refused(">f4", &1.1_f32.to_be_bytes()), "1.1");
        assert_eq!(refused("<f8", &(-0.3_f64).to_le_bytes()), "-0.3");
        assert_eq!(refused("<f8", &1e10_f64.to_le_bytes()), "10000000000");
        assert_eq!(refused("<f2", &[0, 0xfc]), "-inf");
        let samples = [0.0_f32, 1.0, 2.0, f32::NAN].map(f32::to_le_bytes).concat();
        assert_eq!(sample_type("<f4").convert(&samples, &mut [0; 8]), Err((2, "2".to_owned())));
    }
}
