//! Uses swscale to convert pictures to another pixel format, size and range, with the movie's matrix.

use std::ffi::{CStr, c_int};
use std::ops::Range;
use std::ptr;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::frame::Frame;
use super::pixel_format;
use crate::error::LibavError;
use crate::frame::{ALPHA_PLANE, ChromaLocation, ColorRange, FrameView, PixelFormat};
use crate::settings::{Color, Matrix};

/// swscale's vector code reads whole registers: up to this many bytes past the last pixel of a row.
const OVERREAD_BYTES: usize = 64;

/// Slices start at multiples of this many rows. swscale's dither repeats every 8 rows, also of chroma, and restarts
/// with each slice, so the slices do not affect the picture.
const SLICE_ROWS: u32 = 16;

/// How pixels are interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// The mean of the pixels that a sample covers: for subsampling the chroma of RGB.
    Mean,
    /// Bicubic interpolation: for YUV with another subsampling.
    Bicubic,
    /// Lanczos interpolation, which is sharp: for another size.
    Lanczos,
}

/// The format that the scaler reads, fixed when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InputFormat {
    format: PixelFormat,
    width: u32,
    height: u32,
    range: ColorRange,
    chroma_location: Option<ChromaLocation>,
}

impl InputFormat {
    fn of(view: &FrameView<'_>) -> Self {
        Self {
            format: view.format(),
            width: view.width(),
            height: view.height(),
            range: view.range(),
            chroma_location: view.chroma_location(),
        }
    }
}

/// Converts views of one kind to frames of one kind.
pub(crate) struct Scaler {
    context: Context,
    source: InputFormat,
    target_height: u32,
    edge: Edge,
}

impl Scaler {
    /// Makes a scaler from pictures like `view` to pictures of `size` in `format`, with the matrix, range
    /// and chroma location of `color`.
    pub(crate) fn new(
        view: &FrameView<'_>,
        format: PixelFormat,
        size: (u32, u32),
        color: Color,
        filter: Filter,
    ) -> Result<Self, LibavError> {
        let source = InputFormat::of(view);
        let context = Context::open(source, format, size, color, filter)?;
        Ok(Self { context, source, target_height: size.1, edge: Edge::default() })
    }

    /// Returns whether this scaler can convert `view`.
    pub(crate) fn fits(&self, view: &FrameView<'_>) -> bool {
        self.source == InputFormat::of(view)
    }

    /// Converts `view` into the upper left of `frame`; `fits(view)` must be true. Rows at which swscale would read past
    /// the caller's buffer are copied first.
    pub(crate) fn run(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
        let rows = view.height();
        let (top, bottom) = edges(view);
        let mut written = 0;
        for (slice_rows, copied) in [(0..top, true), (top..bottom, false), (bottom..rows, true)] {
            if slice_rows.is_empty() {
                continue;
            }
            let slice = if copied { self.edge.copy(view, &slice_rows) } else { Slice::of(view, slice_rows.start) };
            // SAFETY: the view is of the source's format and size (the caller checked `fits`). The slice points to
            // planes that FrameView checked, or to our copy of them, both still borrowed; `edge_rows` keeps what
            // swscale reads past a row inside the same buffer.
            written += unsafe { self.context.scale(slice, slice_rows, frame)? };
        }
        let complete = written == self.target_height as c_int;
        check(if complete { 0 } else { ffi::AVERROR_BUG }, "convert a whole frame").map(drop)
    }
}

/// An `SwsContext`.
struct Context(*mut ffi::SwsContext);

// SAFETY: an SwsContext is plain memory without ties to a thread (we request no slice threads); only the owner of the
// struct reaches it.
unsafe impl Send for Context {}

