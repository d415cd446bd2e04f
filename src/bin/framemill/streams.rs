//! The files that frames and movies go through: by their names, and as the standard streams.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, bail};

use crate::usage::WrongUsage;

/// Bytes that a pipe is asked to hold: what Linux allows to everybody. By itself it holds 64 KiB, and the program that
/// writes frames and this one would wait for each other a hundred times a frame.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 1024 * 1024;

/// Opens what an input names; gives what it is called in messages.
pub(crate) fn open(path: &Path) -> anyhow::Result<(File, String)> {
    if path.as_os_str() == "-" {
        if io::stdin().is_terminal() {
            return Err(
                WrongUsage("standard input is a terminal: pipe frames in, or name a file".to_owned()).into()
            );
        }
        // The plain descriptor, without the buffer that std puts before it.
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

/// Lets a pipe hold more; anything else, and a pipe that may not, stays as it is.
#[cfg(target_os = "linux")]
fn widen_pipe(input: &File) {
    let _ = rustix::pipe::fcntl_setpipe_size(input, PIPE_BYTES);
}

#[cfg(not(target_os = "linux"))]
fn widen_pipe(_: &File) {}

/// Standard output, without the buffer that std puts before it.
pub(crate) fn standard_output() -> anyhow::Result<File> {
    if io::stdout().is_terminal() {
        return Err(WrongUsage("standard output is a terminal: redirect it, or name a file".to_owned()).into());
    }
    unbuffered(io::stdout(), OpenOptions::new().write(true)).context("cannot write to standard output")
}

/// The file of a descriptor, which waits where it has nothing yet. One that does not wait belongs to others too, so it
/// is opened once more instead of being changed; where that cannot be, as with a socket, it is changed.
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
