//! Pads an odd size by repeating the last column and row.

use crate::av::Frame;
use crate::error::{InvalidFrame, LibavError};
use crate::frame::FrameView;

/// Makes pictures larger before they are converted. Reuses its memory from frame to frame.
#[derive(Default)]
pub(super) struct Padder {
    bytes: Vec<u8>,
}

impl Padder {
    /// Returns a copy of `view` whose last column and row are repeated up to `width` × `height`.
    pub(super) fn padded(
        &mut self,
        view: &FrameView<'_>,
        (width, height): (u32, u32),
    ) -> Result<FrameView<'_>, InvalidFrame> {
        let format = view.format();
        self.bytes.clear();
        for (index, plane) in view.planes().iter().enumerate() {
            let picture = view.layout(index);
            let whole = format.plane_layout(index, width, height);
            let sample = format.sample_bytes(index);
            for row in 0..whole.rows {
                let row = plane.row(row.min(picture.rows - 1), picture);
                self.bytes.extend_from_slice(row);
                for _ in (picture.row_bytes..whole.row_bytes).step_by(sample) {
                    self.bytes.extend_from_slice(&row[row.len() - sample..]);
                }
            }
        }
        Ok(FrameView::contiguous(format, &self.bytes, width, height)?.with_samples_of(view))
    }
}

/// Repeats the last column and row of a picture of `width` × `height` in the upper left of `frame` up to the frame's
/// own size. Chroma is already rounded up and covers both.
pub(super) fn repeat_edges(frame: &mut Frame, (width, height): (u32, u32)) -> Result<(), LibavError> {
    if (frame.width(), frame.height()) == (width, height) {
        return Ok(());
    }
    let format = frame.format();
    let (frame_width, frame_height) = (frame.width(), frame.height());
    for (index, plane) in frame.planes_mut()?.enumerate() {
        let picture = format.plane_layout(index, width, height);
        let whole = format.plane_layout(index, frame_width, frame_height);
        let sample = format.sample_bytes(index);
        for row in plane.data.chunks_mut(plane.stride).take(picture.rows) {
            for column in (picture.row_bytes..whole.row_bytes).step_by(sample) {
                row.copy_within(column - sample..column, column);
            }
        }
        for row in picture.rows..whole.rows {
            let last = (row - 1) * plane.stride;
            plane.data.copy_within(last..last + whole.row_bytes, row * plane.stride);
        }
    }
    Ok(())
}
