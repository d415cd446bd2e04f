//! NumPy's arrays as input: told by their first bytes, opened as what the file is.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use framemill::{FrameSource, NpySource};

use crate::args::{EncodeArguments, InputArguments, InputKind};
use crate::streams;
use crate::usage::WrongUsage;

/// How every array starts.
pub(crate) const NPY_MAGIC: &[u8] = b"\x93NUMPY";

/// How a zip archive starts, which an .npz file is.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// Whether the input that starts with `start` is to be read as arrays. Other things are in zip archives too, so one
/// is taken for arrays by its name.
pub(crate) fn is_array(input: &Path, start: &[u8], kind: InputKind) -> bool {
    let is_npz = || start.starts_with(ZIP_MAGIC) && input.extension().is_some_and(|name| name == "npz");
    match kind {
        InputKind::Auto => start.starts_with(NPY_MAGIC) || is_npz(),
        kind => kind == InputKind::Npy,
    }
}

/// Opens the array in `file`, of which `start` was read already.
pub(crate) fn open(
    arguments: &EncodeArguments,
    mut file: File,
    start: Vec<u8>,
    name: String,
) -> anyhow::Result<Box<dyn FrameSource>> {
    let options = &arguments.input_options;
    if arguments.movie_options.frame_rate().is_none() {
        return Err(WrongUsage("arrays do not say their rate: give -r, as in -r 30".to_owned()).into());
    }
    let is_npz = start.starts_with(ZIP_MAGIC);
    if !is_npz {
        refuse_member(options)?;
    }
    let is_regular = file.metadata().is_ok_and(|data| data.is_file());
    if is_regular {
        streams::go_back(&mut file, &start, &name)?;
    }
    let source = match (is_npz, is_regular) {
        (true, true) => NpySource::from_npz(file, options.member.as_deref(), name)?,
        (true, false) => {
            return Err(
                WrongUsage(format!("an .npz is read from its end, and {name} has none: name a file")).into()
            );
        }
        (false, true) => NpySource::from_file(file, name)?,
        (false, false) => NpySource::new(Cursor::new(start).chain(file), name)?,
    };
    let is_deep = arguments.movie_options.is_deep()?;
    Ok(Box::new(if is_deep { source } else { source.in_8_bits() }))
}

/// A member that nothing has is not ignored.
pub(crate) fn refuse_member(options: &InputArguments) -> Result<(), WrongUsage> {
    match options.member {
        Some(_) => Err(WrongUsage("--member is for .npz files, and the input is none: leave it out".to_owned())),
        None => Ok(()),
    }
}
