//! The thread that decodes packets and measures the pictures against the frames.

use std::collections::VecDeque;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::av::{Decoder, Packet, SharedFrame, panic_message};
use crate::error::{Error, Result};
use crate::measure::{Scratch, quality};
use crate::stats::Quality;

/// The most frames and packets that wait for the thread. The encoder waits if there are more.
const QUEUE: usize = 4;

/// A task for the thread.
enum Task {
    Frame(SharedFrame),
    Packet(Packet),
    End,
}

/// Decodes the packets and compares the pictures with the frames.
///
/// Dropping it ends the thread, which then stops measuring.
pub(super) struct Measurer {
    /// `None` once the thread should end.
    tasks: Option<Sender<Task>>,
    qualities: Receiver<Quality>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Measurer {
    /// Starts the thread. The pictures of `decoder` must have the format and size of the frames.
    pub(super) fn start(decoder: Decoder) -> Result<Self> {
        let (task_sender, tasks) = bounded(QUEUE);
        let (sender, qualities) = unbounded();
        let comparison =
            Comparison { decoder, frames: VecDeque::new(), scratch: Scratch::default(), qualities: sender };
        let thread =
            thread::Builder::new().name("framemill-measure".to_owned()).spawn(move || comparison.run(&tasks));
        let thread = thread.map_err(|source| Error::io("start a thread", None, source))?;
        Ok(Self { tasks: Some(task_sender), qualities, thread: Some(thread) })
    }

    /// Passes on the next frame, in presentation order, before its packet.
    pub(super) fn frame(&mut self, frame: &SharedFrame) -> Result<()> {
        self.send(Task::Frame(frame.try_clone()?))
    }

    /// Passes on the next packet, in decoding order.
    pub(super) fn packet(&mut self, packet: &Packet) -> Result<()> {
        self.send(Task::Packet(packet.try_clone()?))
    }

    /// Returns the qualities that are known and were not returned before, in presentation order.
    pub(super) fn qualities(&self) -> impl Iterator<Item = Quality> {
        self.qualities.try_iter()
    }

    /// Measures what is left. All qualities are known afterwards.
    pub(super) fn end(&mut self) -> Result<()> {
        self.send(Task::End)?;
        self.join()
    }

    fn send(&mut self, task: Task) -> Result<()> {
        match self.tasks.as_ref().map(|sender| sender.send(task)) {
            Some(Ok(())) => Ok(()),
            // The thread has ended, so it failed.
            _ => self.join(),
        }
    }

    fn join(&mut self) -> Result<()> {
        let result = self.thread.take().map(JoinHandle::join);
        result.unwrap_or(Ok(Ok(()))).unwrap_or_else(|panic| {
            Err(Error::Panicked { what: "measuring thread", message: panic_message(&*panic) })
        })
    }
}

impl Drop for Measurer {
    fn drop(&mut self) {
        self.tasks = None;
        // If the thread failed, nothing uses its error any more.
        let _ = self.join();
    }
}

struct Comparison {
    decoder: Decoder,
    /// The frames that the decoder has not returned yet.
    frames: VecDeque<SharedFrame>,
    scratch: Scratch,
    qualities: Sender<Quality>,
}

impl Comparison {
    fn run(mut self, tasks: &Receiver<Task>) -> Result<()> {
        for task in tasks {
            match task {
                Task::Frame(frame) => self.frames.push_back(frame),
                Task::Packet(packet) => self.decode(Some(packet))?,
                Task::End => return self.decode(None),
            }
        }
        // Nothing uses the qualities any more.
        Ok(())
    }

    fn decode(&mut self, packet: Option<Packet>) -> Result<()> {
        self.decoder.send(packet)?;
        while let Some(encoded) = self.decoder.receive()? {
            if let Some(frame) = self.frames.pop_front() {
                // If the receiver is gone, nothing uses the qualities any more.
                let _ = self.qualities.send(quality(&frame, &encoded, &mut self.scratch));
            }
        }
        Ok(())
    }
}
