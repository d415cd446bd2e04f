//! Reads ahead: a thread reads the next frame while the last one is converted, so that a slow source does not delay the
//! handling of signals.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use framemill::{FrameBuffer, FrameLayout, FrameSource, Result};

/// A frame that the thread read.
pub(crate) struct ReadFrame {
    pub(crate) layout: FrameLayout,
    pub(crate) pixels: FrameBuffer,
    /// The number of frame periods that it lasts.
    pub(crate) periods: u64,
}

/// The frames that a thread reads.
pub(crate) struct ReadAhead {
    pub(crate) frames: Receiver<Result<ReadFrame>>,
    used: Sender<FrameBuffer>,
    skipped: Arc<AtomicU64>,
}

impl ReadAhead {
    /// Starts the thread. The channel closes when the source ends. It buffers nothing, so at most two frames are in
    /// memory: one being read, and one being converted.
    pub(crate) fn start(mut source: Box<dyn FrameSource>) -> io::Result<Self> {
        let (sender, frames) = bounded(0);
        let (used, empty) = bounded::<FrameBuffer>(1);
        let skipped = Arc::new(AtomicU64::new(source.skipped_frames()));
        let reported = Arc::clone(&skipped);
        thread::Builder::new().name("framemill-read".to_owned()).spawn(move || {
            loop {
                let mut buffer = empty.try_recv().unwrap_or_default();
                let frame = source.read_frame(&mut buffer);
                reported.store(source.skipped_frames(), Ordering::Relaxed);
                let read = match frame {
                    Ok(Some(layout)) => {
                        Ok(ReadFrame { layout, pixels: buffer, periods: source.frame_periods().unwrap_or(1) })
                    }
                    Ok(None) => return,
                    Err(error) => Err(error),
                };
                let last = read.is_err();
                if sender.send(read).is_err() || last {
                    return;
                }
            }
        })?;
        Ok(Self { frames, used, skipped })
    }

    /// Returns how many frames the source has left out so far.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    /// Returns a frame's memory for reuse.
    pub(crate) fn recycle(&self, buffer: FrameBuffer) {
        // If the channel is full, or the source has ended, the memory is freed.
        let _ = self.used.try_send(buffer);
    }
}
