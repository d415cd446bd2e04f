//! Raw frames as input: the options that they need, and that other inputs reject.

use framemill::{ChromaLocation, Codec, Container, FrameLayout, Settings};

use crate::args::EncodeArguments;
use crate::input::refuse_transparency;
use crate::usage::WrongUsage;

/// Returns the layout of the frames, which only the options can set.
pub(crate) fn layout(arguments: &EncodeArguments) -> Result<FrameLayout, WrongUsage> {
    let options = &arguments.input_options;
    let missing = |what: &str, hint: &str| {
        WrongUsage(format!("raw frames do not record their {what}: give {hint} (a YUV4MPEG2 stream does)"))
    };
    let format = options.format.ok_or_else(|| missing("pixel format", "-f, as in -f bgra"))?;
    let (width, height) = options.size.ok_or_else(|| missing("size", "-s, as in -s 1920x1080"))?;
    arguments.movie_options.frame_rate().ok_or_else(|| missing("rate", "-r, as in -r 30"))?;
    if !format.has_alpha() {
        refuse_transparency(arguments, format.name())?;
    }
    Ok(FrameLayout::new(format, width, height))
}

/// Returns the chroma location of the movie for frames of this layout: that of the input, if the movie can record it.
pub(crate) fn chroma_location(
    settings: &Settings,
    layout: FrameLayout,
    container: Container,
) -> Option<ChromaLocation> {
    let location = layout.chroma_location?;
    if settings.encoder_pixel_format().chroma_shift() != (1, 1) {
        return None;
    }
    if settings.codec.records_chroma_location(container) {
        return Some(location);
    }
    // Some players assume one location for MPEG-4 Part 2, and some the other.
    let (assumed, is_assumed) = match settings.codec {
        Codec::Mjpeg(_) => ("center", location == ChromaLocation::Center),
        _ => ("left or center", matches!(location, ChromaLocation::Left | ChromaLocation::Center)),
    };
    if !is_assumed {
        tracing::warn!(
            "the chroma of the input lies at {}, and players assume {assumed} in {} in {}: colors move by half a pixel; \
             choose h264, hevc, or ffv1 in mkv, which record where it lies",
            location.name(),
            settings.codec.name(),
            container.name(),
        );
    }
    None
}

/// Rejects the options that only raw frames need.
pub(crate) fn refuse_options(arguments: &EncodeArguments, input: &str) -> Result<(), WrongUsage> {
    let options = &arguments.input_options;
    let given = [("-f", options.format.is_some()), ("-s", options.size.is_some())];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => {
            let hint = "leave it out, or give --input raw";
            Err(WrongUsage(format!("{name} is for raw frames, but the input is {input}: {hint}")))
        }
        None => Ok(()),
    }
}
