//! The rows of an array: read in place if the converter supports their layout, otherwise converted.

use super::{ArrayView, SampleType, Strides};
use crate::error::Result;
use crate::frame::{FrameLayout, FrameView, PixelFormat, Strips};

/// The rows of an [`ArrayView`].
#[derive(Debug)]
pub struct ArrayStrips<'a> {
    array: ArrayView<'a>,
    in_place: Option<InPlace>,
    next_row: u32,
    memory: &'a mut Vec<u8>,
}

impl<'a> ArrayStrips<'a> {
    pub(super) fn new(array: ArrayView<'a>, memory: &'a mut Vec<u8>) -> Self {
        Self { array, in_place: InPlace::of(&array), next_row: 0, memory }
    }
}

impl Strips for ArrayStrips<'_> {
    fn layout(&self) -> FrameLayout {
        self.array.layout()
    }

    fn next_strip(&mut self, rows: u32) -> Result<FrameView<'_>> {
        let first = self.next_row;
        self.next_row += rows;
        let width = self.array.width;
        if let Some(place) = self.in_place {
            return place.strip(&self.array, first, rows, self.memory);
        }
        let format = self.array.gathered_format();
        self.memory.resize(format.frame_bytes(width, rows), 0);
        if !self.array.gather(first, rows, self.memory) {
            self.array.check_levels()?;
        }
        Ok(FrameView::contiguous(format, self.memory, width, rows)?)
    }
}

/// Rows that the converter reads in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct InPlace {
    pub(super) format: PixelFormat,
    /// The position of the first row's first byte.
    start: usize,
    stride: isize,
}

impl InPlace {
    /// Returns the layout of the rows of `array`; `None` if they have to be converted.
    pub(super) fn of(array: &ArrayView<'_>) -> Option<Self> {
        let bytes = match array.samples {
            SampleType::U8 => 1,
            SampleType::U16 if cfg!(target_endian = "little") => 2,
            _ => return None,
        };
        let Strides { row, pixel, sample } = array.strides;
        let is_backward = bytes == 1 && array.channels > 1 && sample == -1;
        if sample != bytes && !is_backward {
            return None;
        }
        let format = match (array.channels, pixel, is_backward) {
            (3, 3, true) if bytes == 1 => PixelFormat::Bgr24,
            // Three channels of four-byte pixels, as in rgba[..., :3].
            (3, 4, true) => PixelFormat::Bgr0,
            (3, 4, false) if bytes == 1 => PixelFormat::Rgb0,
            (4, 4, true) => PixelFormat::Abgr,
            (_, _, false) if pixel == bytes * array.channels as isize => array.gathered_format(),
            _ => return None,
        };
        let row_bytes = format.plane_layout(0, array.width, 1).row_bytes;
        // A single row may have padding after it.
        let stride = if array.height == 1 { row_bytes as isize } else { row };
        let before = if is_backward { array.channels - 1 } else { 0 };
        (stride.unsigned_abs() >= row_bytes).then_some(Self { format, start: array.first - before, stride })
    }

    /// Returns some rows. They are copied if the array ends before the padding of its last pixel.
    fn strip<'m>(
        self,
        array: &ArrayView<'m>,
        first: u32,
        rows: u32,
        memory: &'m mut Vec<u8>,
    ) -> Result<FrameView<'m>> {
        let Self { format, start, stride } = self;
        let upper = if stride < 0 { first + rows - 1 } else { first };
        let lowest = (start as isize + upper as isize * stride) as usize;
        let bytes = (rows as usize - 1) * stride.unsigned_abs() + format.plane_layout(0, array.width, 1).row_bytes;
        let data = &array.data[lowest..];
        if data.len() >= bytes {
            return Ok(FrameView::packed(format, data, array.width, rows, stride)?);
        }
        memory.clear();
        memory.extend_from_slice(data);
        memory.resize(bytes, 0);
        Ok(FrameView::packed(format, memory, array.width, rows, stride)?)
    }
}
