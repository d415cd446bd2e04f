//! A file, such as a pipe, whose reader can be stopped while it waits for bytes.

use std::fs::File;
use std::io::{self, Read};

use crate::error::Error;
use crate::stop::StopToken;

/// Whether reads can be stopped on this system.
pub(super) const CAN_STOP: bool = cfg!(unix);

/// A file that is read until `stop` stops: then each read fails, with an error that [`was_stopped`] recognizes.
pub(super) struct StoppableFile {
    file: File,
    stop: StopToken,
}

impl StoppableFile {
    pub(super) fn new(file: File, stop: StopToken) -> Self {
        Self { file, stop }
    }
}

impl Read for StoppableFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let is_ready = is_ready(&self.file)?;
            // Even if there are bytes: a slow pipe may always have a few. After the wait, because what stops this program may
            // have ended the writer too, whose end is then not that of the frames.
            self.stop.check().map_err(io::Error::other)?;
            if !is_ready {
                continue;
            }
            match self.file.read(buffer) {
                // Another process took the bytes.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
    }
}

/// Returns whether `error` is that of a read that was stopped.
pub(super) fn was_stopped(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).is_some_and(Error::is_stopped)
}

/// Waits until a read of `file` returns at once, with bytes, the end or an error, but not for long. Returns whether it
/// does.
#[cfg(unix)]
fn is_ready(file: &File) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    // The delay of a stop that nobody notices.
    const LONGEST: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&LONGEST)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn is_ready(_: &File) -> io::Result<bool> {
    Ok(true)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::os::fd::OwnedFd;
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn pipe() -> io::Result<(StoppableFile, io::PipeWriter, StopToken)> {
        let (reader, writer) = io::pipe()?;
        let stop = StopToken::default();
        Ok((StoppableFile::new(File::from(OwnedFd::from(reader)), stop.clone()), writer, stop))
    }

    #[test]
    fn bytes_and_the_end_are_read() {
        let (mut reader, mut writer, _) = pipe().expect("a pipe");
        let mut buffer = [0; 8];
        writer.write_all(b"abc").expect("written");
        assert_eq!(reader.read(&mut buffer).expect("bytes"), 3);
        drop(writer);
        assert_eq!(reader.read(&mut buffer).expect("the end"), 0);
    }

    #[test]
    fn a_read_waits_for_bytes() {
        let (mut reader, mut writer, _) = pipe().expect("a pipe");
        let late = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            writer.write_all(b"late").expect("written");
        });
        assert_eq!(reader.read(&mut [0; 8]).expect("bytes"), 4);
        late.join().expect("ended");
    }

    #[test]
    fn no_bytes_are_read_after_a_stop() {
        let (mut reader, mut writer, stop) = pipe().expect("a pipe");
        writer.write_all(b"abc").expect("written");
        assert_eq!(reader.read(&mut [0; 2]).expect("bytes"), 2);
        stop.stop();
        let error = reader.read(&mut [0; 8]).expect_err("stopped");
        assert!(was_stopped(&error) && !was_stopped(&io::Error::other("broken")));
        drop(writer);
        assert!(was_stopped(&reader.read(&mut [0; 8]).expect_err("stopped")));
    }

    #[test]
    fn a_waiting_read_is_stopped() {
        let (mut reader, writer, stop) = pipe().expect("a pipe");
        let late = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            stop.stop();
        });
        assert!(was_stopped(&reader.read(&mut [0; 8]).expect_err("stopped")));
        late.join().expect("ended");
        drop(writer);
    }
}
