//! Fuzzes YUV4MPEG2: any bytes give frames or an error, and skipping counts the same frames as reading.
#![no_main]

use framemill::{FrameBuffer, FrameSource, Y4mSource};
use libfuzzer_sys::fuzz_target;

/// The limit for a frame. A header may declare frames that do not fit in the fuzzer's memory.
const MAX_BYTES: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Ok(source) = Y4mSource::new(data, "fuzz") else { return };
    let mut source = source.with_length(data.len() as u64);
    if source.layout().frame_bytes() > MAX_BYTES {
        return;
    }
    let expected = source.frame_count();
    let (mut frame, mut frames) = (FrameBuffer::new(), 0);
    let is_whole = loop {
        match source.read_frame(&mut frame) {
            Ok(Some(layout)) => assert!(layout.view(&frame).is_ok()),
            Ok(None) => break true,
            Err(_) => break false,
        }
        frames += 1;
    };
    assert!(Some(frames) <= expected, "{frames} frames, but the source announced {expected:?}");
    let mut skipping = Y4mSource::new(data, "fuzz").expect("the header was valid before");
    match skipping.skip(u64::MAX) {
        Ok(skipped) => assert!(is_whole && skipped == frames),
        Err(_) => assert!(!is_whole),
    }
});
