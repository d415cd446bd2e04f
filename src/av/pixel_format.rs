//! Converts our pixel formats and colors to FFmpeg's.

use ffmpeg_next::ffi::{
    AVChromaLocation, AVColorPrimaries, AVColorRange, AVColorSpace, AVColorTransferCharacteristic, AVPixelFormat,
};

use crate::frame::{ChromaLocation, ColorRange, PixelFormat};
use crate::settings::{Color, Matrix};

/// Returns FFmpeg's pixel format for raw frames.
pub(super) const fn to_av(format: PixelFormat) -> AVPixelFormat {
    match format {
        PixelFormat::Gray8 => AVPixelFormat::AV_PIX_FMT_GRAY8,
        PixelFormat::Gray16Le => AVPixelFormat::AV_PIX_FMT_GRAY16LE,
        PixelFormat::Rgb24 => AVPixelFormat::AV_PIX_FMT_RGB24,
        PixelFormat::Bgr24 => AVPixelFormat::AV_PIX_FMT_BGR24,
        PixelFormat::Rgba => AVPixelFormat::AV_PIX_FMT_RGBA,
        PixelFormat::Bgra => AVPixelFormat::AV_PIX_FMT_BGRA,
        PixelFormat::Argb => AVPixelFormat::AV_PIX_FMT_ARGB,
        PixelFormat::Abgr => AVPixelFormat::AV_PIX_FMT_ABGR,
        PixelFormat::Rgb0 => AVPixelFormat::AV_PIX_FMT_RGB0,
        PixelFormat::Bgr0 => AVPixelFormat::AV_PIX_FMT_BGR0,
        PixelFormat::Xrgb => AVPixelFormat::AV_PIX_FMT_0RGB,
        PixelFormat::Xbgr => AVPixelFormat::AV_PIX_FMT_0BGR,
        PixelFormat::Rgb48Le => AVPixelFormat::AV_PIX_FMT_RGB48LE,
        PixelFormat::Rgba64Le => AVPixelFormat::AV_PIX_FMT_RGBA64LE,
        PixelFormat::Yuv420p => AVPixelFormat::AV_PIX_FMT_YUV420P,
        PixelFormat::Yuv422p => AVPixelFormat::AV_PIX_FMT_YUV422P,
        PixelFormat::Yuv444p => AVPixelFormat::AV_PIX_FMT_YUV444P,
        PixelFormat::Yuv420p10Le => AVPixelFormat::AV_PIX_FMT_YUV420P10LE,
        PixelFormat::Yuv422p10Le => AVPixelFormat::AV_PIX_FMT_YUV422P10LE,
        PixelFormat::Yuv444p10Le => AVPixelFormat::AV_PIX_FMT_YUV444P10LE,
        PixelFormat::Nv12 => AVPixelFormat::AV_PIX_FMT_NV12,
        PixelFormat::Yuva420p => AVPixelFormat::AV_PIX_FMT_YUVA420P,
        PixelFormat::Yuva444p10Le => AVPixelFormat::AV_PIX_FMT_YUVA444P10LE,
    }
}

/// Returns FFmpeg's pixel format for an encoder's frame. FFmpeg's `mjpeg` has special formats for JPEG's colors, which
/// are full-range BT.601.
pub(super) const fn encoder_format(format: PixelFormat, color: Color) -> AVPixelFormat {
    let is_jpeg = matches!(color, Color { matrix: Matrix::Bt601, range: ColorRange::Full, .. });
    match format {
        PixelFormat::Yuv420p if is_jpeg => AVPixelFormat::AV_PIX_FMT_YUVJ420P,
        PixelFormat::Yuv422p if is_jpeg => AVPixelFormat::AV_PIX_FMT_YUVJ422P,
        PixelFormat::Yuv444p if is_jpeg => AVPixelFormat::AV_PIX_FMT_YUVJ444P,
        _ => to_av(format),
    }
}

/// Returns the formats in which a decoder may return what an encoder took in `format`.
pub(super) const fn decoded_formats(format: PixelFormat) -> [AVPixelFormat; 2] {
    match format {
        PixelFormat::Yuv420p => [to_av(format), AVPixelFormat::AV_PIX_FMT_YUVJ420P],
        PixelFormat::Yuv422p => [to_av(format), AVPixelFormat::AV_PIX_FMT_YUVJ422P],
        PixelFormat::Yuv444p => [to_av(format), AVPixelFormat::AV_PIX_FMT_YUVJ444P],
        PixelFormat::Bgr0 | PixelFormat::Bgr24 | PixelFormat::Rgb24 => {
            [to_av(format), AVPixelFormat::AV_PIX_FMT_GBRP]
        }
        PixelFormat::Rgb48Le => [to_av(format), AVPixelFormat::AV_PIX_FMT_GBRP16LE],
        _ => [to_av(format); 2],
    }
}

pub(super) const fn color_space(color: Color) -> AVColorSpace {
    match color.matrix {
        Matrix::Rgb => AVColorSpace::AVCOL_SPC_RGB,
        Matrix::Bt709 => AVColorSpace::AVCOL_SPC_BT709,
        Matrix::Bt601 => AVColorSpace::AVCOL_SPC_SMPTE170M,
    }
}

pub(super) const fn color_range(range: ColorRange) -> AVColorRange {
    match range {
        ColorRange::Limited => AVColorRange::AVCOL_RANGE_MPEG,
        ColorRange::Full => AVColorRange::AVCOL_RANGE_JPEG,
    }
}

pub(super) const PRIMARIES: AVColorPrimaries = AVColorPrimaries::AVCOL_PRI_BT709;

/// Returns the transfer function. Generated pixels are sRGB. Video is tagged as BT.709, as is usual and as players show
/// it; RGB is tagged as sRGB.
pub(super) const fn transfer(color: Color) -> AVColorTransferCharacteristic {
    match color.matrix {
        Matrix::Rgb => AVColorTransferCharacteristic::AVCOL_TRC_IEC61966_2_1,
        _ => AVColorTransferCharacteristic::AVCOL_TRC_BT709,
    }
}

/// Returns the chroma location. If chroma is only halved horizontally, H.264 only has the left one.
pub(super) const fn chroma_location(format: PixelFormat, color: Color) -> AVChromaLocation {
    match (format.chroma_shift(), color.chroma_location) {
        ((1, 1), ChromaLocation::Center) => AVChromaLocation::AVCHROMA_LOC_CENTER,
        ((1, 1), ChromaLocation::Left) | ((1, 0), _) => AVChromaLocation::AVCHROMA_LOC_LEFT,
        ((1, 1), ChromaLocation::TopLeft) => AVChromaLocation::AVCHROMA_LOC_TOPLEFT,
        _ => AVChromaLocation::AVCHROMA_LOC_UNSPECIFIED,
    }
}
