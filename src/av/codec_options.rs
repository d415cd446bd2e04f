//! Each codec's settings as FFmpeg's option names and values.

use ffmpeg_next::ffi::FF_QP2LAMBDA;

use crate::settings::{Codec, Container, H264, H264RateControl, Mpeg4, QuantizerOrBitrate};

/// The options of the encoder for a movie of this width and height in `container`, which may decode frames in another order than
/// it shows them if it `reorders`.
pub(super) fn encoder_options(
    codec: &Codec,
    asked_threads: Option<u32>,
    container: Container,
    reorders: bool,
    (width, height): (u32, u32),
) -> Vec<(&'static str, String)> {
    let mut flags = String::new();
    // AVI players look for the parameter sets in the stream itself.
    if container != Container::Avi {
        flags.push_str("+global_header");
    }
    let mut options = match codec {
        Codec::H264(h264) | Codec::H264Rgb(h264) => h264_options(h264, reorders, &mut flags),
        Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => mpeg4_options(mpeg4, &mut flags),
        Codec::Mjpeg(mjpeg) => quantizer_options(mjpeg.rate_control, &mut flags),
        // In version 3 FFmpeg cuts a picture into slices, and makes those black that are a single column or row.
        Codec::Ffv1(ffv1) if width.min(height) < 8 => vec![("level", "1".into()), ("g", ffv1.gop.to_string())],
        // Version 3 is the one that the standard (RFC 9043) describes; each slice carries its checksum.
        Codec::Ffv1(ffv1) => vec![("level", "3".into()), ("slicecrc", "1".into()), ("g", ffv1.gop.to_string())],
    };
    let threads = asked_threads.unwrap_or_else(|| threads(codec, height));
    options.push(("threads", threads.to_string()));
    if !flags.is_empty() {
        options.push(("flags", flags));
    }
    options
}

fn h264_options(h264: &H264, reorders: bool, flags: &mut String) -> Vec<(&'static str, String)> {
    // Without it libavcodec asks x264 for open GOPs, whose keyframes are no clean places to cut or to seek to.
    flags.push_str("+cgop");
    let mut options = vec![("preset", h264.preset.name().to_owned())];
    options.push(match h264.rate_control {
        H264RateControl::Crf(crf) => ("crf", crf.to_string()),
        H264RateControl::Qp(qp) => ("qp", qp.to_string()),
        H264RateControl::Bitrate(bits_per_second) => ("b", bits_per_second.to_string()),
        H264RateControl::Lossless => ("qp", "0".to_owned()),
    });
    if let Some(vbv) = h264.vbv {
        options.push(("maxrate", vbv.max_bits_per_second.to_string()));
        options.push(("bufsize", vbv.buffer_bits.to_string()));
    }
    options.extend(h264.tune.map(|tune| ("tune", tune.name().to_owned())));
    options.extend(h264.profile.map(|profile| ("profile", profile.name().to_owned())));
    options.extend(h264.gop.map(|gop| ("g", gop.to_string())));
    if !reorders {
        options.push(("bf", "0".to_owned()));
    }
    if !h264.x264_params.is_empty() {
        let params: Vec<String> = h264.x264_params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        options.push(("x264-params", params.join(":")));
    }
    options
}

fn mpeg4_options(mpeg4: &Mpeg4, flags: &mut String) -> Vec<(&'static str, String)> {
    let mut options = quantizer_options(mpeg4.rate_control, flags);
    options.push(("g", mpeg4.gop.to_string()));
    options.push(("bf", "0".to_owned()));
    options
}

fn quantizer_options(rate_control: QuantizerOrBitrate, flags: &mut String) -> Vec<(&'static str, String)> {
    let qp = match rate_control {
        QuantizerOrBitrate::Qp(qp) => f64::from(qp),
        QuantizerOrBitrate::MeanQp(qp) => f64::from(qp),
        QuantizerOrBitrate::Bitrate(bits_per_second) => return vec![("b", bits_per_second.to_string())],
    };
    flags.push_str("+qscale");
    // FFmpeg's encoders do not go below 2 unless they are allowed to.
    vec![("global_quality", (qp * f64::from(FF_QP2LAMBDA)).round().to_string()), ("qmin", "1".to_owned())]
}

/// How many threads the encoder gets where none are asked for: what the processors that this process may use can feed.
///
/// For H.264 that is x264's own rule, 1.5 threads a processor and two macroblock rows a thread at least
/// (x264 `encoder/encoder.c`, `validate_parameters`), but with the processors of this process, not of the machine.
fn threads(codec: &Codec, height: u32) -> u32 {
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    let threads = match codec {
        Codec::H264(_) | Codec::H264Rgb(_) => {
            let macroblock_rows = height.div_ceil(16);
            (processors * 3 / 2).min((macroblock_rows / 2).max(1))
        }
        _ => processors.min(16),
    };
    threads.min(128)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(codec: Codec, container: Container) -> Vec<(&'static str, String)> {
        encoder_options(&codec, None, container, !container.is_constant_rate(), (640, 480))
    }

    #[test]
    fn avi_gets_its_headers_in_the_stream_and_no_b_frames() {
        let avi = options(Codec::default(), Container::Avi);
        assert!(avi.contains(&("flags", "+cgop".to_owned())));
        assert!(avi.contains(&("bf", "0".to_owned())));
        let mp4 = options(Codec::default(), Container::Mp4);
        assert!(mp4.contains(&("flags", "+global_header+cgop".to_owned())));
        assert!(!mp4.iter().any(|(name, _)| *name == "bf"));
    }

    #[test]
    fn a_quantizer_is_given_in_lambdas() {
        let options = options(Mpeg4::qp(5).into(), Container::Avi);
        assert!(options.contains(&("global_quality", "590".to_owned())));
        assert!(options.contains(&("flags", "+qscale".to_owned())));
    }

    #[test]
    fn a_small_picture_gets_few_threads() {
        let threads = |asked| {
            let options = encoder_options(&Codec::default(), asked, Container::Mp4, true, (32, 32));
            options.into_iter().find(|(name, _)| *name == "threads")
        };
        assert_eq!(threads(None), Some(("threads", "1".to_owned())));
        assert_eq!(threads(Some(7)), Some(("threads", "7".to_owned())));
    }
}
