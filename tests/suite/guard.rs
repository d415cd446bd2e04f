//! Memory that starts or ends at a forbidden page. Reading one byte too far kills the process at once.

#![allow(unsafe_code, reason = "mmap and mprotect are the subject")]

use std::{ptr, slice};

const PAGE: usize = 4096;

/// Bytes between two forbidden pages, adjacent to one of them.
pub(crate) struct Guarded {
    map: *mut libc::c_void,
    map_bytes: usize,
    start: *const u8,
    bytes: usize,
}

impl Guarded {
    /// The last byte is followed by a forbidden page.
    pub(crate) fn at_the_end(bytes: &[u8]) -> Self {
        Self::new(bytes, bytes.len().next_multiple_of(PAGE) - bytes.len())
    }

    /// The first byte follows a forbidden page.
    pub(crate) fn at_the_start(bytes: &[u8]) -> Self {
        Self::new(bytes, 0)
    }

    fn new(bytes: &[u8], offset: usize) -> Self {
        let inside = bytes.len().next_multiple_of(PAGE).max(PAGE);
        let map_bytes = inside + 2 * PAGE;
        // SAFETY: this is a new anonymous mapping. The pages between the first and the last become writable, and the
        // bytes at `offset` lie inside them.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let map = libc::mmap(ptr::null_mut(), map_bytes, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(map, libc::MAP_FAILED);
            let readable = map.cast::<u8>().add(PAGE);
            assert_eq!(libc::mprotect(readable.cast(), inside, libc::PROT_READ | libc::PROT_WRITE), 0);
            let start = readable.add(offset);
            ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len());
            Self { map, map_bytes, start, bytes: bytes.len() }
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: this many readable bytes follow `start`, and they live as long as `self`.
        unsafe { slice::from_raw_parts(self.start, self.bytes) }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: `self` owns the mapping, and this unmaps it once.
        unsafe { libc::munmap(self.map, self.map_bytes) };
    }
}
