//! Any bytes as a stream of pictures: they end, in frames or in errors, and nothing panics.
#![no_main]

use std::io::Cursor;

use framemill::{FrameBuffer, FrameSource, ImageOptions, ImageStream, OnError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for on_error in [OnError::Stop, OnError::Skip] {
        let options = ImageOptions::default().on_error(on_error).any_size(true);
        let Ok(mut source) = ImageStream::new(Cursor::new(data.to_vec()), "fuzz", options) else {
            continue;
        };
        let mut pixels = FrameBuffer::new();
        while let Ok(Some(layout)) = source.read_frame(&mut pixels) {
            assert!(layout.view(&pixels).is_ok());
        }
    }
});
