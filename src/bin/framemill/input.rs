//! Opening what frames come from, and telling what it is.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};

use anyhow::{Context, bail};
use crossbeam_channel::Receiver;
use framemill::{FrameSource, OptionId, PictureKind, RawSource, Y4mSource};

use crate::args::{EncodeArguments, InputArguments, InputKind};
use crate::patient::Patient;
use crate::usage::WrongUsage;
use crate::{arrays, foreign, pictures, raw, streams};

/// How every YUV4MPEG2 stream starts.
const Y4M_MAGIC: &[u8] = b"YUV4MPEG2";

/// How every PNG starts.
const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// As many bytes as any kind of input is told by.
const START_BYTES: u64 = PictureKind::START_BYTES as u64;

/// Large reads: a pipe gives what it has, a file fills it.
const BUFFER_BYTES: usize = 1024 * 1024;

/// Opens the input as the arguments say, or as its first bytes tell.
/// A pipe is read until a signal is `heard`.
pub(crate) fn open(arguments: &EncodeArguments, heard: &Receiver<i32>) -> anyhow::Result<Box<dyn FrameSource>> {
    if let Some(files) = pictures::open_files(arguments)? {
        return Ok(files);
    }
    let (mut file, name) = streams::open(&arguments.input)?;
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
        raw::refuse_options(arguments, "an array")?;
        return arrays::open(arguments, file, start, name);
    }
    arrays::refuse_member(&arguments.input_options)?;
    let length = regular_length(&file);
    if is_y4m {
        raw::refuse_options(arguments, "YUV4MPEG2")?;
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
    let layout = raw::layout(arguments)?;
    Ok(match length {
        Some(bytes) => {
            streams::go_back(&mut file, &start, &name)?;
            Box::new(RawSource::new(file, layout, name)?.with_length(bytes).seekable())
        }
        None => {
            let reader = Cursor::new(start).chain(Patient::new(file, heard.clone()));
            Box::new(RawSource::new(reader, layout, name)?)
        }
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

fn regular_length(file: &File) -> Option<u64> {
    let data = file.metadata().ok()?;
    data.is_file().then_some(data.len())
}

fn refuse_background(arguments: &EncodeArguments, input: &str) -> Result<(), WrongUsage> {
    if arguments.movie_options.has(OptionId::Background) {
        return Err(WrongUsage(format!(
            "--background is for transparent pixels, and the input is {input}: leave it out"
        )));
    }
    Ok(())
}