impl Context {
    fn open(
        source: InputFormat,
        format: PixelFormat,
        (width, height): (u32, u32),
        color: Color,
        filter: Filter,
    ) -> Result<Self, LibavError> {
        super::log::install();
        // SAFETY: sws_alloc_context takes nothing; the result is checked and owned by the struct.
        let context = Self(check_allocated(unsafe { ffi::sws_alloc_context() }, "make a scaler")?);
        let kernel = match filter {
            Filter::Mean => ffi::SWS_AREA,
            Filter::Bicubic => ffi::SWS_BICUBIC,
            Filter::Lanczos => ffi::SWS_LANCZOS,
        };
        // Without the first two flags, swscale skips every second pixel or row of chroma.
        let flags =
            kernel | ffi::SWS_FULL_CHR_H_INP | ffi::SWS_ACCURATE_RND | ffi::SWS_FULL_CHR_H_INT | ffi::SWS_BITEXACT;
        context.set(c"srcw", source.width.into())?;
        context.set(c"srch", source.height.into())?;
        context.set(c"src_format", pixel_format::to_av(source.format) as i64)?;
        context.set(c"dstw", width.into())?;
        context.set(c"dsth", height.into())?;
        context.set(c"dst_format", pixel_format::to_av(format) as i64)?;
        context.set(c"sws_flags", i64::from(flags))?;
        let source_location = source.chroma_location.unwrap_or(color.chroma_location);
        context.set_chroma_position(c"src_h_chr_pos", c"src_v_chr_pos", source.format, source_location)?;
        let target_location = color.chroma_location;
        context.set_chroma_position(c"dst_h_chr_pos", c"dst_v_chr_pos", format, target_location)?;
        context.set_colors(source.range, color)?;
        // SAFETY: the context is ours and has its options; the filters may be null.
        let code = unsafe { ffi::sws_init_context(context.0, ptr::null_mut(), ptr::null_mut()) };
        let InputFormat { format: source_format, width: source_width, height: source_height, .. } = source;
        check(
            code,
            format!("convert {source_format} {source_width}x{source_height} to {format} {width}x{height}"),
        )?;
        Ok(context)
    }

    fn set(&self, name: &'static CStr, value: i64) -> Result<(), LibavError> {
        // SAFETY: the context starts with its AVClass, as av_opt_set_int needs; the name is NUL-terminated.
        let code = unsafe { ffi::av_opt_set_int(self.0.cast(), name.as_ptr(), value, 0) };
        check(code, format!("set the scaler's {}", name.to_string_lossy())).map(drop)
    }

    /// Sets the chroma position in 1/256 of a pixel, from the first pixel that shares the sample.
    fn set_chroma_position(
        &self,
        across: &'static CStr,
        down: &'static CStr,
        format: PixelFormat,
        location: ChromaLocation,
    ) -> Result<(), LibavError> {
        let (x, y) = match (format.chroma_shift(), location) {
            ((1, 1), ChromaLocation::Center) => (128, 128),
            ((1, 1), ChromaLocation::Left) => (0, 128),
            ((1, 1), ChromaLocation::TopLeft) => (0, 0),
            ((1, 0), _) => return self.set(across, 0),
            _ => return Ok(()),
        };
        self.set(across, x).and_then(|()| self.set(down, y))
    }

    /// Sets the movie's matrix for input and output: YUV frames are assumed to have it already.
    fn set_colors(&self, source_range: ColorRange, color: Color) -> Result<(), LibavError> {
        const UNCHANGED: c_int = 1 << 16;
        let space = match color.matrix {
            Matrix::Bt601 => ffi::SWS_CS_SMPTE170M,
            Matrix::Bt709 | Matrix::Rgb => ffi::SWS_CS_ITU709,
        };
        let full = |range: ColorRange| c_int::from(range == ColorRange::Full);
        let (source_full, target_full) = (full(source_range), full(color.range));
        // SAFETY: sws_getCoefficients returns a static table of four numbers, which sws_setColorspaceDetails copies.
        let code = unsafe {
            let table = ffi::sws_getCoefficients(space as c_int);
            ffi::sws_setColorspaceDetails(self.0, table, source_full, table, target_full, 0, UNCHANGED, UNCHANGED)
        };
        check(code, "set the scaler's colors").map(drop)
    }

    /// Passes `rows` of a picture to swscale; returns how many rows of `frame` it wrote.
    ///
    /// # Safety
    /// The slice starts at the first of the rows, of a picture of the source's format and size; all of them, and
    /// `OVERREAD_BYTES` after each, are readable.
    unsafe fn scale(&mut self, slice: Slice, rows: Range<u32>, frame: &mut Frame) -> Result<c_int, LibavError> {
        let (targets, target_strides) = frame.raw_planes();
        // SAFETY: the caller guarantees the source. The context is initialized; the frame is at least as large as the
        // target, with room after its last row.
        let code = unsafe {
            ffi::sws_scale(
                self.0,
                slice.starts.as_ptr(),
                slice.strides.as_ptr(),
                rows.start as c_int,
                (rows.end - rows.start) as c_int,
                targets.as_ptr(),
                target_strides.as_ptr(),
            )
        };
        check(code, "convert a frame")
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the context came from sws_alloc_context and is freed once.
        unsafe { ffi::sws_freeContext(self.0) };
    }
}

/// The start of some rows in each plane, and the strides.
struct Slice {
    starts: [*const u8; 4],
    strides: [c_int; 4],
}

