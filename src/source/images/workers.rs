//! Decoding on several threads, in order.
//!
//! One thread takes pictures from their supply and hands each to the workers, together with a channel for its result;
//! the other ends of those channels wait in line, in the order of the pictures. The line is short: it bounds how many
//! decoded pictures there are. When nobody wants them any more, the line breaks and all threads end; the first of them
//! once the read that it is in returns, for which nobody waits.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Encoded;
use crate::av::panic_message;
use crate::error::{Error, Result};
use crate::source::{FrameBuffer, FrameLayout};

/// More workers than this decode faster than any encoder here takes frames.
const MAX_WORKERS: usize = 8;

/// Pictures in line beyond those that are being decoded, so that one that takes long holds nobody up.
const MORE_IN_LINE: usize = 2;

type Decoded = Result<(FrameLayout, FrameBuffer)>;

struct Job {
    picture: Encoded,
    result: Sender<Decoded>,
}

/// Pictures that are decoded ahead.
pub(super) struct Workers {
    line: Receiver<Receiver<Decoded>>,
    spare: Sender<FrameBuffer>,
}

impl Workers {
    /// Starts to decode what `supply` gives with `decode`, which gets memory that may be used.
    pub(super) fn start(
        supply: impl Iterator<Item = Result<Encoded>> + Send + 'static,
        decode: impl Fn(&Encoded, &mut FrameBuffer) -> Result<FrameLayout> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
        let in_line = workers + MORE_IN_LINE;
        let (into_line, line) = bounded(in_line);
        let (jobs, taken) = bounded::<Job>(in_line);
        let (spare, empty) = bounded::<FrameBuffer>(in_line);
        let decode = Arc::new(decode);
        for _ in 0..workers {
            let (taken, empty, decode) = (taken.clone(), empty.clone(), Arc::clone(&decode));
            thread::Builder::new().name("framemill-decode".to_owned()).spawn(move || {
                for Job { picture, result } in taken {
                    let mut pixels = empty.try_recv().unwrap_or_default();
                    let decoded = decode(&picture, &mut pixels).map(|layout| (layout, pixels));
                    // Where nobody waits for it any more, it is simply dropped.
                    let _ = result.send(decoded);
                }
            })?;
        }
        thread::Builder::new().name("framemill-pictures".to_owned()).spawn(move || {
            // The line is broken: nobody wants more.
            let _ = distribute(supply, &into_line, &jobs);
        })?;
        Ok(Self { line, spare })
    }

    /// Puts the next picture in `buffer`, whose memory is used for a later one.
    pub(super) fn next(&self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        let Ok(result) = self.line.recv() else {
            return Ok(None);
        };
        let (layout, pixels) = result.recv().unwrap_or_else(|_| Err(panicked("decoder", "its thread is gone")))?;
        // Without room for it there is enough memory about.
        let _ = self.spare.try_send(std::mem::replace(buffer, pixels));
        Ok(Some(layout))
    }
}

/// Hands pictures out until there are no more, or the line is broken.
fn distribute(
    mut supply: impl Iterator<Item = Result<Encoded>>,
    line: &Sender<Receiver<Decoded>>,
    jobs: &Sender<Job>,
) -> Result<(), Broken> {
    loop {
        // What is read from is the caller's code.
        let next = catch_unwind(AssertUnwindSafe(|| supply.next()));
        let (result, ticket) = bounded(1);
        match next {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(picture))) => {
                line.send(ticket)?;
                jobs.send(Job { picture, result })?;
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
