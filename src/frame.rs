//! Raw pictures of the caller: pixel formats, borrowed views with any stride, arrays, and pictures that arrive a few
//! rows at a time.

mod array;
mod layout;
mod pixel_format;
mod strips;
mod view;

pub use array::{ArrayStrips, ArrayView, SampleType};
pub use layout::FrameLayout;
pub(crate) use pixel_format::ALPHA_PLANE;
pub use pixel_format::{PixelFormat, PlaneLayout};
pub use strips::Strips;
pub(crate) use strips::ViewStrips;
pub(crate) use view::check_size;
pub use view::{ChromaLocation, ColorRange, FrameView, Plane};
