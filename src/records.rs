//! The statistics as they are serialized: schema 1, as `docs/statistics.md` describes it.

mod inspected;
mod sound;

use std::collections::BTreeMap;

use serde::Serialize;

use self::sound::AudioRecord;
use crate::av::build_info;
use crate::error::InvalidSettings;
use crate::frame::PixelFormat;
use crate::settings::{Alpha, Codec, Container, QuantizerOrBitrate, RateControl, Settings};
use crate::stats::{EncodeStats, PacketStats, Quality, TypeStats};
use crate::time::TimeBase;

/// The number of the schema. It changes when a key is removed or changes its meaning.
const SCHEMA: u32 = 1;

/// The properties of a movie: the first line of the statistics. In JSON it is `movie` of `docs/statistics.md`.
#[derive(Clone, Debug, Serialize)]
pub struct MovieRecord {
    schema: u32,
    framemill: &'static str,
    ffmpeg: String,
    output: String,
    container: &'static str,
    codec: String,
    encoder: Option<String>,
    settings: Option<String>,
    width: u32,
    height: u32,
    pixel_format: Option<String>,
    frame_rate: Option<String>,
    time_base: String,
    color_matrix: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
    color_range: Option<String>,
    quality_planes: &'static [&'static str],
    vbv_bits_per_second: Option<u64>,
    vbv_bits: Option<u64>,
}

impl MovieRecord {
    /// Makes the record of a movie that is opened with these settings, for an output with the name `output`.
    ///
    /// # Errors
    /// As [`Settings::validate`], if the size is invalid.
    pub fn new(
        output: &str,
        container: Container,
        settings: &Settings,
        time_base: TimeBase,
    ) -> Result<Self, InvalidSettings> {
        let (width, height) = settings.encoded_size()?;
        let format = settings.encoder_pixel_format();
        let colors = settings.color_tags();
        let vbv = settings.codec.vbv();
        Ok(Self {
            schema: SCHEMA,
            framemill: env!("CARGO_PKG_VERSION"),
            ffmpeg: build_info().ffmpeg.clone(),
            output: output.to_owned(),
            container: container.name(),
            codec: settings.codec.name().to_owned(),
            encoder: Some(settings.codec.encoder_name().to_owned()),
            settings: Some(described(settings)),
            width,
            height,
            pixel_format: Some(format.name().to_owned()),
            frame_rate: Some(settings.frame_rate.to_string()),
            time_base: time_base.to_string(),
            color_matrix: Some(colors.matrix.to_owned()),
            color_primaries: Some(colors.primaries.to_owned()),
            color_transfer: Some(colors.transfer.to_owned()),
            color_range: Some(colors.range.to_owned()),
            quality_planes: quality_planes(format),
            vbv_bits_per_second: vbv.map(|vbv| vbv.max_bits_per_second),
            vbv_bits: vbv.map(|vbv| vbv.buffer_bits),
        })
    }
}

/// Returns the planes whose quality is measured, in order.
fn quality_planes(format: PixelFormat) -> &'static [&'static str] {
    match () {
        () if format.is_gray() => &["y"],
        () if format.is_rgb() => &["r", "g", "b"],
        () => &["y", "u", "v"],
    }
}

/// Describes the requested settings in the encoder's own terms.
fn described(settings: &Settings) -> String {
    let mut text = described_codec(&settings.codec, settings.encoder_pixel_format()).join(", ");
    if settings.alpha == Alpha::Keep {
        text.push_str(", alpha");
    }
    if let Some(max_bytes) = settings.max_bytes {
        text.push_str(&format!(", at most {max_bytes} bytes"));
    }
    if let Some(threads) = settings.threads {
        text.push_str(&format!(", threads {threads}"));
    }
    text
}

