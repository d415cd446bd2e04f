//! Pictures for an encoder, and from a decoder.

use std::ffi::c_int;
use std::ops::Deref;
use std::slice;

use ffmpeg_next::ffi;

use super::error::check_allocated;
use crate::error::{InvalidFrame, LibavError};
use crate::frame::{FrameView, PixelFormat, Plane};

/// The most planes of an encoder's frame.
const MAX_PLANES: usize = 4;

/// A picture. Its pixels may be written only while nothing else refers to them.
pub(crate) struct Frame {
    pub(super) pointer: *mut ffi::AVFrame,
    format: PixelFormat,
    width: u32,
    height: u32,
}

// SAFETY: an AVFrame is plain memory with reference-counted buffers, whose counts are atomic. Only the owner of the struct
// reaches the AVFrame itself. Its pixels may be shared with other holders: they are written through `planes_mut` alone,
// by a frame of a pool before it is shared, and only read afterwards, by a `SharedFrame` and by codecs.
unsafe impl Send for Frame {}

/// One plane of a frame, to read.
#[derive(Clone, Copy)]
pub(crate) struct PlaneRef<'a> {
    /// From the first byte of the first row to the last pixel of the last row.
    data: &'a [u8],
    stride: usize,
    row_bytes: usize,
}

impl<'a> PlaneRef<'a> {
    /// Returns the pixels of row `y`.
    pub(crate) fn row(self, y: usize) -> &'a [u8] {
        &self.data[y * self.stride..][..self.row_bytes]
    }
}

impl<'a> From<PlaneRef<'a>> for Plane<'a> {
    fn from(plane: PlaneRef<'a>) -> Self {
        Self { data: plane.data, stride: plane.stride as isize }
    }
}

/// One plane of a frame, to write.
pub(crate) struct PlaneMut<'a> {
    /// From the first byte of the first row to the last byte of the last row.
    pub(crate) data: &'a mut [u8],
    /// Bytes from one row to the next.
    pub(crate) stride: usize,
}

impl Frame {
    /// Makes a frame without pixels, for calls that fill it in this format and size.
    pub(super) fn blank(format: PixelFormat, width: u32, height: u32) -> Result<Self, LibavError> {
        // SAFETY: av_frame_alloc takes nothing; the result is checked and owned by the struct.
        let pointer = check_allocated(unsafe { ffi::av_frame_alloc() }, "make a frame")?;
        Ok(Self { pointer, format, width, height })
    }

    /// Returns the pixel format.
    pub(crate) fn format(&self) -> PixelFormat {
        self.format
    }

