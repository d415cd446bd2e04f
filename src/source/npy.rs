//! NumPy's arrays as frames.

mod header;
mod literal;
