//! The fast part of drawing Matplotlib figures repeatedly: finding what changed since the last frame, and composing
//! layers. `framemill/_figures/` decides; this compares and copies.

mod contents;
mod pixels;
mod rules;
mod state;

pub(crate) use pixels::{Backdrop, Overlay, difference};
pub(crate) use state::State;
