//! `framemill recover`.

use std::process::ExitCode;

use indicatif::DecimalBytes;

use crate::args::RecoverArguments;
use crate::voice::say;

pub(crate) fn run(arguments: &RecoverArguments) -> anyhow::Result<ExitCode> {
    let recovered = framemill::recover(&arguments.file, arguments.output.as_deref())?;
    say(format_args!(
        "{}: {} frames, {:.3} s, {}",
        recovered.path.display(),
        recovered.frames,
        recovered.duration.as_secs_f64(),
        DecimalBytes(recovered.bytes),
    ));
    if arguments.file.extension().is_some_and(|extension| extension == "part") {
        say(format_args!("{} can be deleted", arguments.file.display()));
    }
    Ok(ExitCode::SUCCESS)
}
