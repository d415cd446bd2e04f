//! Frames for the encoder, in memory that comes back by itself when the encoder lets go of it.

use std::ffi::c_int;
use std::slice;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::pixel_format;
use crate::error::LibavError;
use crate::frame::PixelFormat;
use crate::settings::Color;

/// Rows start at multiples of this: a cache line, and the widest vector registers.
const ALIGNMENT: c_int = 64;

/// The most planes of an encoder's frame.
const MAX_PLANES: usize = 3;

/// Memory for frames of one size and format, reused.
pub(crate) struct FramePool {
    buffers: *mut ffi::AVBufferPool,
    format: PixelFormat,
    color: Color,
    width: u32,
    height: u32,
}

// SAFETY: an AVBufferPool may be used from any thread, and from several at once (libavutil/buffer.h says so of
// av_buffer_pool_get and of releasing); `buffers` is freed once, in Drop, and frames keep what they hold alive.
unsafe impl Send for FramePool {}

impl FramePool {
    /// A pool of frames in `format`, encoded as `color` says.
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
        // Converters write whole vectors, so the last row needs room behind it.
        let bytes = check(bytes, operation())? as usize + ALIGNMENT as usize;
        // SAFETY: the allocator is libavutil's own. It clears the memory, which is lent out as slices of bytes.
        let buffers = unsafe { ffi::av_buffer_pool_init(bytes, Some(ffi::av_buffer_allocz)) };
        let buffers = check_allocated(buffers, "make a frame pool")?;
        Ok(Self { buffers, format, color, width, height })
    }

    /// A frame without pixels, for calls that bring them.
    pub(super) fn blank(&self) -> Result<Frame, LibavError> {
        // SAFETY: av_frame_alloc takes nothing; the result is checked and owned by the struct.
        let pointer = check_allocated(unsafe { ffi::av_frame_alloc() }, "make a frame")?;
        Ok(Frame { pointer, format: self.format, width: self.width, height: self.height })
    }

    /// A frame whose pixels are whatever was there before.
    pub(crate) fn frame(&self) -> Result<Frame, LibavError> {
        let frame = self.blank()?;
        let pointer = frame.pointer;
        // SAFETY: `pointer` is a fresh AVFrame of ours. Its buf[0] takes the buffer over and frees it with the
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
            fields.chroma_location = pixel_format::chroma_location(self.format);
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
            check(code, "lay a frame out")?;
        }
        Ok(frame)
    }

    /// Makes a frame that a decoder filled one of the pool's kind.
    pub(super) fn adopt(&self, decoded: Frame) -> Result<Frame, LibavError> {
        let av_format = pixel_format::encoder_format(self.format, self.color);
        // SAFETY: `pointer` is a valid AVFrame, which the decoder has filled.
        let fields = unsafe { &mut *decoded.pointer };
        let is_expected = fields.width == self.width as c_int && fields.height == self.height as c_int;
        let planes = pixel_format::decoded_formats(self.format).map(|format| format as c_int);
        if !is_expected || !planes.contains(&fields.format) {
            check(ffi::AVERROR_INVALIDDATA, "recognise a frame that was decoded")?;
        }
        if self.format.is_rgb() {
            return self.interleave(&decoded);
        }
        // The decoder tells full range by a format of its own; the samples lie alike.
        fields.format = av_format as c_int;
        Ok(decoded)
    }

    /// RGB comes out of decoders in planes of green, blue and red, which no encoder of RGB here takes.
    fn interleave(&self, decoded: &Frame) -> Result<Frame, LibavError> {
        let mut frame = self.frame()?;
        let (bytes, [red, green, blue]) = match self.format {
            PixelFormat::Rgb24 => (3, [0, 1, 2]),
            PixelFormat::Bgr24 => (3, [2, 1, 0]),
            _ => (4, [2, 1, 0]),
        };
        let (width, height) = (self.width as usize, self.height as usize);
        // SAFETY: `pointer` is a valid AVFrame of 8-bit GBRP with this size, as `adopt` has checked.
        let fields = unsafe { &*decoded.pointer };
        for target in frame.planes_mut() {
            for (plane, place) in [green, blue, red].into_iter().enumerate() {
                for (row, pixels) in target.data.chunks_exact_mut(target.stride).take(height).enumerate() {
                    // SAFETY: each of the three planes has `height` rows of at least `width` bytes, linesize apart.
                    let samples = unsafe {
                        let start = fields.data[plane].offset(row as isize * fields.linesize[plane] as isize);
                        slice::from_raw_parts(start, width)
                    };
                    for (pixel, sample) in pixels.chunks_exact_mut(bytes).zip(samples) {
                        pixel[place] = *sample;
                    }
                }
            }
        }
        Ok(frame)
    }
}