impl Slice {
    /// Returns the rows of `view` from `row` on.
    fn of(view: &FrameView<'_>, row: u32) -> Self {
        let mut slice = Self { starts: [ptr::null(); 4], strides: [0; 4] };
        for (index, plane) in view.planes().iter().enumerate() {
            let rows = view.layout(index).rows;
            let row = plane_row(view, index, row).min(rows - 1);
            slice.starts[index] = plane.data[plane.row_offset(row, rows)..].as_ptr();
            slice.strides[index] = plane.stride as c_int;
        }
        slice
    }
}

/// Returns whether every plane has enough bytes after its last row for swscale's reads.
fn has_room(view: &FrameView<'_>) -> bool {
    view.planes().iter().enumerate().all(|(index, plane)| {
        let layout = view.layout(index);
        let used = plane.stride.unsigned_abs() * (layout.rows - 1) + layout.row_bytes;
        plane.data.len() >= used + OVERREAD_BYTES
    })
}

/// Returns whether swscale would misread a stride: it takes 32 bits, and counts some strides in 16-bit samples, which
/// rounds odd ones down.
fn has_unfit_strides(view: &FrameView<'_>) -> bool {
    let in_samples = view.format().bits() > 8;
    view.planes()
        .iter()
        .any(|plane| c_int::try_from(plane.stride).is_err() || (in_samples && plane.stride % 2 != 0))
}

/// Returns the rows that swscale may read from the caller's buffer, as the end of the rows above them and the start of
/// the rows below them. With a negative stride, the end of the buffer is the top of the picture.
fn edges(view: &FrameView<'_>) -> (u32, u32) {
    let rows = view.height();
    let edge = match (has_unfit_strides(view), has_room(view)) {
        (true, _) => rows,
        (false, true) => 0,
        (false, false) => edge_rows(view),
    };
    let at_top = view.planes().iter().any(|plane| plane.stride < 0);
    let at_bottom = view.planes().iter().any(|plane| plane.stride >= 0);
    let top = if at_top { edge.min(rows) } else { 0 };
    let bottom = if at_bottom { rows.saturating_sub(edge) / SLICE_ROWS * SLICE_ROWS } else { rows };
    (top, bottom.max(top))
}

/// Returns how many rows at the end of the buffers hold at least `OVERREAD_BYTES` in every plane, in whole slices.
fn edge_rows(view: &FrameView<'_>) -> u32 {
    let rows = view.planes().iter().enumerate().map(|(index, plane)| {
        let rows = OVERREAD_BYTES.div_ceil(plane.stride.unsigned_abs().max(1));
        // Plus one, for a chroma row that is shared with the rows above.
        ((rows + 1) << shift_down(view, index)) as u32
    });
    rows.max().unwrap_or(0).next_multiple_of(SLICE_ROWS)
}

/// Returns by how many bits plane `plane` has fewer rows than the picture.
fn shift_down(view: &FrameView<'_>, plane: usize) -> u32 {
    let is_chroma = plane > 0 && plane != ALPHA_PLANE;
    if is_chroma { view.format().chroma_shift().1 } else { 0 }
}

/// Returns the index of the row in plane `plane` that holds row `row` of the picture.
fn plane_row(view: &FrameView<'_>, plane: usize, row: u32) -> usize {
    (row >> shift_down(view, plane)) as usize
}

/// A copy of some rows, with spare bytes after them.
#[derive(Default)]
struct Edge {
    bytes: Vec<u8>,
}

impl Edge {
    /// Copies `rows`.
    fn copy(&mut self, view: &FrameView<'_>, rows: &Range<u32>) -> Slice {
        let mut offsets = [0; 4];
        let mut slice = Slice { starts: [ptr::null(); 4], strides: [0; 4] };
        self.bytes.clear();
        for (index, plane) in view.planes().iter().enumerate() {
            let layout = view.layout(index);
            let last = (rows.end as usize).div_ceil(1 << shift_down(view, index));
            offsets[index] = self.bytes.len();
            slice.strides[index] = layout.row_bytes as c_int;
            for row in plane_row(view, index, rows.start)..last.min(layout.rows) {
                self.bytes.extend_from_slice(plane.row(row, layout));
            }
        }
        self.bytes.resize(self.bytes.len() + OVERREAD_BYTES, 0);
        // Only now, because the bytes may have moved while they grew.
        for (start, offset) in slice.starts.iter_mut().zip(offsets).take(view.planes().len()) {
            *start = self.bytes[offset..].as_ptr();
        }
        slice
    }
}
