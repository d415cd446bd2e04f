//! swscale: pictures from one pixel format, size and range to another, by the matrix that the movie says.

use std::ffi::{CStr, c_int};
use std::ptr;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::frame_pool::Frame;
use super::pixel_format;
use crate::error::LibavError;
use crate::frame::{ColorRange, FrameView, PixelFormat, PlaneLayout};
use crate::settings::{Color, Matrix};

/// swscale's vector code reads whole registers: up to this many bytes past the last pixel of a row.
const OVERREAD_BYTES: usize = 64;

/// Slices start at multiples of this many rows. swscale's dither repeats every 8 rows, of chroma too, and starts anew
/// with each slice; so it does not matter for the picture where the slices are.
const SLICE_ROWS: u32 = 16;

/// How pixels between the given ones are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// The mean of the pixels that a sample covers: for halving the chroma of RGB.
    Mean,
    /// Between neighbours: for YUV of another subsampling.
    Bicubic,
    /// Sharp: for another size.
    Lanczos,
}

/// What the scaler reads: fixed when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    format: PixelFormat,
    width: u32,
    height: u32,
    range: ColorRange,
}

impl Source {
    fn of(view: &FrameView<'_>) -> Self {
        Self { format: view.format(), width: view.width(), height: view.height(), range: view.range() }
    }
}

/// Converts views of one kind into frames of one kind.
pub(crate) struct Scaler {
    context: *mut ffi::SwsContext,
    source: Source,
    target_height: u32,
    edge: Edge,
}

// SAFETY: an SwsContext is memory of its own without ties to a thread (we ask for no slice threads); only the owner
// of the struct reaches it, through `&mut self`.
unsafe impl Send for Scaler {}

impl Scaler {
    /// A scaler from pictures like `view` to pictures of `width` × `height` in `format`, coloured as `color` says.
    pub(crate) fn new(
        view: &FrameView<'_>,
        format: PixelFormat,
        (width, height): (u32, u32),
        color: Color,
        filter: Filter,
    ) -> Result<Self, LibavError> {
        super::log::install();
        let source = Source::of(view);
        let operation =
            format!("convert {} {}x{} to {format} {width}x{height}", source.format, source.width, source.height);
        // SAFETY: sws_alloc_context takes nothing; the result is checked and owned by `scaler` from here on.
        let context = check_allocated(unsafe { ffi::sws_alloc_context() }, "make a scaler")?;
        let scaler = Self { context, source, target_height: height, edge: Edge::default() };
        let kernel = match filter {
            Filter::Mean => ffi::SWS_AREA,
            Filter::Bicubic => ffi::SWS_BICUBIC,
            Filter::Lanczos => ffi::SWS_LANCZOS,
        };
        // Without the first two, every second pixel or row of chroma is skipped.
        let flags =
            kernel | ffi::SWS_FULL_CHR_H_INP | ffi::SWS_ACCURATE_RND | ffi::SWS_FULL_CHR_H_INT | ffi::SWS_BITEXACT;
        scaler.set(c"srcw", source.width.into())?;
        scaler.set(c"srch", source.height.into())?;
        scaler.set(c"src_format", pixel_format::to_av(source.format) as i64)?;
        scaler.set(c"dstw", width.into())?;
        scaler.set(c"dsth", height.into())?;
        scaler.set(c"dst_format", pixel_format::to_av(format) as i64)?;
        scaler.set(c"sws_flags", i64::from(flags))?;
        scaler.set_chroma_position(c"src_h_chr_pos", c"src_v_chr_pos", source.format)?;
        scaler.set_chroma_position(c"dst_h_chr_pos", c"dst_v_chr_pos", format)?;
        scaler.set_colors(color)?;
        // SAFETY: the context is ours and has its options; the filters may be null.
        let code = unsafe { ffi::sws_init_context(context, ptr::null_mut(), ptr::null_mut()) };
        check(code, operation)?;
        Ok(scaler)
    }

