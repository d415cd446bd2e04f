//! Fuzzes NumPy arrays: any bytes as a stream, a file or an archive give frames or an error.
#![no_main]

use std::cell::RefCell;
use std::fs::File;
use std::io::{Cursor, Seek, Write};

use framemill::{FrameBuffer, FrameSource, NpySource, Result};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static FILE: RefCell<File> = RefCell::new(tempfile::tempfile().unwrap());
}

fn drain(source: Result<NpySource>) {
    let Ok(mut source) = source else { return };
    let (mut frame, mut frames) = (FrameBuffer::new(), 0);
    while let Ok(Some(layout)) = source.read_frame(&mut frame) {
        assert_eq!(frame.len(), layout.frame_bytes());
        assert!(layout.view(&frame).is_ok());
        frames += 1;
    }
    assert!(Some(frames) <= source.frame_count());
}

/// Returns a file with these bytes, positioned at its start.
fn file(data: &[u8]) -> File {
    FILE.with_borrow_mut(|file| {
        file.set_len(0).unwrap();
        file.rewind().unwrap();
        file.write_all(data).unwrap();
        file.rewind().unwrap();
        file.try_clone().unwrap()
    })
}

fuzz_target!(|data: &[u8]| {
    if data.starts_with(b"PK") {
        drain(NpySource::from_npz(file(data), None, "a.npz"));
    } else {
        drain(NpySource::new(Cursor::new(data.to_vec()), "a.npy"));
        drain(NpySource::from_file(file(data), "a.npy").map(NpySource::in_8_bits));
    }
});
