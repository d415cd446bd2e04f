//! The Rust code in the README. A test checks that both are the same.

use framemill::{FrameRate, FrameView, H264, Preset, VideoWriter};

fn main() -> framemill::Result<()> {
    let (width, height) = (640, 480);
    let mut video = VideoWriter::builder("sweep.mp4", width, height, FrameRate::new(30, 1))
        .codec(H264::crf(18.0).preset(Preset::Fast))
        .create()?;
    for frame in 0..90 {
        let pixels: Vec<u8> = (0..width * height).flat_map(|i| [(i % width / 3) as u8, 2 * frame, 128]).collect();
        video.write(&FrameView::rgb(&pixels, width, height)?)?;
    }
    let stats = video.finish()?;
    assert_eq!(stats.frames, 90);
    Ok(())
}
