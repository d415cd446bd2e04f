//! The reasons for rejecting a picture.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::ImageError;

use crate::av::panic_message;
use crate::source::FrameBuffer;

/// The largest side in pixels, as for a movie.
pub(super) const MAX_SIDE: u32 = 16_384;

/// The message for an animation among pictures.
pub(super) const ANIMATED: &str = "it is animated, and only still pictures can be used in a sequence; pass the file of the animation as the only input";

/// The reason why a picture was not decoded.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) enum Refusal {
    /// It is damaged.
    Broken(String),
    /// It is an intact picture of an unsupported kind.
    Unsupported(String),
    /// It does not have the expected size.
    OtherSize { size: (u32, u32), expected: (u32, u32) },
    /// It cannot be combined with the options.
    Unfit(String),
}

impl From<ImageError> for Refusal {
    fn from(error: ImageError) -> Self {
        match error {
            // A picture that exceeds a decoder's limits is not broken.
            ImageError::Unsupported(_) | ImageError::Limits(_) => Self::Unsupported(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Runs `decode`. A panic of a decoder becomes an error of its picture.
pub(in crate::source) fn caught<T>(decode: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|panic| Err(Refusal::Broken(format!("its decoder panicked: {}", panic_message(&*panic)))))
}

/// Checks a picture's size before memory is allocated for it.
pub(in crate::source) fn check_size(width: u32, height: u32, expected: Option<(u32, u32)>) -> Result<(), Refusal> {
    let allowed = 1..=MAX_SIDE;
    if !allowed.contains(&width) || !allowed.contains(&height) {
        return Err(Refusal::Unsupported(format!(
            "it has {width}x{height} pixels: each side must be 1 to {MAX_SIDE}"
        )));
    }
    match expected {
        Some(expected) if expected != (width, height) => {
            Err(Refusal::OtherSize { size: (width, height), expected })
        }
        _ => Ok(()),
    }
}

/// Allocates the memory for a picture.
pub(super) fn resize(pixels: &mut FrameBuffer, bytes: usize) -> Result<(), Refusal> {
    let has_memory = pixels.try_resize(bytes);
    has_memory.then_some(()).ok_or_else(|| Refusal::Unfit(format!("there is not enough memory for {bytes} bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_too_large_for_memory_is_not_broken() {
        let refused = resize(&mut FrameBuffer::new(), usize::MAX / 2);
        let expected = format!("there is not enough memory for {} bytes", usize::MAX / 2);
        assert_eq!(refused, Err(Refusal::Unfit(expected)));
    }
}
