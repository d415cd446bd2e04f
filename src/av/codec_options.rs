//! Converts each codec's settings to FFmpeg's option names and values.

use ffmpeg_next::ffi::FF_QP2LAMBDA;

use crate::frame::PixelFormat;
use crate::settings::{
    Av1, Codec, Container, H264, Hevc, Mpeg4, NamedEncoder, Prores, QuantizerOrBitrate, RateControl, Settings, Vp9,
    safe_x265_params,
};

/// The libavcodec option for x265's parameters.
pub(super) const X265_PARAMS: &str = "x265-params";

/// Returns the encoder options of `codec` for a movie of this width and height in `container`. If it `reorders`, the
/// decoding order may differ from the presentation order.
pub(super) fn encoder_options(
    settings: &Settings,
    codec: &Codec,
    container: Container,
    reorders: bool,
    (width, height): (u32, u32),
) -> Vec<(&'static str, String)> {
    let mut flags = String::new();
    // AVI players look for the parameter sets in the stream itself.
    if container != Container::Avi {
        flags.push_str("+global_header");
    }
    let asked_threads = settings.encoder_threads();
    let threads = asked_threads.unwrap_or_else(|| threads(codec, height));
    let format = settings.encoder_pixel_format();
    let mut options = match codec {
        Codec::H264(h264) | Codec::H264Rgb(h264) => h264_options(h264, reorders, &mut flags),
        Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => mpeg4_options(mpeg4, &mut flags),
        Codec::Mjpeg(mjpeg) => quantizer_options(mjpeg.rate_control, &mut flags),
        Codec::Hevc(hevc) => hevc_options(hevc, threads, reorders, (width, height), &mut flags),
        Codec::Av1(av1) => av1_options(av1, threads),
        Codec::Vp9(vp9) => vp9_options(vp9, format),
        Codec::Prores(prores) => prores_options(prores, format),
        // The filter is chosen for each row, as PNG programs do.
        Codec::Png => vec![("pred", "mixed".to_owned())],
        // As in x264.
        Codec::Qtrle => vec![("g", "250".to_owned())],
        Codec::Encoder(encoder) => named_options(encoder, reorders, (width, height), &mut flags),
        // In version 3, FFmpeg cuts a picture into slices, and makes slices of a single column or row black.
        Codec::Ffv1(ffv1) if width.min(height) < 8 => vec![("level", "1".into()), ("g", ffv1.gop.to_string())],
        // Version 3 is the standardized one (RFC 9043); each slice has a checksum.
        Codec::Ffv1(ffv1) => vec![("level", "3".into()), ("slicecrc", "1".into()), ("g", ffv1.gop.to_string())],
    };
    let threads = if matches!(codec, Codec::Hevc(_)) { hevc_frame_threads(threads) } else { threads };
    options.push(("threads", threads.to_string()));
    if !flags.is_empty() {
        options.push(("flags", flags));
    }
    options
}

