//! How each codec's settings are said to its encoder: FFmpeg's option names and values.

use ffmpeg_next::ffi::FF_QP2LAMBDA;

use crate::settings::{Codec, Container, H264, H264RateControl, Mpeg4, QuantiserOrBitrate, Settings};

/// The options of the encoder for a movie of `height` rows in `container`.
pub(super) fn encoder_options(
    settings: &Settings,
    container: Container,
    height: u32,
) -> Vec<(&'static str, String)> {
    let mut flags = String::new();
    // AVI players look for the parameter sets in the stream itself.
    if container != Container::Avi {
        flags.push_str("+global_header");
    }
    let mut options = match &settings.codec {
        Codec::H264(h264) | Codec::H264Rgb(h264) => h264_options(h264, container, &mut flags),
        Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => mpeg4_options(mpeg4, &mut flags),
        Codec::Mjpeg(mjpeg) => quantiser_options(mjpeg.rate_control, &mut flags),
        // Version 3 is the one that the standard (RFC 9043) describes; each slice carries its checksum.
        Codec::Ffv1(ffv1) => vec![("level", "3".into()), ("slicecrc", "1".into()), ("g", ffv1.gop.to_string())],
    };
    options.push(("threads", threads(settings, height).to_string()));
    if !flags.is_empty() {
        options.push(("flags", flags));
    }
    options
}

fn h264_options(h264: &H264, container: Container, flags: &mut String) -> Vec<(&'static str, String)> {
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
    if container.is_constant_rate() {
        options.push(("bf", "0".to_owned()));
    }
    if !h264.x264_params.is_empty() {
        let params: Vec<String> = h264.x264_params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        options.push(("x264-params", params.join(":")));
    }
    options
}

fn mpeg4_options(mpeg4: &Mpeg4, flags: &mut String) -> Vec<(&'static str, String)> {
    let mut options = quantiser_options(mpeg4.rate_control, flags);
    options.push(("g", mpeg4.gop.to_string()));
    options.push(("bf", "0".to_owned()));
    options
}

fn quantiser_options(rate_control: QuantiserOrBitrate, flags: &mut String) -> Vec<(&'static str, String)> {
    match rate_control {
        QuantiserOrBitrate::Qp(qp) => {
            flags.push_str("+qscale");
            // FFmpeg's encoders do not go below 2 unless they are told that they may.
            vec![
                ("global_quality", (i64::from(qp) * i64::from(FF_QP2LAMBDA)).to_string()),
                ("qmin", "1".to_owned()),
            ]
        }
        QuantiserOrBitrate::Bitrate(bits_per_second) => vec![("b", bits_per_second.to_string())],
    }
}

/// How many threads the encoder gets: those asked for, or what the processors that this process may use can feed.
///
/// For H.264 that is x264's own rule, 1.5 threads a processor and two macroblock rows a thread at least
/// (x264 `encoder/encoder.c`, `validate_parameters`), but with the processors of this process, not of the machine.
fn threads(settings: &Settings, height: u32) -> u32 {
    if let Some(threads) = settings.threads {
        return threads;
    }
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    let threads = match settings.codec {
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
    use crate::time::FrameRate;

    fn options(codec: Codec, container: Container) -> Vec<(&'static str, String)> {
        let settings = Settings { codec, ..Settings::new(640, 480, FrameRate::new(30, 1)) };
        encoder_options(&settings, container, 480)
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
    fn a_quantiser_is_said_in_lambdas() {
        let options = options(Mpeg4::qp(5).into(), Container::Avi);
        assert!(options.contains(&("global_quality", "590".to_owned())));
        assert!(options.contains(&("flags", "+qscale".to_owned())));
    }

    #[test]
    fn a_small_picture_gets_few_threads() {
        let settings = Settings::new(640, 480, FrameRate::new(30, 1));
        assert_eq!(threads(&settings, 32), 1);
        assert_eq!(threads(&Settings { threads: Some(7), ..settings }, 32), 7);
    }
}