/// Describes the settings of a codec, each by its name.
fn described_codec(codec: &Codec, format: PixelFormat) -> Vec<String> {
    let mut parts: Vec<String> = codec.rate_control().map(described_rate).into_iter().collect();
    parts.extend(codec.quantizer_or_bitrate().map(|rate| match rate {
        QuantizerOrBitrate::Qp(qp) => format!("qp {qp}"),
        QuantizerOrBitrate::MeanQp(qp) => format!("mean qp {qp}"),
        QuantizerOrBitrate::Bitrate(bits) => format!("bitrate {bits}"),
    }));
    let gop = |gop: Option<u32>| gop.map(|gop| format!("gop {gop}"));
    let params =
        |params: &[(String, String)]| params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let more: Vec<String> = match codec {
        Codec::H264(h264) | Codec::H264Rgb(h264) => {
            parts.push(format!("preset {}", h264.preset.name()));
            parts.extend(h264.tune.map(|tune| format!("tune {}", tune.name())));
            parts.extend(h264.profile.map(|profile| format!("profile {}", profile.name())));
            parts.extend(gop(h264.gop));
            parts.extend(
                h264.vbv.map(|vbv| format!("maxrate {}, bufsize {}", vbv.max_bits_per_second, vbv.buffer_bits)),
            );
            params(&h264.x264_params)
        }
        Codec::Hevc(hevc) => {
            parts.push(format!("preset {}", hevc.preset.name()));
            parts.extend(hevc.tune.map(|tune| format!("tune {}", tune.name())));
            parts.extend(gop(hevc.gop));
            params(&hevc.x265_params)
        }
        Codec::Av1(av1) => {
            parts.push(format!("preset {}", av1.preset));
            parts.extend((av1.film_grain > 0).then(|| format!("film-grain {}", av1.film_grain)));
            parts.extend(gop(av1.gop));
            params(&av1.svtav1_params)
        }
        Codec::Vp9(vp9) => {
            parts.push(format!("cpu-used {}", vp9.cpu_used));
            gop(vp9.gop).into_iter().collect()
        }
        Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => vec![format!("gop {}", mpeg4.gop)],
        Codec::Mjpeg(_) => Vec::new(),
        Codec::Prores(prores) => vec![format!("profile {}", prores.profile_of(format).name())],
        Codec::Ffv1(ffv1) => vec!["lossless".to_owned(), format!("gop {}", ffv1.gop)],
        Codec::Png | Codec::Qtrle => vec!["lossless".to_owned()],
        Codec::Encoder(encoder) => params(&encoder.options),
    };
    parts.extend(more);
    parts
}

fn described_rate(rate: RateControl) -> String {
    match rate {
        RateControl::Crf(crf) => format!("crf {crf}"),
        RateControl::Qp(qp) => format!("qp {qp}"),
        RateControl::Bitrate(bits) => format!("bitrate {bits}"),
        RateControl::Lossless => "lossless".to_owned(),
    }
}

/// A packet: a line of the statistics. In JSON it is `packet` of `docs/statistics.md`.
#[derive(Clone, Debug, Serialize)]
pub struct PacketRecord {
    /// The frame's number in the order of writing, from 0.
    pub index: u64,
    /// When the frame is shown, in ticks.
    pub pts: i64,
    /// When the frame is decoded, in ticks, if recorded.
    pub dts: Option<i64>,
    /// How long the frame is shown, in ticks, if recorded.
    pub duration: Option<i64>,
    /// When the frame is shown, in seconds.
    pub seconds: f64,
    /// Bytes of the packet.
    pub bytes: u64,
    /// Bytes of all packets whose decoding times are in the second that ends with this packet.
    pub second_bytes: u64,
    /// `I`, `P` or `B`, if the encoder reports it.
    pub picture_type: Option<String>,
    /// Whether decoding can start here.
    pub keyframe: bool,
    /// The average quantizer, if the encoder reports it.
    pub qp: Option<f64>,
    /// Conversion time in nanoseconds, if measured.
    pub converting_ns: Option<u64>,
    /// Time in the queue, in nanoseconds, if measured.
    pub waiting_ns: Option<u64>,
    /// Time in the encoder, including its look-ahead, in nanoseconds, if measured.
    pub encoding_ns: Option<u64>,
    /// Time in the muxer, in nanoseconds, if measured.
    pub muxing_ns: Option<u64>,
    /// PSNR over all samples in dB, if measured and finite.
    pub psnr: Option<f64>,
    /// PSNR of each plane in dB, if measured and finite.
    pub psnr_planes: [Option<f64>; 3],
    /// SSIM over all planes, if measured.
    pub ssim: Option<f64>,
}

