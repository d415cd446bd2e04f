//! Raw pictures as the caller has them: pixel formats, and borrowed views with any stride.

mod pixel_format;
mod view;

pub use pixel_format::{PixelFormat, PlaneLayout};
pub(crate) use view::check_size;
pub use view::{ChromaLocation, ColorRange, FrameView, Plane};
