//! Samples of sound in memory, and which of them cannot be.

use std::fmt;

use crate::error::InvalidAudio;

/// Floats go from −1 to 1. What is a little beyond is clipped; what is this far beyond has another scale.
const MOST_PEAK: f64 = 8.0;

/// A type of samples: `i16` and `i32`, whose whole range is used, and `f32` and `f64`, from −1 to 1.
pub trait AudioSample: sealed::Sealed + Copy + Send + 'static {
    /// Makes them samples of any type.
    #[doc(hidden)]
    fn samples(samples: Vec<Self>) -> Samples;
}

mod sealed {
    pub trait Sealed {}
}

/// Samples of one type, those of one moment one after the other.
#[derive(Clone)]
pub enum Samples {
    /// Of 16 bits.
    I16(Vec<i16>),
    /// Of 32 bits.
    I32(Vec<i32>),
    /// Floats.
    F32(Vec<f32>),
    /// Floats of 64 bits.
    F64(Vec<f64>),
}

macro_rules! sample {
    ($($kind:ty => $variant:ident),*) => {$(
        impl sealed::Sealed for $kind {}
        impl AudioSample for $kind {
            fn samples(samples: Vec<Self>) -> Samples {
                Samples::$variant(samples)
            }
        }
    )*};
}

sample!(i16 => I16, i32 => I32, f32 => F32, f64 => F64);

impl Samples {
    /// How many there are, of all channels.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::I16(samples) => samples.len(),
            Self::I32(samples) => samples.len(),
            Self::F32(samples) => samples.len(),
            Self::F64(samples) => samples.len(),
        }
    }

    /// Checks that there are whole moments of `channels` samples, all of them numbers; clips what is beyond −1 and 1, and
    /// returns how many samples that were.
    pub(crate) fn check(&mut self, channels: u32) -> Result<u64, InvalidAudio> {
        let (count, channels) = (self.count(), channels as usize);
        if channels == 0 || count % channels != 0 {
            return Err(InvalidAudio::Uneven { samples: count, channels });
        }
        match self {
            Self::I16(_) | Self::I32(_) => Ok(0),
            Self::F32(samples) => {
                let clipped = check_floats(samples.iter().map(|sample| f64::from(*sample)), channels)?;
                if clipped > 0 {
                    samples.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
                }
                Ok(clipped)
            }
            Self::F64(samples) => {
                let clipped = check_floats(samples.iter().copied(), channels)?;
                if clipped > 0 {
                    samples.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
                }
                Ok(clipped)
            }
        }
    }
}

/// Checks that floats are numbers and of the right scale; returns how many are beyond −1 and 1.
pub(crate) fn check_floats(samples: impl Iterator<Item = f64>, channels: usize) -> Result<u64, InvalidAudio> {
    let mut clipped = 0;
    let mut peak = 0.0_f64;
    for (index, sample) in samples.enumerate() {
        // NaN compares with nothing.
        if sample.abs() <= 1.0 {
            continue;
        }
        if !sample.is_finite() {
            let (moment, channel) = (index / channels.max(1), index % channels.max(1));
            return Err(InvalidAudio::NotANumber { value: sample.to_string(), moment: moment as u64, channel });
        }
        clipped += 1;
        peak = peak.max(sample.abs());
    }
    if peak > MOST_PEAK { Err(InvalidAudio::Scale { peak: format!("{peak:.1}") }) } else { Ok(clipped) }
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} samples", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_clipped_and_counted_or_refused() {
        let mut loud = Samples::F32(vec![0.5, 1.25, -1.5, 1.0]);
        assert_eq!(loud.check(2), Ok(2));
        assert!(matches!(loud, Samples::F32(samples) if samples == [0.5, 1.0, -1.0, 1.0]));
        let check = |samples: Vec<f64>, channels| f64::samples(samples).check(channels).expect_err("refused");
        assert_eq!(
            check(vec![0.0, 0.0, 0.0, f64::NAN], 2).to_string(),
            "sample 1 of channel 1 is NaN, and samples are numbers from -1 to 1: replace it, as by 0"
        );
        assert_eq!(
            check(vec![-32_768.0], 1).to_string(),
            "the floats reach 32768.0, and full scale is 1: divide them, or give int16 or int32"
        );
        assert_eq!(
            check(vec![0.0; 5], 2).to_string(),
            "5 samples cannot be divided among 2 channels: write equally many samples for each channel"
        );
        assert_eq!(i16::samples(vec![i16::MIN, i16::MAX]).check(1), Ok(0));
    }
}