impl Drop for FramePool {
    fn drop(&mut self) {
        // SAFETY: `buffers` came from av_buffer_pool_init; frames that are still alive keep theirs.
        unsafe { ffi::av_buffer_pool_uninit(&mut self.buffers) };
    }
}

/// A picture for the encoder.
pub(crate) struct Frame {
    pointer: *mut ffi::AVFrame,
    format: PixelFormat,
    width: u32,
    height: u32,
}

// SAFETY: an AVFrame is plain memory with reference-counted buffers, whose counts are atomic; only the owner of the
// struct reaches it.
unsafe impl Send for Frame {}

/// One plane of a frame, to be written.
pub(crate) struct PlaneMut<'a> {
    /// From the first byte of the first row to the last of the last.
    pub(crate) data: &'a mut [u8],
    /// Bytes from one row to the next.
    pub(crate) stride: usize,
}

impl Frame {
    /// How the pixels lie.
    pub(crate) fn format(&self) -> PixelFormat {
        self.format
    }

    /// Pixels a row.
    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    /// The planes; the bytes between rows are the frame's too and mean nothing.
    pub(crate) fn planes_mut(&mut self) -> impl Iterator<Item = PlaneMut<'_>> {
        // SAFETY: the pool laid data and linesize out in one buffer that nobody else has yet: the encoder gets the
        // frame by value. Planes follow each other in it, so their slices do not overlap.
        let fields = unsafe { &*self.pointer };
        (0..self.format.plane_count().min(MAX_PLANES)).map(|plane| {
            let stride = fields.linesize[plane] as usize;
            let rows = self.format.plane_layout(plane, self.width, self.height).rows;
            // SAFETY: as above; each plane has linesize × rows bytes (av_image_fill_arrays).
            let data = unsafe { slice::from_raw_parts_mut(fields.data[plane], stride * rows) };
            PlaneMut { data, stride }
        })
    }

    /// Numbers the frame, and says at which quality it is to be encoded. How it was encoded before, where it comes
    /// from a decoder, says nothing about that.
    pub(super) fn prepare(&mut self, index: i64, quality: c_int) {
        // SAFETY: `pointer` is a valid AVFrame of ours.
        unsafe {
            (*self.pointer).pts = index;
            (*self.pointer).quality = quality;
            (*self.pointer).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE;
        }
    }

    /// For calls that fill the frame.
    pub(super) fn as_mut_ptr(&mut self) -> *mut ffi::AVFrame {
        self.pointer
    }

    /// For calls that read the frame.
    pub(super) fn as_ptr(&self) -> *const ffi::AVFrame {
        self.pointer
    }

    /// Where the planes start and how far their rows are apart, for calls that write them.
    pub(super) fn raw_planes(&mut self) -> ([*mut u8; 4], [c_int; 4]) {
        // SAFETY: `pointer` is a valid AVFrame of ours.
        let fields = unsafe { &*self.pointer };
        let [a, b, c, d, ..] = fields.data;
        let [e, f, g, h, ..] = fields.linesize;
        ([a, b, c, d], [e, f, g, h])
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: `pointer` came from av_frame_alloc; its buffers are counted down and go back to the pool.
        unsafe { ffi::av_frame_free(&mut self.pointer) };
    }
}
