//! Reading ahead: a thread reads the next frames while the last ones are converted, and a source that does not come
//! keeps nobody from hearing a signal.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use framemill::{FrameBuffer, FrameLayout, FrameSource, Result};

/// A frame as it came.
pub(crate) struct Fed {
    pub(crate) layout: FrameLayout,
    pub(crate) pixels: FrameBuffer,
    /// For how many periods it is shown.
    pub(crate) periods: u64,
}

/// Frames as they come.
pub(crate) struct Feed {
    pub(crate) frames: Receiver<Result<Fed>>,
    used: Sender<FrameBuffer>,
    skipped: Arc<AtomicU64>,
}

impl Feed {
    /// Starts to read. The channel of frames ends with the source. It holds none: a frame is read while the one before it
    /// is converted, and two are in memory.
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
                        Ok(Fed { layout, pixels: buffer, periods: source.frame_periods().unwrap_or(1) })
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

    /// How many frames the source has left out so far.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    /// Gives a frame's memory back.
    pub(crate) fn recycle(&self, buffer: FrameBuffer) {
        // A full channel, or a source that has ended: the memory is simply freed.
        let _ = self.used.try_send(buffer);
    }
}
