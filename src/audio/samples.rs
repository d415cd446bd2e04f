//! Samples of sound in memory, and checks of their values.

use std::fmt;

use crate::error::InvalidAudio;

/// Floats range from −1 to 1. Values slightly outside are clipped; values outside this limit are on another scale.
const MAX_PEAK: f64 = 8.0;

/// A sample type: `i16` and `i32`, with their whole range, or `f32` and `f64`, from −1 to 1.
pub trait AudioSample: sealed::Sealed + Copy + Send + 'static {
    /// Wraps the samples in an enum of all types.
    #[doc(hidden)]
    fn samples(samples: Vec<Self>) -> Samples;
}

mod sealed {
    pub trait Sealed {}
}

/// Samples of one type, with interleaved channels.
#[derive(Clone)]
pub enum Samples {
    /// 16-bit integers.
    I16(Vec<i16>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
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
    /// Returns the number of samples in all channels.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::I16(samples) => samples.len(),
            Self::I32(samples) => samples.len(),
            Self::F32(samples) => samples.len(),
            Self::F64(samples) => samples.len(),
        }
    }

    /// Checks that there are whole sample frames of `channels` samples, all of them numbers. Returns how many samples are
    /// outside −1 to 1.
    pub(crate) fn check(&self, channels: u32) -> Result<u64, InvalidAudio> {
        let (count, channels) = (self.count(), channels as usize);
        if channels == 0 || count % channels != 0 {
            return Err(InvalidAudio::Uneven { samples: count, channels });
        }
        match self {
            Self::I16(_) | Self::I32(_) => Ok(0),
            Self::F32(samples) => check_floats(samples.iter().map(|sample| f64::from(*sample)), channels),
            Self::F64(samples) => check_floats(samples.iter().copied(), channels),
        }
    }

    /// Checks the samples, and clips values outside −1 to 1; returns how many samples were clipped.
    pub(crate) fn check_and_clip(&mut self, channels: u32) -> Result<u64, InvalidAudio> {
        let clipped = self.check(channels)?;
        if clipped > 0 {
            match self {
                Self::I16(_) | Self::I32(_) => {}
                Self::F32(samples) => samples.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0)),
                Self::F64(samples) => samples.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0)),
            }
        }
        Ok(clipped)
    }
}

/// Checks that floats are numbers on the right scale; returns how many are outside −1 to 1.
pub(crate) fn check_floats(samples: impl Iterator<Item = f64>, channels: usize) -> Result<u64, InvalidAudio> {
    let mut out_of_range = 0;
    let mut peak = 0.0_f64;
    for (index, sample) in samples.enumerate() {
        // A comparison with NaN is false.
        if sample.abs() <= 1.0 {
            continue;
        }
        if !sample.is_finite() {
            let (place, channel) = (index / channels.max(1), index % channels.max(1));
            return Err(InvalidAudio::NotANumber { value: sample.to_string(), sample: place as u64, channel });
        }
        out_of_range += 1;
        peak = peak.max(sample.abs());
    }
    if peak > MAX_PEAK { Err(InvalidAudio::Scale { peak: format!("{peak:.1}") }) } else { Ok(out_of_range) }
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
        assert_eq!(loud.check_and_clip(2), Ok(2));
        assert!(matches!(loud, Samples::F32(samples) if samples == [0.5, 1.0, -1.0, 1.0]));
        let check = |samples: Vec<f64>, channels| f64::samples(samples).check(channels).expect_err("refused");
        assert_eq!(
            check(vec![0.0, 0.0, 0.0, f64::NAN], 2).to_string(),
            "sample 1 of channel 1 is NaN, but samples must be numbers from -1 to 1: replace it, for example with 0"
        );
        assert_eq!(
            check(vec![-32_768.0], 1).to_string(),
            "the floats reach 32768.0, but full scale is 1: scale them to -1 to 1, or pass int16 or int32"
        );
        assert_eq!(
            check(vec![0.0; 5], 2).to_string(),
            "5 samples cannot be divided among 2 channels: write the same number of samples for each channel"
        );
        assert_eq!(i16::samples(vec![i16::MIN, i16::MAX]).check(1), Ok(0));
    }
}
