//! Reads the pages of a TIFF as frames.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use tiff::decoder::Decoder;

use super::refusal::{Refusal, caught};
use super::{ImageOptions, PictureKind, PictureOrigin, is_left_out, tiff_description, tiff_page, tiff_pages};
use crate::av::SeekableSource;
use crate::error::{Error, Result};
use crate::frame::PixelFormat;
use crate::source::{FrameBuffer, FrameLayout, FrameSource};

/// A TIFF or BigTIFF whose pages are frames, in order, as microscope cameras and ImageJ write them.
///
/// Pages are gray or RGB, with or without alpha. 8-bit and 16-bit pages keep their values; floats are from 0 (black) to
/// 1 (white). [`ImageOptions::levels`] sets other values, for floats and for 8, 16 and 32 bits. One page is in memory
/// at a time. The slices of a stack with several slices are frames too. Channels that are separate pages are rejected,
/// because each frame would show another channel.
pub struct TiffStack {
    decoder: Decoder<Box<dyn SeekableSource>>,
    name: Arc<str>,
    options: ImageOptions,
    layout: FrameLayout,
    pages: u64,
    /// The page at which the decoder is.
    next: u64,
    /// Whether the decoder has already read the description of the next page.
    is_at_next: bool,
    skipped: u64,
    has_ended: bool,
}

impl TiffStack {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, and [`Error::Input`] if it is not a TIFF, if its first page has an
    /// unsupported format, or if its channels are separate pages.
    pub fn open(path: impl AsRef<Path>, options: ImageOptions) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| Error::io("read", Some(path), source))?;
        Self::new(BufReader::new(file), path.display().to_string(), options)
    }

    /// Opens the file in `reader`. Errors refer to it as `name`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn new(
        reader: impl Read + Seek + Send + 'static,
        name: impl Into<String>,
        options: ImageOptions,
    ) -> Result<Self> {
        let name: Arc<str> = Arc::from(name.into());
        let mut reader: Box<dyn SeekableSource> = Box::new(reader);
        let pages = tiff_pages::count(&mut reader).map_err(|error| error.on_file(name.as_ref().as_ref()))?;
        let origin = PictureOrigin { name: Arc::clone(&name), index: 0, offset: None };
        let opened = caught(|| {
            options.check_kind(PictureKind::Tiff)?;
            let mut decoder = tiff_page::open(reader)?;
            tiff_description::check(&mut decoder, pages)?;
            Ok(decoder)
        });
        let decoder = opened.map_err(|refusal| origin.refused(refusal))?;
        // The first page is decoded for its size and kind.
        let layout = FrameLayout::new(PixelFormat::Gray8, 1, 1);
        let mut stack =
            Self { decoder, name, options, layout, pages, next: 0, is_at_next: true, skipped: 0, has_ended: false };
        stack.layout = stack.decode(None, &mut FrameBuffer::new())?;
        Ok(stack)
    }

    /// Decodes the next page without moving past it.
    fn decode(&mut self, expected: Option<(u32, u32)>, pixels: &mut FrameBuffer) -> Result<FrameLayout> {
        let origin = PictureOrigin { name: Arc::clone(&self.name), index: self.next, offset: None };
        let levels = self.options.levels;
        let decoded = caught(|| {
            if !self.is_at_next {
                self.decoder.next_image()?;
                self.is_at_next = true;
            }
            let Some(pixel) = tiff_page::pixel(&mut self.decoder)? else {
                let kind = self.decoder.colortype()?;
                return Err(Refusal::Unsupported(format!(
                    "{kind:?} pages are not supported: use gray or RGB, with 8, 16 or 32 bits"
                )));
            };
            tiff_page::read(&mut self.decoder, pixel, expected, levels, pixels)
        });
        decoded.map_err(|refusal| origin.refused(refusal))
    }

    /// Moves past the next page.
    fn advance(&mut self) {
        self.next += 1;
        self.is_at_next = false;
    }
}

impl FrameSource for TiffStack {
    fn layout(&self) -> FrameLayout {
        self.layout
    }

    fn frame_count(&self) -> Option<u64> {
        Some(self.pages)
    }

    fn skipped_frames(&self) -> u64 {
        self.skipped
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        let passed = frames.min(self.pages - self.next);
        for _ in 0..passed {
            if !self.is_at_next {
                // A page whose description is broken is skipped, as one that cannot be decoded is.
                let _ = caught(|| Ok(self.decoder.next_image()?));
            }
            self.advance();
        }
        Ok(passed)
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        let expected = (!self.options.any_size).then_some((self.layout.width, self.layout.height));
        while self.next < self.pages && !self.has_ended {
            let decoded = self.decode(expected, buffer);
            self.advance();
            match decoded {
                Ok(layout) => return Ok(Some(layout)),
                Err(error) if is_left_out(&error, self.options.on_error) => self.skipped += 1,
                Err(error) => {
                    self.has_ended = true;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }
}
