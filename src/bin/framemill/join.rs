//! `framemill join`.

use std::process::ExitCode;

use framemill::Output;
use indicatif::DecimalBytes;

use crate::args::JoinArguments;
use crate::voice::say;

pub(crate) fn run(arguments: &JoinArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::path(&arguments.output);
    if let Some(container) = arguments.container {
        output = output.container(container);
    }
    if arguments.no_clobber {
        output = output.no_clobber();
    }
    let joined = framemill::join(&arguments.segments, output)?;
    say(format_args!(
        "{}: {} frames of {} segments, {:.3} s, {}",
        joined.path.display(),
        joined.frames,
        joined.segments,
        joined.duration.as_secs_f64(),
        DecimalBytes(joined.bytes),
    ));
    Ok(ExitCode::SUCCESS)
}
