//! Pictures as input: which arguments and first bytes mean them, and how they are opened.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use framemill::{FrameSource, ImageFiles, ImageOptions, ImageStream, OnError, PictureKind};

use crate::args::{EncodeArguments, InputKind, OnErrorKind};
use crate::usage::WrongUsage;

/// The pictures of a folder, a numbered pattern or a glob; `None` where the input is none of these.
pub(crate) fn open_files(arguments: &EncodeArguments) -> anyhow::Result<Option<Box<dyn FrameSource>>> {
    let kind = arguments.input_options.input_kind;
    let Some(name) = file_names(&arguments.input).filter(|_| matches!(kind, InputKind::Auto | InputKind::Images))
    else {
        return Ok(None);
    };
    let options = options(arguments)?;
    let files = match name {
        Names::Folder(folder) => ImageFiles::in_folder(folder, options),
        Names::Numbered(pattern) => ImageFiles::numbered(pattern, options),
        Names::Matching(pattern) => ImageFiles::matching(pattern, options),
    }?;
    Ok(Some(Box::new(files)))
}

/// Whether there is a picture at `path`.
pub(crate) fn is_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let file = path.is_file().then(|| File::open(path).ok()).flatten();
    let read = file.is_some_and(|file| file.take(PictureKind::START_BYTES as u64).read_to_end(&mut start).is_ok());
    read && PictureKind::of_start(&start).is_some()
}

enum Names<'a> {
    Folder(&'a Path),
    Numbered(&'a str),
    Matching(&'a str),
}

/// A file's own name is never a pattern, whatever is in it.
fn file_names(input: &Path) -> Option<Names<'_>> {
    if input.is_dir() {
        return Some(Names::Folder(input));
    }
    let pattern = input.to_str().filter(|_| !input.exists())?;
    if has_number(pattern) {
        return Some(Names::Numbered(pattern));
    }
    pattern.contains(['*', '?', '[']).then_some(Names::Matching(pattern))
}

/// Whether there is a `%d` or `%04d` in its last part.
fn has_number(pattern: &str) -> bool {
    let name = pattern.rsplit_once('/').map_or(pattern, |(_, name)| name);
    if name.contains(['*', '?']) {
        return false;
    }
    name.replace("%%", "")
        .split('%')
        .skip(1)
        .any(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('d'))
}

/// Whether an input that starts so holds pictures.
pub(crate) fn is_pictures(start: &[u8], kind: InputKind) -> bool {
    match kind {
        InputKind::Auto => PictureKind::of_start(start).is_some(),
        kind => kind == InputKind::Images,
    }
}

/// The pictures in `file`, of which `start` was read; `reader` gives all of it.
pub(crate) fn open_stream(
    arguments: &EncodeArguments,
    file: &File,
    start: &[u8],
    reader: impl Read + Send + 'static,
    name: String,
) -> anyhow::Result<Box<dyn FrameSource>> {
    let options = options(arguments)?;
    // It must be jumped about in, and holds one picture.
    let is_tiff = PictureKind::of_start(start) == Some(PictureKind::Tiff);
    if is_tiff && arguments.input.as_os_str() != "-" && file.metadata().is_ok_and(|data| data.is_file()) {
        return Ok(Box::new(ImageFiles::new([arguments.input.clone()], options)?));
    }
    Ok(Box::new(ImageStream::new(reader, name, options)?))
}

fn options(arguments: &EncodeArguments) -> Result<ImageOptions, WrongUsage> {
    crate::raw::refuse_options(arguments, "pictures, which say it themselves")?;
    if arguments.input_options.fps.is_none() {
        return Err(WrongUsage("pictures do not say their rate: give -r, as in -r 24".to_owned()));
    }
    let on_error = match arguments.input_options.on_error {
        Some(OnErrorKind::Skip) => OnError::Skip,
        Some(OnErrorKind::Stop) | None => OnError::Stop,
    };
    Ok(ImageOptions::default().on_error(on_error).any_size(arguments.picture_options.scale.is_some()))
}

/// What was asked for pictures means nothing for other inputs.
pub(crate) fn refuse_options(arguments: &EncodeArguments) -> Result<(), WrongUsage> {
    match arguments.input_options.on_error {
        Some(_) => Err(WrongUsage("--on-error is for pictures, and the input has none: leave it out".to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_patterns_are_seen() {
        for (pattern, expected) in [
            ("f%04d.png", true),
            ("%d", true),
            ("100%.png", false),
            ("a%20b.png", false),
            ("f%%d*.png", false),
            ("50%done*.png", false),
            ("[%04d].png", true),
        ] {
            assert_eq!(has_number(pattern), expected, "{pattern}");
        }
    }
}
