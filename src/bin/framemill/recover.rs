//! `framemill recover`.

use std::process::ExitCode;

use indicatif::HumanBytes;

use crate::args::RecoverArguments;

pub(crate) fn run(arguments: &RecoverArguments) -> anyhow::Result<ExitCode> {
    let recovered = framemill::recover(&arguments.file, arguments.output.as_deref())?;
    eprintln!(
        "{}: {} frames, {:.3} s, {}; {} can be deleted",
        recovered.path.display(),
        recovered.frames,
        recovered.duration.as_secs_f64(),
        HumanBytes(recovered.bytes),
        arguments.file.display(),
    );
    Ok(ExitCode::SUCCESS)
}
