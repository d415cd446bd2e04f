//! Resolves arguments to what the library takes: fills in defaults, and rejects options that do not apply.

use framemill::{
    Codec, FrameLayout, FrameRate, InvalidSettings, Jobs, MovieOptions, OptionId, OptionValue, Output, PixelFormat,
    Settings,
};

use crate::args::{EncodeArguments, OnErrorKind};
use crate::usage::WrongUsage;

/// Adds the options that other arguments imply: a segment is encoded as a job encodes it.
pub(crate) fn complete(arguments: &mut EncodeArguments) -> anyhow::Result<()> {
    if arguments.input_options.segment.is_none() {
        return Ok(());
    }
    if arguments.movie_options.has(OptionId::Jobs) {
        let why = "a segment has one encoder: leave --jobs out, and encode several segments at a time";
        return Err(WrongUsage(format!("--jobs cannot be combined with --segment: {why}")).into());
    }
    arguments.movie_options.0.set(OptionId::Jobs, OptionValue::Jobs(Jobs::Count(1)))?;
    Ok(())
}

/// Returns the first frame of the input to encode, and the largest number of frames.
pub(crate) fn part(arguments: &EncodeArguments) -> Result<(u64, Option<u64>), WrongUsage> {
    let options = &arguments.input_options;
    if options.resume && matches!(options.on_error, Some(OnErrorKind::Skip)) {
        let why = "it is not known how many pictures were skipped before";
        return Err(WrongUsage(format!("--on-error skip cannot be combined with --resume: {why}")));
    }
    let (Some(segment), Some(OptionValue::Count(frames))) =
        (options.segment, arguments.movie_options.get(OptionId::SegmentFrames))
    else {
        return Ok((options.start, options.frames));
    };
    if options.on_error == Some(OnErrorKind::Skip) {
        let why = "the frames of a segment depend on the pictures that were skipped before it";
        return Err(WrongUsage(format!("--on-error skip cannot be combined with --segment: {why}")));
    }
    match segment.checked_mul(*frames) {
        Some(start) => Ok((start, Some(*frames))),
        None => Err(WrongUsage(format!("--segment {segment} is out of range: no movie has that many frames"))),
    }
}

/// Returns the settings of a movie of frames with this `layout`.
pub(crate) fn settings(
    options: &MovieOptions,
    layout: FrameLayout,
    frame_rate: FrameRate,
) -> Result<Settings, InvalidSettings> {
    let mut settings = options.settings(layout.width, layout.height, frame_rate)?;
    settings.frame_format = Some(layout.format);
    // YUV is not converted, and its range does not matter if it becomes RGB.
    let stays_yuv = layout.format.is_yuv() && settings.encoder_pixel_format().is_yuv();
    if settings.codec.is_lossless() && settings.color_range.is_none() {
        settings.color_range = stays_yuv.then_some(layout.range);
    }
    Ok(settings)
}

/// Returns whether a movie that was opened for frames in `first` keeps all of a frame in `format`, if that was
/// requested: the pictures of one input may differ, and gray ones at its start would make the others gray.
pub(crate) fn keeps(arguments: &EncodeArguments, codec: &Codec, first: PixelFormat, format: PixelFormat) -> bool {
    let lossless = codec.is_lossless() && arguments.movie_options.pixel_format().is_none();
    let kept = codec.format_that_keeps(first);
    !lossless || codec.format_that_keeps(format) == kept || kept.is_some_and(|kept| widens(format, kept))
}

/// Returns whether gray pixels can become pixels in `kept`, which are RGB.
fn widens(format: PixelFormat, kept: PixelFormat) -> bool {
    format.is_gray() && kept.is_rgb() && format.bits() <= kept.bits()
}

/// Returns the output of the movie.
pub(crate) fn output(arguments: &EncodeArguments) -> anyhow::Result<Output> {
    let options = &arguments.movie_options;
    if arguments.output.as_os_str() == "-" {
        let Some(container) = options.container() else {
            let hint =
                "standard output has no name that sets the container: give --container mp4, mov, mkv or webm";
            return Err(WrongUsage(hint.to_owned()).into());
        };
        if !options.replaces() {
            return Err(
                WrongUsage("--no-clobber is for files, but the movie goes to standard output".to_owned()).into()
            );
        }
        return Ok(Output::stream(crate::streams::standard_output()?, container));
    }
    let mut output = Output::path(&arguments.output);
    if let Some(container) = options.container() {
        output = output.container(container);
    }
    Ok(if !options.replaces() { output.no_clobber() } else { output })
}