    /// Returns the width in pixels.
    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    /// Returns the planes. The bytes between rows belong to the frame and have no meaning.
    ///
    /// # Errors
    /// If something else, such as a decoder, may read the pixels, which must not change then.
    pub(crate) fn planes_mut(&mut self) -> Result<impl Iterator<Item = PlaneMut<'_>>, LibavError> {
        // SAFETY: `pointer` is a valid AVFrame that we own; the call reads how often its buffers are held.
        let (fields, is_ours) = unsafe { (&*self.pointer, ffi::av_frame_is_writable(self.pointer) > 0) };
        if !is_ours {
            return Err(LibavError::unexpected("write a frame", "its pixels are shared"));
        }
        Ok((0..self.format.plane_count().min(MAX_PLANES)).map(|plane| {
            let stride = usize::try_from(fields.linesize[plane]).unwrap_or_default();
            let rows = self.format.plane_layout(plane, self.width, self.height).rows;
            // SAFETY: there are no other references to the buffer. The pool laid it out: each plane has linesize × rows
            // bytes (av_image_fill_arrays), and they follow each other, so their slices do not overlap.
            let data = unsafe { slice::from_raw_parts_mut(fields.data[plane], stride * rows) };
            PlaneMut { data, stride }
        }))
    }

    /// Returns plane `plane`, which the format must have.
    pub(crate) fn plane(&self, plane: usize) -> PlaneRef<'_> {
        let layout = self.format.plane_layout(plane, self.width, self.height);
        // SAFETY: pools and decoders give each plane of the format this many rows of this many bytes.
        unsafe { self.rows(plane, layout.row_bytes, layout.rows) }
    }

    /// # Safety
    /// The frame must have plane `plane`, with `rows` rows of `row_bytes`, linesize apart.
    unsafe fn rows(&self, plane: usize, row_bytes: usize, rows: usize) -> PlaneRef<'_> {
        // SAFETY: `pointer` is a valid AVFrame that we own.
        let fields = unsafe { &*self.pointer };
        let (start, stride) = (fields.data[plane], usize::try_from(fields.linesize[plane]).unwrap_or_default());
        if start.is_null() || stride < row_bytes || rows == 0 {
            // Neither our pool nor our decoder makes such a layout.
            return PlaneRef { data: &[], stride: 0, row_bytes: 0 };
        }
        // SAFETY: as the caller guarantees, the buffer reaches to the end of the last row, and it lives as long as the
        // frame. It is not written while the frame is borrowed: `planes_mut` would need the frame, codecs write frames
        // before they return them, and only read those that they receive.
        let data = unsafe { slice::from_raw_parts(start, stride * (rows - 1) + row_bytes) };
        PlaneRef { data, stride, row_bytes }
    }

    /// Returns the picture.
    ///
    /// # Errors
    /// If the planes are smaller than their format needs, which neither our pool nor our decoder makes.
    pub(crate) fn view(&self) -> Result<FrameView<'_>, InvalidFrame> {
        let planes: Vec<Plane<'_>> = (0..self.format.plane_count()).map(|plane| self.plane(plane).into()).collect();
        FrameView::planar(self.format, &planes, self.width, self.height)
    }

    /// Makes the frame shareable and immutable.
    pub(crate) fn share(self) -> SharedFrame {
        SharedFrame(self)
    }

    /// Returns the pixel format, width and height as stored in the AVFrame.
    pub(super) fn av_geometry(&self) -> (c_int, c_int, c_int) {
        // SAFETY: `pointer` is a valid AVFrame that we own.
        let fields = unsafe { &*self.pointer };
        (fields.format, fields.width, fields.height)
    }

    /// Sets the pixel format, which must have the same memory layout.
    pub(super) fn set_format(&mut self, av_format: c_int) {
        // SAFETY: `pointer` is a valid AVFrame that we own.
        unsafe { (*self.pointer).format = av_format };
    }

    /// Fills the frame, which is RGB in one plane, from a decoded frame with planes of green, blue and red, of the same
    /// size and bit depth.
    pub(super) fn interleave(&mut self, planar: &Self) -> Result<(), LibavError> {
        let [green, blue, red] = [0, 1, 2].map(|plane| planar.rgb_plane(plane));
        let sample_bytes = self.format.bits().div_ceil(8) as usize;
        let pixel_bytes = self.format.pixel_bytes();
        let layout = self.format.plane_layout(0, self.width, self.height);
        let by_place = match self.format {
            PixelFormat::Rgb24 | PixelFormat::Rgb48Le => [red, green, blue],
            _ => [blue, green, red],
        };
        for target in self.planes_mut()? {
            for (y, pixels) in target.data.chunks_exact_mut(target.stride).take(layout.rows).enumerate() {
                for (place, plane) in by_place.iter().enumerate() {
                    let samples = plane.row(y).chunks_exact(sample_bytes);
                    for (pixel, sample) in pixels.chunks_exact_mut(pixel_bytes).zip(samples) {
                        pixel[place * sample_bytes..][..sample_bytes].copy_from_slice(sample);
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns a plane of a decoded picture with planes of green, blue and red.
    fn rgb_plane(&self, plane: usize) -> PlaneRef<'_> {
        let row_bytes = self.width as usize * self.format.bits().div_ceil(8) as usize;
        // SAFETY: the caller has checked that the decoder reports planar RGB of this size, which has `height` rows of
        // `width` samples in each of its three planes.
        unsafe { self.rows(plane, row_bytes, self.height as usize) }
    }

    /// Sets the frame's number and the quality for encoding it. Properties from an earlier decoder are reset.
    pub(super) fn prepare(&mut self, index: i64, quality: c_int) {
        // SAFETY: `pointer` is a valid AVFrame that we own.
        unsafe {
            (*self.pointer).pts = index;
            (*self.pointer).quality = quality;
            (*self.pointer).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE;
        }
    }

    /// Returns the pointer for calls that fill the frame.
    pub(super) fn as_mut_ptr(&mut self) -> *mut ffi::AVFrame {
        self.pointer
    }

    /// Returns the pointer for calls that read the frame.
    pub(super) fn as_ptr(&self) -> *const ffi::AVFrame {
        self.pointer
    }

    /// Returns the start and the stride of each plane, for calls that write them.
    pub(super) fn raw_planes(&mut self) -> ([*mut u8; 4], [c_int; 4]) {
        // SAFETY: `pointer` is a valid AVFrame that we own.
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

/// A picture that may have several owners, and that cannot change.
pub(crate) struct SharedFrame(Frame);

impl SharedFrame {
    /// Returns another reference to the same picture, without copying its pixels.
    pub(crate) fn try_clone(&self) -> Result<Self, LibavError> {
        // SAFETY: the frame is valid and has reference-counted buffers, which av_frame_clone counts up; it is null if
        // there is no memory, which is checked.
        let pointer = check_allocated(unsafe { ffi::av_frame_clone(self.0.pointer) }, "share a frame")?;
        let Frame { format, width, height, .. } = self.0;
        Ok(Self(Frame { pointer, format, width, height }))
    }

    /// See [`Frame::prepare`]; it only affects this reference.
    pub(super) fn prepare(&mut self, index: i64, quality: c_int) {
        self.0.prepare(index, quality);
    }
}

impl Deref for SharedFrame {
    type Target = Frame;

    fn deref(&self) -> &Frame {
        &self.0
    }
}
