//! Tests failures, panics and slow segments.

use std::sync::mpsc;

use super::*;
use crate::av::FramePool;
use crate::settings::{Codec, Container, Mjpeg, Settings};
use crate::time::FrameRate;

const SEGMENT_FRAMES: usize = 3;

fn encoder() -> Result<Encoder> {
    let codec = Codec::from(Mjpeg::qp(9));
    let settings = Settings { codec: codec.clone(), ..Settings::new(16, 16, FrameRate::new(30, 1)) };
    Encoder::open(&settings, &codec, Container::Mkv, true, (16, 16))
}

fn frame() -> SharedFrame {
    let settings = Settings { codec: Mjpeg::qp(9).into(), ..Settings::new(16, 16, FrameRate::new(30, 1)) };
    let pool = FramePool::new(settings.encoder_pixel_format(), settings.color(), 16, 16).expect("a pool");
    pool.frame().expect("a frame").share()
}

fn start(jobs: usize, open: OpenEncoder) -> SideBySide {
    SideBySide::start(encoder().expect("opens"), open, jobs, SEGMENT_FRAMES, 100, 0).expect("starts")
}

/// Receives packets until there are none, and returns their frame numbers.
fn received(several: &mut SideBySide) -> Result<Vec<i64>> {
    let mut shown = Vec::new();
    while let Some(packet) = several.receive()? {
        shown.push(packet.shown);
    }
    Ok(shown)
}

#[test]
fn packets_before_a_failed_segment_come_first_and_then_its_error() {
    for jobs in [1, 4] {
        let mut several = start(jobs, Box::new(|| Err(Error::Unfinished)));
        let mut shown = Vec::new();
        let error = (0..100).find_map(|_| {
            several.send(frame());
            loop {
                match several.receive() {
                    Ok(Some(packet)) => shown.push(packet.shown),
                    Ok(None) => return None,
                    Err(error) => return Some(error),
                }
            }
        });
        assert!(matches!(error, Some(Error::Unfinished)), "{error:?}");
        assert_eq!(shown, [0, 1, 2], "{jobs} jobs");
    }
}

#[test]
fn a_thread_that_panics_is_an_error_with_its_message() {
    let mut several = start(2, Box::new(|| panic!("no encoder today")));
    (0..2 * SEGMENT_FRAMES).for_each(|_| several.send(frame()));
    several.send_end();
    let error = received(&mut several).expect_err("a panic");
    assert!(error.to_string().contains("no encoder today"), "{error}");
}

#[test]
fn a_slow_segment_delays_segments_far_behind_it() {
    let (go, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(Some(wait));
    // The first encoder that is opened is slow. It encodes the second segment.
    let open = move || {
        if let Some(wait) = wait.lock().expect("no panic").take() {
            let _ = wait.recv();
        }
        encoder()
    };
    let mut several = start(2, Box::new(open));
    let (sent, count) = mpsc::channel();
    let sender = thread::spawn(move || {
        for index in 0..20 * SEGMENT_FRAMES {
            several.send(frame());
            sent.send(index).expect("counted");
        }
        several.send_end();
        received(&mut several)
    });
    // All frames that can be sent without waiting arrive within this time.
    let in_time: Vec<usize> = std::iter::from_fn(|| count.recv_timeout(Duration::from_secs(2)).ok()).collect();
    // At most, the first segment is finished and four others are not.
    assert!(in_time.len() <= 5 * SEGMENT_FRAMES, "{} frames were sent", in_time.len());
    go.send(()).expect("waited for");
    let shown = sender.join().expect("no panic").expect("packets");
    assert_eq!(shown, (0..20 * SEGMENT_FRAMES as i64).collect::<Vec<_>>());
}
