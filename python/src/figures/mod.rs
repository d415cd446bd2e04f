//! The hot part of drawing Matplotlib figures again and again: what changed since the last frame, and putting layers
//! together. `framemill/_figures/` decides; this compares and copies.

mod contents;
mod pixels;
mod rules;
mod state;

pub(crate) use pixels::{Backdrop, Overlay, difference};
pub(crate) use state::State;