    /// Whether this scaler converts pictures like `view`.
    pub(crate) fn fits(&self, view: &FrameView<'_>) -> bool {
        self.source == Source::of(view)
    }

    /// Converts `view`, for which the scaler fits, into the upper left of `frame`. swscale is never let to read past
    /// the caller's buffers: the rows from which it could are copied first.
    pub(crate) fn run(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<(), LibavError> {
        let rows = view.height();
        let risky = view.planes().iter().enumerate().any(|(plane, data)| {
            let layout = view.layout(plane);
            data.data.len() < data.stride.unsigned_abs() * (layout.rows - 1) + layout.row_bytes + OVERREAD_BYTES
        });
        // swscale counts some strides in 16-bit samples, and would cut an odd one.
        let odd = view.format().bits() > 8 && view.planes().iter().any(|plane| plane.stride % 2 != 0);
        let edge_rows = match (odd, risky) {
            (true, _) => rows,
            (false, true) => edge_rows(view),
            (false, false) => 0,
        };
        let at_top = view.planes().iter().any(|plane| plane.stride < 0);
        let at_bottom = view.planes().iter().any(|plane| plane.stride >= 0);
        let top = if at_top { edge_rows.min(rows) } else { 0 };
        let bottom = if at_bottom { rows.saturating_sub(edge_rows) / SLICE_ROWS * SLICE_ROWS } else { rows };
        let bottom = bottom.max(top);
        let mut written = self.run_copy(view, 0, top, frame)?;
        written += self.run_direct(view, top, bottom, frame)?;
        written += self.run_copy(view, bottom, rows, frame)?;
        let complete = written == self.target_height as c_int;
        check(if complete { 0 } else { ffi::AVERROR_BUG }, "convert a whole frame").map(drop)
    }

    fn run_copy(
        &mut self,
        view: &FrameView<'_>,
        from: u32,
        to: u32,
        frame: &mut Frame,
    ) -> Result<c_int, LibavError> {
        let mut edge = std::mem::take(&mut self.edge);
        let (starts, strides) = edge.copy(view, from, to);
        let result = self.scale_slice(&starts, &strides, from, to, frame);
        self.edge = edge;
        result
    }

    fn run_direct(
        &mut self,
        view: &FrameView<'_>,
        from: u32,
        to: u32,
        frame: &mut Frame,
    ) -> Result<c_int, LibavError> {
        let mut starts = [ptr::null(); 4];
        let mut strides = [0; 4];
        for (index, plane) in view.planes().iter().enumerate() {
            let rows = view.layout(index).rows;
            let row = first_row(view, index, from).min(rows - 1);
            starts[index] = plane.data[plane.row_offset(row, rows)..].as_ptr();
            strides[index] = plane.stride as c_int;
        }
        self.scale_slice(&starts, &strides, from, to, frame)
    }

    /// Hands rows `from..to` to swscale. The caller sees to it that each row, and `OVERREAD_BYTES` behind it, are
    /// readable.
    fn scale_slice(
        &mut self,
        starts: &[*const u8; 4],
        strides: &[c_int; 4],
        from: u32,
        to: u32,
        frame: &mut Frame,
    ) -> Result<c_int, LibavError> {
        if from >= to {
            return Ok(0);
        }
        let (targets, target_strides) = frame.raw_planes();
        // SAFETY: the context is initialised for the view's format and size (`fits`). Each start points to row `from`
        // of a plane that FrameView checked, or of our copy of it; edge_rows keeps what swscale reads past a row
        // inside the same buffer. The frame is at least as large as the target, with room behind its last row.
        let code = unsafe {
            ffi::sws_scale(
                self.context,
                starts.as_ptr(),
                strides.as_ptr(),
                from as c_int,
                (to - from) as c_int,
                targets.as_ptr(),
                target_strides.as_ptr(),
            )
        };
        check(code, "convert a frame")
    }

    fn set(&self, name: &'static CStr, value: i64) -> Result<(), LibavError> {
        // SAFETY: the context starts with its AVClass, as av_opt_set_int needs; the name is NUL-terminated.
        let code = unsafe { ffi::av_opt_set_int(self.context.cast(), name.as_ptr(), value, 0) };
        check(code, format!("set the scaler's {}", name.to_string_lossy())).map(drop)
    }

    /// Positions are in 1/256 of a pixel, from the first pixel that shares the sample.
    fn set_chroma_position(
        &self,
        across: &'static CStr,
        down: &'static CStr,
        format: PixelFormat,
    ) -> Result<(), LibavError> {
        match format.chroma_shift() {
            (1, 1) => self.set(across, 128).and_then(|()| self.set(down, 128)),
            (1, 0) => self.set(across, 0),
            _ => Ok(()),
        }
    }

    /// Both sides use the movie's matrix: YUV frames are taken to be in it already.
    fn set_colors(&self, color: Color) -> Result<(), LibavError> {
        let space = match color.matrix {
            Matrix::Bt601 => ffi::SWS_CS_SMPTE170M,
            Matrix::Bt709 | Matrix::Rgb => ffi::SWS_CS_ITU709,
        };
        let full = |range: ColorRange| c_int::from(range == ColorRange::Full);
        const UNCHANGED: c_int = 1 << 16;
        // SAFETY: sws_getCoefficients gives a static table of four numbers, which sws_setColorspaceDetails copies.
        let code = unsafe {
            let table = ffi::sws_getCoefficients(space as c_int);
            ffi::sws_setColorspaceDetails(
                self.context,
                table,
                full(self.source.range),
                table,
                full(color.range),
                0,
                UNCHANGED,
                UNCHANGED,
            )
        };
        check(code, "set the scaler's colours").map(drop)
    }
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: the context came from sws_alloc_context and is freed once.
        unsafe { ffi::sws_freeContext(self.context) };
    }
}

