//! Opens the input, with the options for its kind, and rejects options that do not apply to it.

use framemill::{FrameInput, FrameSource, InputKind, InputOptions, OptionId, StopToken};

use crate::args::{self, EncodeArguments, InputArguments};
use crate::usage::WrongUsage;
use crate::{arrays, pictures, raw, streams};

/// The first bytes of every PNG.
const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Opens the input as the kind in the arguments, or as the kind that its name and its first bytes show. A pipe is read
/// until `stop` stops.
pub(crate) fn open(arguments: &EncodeArguments, stop: &StopToken) -> anyhow::Result<Box<dyn FrameSource>> {
    let asked = arguments.input_options.input_kind;
    let may_be_files = matches!(asked, args::InputKind::Auto | args::InputKind::Images);
    let input = match FrameInput::pictures(&arguments.input).filter(|_| may_be_files) {
        Some(files) => files,
        None => {
            let (file, name) = streams::open(&arguments.input)?;
            let input = FrameInput::from_file(file, name)?;
            match kind(&arguments.input_options, &input) {
                Some(kind) => input.read_as(kind),
                None => input,
            }
        }
    };
    let options = options(arguments, input.kind()?)?;
    Ok(input.stopped_by(stop.clone()).open(&options)?)
}

/// Returns the kind of the input. With a pixel format and a size it is raw, whatever it looks like, unless its first
/// bytes clearly show another kind, for which the two options are then rejected.
fn kind(options: &InputArguments, input: &FrameInput) -> Option<InputKind> {
    let known = InputKind::of_start(input.start());
    let is_certain = matches!(known, Some(InputKind::Y4m | InputKind::Npy)) || input.start().starts_with(PNG_MAGIC);
    match options.input_kind {
        args::InputKind::Raw => Some(InputKind::Raw),
        args::InputKind::Y4m => Some(InputKind::Y4m),
        args::InputKind::Images => Some(InputKind::Images),
        args::InputKind::Npy => Some(InputKind::Npy),
        args::InputKind::Auto => {
            let is_raw = options.format.is_some() && (options.size.is_some() || known.is_none());
            (is_raw && !is_certain).then_some(InputKind::Raw)
        }
    }
}

/// Returns the options of an input of this kind.
fn options(arguments: &EncodeArguments, kind: InputKind) -> anyhow::Result<InputOptions> {
    let mut options = InputOptions::default();
    if kind == InputKind::Images {
        options.images = pictures::options(arguments)?;
        return Ok(options);
    }
    pictures::refuse_options(arguments)?;
    if kind != InputKind::Npz {
        arrays::refuse_member(&arguments.input_options)?;
    }
    match kind {
        InputKind::Npy | InputKind::Npz => {
            raw::refuse_options(arguments, "an array")?;
            arrays::require_rate(arguments)?;
            options.member.clone_from(&arguments.input_options.member);
            // Premultiplied colors are divided by alpha before they are rounded to 8 bits.
            let is_premultiplied = arguments.movie_options.has(OptionId::Premultiplied);
            options.in_8_bits = !is_premultiplied && !arguments.movie_options.is_deep()?;
        }
        InputKind::Animation => raw::refuse_options(arguments, "an animation")?,
        InputKind::Y4m => {
            raw::refuse_options(arguments, "YUV4MPEG2")?;
            refuse_transparency(arguments, "YUV4MPEG2")?;
        }
        _ => options.raw = Some(raw::layout(arguments)?),
    }
    Ok(options)
}

/// Rejects the options for transparent pixels, if the input has none.
pub(crate) fn refuse_transparency(arguments: &EncodeArguments, input: &str) -> Result<(), WrongUsage> {
    let options = [OptionId::Background, OptionId::Premultiplied, OptionId::Alpha];
    match options.into_iter().find(|option| arguments.movie_options.has(*option)) {
        Some(option) => Err(WrongUsage(format!(
            "--{option} is for transparent pixels, but the input is {input}, which has none: leave it out"
        ))),
        None => Ok(()),
    }
}
