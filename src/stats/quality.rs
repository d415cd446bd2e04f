//! The quality of encoded pictures: PSNR and SSIM, stored as sums so that they can be merged.

use std::ops::AddAssign;

/// The PSNR that x264 assumes for equal pictures in means over frames.
const EQUAL_DECIBELS: f64 = 100.0;

/// The number of worst frames to keep.
const WORST_FRAMES: usize = 10;

/// The difference between one plane of the encoded pictures and the encoder's input, for one picture or all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PlaneQuality {
    /// The number of samples that were compared.
    pub samples: u64,
    /// The sum of the squared differences.
    pub squared_error: f64,
    /// The mean structural similarity, as x264 and FFmpeg's filter `ssim` compute it: 1 for equal planes, over windows
    /// of 8 × 8 samples at distances of 4. `None` if the plane is smaller than a window.
    pub ssim: Option<f64>,
}

/// The difference between an encoded picture and the encoder's input. It measures encoding only, because the input is
/// already converted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Quality {
    /// The largest value of a sample: 255 for 8 bits.
    pub peak: u32,
    /// Y, U and V; red, green and blue if the encoder takes RGB; luminance and twice `None` for gray.
    pub planes: [Option<PlaneQuality>; 3],
}

impl PlaneQuality {
    /// Returns the peak signal-to-noise ratio in dB, 10 · log₁₀(peak² / mean squared error), where `peak` is the
    /// largest value of a sample; infinite for equal planes.
    #[must_use]
    pub fn psnr(&self, peak: u32) -> f64 {
        decibels(self.squared_error, self.samples, peak)
    }
}

impl Quality {
    /// Returns the peak signal-to-noise ratio over all samples in dB, which FFmpeg's filter `psnr` prints as `average`;
    /// infinite for equal pictures.
    #[must_use]
    pub fn psnr(&self) -> f64 {
        let sum = |value: fn(&PlaneQuality) -> f64| self.planes.iter().flatten().map(value).sum::<f64>();
        decibels(sum(|plane| plane.squared_error), sum(|plane| plane.samples as f64) as u64, self.peak)
    }

    /// Returns the mean structural similarity, weighting planes by their samples, which FFmpeg's filter `ssim` prints
    /// as `All`. `None` if a plane is smaller than 8 × 8 samples.
    #[must_use]
    pub fn ssim(&self) -> Option<f64> {
        let samples: u64 = self.planes.iter().flatten().map(|plane| plane.samples).sum();
        let weighted = |plane: &PlaneQuality| Some(plane.ssim? * plane.samples as f64);
        let sum: Option<f64> = self.planes.iter().flatten().map(weighted).sum();
        Some(sum? / samples.max(1) as f64)
    }

    /// Returns the PSNR of each plane in dB.
    #[must_use]
    pub fn plane_psnr(&self) -> [Option<f64>; 3] {
        self.planes.map(|plane| plane.map(|plane| plane.psnr(self.peak)))
    }
}

/// See [`PlaneQuality::psnr`].
fn decibels(squared_error: f64, samples: u64, peak: u32) -> f64 {
    let mean = squared_error / samples.max(1) as f64;
    10.0 * (f64::from(peak).powi(2) / mean).log10()
}

/// A frame with low quality.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WorstFrame {
    /// The frame's number in the order of writing.
    pub index: u64,
    /// The PSNR over all samples in dB; `None` if the picture equals the frame.
    pub psnr: Option<f64>,
    /// The SSIM, if there is one.
    pub ssim: Option<f64>,
}

/// The quality of all measured frames.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct QualityStats {
    /// The number of measured frames.
    pub frames: u64,
    /// The largest value of a sample.
    pub peak: u32,
    /// The planes of all frames together. Their SSIM is the mean over frames.
    pub planes: [Option<PlaneQuality>; 3],
    /// The sum of the PSNR of each frame over all samples in dB. Equal frames count as 100 dB, as in x264.
    pub psnr_sum: f64,
    /// The frames with the lowest PSNR, at most ten, worst first.
    pub worst: Vec<WorstFrame>,
}