fn h264_options(h264: &H264, reorders: bool, flags: &mut String) -> Vec<(&'static str, String)> {
    // Without this, libavcodec sets open GOPs for x264, whose keyframes are not clean places to cut or to seek to.
    flags.push_str("+cgop");
    let mut options = vec![("preset", h264.preset.name().to_owned())];
    options.push(match h264.rate_control {
        RateControl::Crf(crf) => ("crf", crf.to_string()),
        RateControl::Qp(qp) => ("qp", qp.to_string()),
        RateControl::Bitrate(bits_per_second) => ("b", bits_per_second.to_string()),
        RateControl::Lossless => ("qp", "0".to_owned()),
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

/// Returns x265's options. Its log level is `none`, because it would log to standard error by itself.
fn hevc_options(
    hevc: &Hevc,
    threads: u32,
    reorders: bool,
    size: (u32, u32),
    flags: &mut String,
) -> Vec<(&'static str, String)> {
    flags.push_str("+cgop");
    // Without this, keyframes would not be clean places to cut, and x265 would use all processors of the machine
    // instead of those of this process.
    let mut params = format!("log-level=none:open-gop=0:pools={threads}");
    let mut options = vec![("preset", hevc.preset.name().to_owned())];
    match hevc.rate_control {
        RateControl::Crf(crf) => options.push(("crf", crf.to_string())),
        RateControl::Qp(qp) => options.push(("qp", qp.to_string())),
        RateControl::Bitrate(bits_per_second) => options.push(("b", bits_per_second.to_string())),
        RateControl::Lossless => params.push_str(":lossless=1"),
    }
    options.extend(hevc.tune.map(|tune| ("tune", tune.name().to_owned())));
    options.extend(hevc.gop.map(|gop| ("g", gop.to_string())));
    if !reorders {
        options.push(("bf", "0".to_owned()));
    }
    push_safe_params(&mut params, size);
    push_params(&mut params, &hevc.x265_params);
    options.push((X265_PARAMS, params));
    options
}

/// Returns how many frames x265 encodes at a time: about as many as it chooses itself for that many processors.
fn hevc_frame_threads(threads: u32) -> u32 {
    match threads {
        32.. => 6,
        16.. => 5,
        8.. => 3,
        4.. => 2,
        _ => 1,
    }
}

/// Returns the options that make `encoder:NAME` behave like our own settings. The user's options override them.
fn named_options(
    encoder: &NamedEncoder,
    reorders: bool,
    size: (u32, u32),
    flags: &mut String,
) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    if !reorders {
        options.push(("bf", "0".to_owned()));
    }
    if encoder.name == "libx265" {
        flags.push_str("+cgop");
        let mut params = "log-level=none:open-gop=0".to_owned();
        push_safe_params(&mut params, size);
        for (_, given) in encoder.options.iter().filter(|(name, _)| name == X265_PARAMS) {
            params.push_str(&format!(":{given}"));
        }
        options.push((X265_PARAMS, params));
    }
    options
}

/// Adds the parameters that x265 needs for pictures of this size.
fn push_safe_params(params: &mut String, size: (u32, u32)) {
    for (name, value) in safe_x265_params(size) {
        params.push_str(&format!(":{name}={value}"));
    }
}

fn av1_options(av1: &Av1, threads: u32) -> Vec<(&'static str, String)> {
    let mut options = vec![("preset", av1.preset.to_string())];
    match av1.rate_control {
        RateControl::Crf(crf) => options.push(("crf", crf.to_string())),
        RateControl::Bitrate(bits_per_second) => options.push(("b", bits_per_second.to_string())),
        // Rejected when the settings are validated.
        RateControl::Qp(_) | RateControl::Lossless => {}
    }
    options.extend(av1.gop.map(|gop| ("g", gop.to_string())));
    let mut params = format!("lp={}", av1_parallelism(threads));
    if av1.rate_control == RateControl::Crf(0.0) {
        // libavcodec ignores a crf of 0 as not set (`libavcodec/libsvtav1.c`).
        params.push_str(":crf=0");
    }
    if av1.film_grain > 0 {
        params.push_str(&format!(":film-grain={}", av1.film_grain));
    }
    push_params(&mut params, &av1.svtav1_params);
    options.push(("svtav1-params", params));
    options
}

/// Returns SVT-AV1's `lp`: a number of processors, or, since its version 2, which comes with FFmpeg 7, a level up to 6.
fn av1_parallelism(threads: u32) -> u32 {
    const FFMPEG_7: u32 = 61;
    // SAFETY: takes nothing and returns a number.
    let major = unsafe { ffmpeg_next::ffi::avcodec_version() } >> 16;
    if major >= FFMPEG_7 { threads.min(6) } else { threads }
}

fn vp9_options(vp9: &Vp9, format: PixelFormat) -> Vec<(&'static str, String)> {
    let mut options = vec![("deadline", "good".to_owned()), ("cpu-used", vp9.cpu_used.to_string())];
    match vp9.rate_control {
        RateControl::Crf(crf) => options.extend([("crf", crf.to_string()), ("b", "0".to_owned())]),
        RateControl::Bitrate(bits_per_second) => options.push(("b", bits_per_second.to_string())),
        RateControl::Lossless => options.extend([("lossless", "1".to_owned()), ("b", "0".to_owned())]),
        // Rejected when the settings are validated.
        RateControl::Qp(_) => {}
    }
    options.extend(vp9.gop.map(|gop| ("g", gop.to_string())));
    // Threads share rows and tiles. There are never more tiles than the width allows.
    options.extend([("row-mt", "1".to_owned()), ("tile-columns", "6".to_owned())]);
    if format.has_alpha() {
        // The alpha stream must have a packet for each frame.
        options.push(("auto-alt-ref", "0".to_owned()));
    }
    options
}

fn prores_options(prores: &Prores, format: PixelFormat) -> Vec<(&'static str, String)> {
    let alpha_bits = if format.has_alpha() { "16" } else { "0" };
    vec![
        ("profile", prores.profile_of(format).name().to_owned()),
        // Editing programs recognize movies by this vendor.
        ("vendor", "apl0".to_owned()),
        ("alpha_bits", alpha_bits.to_owned()),
    ]
}

fn push_params(text: &mut String, params: &[(String, String)]) {
    for (name, value) in params {
        text.push_str(&format!(":{name}={value}"));
    }
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
    // FFmpeg's encoders only go below 2 if `qmin` allows it.
    vec![("global_quality", (qp * f64::from(FF_QP2LAMBDA)).round().to_string()), ("qmin", "1".to_owned())]
}

/// Returns the default number of encoder threads, for the processors that this process may use.
///
/// For H.264 this is x264's own rule, 1.5 threads per processor and at least two macroblock rows per thread (x264
/// `encoder/encoder.c`, `validate_parameters`), but with the processors of this process instead of the machine.
fn threads(codec: &Codec, height: u32) -> u32 {
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    let threads = match codec {
        Codec::H264(_) | Codec::H264Rgb(_) => {
            let macroblock_rows = height.div_ceil(16);
            (processors * 3 / 2).min((macroblock_rows / 2).max(1))
        }
        Codec::Hevc(_) | Codec::Av1(_) | Codec::Vp9(_) => processors.min(64),
        _ => processors.min(16),
    };
    threads.min(128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::FrameRate;

    fn options(codec: Codec, container: Container) -> Vec<(&'static str, String)> {
        let settings = Settings::new(640, 480, FrameRate::new(30, 1));
        encoder_options(&settings, &codec, container, !container.is_constant_rate(), (640, 480))
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
    fn a_quantizer_is_converted_to_lambda_units() {
        let options = options(Mpeg4::qp(5).into(), Container::Avi);
        assert!(options.contains(&("global_quality", "590".to_owned())));
        assert!(options.contains(&("flags", "+qscale".to_owned())));
    }

    #[test]
    fn a_small_picture_gets_few_threads() {
        let threads = |asked| {
            let settings = Settings { threads: asked, ..Settings::new(32, 32, FrameRate::new(30, 1)) };
            let options = encoder_options(&settings, &Codec::default(), Container::Mp4, true, (32, 32));
            options.into_iter().find(|(name, _)| *name == "threads")
        };
        assert_eq!(threads(None), Some(("threads", "1".to_owned())));
        assert_eq!(threads(Some(7)), Some(("threads", "7".to_owned())));
    }
}
