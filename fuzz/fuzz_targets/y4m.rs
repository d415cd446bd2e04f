//! Any bytes as YUV4MPEG2: frames or an error, and skipping counts the same frames as reading.
#![no_main]

use framemill::{FrameBuffer, FrameSource, Y4mSource};
use libfuzzer_sys::fuzz_target;

/// A header may say more than a fuzzer has memory for; frames of this size are enough.
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
    assert!(Some(frames) <= expected, "{frames} frames, and {expected:?} were announced");
    let mut skipping = Y4mSource::new(data, "fuzz").expect("it was read before");
    match skipping.skip(u64::MAX) {
        Ok(skipped) => assert!(is_whole && skipped == frames),
        Err(_) => assert!(!is_whole),
    }
});
