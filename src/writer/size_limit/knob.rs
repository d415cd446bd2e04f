//! The setting of a codec that decides how large its movies are.

use crate::settings::{Codec, H264RateControl, Mjpeg, Mpeg4, QuantizerOrBitrate};

/// The rate parameter of a codec, on one scale: 6 more halve the movie, about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Knob {
    /// The crf of H.264, which is coarseness itself.
    Crf,
    /// The mean quantizer of the other codecs, which doubles where coarseness grows by 6.
    Quantizer,
}

/// Crf 0 is another profile of H.264, and this is as good to the eye.
const BEST_CRF: f64 = 1.0;
const WORST_CRF: f64 = 51.0;

const BEST_QUANTISER: f64 = 1.0;
const WORST_QUANTISER: f64 = 31.0;

impl Knob {
    pub(super) fn of(codec: &Codec) -> Self {
        match codec {
            Codec::H264(_) | Codec::H264Rgb(_) => Self::Crf,
            _ => Self::Quantizer,
        }
    }

    /// The least and the most coarseness.
    pub(super) fn range(self) -> (f64, f64) {
        match self {
            Self::Crf => (BEST_CRF, WORST_CRF),
            Self::Quantizer => (coarseness(BEST_QUANTISER), coarseness(WORST_QUANTISER)),
        }
    }

    /// How coarse `codec` is.
    pub(super) fn of_now(self, codec: &Codec) -> f64 {
        let now = match codec {
            Codec::H264(h264) | Codec::H264Rgb(h264) => match h264.rate_control {
                H264RateControl::Crf(crf) => crf.into(),
                _ => BEST_CRF,
            },
            Codec::Mpeg4(Mpeg4 { rate_control, .. })
            | Codec::Xvid(Mpeg4 { rate_control, .. })
            | Codec::Mjpeg(Mjpeg { rate_control }) => match rate_control {
                QuantizerOrBitrate::Qp(qp) => coarseness((*qp).into()),
                QuantizerOrBitrate::MeanQp(qp) => coarseness((*qp).into()),
                QuantizerOrBitrate::Bitrate(_) => coarseness(BEST_QUANTISER),
            },
            Codec::Ffv1(_) => coarseness(BEST_QUANTISER),
        };
        let (best, worst) = self.range();
        now.clamp(best, worst)
    }

    /// `codec` with the knob turned.
    pub(super) fn turned_to(self, coarseness: f64, codec: &Codec) -> Codec {
        let mut codec = codec.clone();
        match &mut codec {
            Codec::H264(h264) | Codec::H264Rgb(h264) => h264.rate_control = H264RateControl::Crf(coarseness as f32),
            Codec::Mpeg4(Mpeg4 { rate_control, .. })
            | Codec::Xvid(Mpeg4 { rate_control, .. })
            | Codec::Mjpeg(Mjpeg { rate_control }) => {
                *rate_control = QuantizerOrBitrate::MeanQp(quantizer(coarseness) as f32);
            }
            // Lossless: there is nothing to turn, and the settings were refused.
            Codec::Ffv1(_) => {}
        }
        codec
    }

    /// How the knob stands, for people.
    pub(super) fn told(self, coarseness: f64) -> String {
        match self {
            Self::Crf => format!("crf {coarseness:.2}"),
            Self::Quantizer => format!("qp {:.2}", quantizer(coarseness)),
        }
    }
}

fn quantizer(coarseness: f64) -> f64 {
    (coarseness / 6.0).exp2().clamp(BEST_QUANTISER, WORST_QUANTISER)
}

fn coarseness(quantizer: f64) -> f64 {
    6.0 * quantizer.log2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::H264;

    #[test]
    fn quantizers_are_on_the_scale_of_crf() {
        let codec = Codec::from(Mjpeg::qp(8));
        let now = Knob::Quantizer.of_now(&codec);
        let turned = |coarseness| match Knob::Quantizer.turned_to(coarseness, &codec) {
            Codec::Mjpeg(Mjpeg { rate_control: QuantizerOrBitrate::MeanQp(qp) }) => qp,
            other => panic!("{other:?}"),
        };
        assert_eq!((turned(now), turned(now + 6.0), turned(now + 600.0)), (8.0, 16.0, 31.0));
    }

    #[test]
    fn a_crf_starts_where_it_was_set_and_stays_lossy() {
        assert_eq!(Knob::Crf.of_now(&H264::crf(30.0).into()), 30.0);
        assert_eq!(Knob::Crf.of_now(&H264::crf(0.0).into()), 1.0);
        assert_eq!(Knob::Crf.turned_to(27.5, &Codec::default()), H264::crf(27.5).into());
    }
}
