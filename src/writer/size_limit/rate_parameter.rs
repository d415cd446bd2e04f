//! The setting of a codec that decides the size of its movies.

use crate::settings::{Codec, Mjpeg, Mpeg4, QuantizerOrBitrate, RateControl};

/// The rate parameter of a codec, on one scale: adding 6 roughly halves the movie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RateParameter {
    /// The crf of H.264 and HEVC, which is the rate factor itself.
    Crf,
    /// The mean quantizer of the other codecs, which doubles when the rate factor grows by 6.
    Quantizer,
}

/// Crf 0 would select another profile of H.264, and crf 1 looks as good.
const BEST_CRF: f64 = 1.0;
const WORST_CRF: f64 = 51.0;

const BEST_QUANTIZER: f64 = 1.0;
const WORST_QUANTIZER: f64 = 31.0;

impl RateParameter {
    pub(super) fn of(codec: &Codec) -> Self {
        match codec {
            Codec::H264(_) | Codec::H264Rgb(_) | Codec::Hevc(_) => Self::Crf,
            _ => Self::Quantizer,
        }
    }

    /// Returns the smallest and the largest rate factor.
    pub(super) fn range(self) -> (f64, f64) {
        match self {
            Self::Crf => (BEST_CRF, WORST_CRF),
            Self::Quantizer => (rate_factor(BEST_QUANTIZER), rate_factor(WORST_QUANTIZER)),
        }
    }

    /// Returns the rate factor of `codec`.
    pub(super) fn current(self, codec: &Codec) -> f64 {
        let now = match (codec.rate_control(), codec.quantizer_or_bitrate()) {
            (Some(RateControl::Crf(crf)), _) => crf.into(),
            (_, Some(QuantizerOrBitrate::Qp(qp))) => rate_factor(qp.into()),
            (_, Some(QuantizerOrBitrate::MeanQp(qp))) => rate_factor(qp.into()),
            // Such settings are rejected before.
            _ => BEST_CRF,
        };
        let (best, worst) = self.range();
        now.clamp(best, worst)
    }

    /// Returns `codec` with another rate factor.
    pub(super) fn set_to(self, rate_factor: f64, codec: &Codec) -> Codec {
        let mut codec = codec.clone();
        match &mut codec {
            Codec::H264(h264) | Codec::H264Rgb(h264) => h264.rate_control = RateControl::Crf(rate_factor as f32),
            Codec::Mpeg4(Mpeg4 { rate_control, .. })
            | Codec::Xvid(Mpeg4 { rate_control, .. })
            | Codec::Mjpeg(Mjpeg { rate_control }) => {
                *rate_control = QuantizerOrBitrate::MeanQp(quantizer(rate_factor) as f32);
            }
            Codec::Hevc(hevc) => hevc.rate_control = RateControl::Crf(rate_factor as f32),
            // There is no rate parameter, and such settings are rejected before.
            _ => {}
        }
        codec
    }

    /// Describes the parameter and its value for log messages.
    pub(super) fn describe(self, rate_factor: f64) -> String {
        match self {
            Self::Crf => format!("crf {rate_factor:.2}"),
            Self::Quantizer => format!("qp {:.2}", quantizer(rate_factor)),
        }
    }
}

fn quantizer(rate_factor: f64) -> f64 {
    (rate_factor / 6.0).exp2().clamp(BEST_QUANTIZER, WORST_QUANTIZER)
}

fn rate_factor(quantizer: f64) -> f64 {
    6.0 * quantizer.log2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::H264;

    #[test]
    fn quantizers_are_on_the_scale_of_crf() {
        let codec = Codec::from(Mjpeg::qp(8));
        let now = RateParameter::Quantizer.current(&codec);
        let set = |rate_factor| match RateParameter::Quantizer.set_to(rate_factor, &codec) {
            Codec::Mjpeg(Mjpeg { rate_control: QuantizerOrBitrate::MeanQp(qp) }) => qp,
            other => panic!("{other:?}"),
        };
        assert_eq!((set(now), set(now + 6.0), set(now + 600.0)), (8.0, 16.0, 31.0));
    }

    #[test]
    fn a_crf_starts_where_it_was_set_and_stays_lossy() {
        assert_eq!(RateParameter::Crf.current(&H264::crf(30.0).into()), 30.0);
        assert_eq!(RateParameter::Crf.current(&H264::crf(0.0).into()), 1.0);
        assert_eq!(RateParameter::Crf.set_to(27.5, &Codec::default()), H264::crf(27.5).into());
    }
}
