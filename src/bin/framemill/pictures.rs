//! Pictures as input: detects picture files, and handles the arguments for pictures.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use framemill::{Alpha, ImageOptions, OnError, PictureKind};

use crate::args::{EncodeArguments, OnErrorKind};
use crate::usage::WrongUsage;

/// Returns whether the file at `path` is a picture.
pub(crate) fn is_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let file = path.is_file().then(|| File::open(path).ok()).flatten();
    let read = file.is_some_and(|file| file.take(PictureKind::START_BYTES as u64).read_to_end(&mut start).is_ok());
    read && PictureKind::of_start(&start).is_some()
}

/// Returns how to read pictures.
pub(crate) fn options(arguments: &EncodeArguments) -> anyhow::Result<ImageOptions> {
    crate::raw::refuse_options(arguments, "pictures, which have their own")?;
    let Some(frame_rate) = arguments.movie_options.frame_rate() else {
        return Err(WrongUsage("pictures have no frame rate: give -r, as in -r 24".to_owned()).into());
    };
    // The size does not matter for these options.
    let settings = arguments.movie_options.settings(1, 1, frame_rate)?;
    let on_error = match arguments.input_options.on_error {
        Some(OnErrorKind::Skip) => OnError::Skip,
        Some(OnErrorKind::Stop) | None => OnError::Stop,
    };
    let mut options = ImageOptions::default()
        .on_error(on_error)
        .any_size(settings.scale.is_some())
        .premultiplied(settings.is_premultiplied);
    options.background = (settings.alpha == Alpha::Composite).then_some(settings.background);
    (options.exposure, options.levels) = (arguments.input_options.exposure, arguments.input_options.levels);
    Ok(options)
}

/// Rejects the options for pictures, for other inputs.
pub(crate) fn refuse_options(arguments: &EncodeArguments) -> Result<(), WrongUsage> {
    let options = &arguments.input_options;
    let given = [
        ("--on-error", "pictures", options.on_error.is_some()),
        ("--exposure", "OpenEXR pictures", options.exposure.is_some()),
        ("--levels", "TIFF pictures", options.levels.is_some()),
    ];
    match given.into_iter().find(|(.., is_given)| *is_given) {
        Some((name, what, _)) => {
            Err(WrongUsage(format!("{name} is for {what}, but the input has none: leave it out")))
        }
        None => Ok(()),
    }
}
