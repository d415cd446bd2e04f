//! Reads pictures as frames: a stream of them, or a sequence of files.
//!
//! No FFmpeg decoder is opened on user data: PNG, JPEG, WebP, BMP, PNM, TIFF, OpenEXR and GIF are decoded in Rust.

mod boundaries;
pub(super) mod decode;
mod exr;
mod files;
mod jpeg;
mod kind;
mod levels;
mod order;
mod pattern;
mod pnm;
pub(super) mod refusal;
mod split;
mod stream;
#[cfg(test)]
mod test_pictures;
mod tiff_description;
mod tiff_page;
pub(super) mod tiff_pages;
mod tiff_stack;
mod workers;

use std::fs;
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

pub use files::ImageFiles;
pub use kind::PictureKind;
pub use levels::Levels;
pub use stream::ImageStream;
pub use tiff_stack::TiffStack;

use crate::error::{Error, InvalidInput, Result};
use crate::settings::Rgb;
use crate::source::{FrameBuffer, FrameLayout};
use refusal::{Refusal, caught};
use workers::Workers;

/// How to read pictures.
///
/// ```
/// use framemill::{ImageOptions, OnError};
/// let options = ImageOptions::default().on_error(OnError::Skip).any_size(true);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ImageOptions {
    /// What to do with broken and missing pictures.
    pub on_error: OnError,
    /// Accepts pictures of different sizes. A movie has one size, so this is for a [`VideoWriter`](crate::VideoWriter)
    /// that [scales](crate::VideoWriterBuilder::scale).
    pub any_size: bool,
    /// How many stops to brighten OpenEXR pictures: 1 doubles the light. Other pictures are rejected with it.
    pub exposure: Option<f32>,
    /// Draws OpenEXR pictures with alpha over this color, in linear light. Without it they keep alpha and have straight
    /// colors, which cannot represent light without alpha, such as that of fire. Other pictures always keep their
    /// alpha.
    pub background: Option<Rgb>,
    /// Whether the writer expects premultiplied colors, as with
    /// [`VideoWriterBuilder::premultiplied`](crate::VideoWriterBuilder::premultiplied). TIFF and OpenEXR pictures are
    /// then rejected: they record it themselves, and are read with straight colors.
    pub premultiplied: bool,
    /// The values of TIFF samples to show as black and white. Other pictures are rejected with them.
    pub levels: Option<Levels>,
}

impl ImageOptions {
    /// Sets what to do with broken and missing pictures.
    #[must_use]
    pub const fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Sets whether to accept pictures of different sizes.
    #[must_use]
    pub const fn any_size(mut self, any_size: bool) -> Self {
        self.any_size = any_size;
        self
    }

    /// Sets how many stops to brighten OpenEXR pictures.
    #[must_use]
    pub const fn exposure(mut self, stops: f32) -> Self {
        self.exposure = Some(stops);
        self
    }

    /// Sets whether the writer expects premultiplied colors.
    #[must_use]
    pub const fn premultiplied(mut self, premultiplied: bool) -> Self {
        self.premultiplied = premultiplied;
        self
    }

    /// Sets the color that OpenEXR pictures with alpha are drawn over.
    #[must_use]
    pub const fn background(mut self, color: Rgb) -> Self {
        self.background = Some(color);
        self
    }

    /// Sets the values of TIFF samples to show as black and white.
    #[must_use]
    pub const fn levels(mut self, levels: Levels) -> Self {
        self.levels = Some(levels);
        self
    }

    /// Checks that all options apply to this kind of picture.
    fn check_kind(&self, kind: PictureKind) -> Result<(), Refusal> {
        let unfit = |option, wanted| {
            let found = kind.name();
            Err(Refusal::Unfit(format!("{option} is for {wanted}, but this picture is {found}: leave it out")))
        };
        match kind {
            _ if self.exposure.is_some() && kind != PictureKind::Exr => unfit("exposure (--exposure)", "OpenEXR"),
            _ if self.levels.is_some() && kind != PictureKind::Tiff => unfit("levels (--levels)", "TIFF"),
            PictureKind::Exr | PictureKind::Tiff if self.premultiplied => Err(Refusal::Unfit(format!(
                "premultiplied (--premultiplied) is for pictures that do not record it, but {} does: leave it out",
                kind.name()
            ))),
            _ => Ok(()),
        }
    }
}

/// What to do with pictures that are broken, cut or missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// Fail. The frames before were complete.
    #[default]
    Stop,
    /// Leave the picture out and [count](crate::FrameSource::skipped_frames) it. Unreadable files, and intact pictures
    /// of another size or an unsupported format, still fail.
    Skip,
}

/// The place of a picture or frame in its stream or file, for errors.
#[derive(Clone, Debug)]
pub(super) struct PictureOrigin {
    /// The name of the stream or of the picture's file.
    pub(super) name: Arc<str>,
    pub(super) index: u64,
    /// The position in the stream where the picture starts.
    pub(super) offset: Option<u64>,
}

impl PictureOrigin {
    pub(super) fn refused(&self, refusal: Refusal) -> Error {
        let Self { index, offset, .. } = *self;
        let problem = match refusal {
            Refusal::Broken(problem) => InvalidInput::BrokenPicture { index, offset, problem },
            Refusal::Unsupported(problem) => InvalidInput::UnsupportedPicture { index, offset, problem },
            Refusal::Unfit(problem) => InvalidInput::UnfitPicture { problem },
            Refusal::OtherSize { size: (width, height), expected: (expected_width, expected_height) } => {
                InvalidInput::OtherPictureSize { index, offset, width, height, expected_width, expected_height }
            }
        };
        Error::Input { name: self.name.to_string(), problem }
    }
}

