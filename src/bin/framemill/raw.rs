//! Raw frames as input: what must be said of them, and what is said of others for nothing.

use framemill::{ColorRange, FrameLayout, OptionId};

use crate::args::EncodeArguments;
use crate::usage::WrongUsage;

/// How the frames lie, which raw ones do not say.
pub(crate) fn layout(arguments: &EncodeArguments) -> Result<FrameLayout, WrongUsage> {
    let options = &arguments.input_options;
    let missing = |what: &str, mend: &str| {
        WrongUsage(format!("raw frames do not say their {what}: give {mend} (a YUV4MPEG2 stream says it)"))
    };
    let format = options.format.ok_or_else(|| missing("pixel format", "-f, as in -f bgra"))?;
    let (width, height) = options.size.ok_or_else(|| missing("size", "-s, as in -s 1920x1080"))?;
    arguments.movie_options.frame_rate().ok_or_else(|| missing("rate", "-r, as in -r 30"))?;
    if arguments.movie_options.has(OptionId::Background) && !format.has_alpha() {
        return Err(WrongUsage(format!(
            "--background is for transparent pixels, and {format} has none: leave it out"
        )));
    }
    Ok(FrameLayout { format, width, height, range: ColorRange::default() })
}

/// Refuses what only raw frames need.
pub(crate) fn refuse_options(arguments: &EncodeArguments, input: &str) -> Result<(), WrongUsage> {
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
