//! Why pictures are not taken.

use image::ImageError;

use crate::source::FrameBuffer;

/// Most pixels along a side, as of a movie.
pub(super) const MAX_SIDE: u32 = 16_384;

/// The message for people who give a GIF.
pub(super) const GIF: &str =
    "GIF is not taken, as animations are not: `ffmpeg -i in.gif` turns one into PNG pictures";

/// Why a picture was not decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is damaged, or of a kind that is not taken.
    Broken(String),
    /// It has another size than was expected.
    OtherSize { size: (u32, u32), expected: (u32, u32) },
}

impl From<ImageError> for Refusal {
    fn from(error: ImageError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Checks a picture's size before memory is taken for it.
pub(super) fn check_size(width: u32, height: u32, expected: Option<(u32, u32)>) -> Result<(), Refusal> {
    let allowed = 1..=MAX_SIDE;
    if !allowed.contains(&width) || !allowed.contains(&height) {
        return Err(Refusal::Broken(format!("it has {width}x{height} pixels: each side must be 1 to {MAX_SIDE}")));
    }
    match expected {
        Some(expected) if expected != (width, height) => {
            Err(Refusal::OtherSize { size: (width, height), expected })
        }
        _ => Ok(()),
    }
}

/// Makes room for a picture.
pub(super) fn resize(pixels: &mut FrameBuffer, bytes: usize) -> Result<(), Refusal> {
    let has_memory = pixels.try_resize(bytes);
    has_memory.then_some(()).ok_or_else(|| Refusal::Broken(format!("there is no memory for {bytes} bytes")))
}
