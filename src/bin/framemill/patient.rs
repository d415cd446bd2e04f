//! Reading what may not come for a long time, and still hearing a signal.

use std::fs::File;
use std::io::{self, Read};

use crossbeam_channel::Receiver;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How often a read that waits looks whether a signal came.
const INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A pipe, a socket or a device. Reading it fails once a signal was heard while there was nothing to read.
pub(crate) struct Patient {
    file: File,
    heard: Receiver<i32>,
}

impl Patient {
    pub(crate) fn new(file: File, heard: Receiver<i32>) -> Self {
        Self { file, heard }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&INTERVAL)) {
                // The end of a pipe is there to be read too, as is an error.
                Ok(1..) => return self.file.read(buffer),
                Ok(0) | Err(rustix::io::Errno::INTR) if self.heard.is_empty() => {}
                Ok(0) | Err(rustix::io::Errno::INTR) => return Err(io::Error::other("a signal came")),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
