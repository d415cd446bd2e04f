//! Pictures that arrive a few rows at a time, so that each row is converted while it is in the processor's cache.

use super::{FrameLayout, FrameView};
use crate::error::Result;

/// A picture that is read from the top down, in strips of whole rows.
///
/// [`VideoWriter::write_strips`](crate::VideoWriter::write_strips) reads all rows once: a few rows at a time if it can
/// convert them separately, and otherwise the whole picture, as with several planes.
pub trait Strips {
    /// Returns the layout of a strip's pixels, and the size of the picture.
    fn layout(&self) -> FrameLayout;

    /// Returns the next `rows` rows as a separate picture. At least that many are left.
    ///
    /// # Errors
    /// Any error that prevents reading the rows. The frame is then not written.
    fn next_strip(&mut self, rows: u32) -> Result<FrameView<'_>>;
}

/// The strips of a picture that is in memory.
pub(crate) struct ViewStrips<'a> {
    view: FrameView<'a>,
    next_row: u32,
}

impl<'a> ViewStrips<'a> {
    pub(crate) fn new(view: FrameView<'a>) -> Self {
        Self { view, next_row: 0 }
    }
}

impl Strips for ViewStrips<'_> {
    fn layout(&self) -> FrameLayout {
        let view = &self.view;
        let layout = FrameLayout::new(view.format(), view.width(), view.height()).range(view.range());
        FrameLayout { chroma_location: view.chroma_location(), ..layout }
    }

    fn next_strip(&mut self, rows: u32) -> Result<FrameView<'_>> {
        let first = self.next_row;
        self.next_row += rows;
        Ok(if rows == self.view.height() { self.view } else { self.view.strip(first, rows) })
    }
}
