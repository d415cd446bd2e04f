//! Memory for frames, which is reused when the encoder releases it.

use std::ffi::c_int;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::frame::Frame;
use super::pixel_format;
use crate::error::LibavError;
use crate::frame::PixelFormat;
use crate::settings::Color;

/// The alignment of rows: a cache line, and the widest vector registers.
const ALIGNMENT: c_int = 64;

/// Reusable memory for frames of one size and format.
pub(crate) struct FramePool {
    buffers: *mut ffi::AVBufferPool,
    format: PixelFormat,
    color: Color,
    width: u32,
    height: u32,
    frame_bytes: usize,
}

// SAFETY: an AVBufferPool may be used from any thread, and from several at once (libavutil/buffer.h documents
// this for av_buffer_pool_get and for releasing buffers); `buffers` is freed once, in Drop, and frames keep what they hold alive.
unsafe impl Send for FramePool {}

impl FramePool {
    /// Makes a pool of frames in `format`, with colors as in `color`.
    pub(crate) fn new(format: PixelFormat, color: Color, width: u32, height: u32) -> Result<Self, LibavError> {
        let operation = || format!("make frames of {width}x{height} {format}");
        // SAFETY: a pure computation on its arguments.
        let bytes = unsafe {
            ffi::av_image_get_buffer_size(
                pixel_format::encoder_format(format, color),
                width as c_int,
                height as c_int,
                ALIGNMENT,
            )
        };
        // Converters write whole vectors, so the last row needs space after it.
        let bytes = check(bytes, operation())? as usize + ALIGNMENT as usize;
        // SAFETY: the allocator is libavutil's own. It clears the memory, which is lent out as slices of bytes.
        let buffers = unsafe { ffi::av_buffer_pool_init(bytes, Some(ffi::av_buffer_allocz)) };
        let buffers = check_allocated(buffers, "make a frame pool")?;
        Ok(Self { buffers, format, color, width, height, frame_bytes: bytes })
    }

    /// Returns a frame of this kind from the pool in `slot`, which is replaced if its frames are of another kind.
    pub(crate) fn frame_of(
        slot: &mut Option<Self>,
        format: PixelFormat,
        color: Color,
        (width, height): (u32, u32),
    ) -> Result<Frame, LibavError> {
        let kind = (format, color, width, height);
        let pool = match slot.take().filter(|pool| (pool.format, pool.color, pool.width, pool.height) == kind) {
            Some(pool) => pool,
            None => Self::new(format, color, width, height)?,
        };
        slot.insert(pool).frame()
    }

    /// Returns the bytes of one frame.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.frame_bytes
    }

    /// Makes a frame without pixels, for calls that fill it.
    pub(super) fn blank(&self) -> Result<Frame, LibavError> {
        Frame::blank(self.format, self.width, self.height)
    }

    /// Returns a frame whose pixels have arbitrary values.
    pub(crate) fn frame(&self) -> Result<Frame, LibavError> {
        let frame = self.blank()?;
        let pointer = frame.pointer;
        // SAFETY: `pointer` is a fresh AVFrame that we own. Its buf[0] takes the buffer over and frees it with the
        // frame; av_image_fill_arrays points data and linesize into that buffer, which new() made large enough.
        unsafe {
            let fields = &mut *pointer;
            fields.width = self.width as c_int;
            fields.height = self.height as c_int;
            let av_format = pixel_format::encoder_format(self.format, self.color);
            fields.format = av_format as c_int;
            fields.color_range = pixel_format::color_range(self.color.range);
            fields.colorspace = pixel_format::color_space(self.color);
            fields.color_primaries = pixel_format::PRIMARIES;
            fields.color_trc = pixel_format::transfer(self.color);
            fields.chroma_location = pixel_format::chroma_location(self.format, self.color);
            fields.buf[0] = check_allocated(ffi::av_buffer_pool_get(self.buffers), "make a frame")?;
            let code = ffi::av_image_fill_arrays(
                fields.data.as_mut_ptr(),
                fields.linesize.as_mut_ptr(),
                (*fields.buf[0]).data,
                av_format,
                fields.width,
                fields.height,
                ALIGNMENT,
            );
            check(code, "lay out a frame")?;
        }
        Ok(frame)
    }

    /// Converts a decoded frame to the pool's format, if they have the same layout or planes of RGB.
    pub(super) fn adopt(&self, mut decoded: Frame) -> Result<Frame, LibavError> {
        let av_format = pixel_format::encoder_format(self.format, self.color) as c_int;
        let (format, width, height) = decoded.av_geometry();
        let is_expected = width == self.width as c_int && height == self.height as c_int;
        let expected = pixel_format::decoded_formats(self.format).map(|format| format as c_int);
        if !is_expected || !expected.contains(&format) {
            check(ffi::AVERROR_INVALIDDATA, "recognize a decoded frame")?;
        }
        if self.format.is_rgb() && format != av_format {
            let mut frame = self.frame()?;
            frame.interleave(&decoded)?;
            return Ok(frame);
        }
        // For full range the decoder has another format with the same memory layout.
        decoded.set_format(av_format);
        Ok(decoded)
    }
}

impl Drop for FramePool {
    fn drop(&mut self) {
        // SAFETY: `buffers` came from av_buffer_pool_init; frames that are still alive keep theirs.
        unsafe { ffi::av_buffer_pool_uninit(&mut self.buffers) };
    }
}
