//! `framemill recover`.

use std::process::ExitCode;

use framemill::RecoverOptions;
use indicatif::DecimalBytes;

use crate::args::RecoverArguments;
use crate::messages::print_line;
use crate::plural::plural;

pub(crate) fn run(arguments: &RecoverArguments) -> anyhow::Result<ExitCode> {
    let options = RecoverOptions::default().audio_settings(arguments.sound.0.audio_settings()?);
    let options = match arguments.sound.0.audio() {
        Some(audio) => options.audio(audio),
        None => options,
    };
    let recovered = framemill::recover_with(&arguments.file, arguments.output.as_deref(), &options)?;
    print_line(format_args!(
        "{}: {}, {:.3} s, {}",
        recovered.path.display(),
        plural(recovered.frames, "frame"),
        recovered.duration.as_secs_f64(),
        DecimalBytes(recovered.bytes),
    ));
    if arguments.file.extension().is_some_and(|extension| extension == "part") {
        print_line(format_args!("{} can be deleted", arguments.file.display()));
    }
    Ok(ExitCode::SUCCESS)
}
