//! Pictures one after the other in a stream, as `ffmpeg -f image2pipe` and scripts write them to a pipe.

use std::io::Read;
use std::sync::Arc;

use super::split::Splitter;
use super::{ImageOptions, Pictures};
use crate::error::Result;
use crate::source::{FrameLayout, FrameSource};

/// A stream of PNG, JPEG, WebP, BMP or PNM pictures, one after the other with nothing between them.
///
/// They are decoded ahead, on as many threads as this process may use (8 at most); two pictures more than that are
/// held in memory. Gray, palette, 16-bit and transparent pictures come as they are, each with its own
/// [`FrameLayout`]; colour profiles, gamma and EXIF orientation change nothing. A picture has 16384 pixels a side and
/// 1 GiB in its stream at most.
///
/// Dropped early, it leaves a thread that ends once its reader returns.
pub struct ImageStream {
    pictures: Pictures,
}

impl ImageStream {
    /// Pictures from `reader`, which errors call `name`. Waits for the first one.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) where the stream is empty or its first picture is broken, and
    /// [`Error::Io`](crate::Error::Io) where it cannot be read.
    pub fn new(reader: impl Read + Send + 'static, name: impl Into<String>, options: ImageOptions) -> Result<Self> {
        let name = name.into();
        let supply = Splitter::new(reader, Arc::from(name.as_str()), options.on_error);
        Ok(Self { pictures: Pictures::open(supply, options, &name)? })
    }
}

impl FrameSource for ImageStream {
    fn layout(&self) -> FrameLayout {
        self.pictures.layout
    }

    fn skipped_frames(&self) -> u64 {
        self.pictures.skipped
    }

    fn read_frame(&mut self, buffer: &mut Vec<u8>) -> Result<Option<FrameLayout>> {
        self.pictures.read_frame(buffer)
    }
}
