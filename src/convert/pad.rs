//! What an odd size lacks: its last column and row, once more.

use crate::av::Frame;

/// Repeats the last column and row of a picture of `width` × `height` in the upper left of `frame` up to the frame's
/// own size. Chroma was rounded up already and covers both.
pub(super) fn repeat_edges(frame: &mut Frame, (width, height): (u32, u32)) {
    if (frame.width(), frame.height()) == (width, height) {
        return;
    }
    let format = frame.format();
    let (frame_width, frame_height) = (frame.width(), frame.height());
    for (index, plane) in frame.planes_mut().enumerate() {
        let picture = format.plane_layout(index, width, height);
        let whole = format.plane_layout(index, frame_width, frame_height);
        // Padding exists where chroma is halved, and those formats have a sample a pixel in each plane.
        let sample = if format.bits() > 8 { 2 } else { 1 };
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
}
