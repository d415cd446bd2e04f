//! Decodes pictures on several threads, in order.
//!
//! One thread takes pictures from their supply and sends each to the workers, together with a channel for its result.
//! The other ends of those channels wait in a line, in the order of the pictures. The line is short, which bounds the
//! number of decoded pictures. When the line is dropped, all threads end; the first of them only when its current read
//! returns, but nothing waits for that.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::EncodedPicture;
use crate::av::panic_message;
use crate::error::{Error, Result};
use crate::source::{FrameBuffer, FrameLayout};

/// With more workers, decoding would be faster than any encoder here.
const MAX_WORKERS: usize = 8;

/// The pictures in line beyond those being decoded, so that a slow one does not hold up the others.
const MORE_IN_LINE: usize = 2;

type DecodedPicture = Result<(FrameLayout, FrameBuffer)>;

struct DecodeJob {
    picture: EncodedPicture,
    result: Sender<DecodedPicture>,
}

/// Pictures that are decoded ahead.
pub(super) struct Workers {
    line: Receiver<Receiver<DecodedPicture>>,
    spare: Sender<FrameBuffer>,
}

impl Workers {
    /// Starts to decode the pictures of `supply` with `decode`, which gets reusable memory.
    pub(super) fn start(
        supply: impl Iterator<Item = Result<EncodedPicture>> + Send + 'static,
        decode: impl Fn(&EncodedPicture, &mut FrameBuffer) -> Result<FrameLayout> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
        let in_line = workers + MORE_IN_LINE;
        let (into_line, line) = bounded(in_line);
        let (jobs, taken) = bounded::<DecodeJob>(in_line);
        let (spare, empty) = bounded::<FrameBuffer>(in_line);
        let decode = Arc::new(decode);
        for _ in 0..workers {
            let (taken, empty, decode) = (taken.clone(), empty.clone(), Arc::clone(&decode));
            thread::Builder::new().name("framemill-decode".to_owned()).spawn(move || {
                for DecodeJob { picture, result } in taken {
                    let mut pixels = empty.try_recv().unwrap_or_default();
                    let decoded = decode(&picture, &mut pixels).map(|layout| (layout, pixels));
                    // If the receiver is gone, the picture is dropped.
                    let _ = result.send(decoded);
                }
            })?;
        }
        thread::Builder::new().name("framemill-pictures".to_owned()).spawn(move || {
            // The line is gone: no more pictures are needed.
            let _ = distribute(supply, &into_line, &jobs);
        })?;
        Ok(Self { line, spare })
    }

    /// Puts the next picture in `buffer`, and reuses the old memory of the buffer for a later picture.
    pub(super) fn next(&self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        let Ok(result) = self.line.recv() else {
            return Ok(None);
        };
        let (layout, pixels) = result.recv().unwrap_or_else(|_| Err(panicked("decoder", "its thread is gone")))?;
        // If the channel is full, there is enough spare memory.
        let _ = self.spare.try_send(std::mem::replace(buffer, pixels));
        Ok(Some(layout))
    }
}

/// Distributes pictures until there are no more, or the line is gone.
fn distribute(
    mut supply: impl Iterator<Item = Result<EncodedPicture>>,
    line: &Sender<Receiver<DecodedPicture>>,
    jobs: &Sender<DecodeJob>,
) -> Result<(), Broken> {
    loop {
        // The reader is the caller's code.
        let next = catch_unwind(AssertUnwindSafe(|| supply.next()));
        let (result, ticket) = bounded(1);
        match next {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(picture))) => {
                line.send(ticket)?;
                jobs.send(DecodeJob { picture, result })?;
            }
            Ok(Some(Err(error))) => {
                result.send(Err(error))?;
                line.send(ticket)?;
            }
            Err(panic) => {
                result.send(Err(panicked("reader of pictures", &panic_message(&*panic))))?;
                return Ok(line.send(ticket)?);
            }
        }
    }
}

/// The other end of a channel is gone.
struct Broken;

impl<T> From<crossbeam_channel::SendError<T>> for Broken {
    fn from(_: crossbeam_channel::SendError<T>) -> Self {
        Self
    }
}

fn panicked(what: &'static str, message: &str) -> Error {
    Error::Panicked { what, message: message.to_owned() }
}
