//! Tests that memory use does not grow with the number of frames. The test runs in its own process, so that nothing
//! else changes the memory use.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use framemill::{FrameRate, FrameView, H264, Preset, VideoWriter};

/// Returns the resident memory of this process in kilobytes.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("readable");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn memory_is_flat_from_the_500th_frame_to_the_3000th_and_while_finishing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut video = VideoWriter::builder(directory.path().join("a.mp4"), 320, 240, FrameRate::new(30, 1))
        .codec(H264::crf(23.0).preset(Preset::Ultrafast))
        .create()
        .expect("opens");
    let mut pixels = vec![0_u8; 320 * 240 * 4];
    let mut at_500 = 0;
    for frame in 0..3_000_u32 {
        for (index, byte) in pixels.iter_mut().enumerate() {
            *byte = (index as u32 / 7 + frame * 3) as u8 | 3;
        }
        video.write(&FrameView::rgb0(&pixels, 320, 240).expect("a picture")).expect("written");
        if frame == 500 {
            at_500 = resident_kilobytes();
        }
    }
    let at_end = resident_kilobytes();
    video.finish().expect("a movie");
    let finished = resident_kilobytes();
    let allowed = at_500 + at_500 / 33 + 1_024;
    assert!(at_end <= allowed, "{at_500} kB at the 500th frame, {at_end} kB at the last");
    assert!(finished <= allowed, "{at_500} kB at the 500th frame, {finished} kB after finishing");
}
