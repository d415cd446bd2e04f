//! The files that frames and movies go through: opened by name, and the standard streams.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, bail};

use crate::usage::WrongUsage;

/// The requested capacity of a pipe: the most that Linux allows everybody. The default of 64 KiB would make the program
/// that writes frames and this one wait for each other a hundred times per frame.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 1024 * 1024;

/// Opens the input; returns its name for messages.
pub(crate) fn open(path: &Path) -> anyhow::Result<(File, String)> {
    if path.as_os_str() == "-" {
        if io::stdin().is_terminal() {
            return Err(
                WrongUsage("standard input is a terminal: pipe frames in, or give a file".to_owned()).into()
            );
        }
        // The plain descriptor, without std's buffer.
        let file = unbuffered(io::stdin(), OpenOptions::new().read(true)).context("cannot read standard input")?;
        widen_pipe(&file);
        return Ok((file, "standard input".to_owned()));
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
    widen_pipe(&file);
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        bail!("cannot read {name}: it is a directory");
    }
    Ok((file, name))
}

/// Increases the capacity of a pipe. Other files, and pipes without permission, are not changed.
#[cfg(target_os = "linux")]
fn widen_pipe(input: &File) {
    let _ = rustix::pipe::fcntl_setpipe_size(input, PIPE_BYTES);
}

#[cfg(not(target_os = "linux"))]
fn widen_pipe(_: &File) {}

/// Returns standard output without std's buffer.
pub(crate) fn standard_output() -> anyhow::Result<File> {
    if io::stdout().is_terminal() {
        return Err(WrongUsage("standard output is a terminal: redirect it, or give a file".to_owned()).into());
    }
    unbuffered(io::stdout(), OpenOptions::new().write(true)).context("cannot write to standard output")
}

/// Returns a blocking file for a descriptor. A non-blocking one may be shared with other processes, so it is opened
/// again instead of being changed; if that is not possible, as with a socket, it is changed.
#[cfg(unix)]
fn unbuffered(stream: impl std::os::fd::AsFd, how: &OpenOptions) -> io::Result<File> {
    use std::os::fd::AsRawFd;

    use rustix::fs::OFlags;

    let stream = stream.as_fd();
    let flags = rustix::fs::fcntl_getfl(stream)?;
    if flags.contains(OFlags::NONBLOCK) {
        match how.open(format!("/proc/self/fd/{}", stream.as_raw_fd())) {
            Ok(file) => return Ok(file),
            Err(_) => rustix::fs::fcntl_setfl(stream, flags - OFlags::NONBLOCK)?,
        }
    }
    Ok(File::from(stream.try_clone_to_owned()?))
}

/// The file of a standard stream.
#[cfg(windows)]
fn unbuffered(stream: impl std::os::windows::io::AsHandle, _: &OpenOptions) -> io::Result<File> {
    Ok(File::from(stream.as_handle().try_clone_to_owned()?))
}
