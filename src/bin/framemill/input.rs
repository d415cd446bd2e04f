//! Opening what frames come from, and telling what it is.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Cursor, IsTerminal, Read, Seek, SeekFrom};
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

use anyhow::{Context, bail};
use framemill::{ColorRange, FrameLayout, FrameSource, PictureKind, RawSource, Y4mSource};
use rustix::fs::OFlags;

use crate::args::{EncodeArguments, InputArguments, InputKind};
use crate::usage::WrongUsage;
use crate::{arrays, foreign, pictures};

/// How every YUV4MPEG2 stream starts.
const Y4M_MAGIC: &[u8] = b"YUV4MPEG2";

/// How every PNG starts.
const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// As many bytes as any kind of input is told by.
const START_BYTES: u64 = PictureKind::START_BYTES as u64;

/// Large reads: a pipe gives what it has, a file fills it.
const BUFFER_BYTES: usize = 1024 * 1024;

/// Bytes that a pipe is asked to hold: what Linux allows to everybody. By itself it holds 64 KiB, and the program that
/// writes frames and this one would wait for each other a hundred times a frame.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 1024 * 1024;

/// Opens the input as the arguments say, or as its first bytes tell.
pub(crate) fn open(arguments: &EncodeArguments) -> anyhow::Result<Box<dyn FrameSource>> {
    if let Some(files) = pictures::open_files(arguments)? {
        return Ok(files);
    }
    let (mut file, name) = open_file(&arguments.input)?;
    let mut start = Vec::new();
    (&mut file).take(START_BYTES).read_to_end(&mut start).with_context(|| format!("cannot read {name}"))?;
    let kind = kind(&arguments.input_options, &start);
    if pictures::is_pictures(&start, kind) {
        let reader = Cursor::new(start.clone()).chain(file.try_clone()?);
        return pictures::open_stream(arguments, &file, &start, reader, name);
    }
    pictures::refuse_options(arguments)?;
    let is_y4m = match kind {
        InputKind::Auto => start.starts_with(Y4M_MAGIC),
        kind => kind == InputKind::Y4m,
    };
    if start.is_empty() && kind == InputKind::Auto && arguments.input_options.format.is_none() {
        bail!("{name} is empty: no frame came");
    }
    if arrays::is_array(&arguments.input, &start, kind) {
        refuse_raw_options(arguments, "an array")?;
        return arrays::open(arguments, file, start, name);
    }
    arrays::refuse_member(&arguments.input_options)?;
    let length = regular_length(&file);
    if is_y4m {
        refuse_raw_options(arguments, "YUV4MPEG2")?;
        refuse_background(arguments, "YUV4MPEG2")?;
        let reader = Cursor::new(start).chain(file);
        let source = Y4mSource::new(BufReader::with_capacity(BUFFER_BYTES, reader), name)?;
        return Ok(match length {
            Some(bytes) => Box::new(source.with_length(bytes)),
            None => Box::new(source),
        });
    }
    if kind == InputKind::Auto
        && arguments.input_options.format.is_none()
        && let Some(problem) = foreign::recognized(&start)
    {
        return Err(WrongUsage(format!("{name} {problem}")).into());
    }
    let layout = raw_layout(arguments)?;
    Ok(match length {
        Some(bytes) => {
            go_back(&mut file, &start, &name)?;
            Box::new(RawSource::new(file, layout, name)?.with_length(bytes).seekable())
        }
        None => Box::new(RawSource::new(Cursor::new(start).chain(file), layout, name)?),
    })
}

/// What the input is said to be: where a pixel format and a size are given, raw frames, whatever they look like. A
/// start that is no accident is left to be refused: those two options are wrong there.
fn kind(options: &InputArguments, start: &[u8]) -> InputKind {
    let is_raw = options.format.is_some() && options.size.is_some();
    let is_certain = [PNG_MAGIC, Y4M_MAGIC, arrays::NPY_MAGIC].iter().any(|magic| start.starts_with(magic));
    match options.input_kind {
        InputKind::Auto if is_raw && !is_certain => InputKind::Raw,
        kind => kind,
    }
}

/// Goes back in a regular file to where `start` was read.
pub(crate) fn go_back(file: &mut File, start: &[u8], name: &str) -> anyhow::Result<()> {
    let back = SeekFrom::Current(-(start.len() as i64));
    file.seek(back).with_context(|| format!("cannot read {name}"))?;
    Ok(())
}

fn open_file(path: &Path) -> anyhow::Result<(File, String)> {
    if path.as_os_str() == "-" {
        if io::stdin().is_terminal() {
            return Err(
                WrongUsage("standard input is a terminal: pipe frames in, or name a file".to_owned()).into()
            );
        }
        // The plain descriptor, without the buffer that std puts before it.
        let file = blocking(io::stdin(), OpenOptions::new().read(true)).context("cannot read standard input")?;
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
fn widen_pipe(input: &impl AsFd) {
    let _ = rustix::pipe::fcntl_setpipe_size(input, PIPE_BYTES);
}

#[cfg(not(target_os = "linux"))]
fn widen_pipe(_: &impl AsFd) {}

/// Standard output, without the buffer that std puts before it.
pub(crate) fn standard_output() -> anyhow::Result<File> {
    if io::stdout().is_terminal() {
        return Err(WrongUsage("standard output is a terminal: redirect it, or name a file".to_owned()).into());
    }
    blocking(io::stdout(), OpenOptions::new().write(true)).context("cannot write to standard output")
}

/// The file of a descriptor, which waits where it has nothing yet. One that does not wait belongs to others too, so it
/// is opened once more instead of being changed; where that cannot be, as with a socket, it is changed.
fn blocking(stream: impl AsFd, how: &OpenOptions) -> io::Result<File> {
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

fn regular_length(file: &File) -> Option<u64> {
    let data = file.metadata().ok()?;
    data.is_file().then_some(data.len())
}

fn raw_layout(arguments: &EncodeArguments) -> Result<FrameLayout, WrongUsage> {
    let options = &arguments.input_options;
    let missing = |what: &str, mend: &str| {
        WrongUsage(format!("raw frames do not say their {what}: give {mend} (a YUV4MPEG2 stream says it)"))
    };
    let format = options.format.ok_or_else(|| missing("pixel format", "-f, as in -f bgra"))?;
    let (width, height) = options.size.ok_or_else(|| missing("size", "-s, as in -s 1920x1080"))?;
    options.fps.ok_or_else(|| missing("rate", "-r, as in -r 30"))?;
    if arguments.picture_options.background.is_some() && !format.has_alpha() {
        return Err(WrongUsage(format!(
            "--background is for transparent pixels, and {format} has none: leave it out"
        )));
    }
    Ok(FrameLayout { format, width, height, range: ColorRange::default() })
}

pub(crate) fn refuse_raw_options(arguments: &EncodeArguments, input: &str) -> Result<(), WrongUsage> {
    let options = &arguments.input_options;
    let given = [("-f", options.format.is_some()), ("-s", options.size.is_some())];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => {
            let mend = "leave it out, or say --input raw";
            Err(WrongUsage(format!("{name} is for raw frames, and the input is {input}: {mend}")))
        }
        None => Ok(()),
    }
}

fn refuse_background(arguments: &EncodeArguments, input: &str) -> Result<(), WrongUsage> {
    match arguments.picture_options.background {
        Some(_) => Err(WrongUsage(format!(
            "--background is for transparent pixels, and the input is {input}: leave it out"
        ))),
        None => Ok(()),
    }
}
