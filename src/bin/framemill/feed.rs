//! Reading ahead: a thread reads the next frames while the last ones are converted, and a source that does not come
//! keeps nobody from hearing a signal.

use std::io;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use framemill::{FrameLayout, FrameSource, Result};

/// Frames that are read ahead.
const FRAMES_AHEAD: usize = 2;

/// Frames as they come.
pub(crate) struct Feed {
    pub(crate) frames: Receiver<Result<(FrameLayout, Vec<u8>)>>,
    used: Sender<Vec<u8>>,
}

impl Feed {
    /// Starts to read. The channel of frames ends with the source.
    pub(crate) fn start(mut source: Box<dyn FrameSource>) -> io::Result<Self> {
        let (sender, frames) = bounded(FRAMES_AHEAD);
        let (used, empty) = bounded::<Vec<u8>>(FRAMES_AHEAD + 1);
        thread::Builder::new().name("framemill-read".to_owned()).spawn(move || {
            loop {
                let mut buffer = empty.try_recv().unwrap_or_default();
                let read = match source.read_frame(&mut buffer) {
                    Ok(Some(layout)) => Ok((layout, buffer)),
                    Ok(None) => return,
                    Err(error) => Err(error),
                };
                let last = read.is_err();
                if sender.send(read).is_err() || last {
                    return;
                }
            }
        })?;
        Ok(Self { frames, used })
    }

    /// Gives a frame's memory back.
    pub(crate) fn recycle(&self, buffer: Vec<u8>) {
        // A full channel, or a source that has ended: the memory is simply freed.
        let _ = self.used.try_send(buffer);
    }
}