impl From<&PacketStats> for PacketRecord {
    fn from(packet: &PacketStats) -> Self {
        let nanoseconds = |time: std::time::Duration| time.as_nanos().try_into().unwrap_or(u64::MAX);
        Self {
            index: packet.index,
            pts: packet.pts.ticks,
            dts: Some(packet.dts.ticks),
            duration: Some(packet.duration.ticks),
            seconds: packet.pts.as_secs_f64(),
            bytes: packet.bytes,
            second_bytes: packet.second_bytes,
            picture_type: packet.picture_type.map(|kind| kind.to_string()),
            keyframe: packet.keyframe,
            // x264 reports hundredths; further digits would only be float noise.
            qp: packet.qp.map(|qp| (f64::from(qp) * 100.0).round() / 100.0),
            converting_ns: Some(nanoseconds(packet.times.converting)),
            waiting_ns: Some(nanoseconds(packet.times.waiting)),
            encoding_ns: Some(nanoseconds(packet.times.encoding)),
            muxing_ns: Some(nanoseconds(packet.times.muxing)),
            psnr: packet.quality.and_then(|quality| finite(quality.psnr())),
            psnr_planes: plane_psnr(packet.quality),
            ssim: packet.quality.and_then(|quality| quality.ssim()),
        }
    }
}

/// Returns `None` for infinity, which JSON does not have: equal pictures have no PSNR there.
fn finite(decibels: f64) -> Option<f64> {
    Some(decibels).filter(|value| value.is_finite())
}

fn plane_psnr(quality: Option<Quality>) -> [Option<f64>; 3] {
    quality.map_or([None; 3], |quality| quality.plane_psnr().map(|psnr| psnr.and_then(finite)))
}

