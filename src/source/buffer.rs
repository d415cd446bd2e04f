//! The memory for the frames of a source.

use std::ops::{Deref, DerefMut};

use aligned_vec::{AVec, ConstAlign};

/// The size of a memory page. The kernel copies data page by page, and some processors copy three times more slowly
/// when source and target are aligned differently (`rep movsb` on AMD, with the 16 bytes that allocators put before
/// large blocks).
const PAGE_BYTES: usize = 4096;

/// The bytes that a [`FrameSource`](crate::FrameSource) puts a frame into, reused from frame to frame. They start at a
/// page of memory, where reading into them is fastest.
#[derive(Clone, Debug)]
pub struct FrameBuffer(AVec<u8, ConstAlign<PAGE_BYTES>>);

impl FrameBuffer {
    /// Makes an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self(AVec::new(PAGE_BYTES))
    }

    /// Resizes the buffer to `bytes` bytes. New bytes are 0.
    pub fn resize(&mut self, bytes: usize) {
        self.0.resize(bytes, 0);
    }

    /// Returns the bytes that the buffer can hold before it allocates.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// Resizes the buffer to a length that comes from outside; returns whether there is enough memory.
    #[cfg(feature = "images")]
    pub(crate) fn try_resize(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.0.len());
        // aligned-vec does not check that a length fits when it is rounded up to the alignment.
        let has_memory = bytes <= isize::MAX as usize - PAGE_BYTES && self.0.try_reserve_exact(more).is_ok();
        if has_memory {
            self.resize(bytes);
        }
        has_memory
    }
}

impl Default for FrameBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for FrameBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for FrameBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_starts_at_a_page_whatever_its_length() {
        let mut buffer = FrameBuffer::new();
        for bytes in [1, 100, 5_000, 3, 1 << 20] {
            buffer.resize(bytes);
            assert_eq!((buffer.len(), buffer.as_ptr() as usize % PAGE_BYTES), (bytes, 0));
        }
    }

    #[cfg(feature = "images")]
    #[test]
    fn missing_memory_does_not_panic() {
        let mut buffer = FrameBuffer::new();
        buffer.resize(5);
        for bytes in [usize::MAX / 4, isize::MAX as usize - 1, isize::MAX as usize, usize::MAX] {
            assert!(!buffer.try_resize(bytes));
        }
        assert_eq!(buffer.len(), 5);
    }
}