impl QualityStats {
    pub(super) fn add(&mut self, index: u64, quality: &Quality) {
        let psnr = quality.psnr();
        let one = Self {
            frames: 1,
            peak: quality.peak,
            planes: quality.planes,
            psnr_sum: psnr.min(EQUAL_DECIBELS),
            worst: vec![WorstFrame {
                index,
                psnr: Some(psnr).filter(|psnr| psnr.is_finite()),
                ssim: quality.ssim(),
            }],
        };
        *self += &one;
    }

    /// Returns the mean PSNR of the frames in dB, which x264 prints as `PSNR Mean Avg`. A picture that equals its frame
    /// exactly counts as 100 dB. `None` if no frame was measured.
    #[must_use]
    pub fn mean_psnr(&self) -> Option<f64> {
        (self.frames > 0).then(|| self.psnr_sum / self.frames as f64)
    }

    /// Returns the PSNR over all samples of all frames in dB, which x264 prints as `Global`, and FFmpeg's filter `psnr`
    /// as `average`. Infinite if every picture equals its frame exactly; `None` if no frame was measured.
    #[must_use]
    pub fn global_psnr(&self) -> Option<f64> {
        self.as_quality().map(|quality| quality.psnr())
    }

    /// Returns the mean of the frames' SSIM, which FFmpeg's filter `ssim` prints as `All`.
    #[must_use]
    pub fn mean_ssim(&self) -> Option<f64> {
        self.as_quality().and_then(|quality| quality.ssim())
    }

    /// Returns the quality of all frames as if they were one picture.
    #[must_use]
    pub fn as_quality(&self) -> Option<Quality> {
        (self.frames > 0).then_some(Quality { peak: self.peak, planes: self.planes })
    }
}

/// Merges the quality of two parts of a movie.
impl AddAssign<&Self> for QualityStats {
    fn add_assign(&mut self, other: &Self) {
        let frames = (self.frames as f64, other.frames as f64);
        for (plane, other) in self.planes.iter_mut().zip(&other.planes) {
            *plane = match (*plane, *other) {
                (Some(one), Some(two)) => Some(PlaneQuality {
                    samples: one.samples + two.samples,
                    squared_error: one.squared_error + two.squared_error,
                    ssim: one
                        .ssim
                        .zip(two.ssim)
                        .map(|(a, b)| (a * frames.0 + b * frames.1) / (frames.0 + frames.1)),
                }),
                (one, two) => one.or(two),
            };
        }
        self.frames += other.frames;
        self.peak = self.peak.max(other.peak);
        self.psnr_sum += other.psnr_sum;
        self.worst.extend_from_slice(&other.worst);
        let decibels = |frame: &WorstFrame| frame.psnr.unwrap_or(f64::INFINITY);
        self.worst.sort_by(|a, b| decibels(a).total_cmp(&decibels(b)).then(a.index.cmp(&b.index)));
        self.worst.truncate(WORST_FRAMES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(squared_error: f64) -> Quality {
        let plane = PlaneQuality { samples: 100, squared_error, ssim: Some(0.5) };
        Quality { peak: 255, planes: [Some(plane), None, None] }
    }

    #[test]
    fn equal_pictures_have_infinite_psnr_and_count_as_100_in_means() {
        assert_eq!(gray(0.0).psnr(), f64::INFINITY);
        let mut stats = QualityStats::default();
        stats.add(0, &gray(0.0));
        stats.add(1, &gray(100.0));
        // A mean squared error of 1 is 20 · log₁₀ 255.
        let one = 48.130_803_608_679_1;
        assert!((gray(100.0).psnr() - one).abs() < 1e-9);
        assert!((stats.mean_psnr().expect("two frames") - (100.0 + one) / 2.0).abs() < 1e-9);
        assert!((stats.global_psnr().expect("two frames") - one - 10.0 * 2_f64.log10()).abs() < 1e-9);
        assert_eq!(stats.worst.iter().map(|frame| frame.index).collect::<Vec<_>>(), [1, 0]);
    }

    #[test]
    fn the_ten_worst_are_kept_in_any_order() {
        let mut stats = QualityStats::default();
        for index in 0..40_u32 {
            stats.add(index.into(), &gray(f64::from(index * 7 % 40)));
        }
        let errors: Vec<u64> = stats.worst.iter().map(|frame| frame.index * 7 % 40).collect();
        assert_eq!(errors, [39, 38, 37, 36, 35, 34, 33, 32, 31, 30]);
        assert_eq!(stats.mean_ssim(), Some(0.5));
    }
}
