//! Facts about each codec that no setting changes: names, containers, pixel formats.

use super::{Container, MAX_SIDE};
use crate::frame::PixelFormat;

/// The facts about a codec.
pub(super) struct CodecFacts {
    /// The name on the command line.
    pub(super) name: &'static str,
    /// FFmpeg's name of the encoder.
    pub(super) encoder: &'static str,
    /// What to do if a build does not have the encoder.
    pub(super) missing_hint: &'static str,
    /// The pixel formats that it encodes. The first is the default.
    pub(super) pixel_formats: &'static [PixelFormat],
    /// The pixel formats that keep alpha: one for 8 bits and one for more bits. Both may be the same.
    pub(super) alpha_formats: Option<[PixelFormat; 2]>,
    /// The containers that hold the codec. The first is the usual one.
    pub(super) containers: &'static [Container],
    /// The smallest and the largest side, in pixels.
    pub(super) sides: (u32, u32),
    /// Whether the crf must be a whole number.
    pub(super) has_whole_crf: bool,
    /// The largest quantizer for more than 8 bits, if it differs from that for 8 bits.
    pub(super) most_deep_qp: Option<u32>,
    /// Whether its streams record the location of chroma samples.
    pub(super) records_chroma_location: bool,
}

use Container::{Avi, M4v, Mkv, Mov, Mp4, Webm};
use PixelFormat::{
    Argb, Bgr0, Bgr24, Bgra, Gray8, Gray16Le, Rgb24, Rgb48Le, Rgba, Rgba64Le, Yuv420p, Yuv420p10Le, Yuv422p,
    Yuv422p10Le, Yuv444p, Yuv444p10Le, Yuva420p, Yuva444p10Le,
};

const YUV: &[PixelFormat] = &[Yuv420p, Yuv422p, Yuv444p, Yuv420p10Le, Yuv422p10Le, Yuv444p10Le];

const PLAIN: CodecFacts = CodecFacts {
    name: "",
    encoder: "",
    missing_hint: "link an FFmpeg that was configured with it",
    pixel_formats: &[Yuv420p],
    alpha_formats: None,
    containers: &[Mp4, Mov, M4v, Avi, Mkv],
    sides: (1, MAX_SIDE),
    has_whole_crf: false,
    most_deep_qp: None,
    records_chroma_location: false,
};

pub(super) const H264: CodecFacts = CodecFacts {
    name: "h264",
    encoder: "libx264",
    pixel_formats: YUV,
    // x264's quantizer has 12 more steps in 10 bits.
    most_deep_qp: Some(63),
    records_chroma_location: true,
    ..PLAIN
};

pub(super) const H264_RGB: CodecFacts =
    CodecFacts { name: "h264-rgb", encoder: "libx264rgb", pixel_formats: &[Bgr0, Bgr24, Rgb24], ..PLAIN };

pub(super) const HEVC: CodecFacts = CodecFacts {
    name: "hevc",
    encoder: "libx265",
    missing_hint: "link an FFmpeg that was configured with --enable-libx265, or choose another codec",
    pixel_formats: YUV,
    containers: &[Mp4, Mov, Mkv],
    // x265 needs at least one coding tree unit, whose smallest size is 16.
    sides: (16, 8_192),
    records_chroma_location: true,
    ..PLAIN
};

pub(super) const AV1: CodecFacts = CodecFacts {
    name: "av1",
    encoder: "libsvtav1",
    missing_hint: "link an FFmpeg that was configured with --enable-libsvtav1, or choose another codec",
    pixel_formats: &[Yuv420p, Yuv420p10Le],
    containers: &[Mp4, Mkv, Webm],
    // EbSvtAv1Enc.h, source_width and source_height.
    sides: (64, 8_704),
    has_whole_crf: true,
    ..PLAIN
};

pub(super) const VP9: CodecFacts = CodecFacts {
    name: "vp9",
    encoder: "libvpx-vp9",
    missing_hint: "link an FFmpeg that was configured with --enable-libvpx, or choose another codec",
    pixel_formats: &[Yuv420p, Yuv422p, Yuv444p, Yuv420p10Le, Yuv422p10Le, Yuv444p10Le, Yuva420p],
    alpha_formats: Some([Yuva420p; 2]),
    containers: &[Webm, Mkv, Mp4],
    has_whole_crf: true,
    ..PLAIN
};

/// MPEG-4 Part 2 stores each side in 13 bits.
pub(super) const MPEG4: CodecFacts = CodecFacts { name: "mpeg4", encoder: "mpeg4", sides: (1, 8_191), ..PLAIN };

pub(super) const XVID: CodecFacts = CodecFacts {
    name: "xvid",
    encoder: "libxvid",
    missing_hint: "choose mpeg4, which plays in the same players, or link an FFmpeg with libxvid",
    ..MPEG4
};

pub(super) const MJPEG: CodecFacts = CodecFacts {
    name: "mjpeg",
    encoder: "mjpeg",
    pixel_formats: &[Yuv420p, Yuv422p, Yuv444p],
    containers: &[Mp4, Mov, Avi, Mkv],
    ..PLAIN
};

pub(super) const PRORES: CodecFacts = CodecFacts {
    name: "prores",
    encoder: "prores_ks",
    pixel_formats: &[Yuv422p10Le, Yuv444p10Le, Yuva444p10Le],
    alpha_formats: Some([Yuva444p10Le; 2]),
    containers: &[Mov, Mkv],
    ..PLAIN
};

pub(super) const FFV1: CodecFacts = CodecFacts {
    name: "ffv1",
    encoder: "ffv1",
    pixel_formats: &[
        Bgr0,
        Rgb48Le,
        Gray8,
        Gray16Le,
        Yuv420p,
        Yuv422p,
        Yuv444p,
        Yuv420p10Le,
        Yuv422p10Le,
        Yuv444p10Le,
        Bgra,
        Rgba64Le,
    ],
    alpha_formats: Some([Bgra, Rgba64Le]),
    containers: &[Mkv, Avi, Mov],
    ..PLAIN
};

pub(super) const PNG: CodecFacts = CodecFacts {
    name: "png",
    encoder: "png",
    pixel_formats: &[Rgb24, Gray8, Rgba],
    alpha_formats: Some([Rgba; 2]),
    containers: &[Mov, Mkv],
    ..PLAIN
};

pub(super) const QTRLE: CodecFacts = CodecFacts {
    name: "qtrle",
    encoder: "qtrle",
    pixel_formats: &[Rgb24, Argb],
    alpha_formats: Some([Argb; 2]),
    // Matroska does not store the bits per pixel of this codec.
    containers: &[Mov],
    ..PLAIN
};

/// An encoder that is chosen by name. Only FFmpeg knows its facts.
pub(super) const NAMED: CodecFacts = CodecFacts {
    name: "encoder",
    pixel_formats: &[
        Yuv420p,
        Yuv422p,
        Yuv444p,
        Yuv420p10Le,
        Yuv422p10Le,
        Yuv444p10Le,
        PixelFormat::Nv12,
        Bgr0,
        Bgra,
        Rgb24,
        Rgba,
        Argb,
        Gray8,
        Gray16Le,
        Rgb48Le,
    ],
    containers: &[Mp4, Mov, M4v, Avi, Mkv, Webm],
    missing_hint: "name one that `ffmpeg -encoders` lists for the FFmpeg that this build links",
    ..PLAIN
};