/// A picture that is not decoded yet.
struct EncodedPicture {
    origin: PictureOrigin,
    content: EncodedBytes,
}

enum EncodedBytes {
    Bytes(Vec<u8>),
    File(PathBuf),
}

impl EncodedPicture {
    /// Decodes the picture into `pixels`. A panic of the decoder becomes an error of this picture.
    fn decode(
        &self,
        expected: Option<(u32, u32)>,
        options: &ImageOptions,
        pixels: &mut FrameBuffer,
    ) -> Result<FrameLayout> {
        let read;
        let bytes = match &self.content {
            EncodedBytes::Bytes(bytes) => bytes,
            EncodedBytes::File(path) => {
                read = fs::read(path).map_err(|source| Error::io("read", Some(path), source))?;
                &read
            }
        };
        let decoded = caught(|| decode::decode(bytes, expected, options, pixels));
        decoded.map_err(|refusal| self.origin.refused(refusal))
    }
}

/// Pictures that are not decoded yet, in order.
type Supply = Box<dyn Iterator<Item = Result<EncodedPicture>> + Send>;

/// The decoded pictures of a supply: the common part of streams and files.
struct Pictures {
    first: Option<(FrameLayout, FrameBuffer)>,
    layout: FrameLayout,
    rest: Rest,
    options: ImageOptions,
    skipped: u64,
}

/// The pictures after the first.
enum Rest {
    /// Reading them has not begun.
    Waiting(Supply),
    Decoding(Workers),
    /// There are no more, or there was an error.
    Ended,
}

impl Pictures {
    /// Decodes the first picture, which sets the size of all.
    fn open(
        supply: impl Iterator<Item = Result<EncodedPicture>> + Send + 'static,
        options: ImageOptions,
        name: &str,
    ) -> Result<Self> {
        let mut supply: Supply = Box::new(supply);
        let mut skipped = 0;
        let Some((layout, pixels)) = decode_first(&mut supply, &options, &mut skipped)? else {
            let problem = if skipped == 0 { "it is empty".to_owned() } else { format!("{skipped} are broken") };
            return Err(Error::Input { name: name.to_owned(), problem: InvalidInput::NoPictures { problem } });
        };
        Ok(Self { first: Some((layout, pixels)), layout, rest: Rest::Waiting(supply), options, skipped })
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        if let Some((layout, pixels)) = self.first.take() {
            *buffer = pixels;
            return Ok(Some(layout));
        }
        loop {
            let Some(workers) = self.workers()? else {
                return Ok(None);
            };
            match workers.next(buffer) {
                Err(error) if is_left_out(&error, self.options.on_error) => self.skipped += 1,
                Err(error) => {
                    self.rest = Rest::Ended;
                    return Err(error);
                }
                frame => return frame,
            }
        }
    }

    /// Returns the workers that decode the pictures after the first, starting them on the first call.
    fn workers(&mut self) -> Result<Option<&Workers>> {
        if let Rest::Waiting(_) = self.rest
            && let Rest::Waiting(supply) = mem::replace(&mut self.rest, Rest::Ended)
        {
            let expected = (!self.options.any_size).then_some((self.layout.width, self.layout.height));
            let options = self.options;
            let workers = Workers::start(supply, move |picture, pixels| picture.decode(expected, &options, pixels))
                .map_err(|source| Error::io("start a thread", None, source))?;
            self.rest = Rest::Decoding(workers);
        }
        match &self.rest {
            Rest::Decoding(workers) => Ok(Some(workers)),
            _ => Ok(None),
        }
    }

    /// Skips pictures that no worker has started to decode; `None` if decoding has begun. The next picture then sets
    /// the size of all.
    fn pass(&mut self, pictures: u64) -> Result<Option<u64>> {
        let Rest::Waiting(supply) = &mut self.rest else {
            return Ok(None);
        };
        if pictures == 0 || self.first.take().is_none() {
            return Ok((pictures == 0).then_some(0));
        }
        let mut passed = 1;
        while passed < pictures {
            match supply.next() {
                Some(Ok(_)) => passed += 1,
                Some(Err(error)) if is_left_out(&error, self.options.on_error) => self.skipped += 1,
                Some(Err(error)) => return Err(error),
                None => return Ok(Some(passed)),
            }
        }
        self.first = decode_first(supply, &self.options, &mut self.skipped)?;
        self.layout = self.first.as_ref().map_or(self.layout, |(layout, _)| *layout);
        Ok(Some(passed))
    }
}

/// Decodes the first picture that is not left out.
fn decode_first(
    supply: &mut Supply,
    options: &ImageOptions,
    skipped: &mut u64,
) -> Result<Option<(FrameLayout, FrameBuffer)>> {
    let mut pixels = FrameBuffer::new();
    loop {
        let Some(picture) = supply.next() else {
            return Ok(None);
        };
        match picture.and_then(|picture| picture.decode(None, options, &mut pixels)) {
            Ok(layout) => return Ok(Some((layout, pixels))),
            Err(error) if is_left_out(&error, options.on_error) => *skipped += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Returns whether to leave this picture out.
fn is_left_out(error: &Error, on_error: OnError) -> bool {
    use InvalidInput::{BrokenPicture, CutPicture, NotAPicture};
    let Error::Input { problem: BrokenPicture { .. } | CutPicture { .. } | NotAPicture { .. }, .. } = error else {
        return false;
    };
    if on_error == OnError::Skip {
        tracing::warn!("left out: {error}");
    }
    on_error == OnError::Skip
}