/// The totals: the last line of the statistics. In JSON it is `run` of `docs/statistics.md`.
#[derive(Clone, Debug, Serialize)]
pub struct RunRecord {
    complete: bool,
    frames: u64,
    packets: u64,
    keyframes: u64,
    duplicates: Option<u64>,
    stream_bytes: u64,
    file_bytes: Option<u64>,
    overhead_bytes: Option<u64>,
    seconds: f64,
    wall_seconds: Option<f64>,
    cpu_seconds: Option<f64>,
    frames_per_second: Option<f64>,
    bits_per_second: Option<f64>,
    peak_bits_per_second: Option<f64>,
    mean_qp: Option<f64>,
    peak_memory_bytes: Option<u64>,
    types: BTreeMap<&'static str, TypeRecord>,
    gops: GopRecord,
    stages: Option<StageRecord>,
    vbv: Option<VbvRecord>,
    quality: Option<QualityRecord>,
    audio: Option<AudioRecord>,
    encoder_report: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct TypeRecord {
    packets: u64,
    bytes: u64,
    mean_bytes: Option<f64>,
    mean_qp: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
struct GopRecord {
    count: u64,
    shortest: Option<u64>,
    longest: Option<u64>,
    mean: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
struct StageRecord {
    converting_seconds: f64,
    waiting_seconds: f64,
    encoding_seconds: f64,
    muxing_seconds: f64,
    measuring_seconds: f64,
    finishing_seconds: f64,
}

#[derive(Clone, Debug, Serialize)]
struct VbvRecord {
    bits_per_second: u64,
    bits: u64,
    lowest_bits: f64,
    lowest_fullness: f64,
    underflows: u64,
}

#[derive(Clone, Debug, Serialize)]
struct QualityRecord {
    frames: u64,
    mean_psnr: Option<f64>,
    global_psnr: Option<f64>,
    psnr_planes: [Option<f64>; 3],
    mean_ssim: Option<f64>,
    worst: Vec<WorstRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct WorstRecord {
    index: u64,
    psnr: Option<f64>,
    ssim: Option<f64>,
}

impl RunRecord {
    /// Makes the record of a movie's totals; `complete` is whether the movie was finished.
    #[must_use]
    pub fn new(stats: &EncodeStats, complete: bool) -> Self {
        let known = |bytes: u64| (bytes > 0).then_some(bytes);
        let types = [("I", stats.i), ("P", stats.p), ("B", stats.b)];
        let reports: String = stats.encoder_reports.iter().map(|report| report.text.as_str()).collect();
        Self {
            complete,
            frames: stats.frames,
            packets: stats.packets,
            keyframes: stats.keyframes,
            duplicates: Some(stats.duplicates),
            stream_bytes: stats.stream_bytes,
            file_bytes: known(stats.file_bytes),
            overhead_bytes: stats.overhead_bytes(),
            seconds: stats.duration.as_secs_f64(),
            wall_seconds: Some(stats.wall.as_secs_f64()),
            cpu_seconds: Some(stats.cpu.as_secs_f64()),
            frames_per_second: stats.encoding_fps(),
            bits_per_second: stats.bits_per_second(),
            peak_bits_per_second: stats.peak_bits_per_second(),
            mean_qp: stats.mean_qp(),
            peak_memory_bytes: known(stats.peak_memory_bytes),
            types: types
                .into_iter()
                .filter(|(_, kind)| kind.packets > 0)
                .map(|(name, kind)| (name, kind.into()))
                .collect(),
            gops: gops(stats),
            stages: Some(StageRecord {
                converting_seconds: stats.stages.converting.as_secs_f64(),
                waiting_seconds: stats.stages.waiting.as_secs_f64(),
                encoding_seconds: stats.stages.encoding.as_secs_f64(),
                muxing_seconds: stats.stages.muxing.as_secs_f64(),
                measuring_seconds: stats.stages.measuring.as_secs_f64(),
                finishing_seconds: stats.stages.finishing.as_secs_f64(),
            }),
            vbv: stats.vbv.map(|vbv| VbvRecord {
                bits_per_second: vbv.bits_per_second,
                bits: vbv.bits,
                lowest_bits: vbv.lowest_bits,
                lowest_fullness: vbv.lowest_fullness(),
                underflows: vbv.underflows,
            }),
            audio: stats.audio.as_ref().map(AudioRecord::from),
            quality: stats.quality.as_ref().map(|quality| QualityRecord {
                frames: quality.frames,
                mean_psnr: quality.mean_psnr(),
                global_psnr: quality.global_psnr().and_then(finite),
                psnr_planes: plane_psnr(quality.as_quality()),
                mean_ssim: quality.mean_ssim(),
                worst: quality
                    .worst
                    .iter()
                    .map(|frame| WorstRecord { index: frame.index, psnr: frame.psnr, ssim: frame.ssim })
                    .collect(),
            }),
            encoder_report: Some(reports).filter(|text| !text.is_empty()),
        }
    }
}

fn gops(stats: &EncodeStats) -> GopRecord {
    let (shortest, longest) = stats.gops.range().unzip();
    let mean = (stats.gops.count > 0).then(|| stats.packets as f64 / stats.gops.count as f64);
    GopRecord { count: stats.gops.count, shortest, longest, mean }
}

impl From<TypeStats> for TypeRecord {
    fn from(kind: TypeStats) -> Self {
        let TypeStats { packets, bytes, .. } = kind;
        Self { packets, bytes, mean_bytes: kind.mean_bytes(), mean_qp: kind.mean_qp() }
    }
}