/// How many rows at the end of the buffers hold at least `OVERREAD_BYTES` in every plane: whole slices.
fn edge_rows(view: &FrameView<'_>) -> u32 {
    let (_, down) = view.format().chroma_shift();
    let rows = view.planes().iter().enumerate().map(|(index, plane)| {
        let rows = OVERREAD_BYTES.div_ceil(plane.stride.unsigned_abs().max(1));
        // One more, for a chroma row that is shared with the rows above.
        (if index == 0 { rows } else { (rows + 1) << down }) as u32
    });
    rows.max().unwrap_or(0).next_multiple_of(SLICE_ROWS)
}

/// The row of plane `plane` that holds row `row` of the picture.
fn first_row(view: &FrameView<'_>, plane: usize, row: u32) -> usize {
    let (_, down) = view.format().chroma_shift();
    if plane == 0 { row as usize } else { (row >> down) as usize }
}

/// A copy of some rows, with room behind them.
#[derive(Default)]
struct Edge {
    bytes: Vec<u8>,
}

impl Edge {
    /// Copies rows `from..to`; gives where each plane's copy starts and its stride.
    fn copy(&mut self, view: &FrameView<'_>, from: u32, to: u32) -> ([*const u8; 4], [c_int; 4]) {
        self.bytes.clear();
        let mut offsets = [0; 4];
        let mut strides = [0; 4];
        let planes = view.planes();
        for (index, plane) in planes.iter().enumerate() {
            let layout: PlaneLayout = view.layout(index);
            let (_, down) = view.format().chroma_shift();
            let last = if index == 0 { to as usize } else { (to as usize).div_ceil(1 << down) };
            offsets[index] = self.bytes.len();
            strides[index] = layout.row_bytes as c_int;
            for row in first_row(view, index, from)..last.min(layout.rows) {
                self.bytes.extend_from_slice(plane.row(row, layout));
            }
        }
        self.bytes.resize(self.bytes.len() + OVERREAD_BYTES, 0);
        let mut starts = [ptr::null(); 4];
        for (start, offset) in starts.iter_mut().zip(offsets).take(planes.len()) {
            *start = self.bytes[offset..].as_ptr();
        }
        (starts, strides)
    }
}
