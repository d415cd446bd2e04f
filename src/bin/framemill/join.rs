//! `framemill join`.

use std::process::ExitCode;

use anyhow::Context;
use framemill::{JoinOptions, Output, StopToken};
use indicatif::DecimalBytes;

use crate::args::JoinArguments;
use crate::signals::{self, Signals};
use crate::usage::WrongUsage;
use crate::voice::say;

pub(crate) fn run(arguments: &JoinArguments) -> anyhow::Result<ExitCode> {
    if arguments.output.as_os_str() == "-" {
        return Err(
            WrongUsage("movies are joined into a file: give -o a name, as in -o movie.mp4".to_owned()).into()
        );
    }
    let mut output = Output::path(&arguments.output);
    if let Some(container) = arguments.container {
        output = output.container(container);
    }
    if arguments.no_clobber {
        output = output.no_clobber();
    }
    let stop = StopToken::default();
    let signals = Signals::listen().context("cannot listen to signals")?;
    signals.stop_at_first(stop.clone());
    let options = JoinOptions::default().stop(stop);
    let options = if arguments.partial { options.partial() } else { options };
    let options = options.audio_settings(arguments.sound.0.audio_settings()?);
    let options = match arguments.sound.0.audio() {
        Some(audio) => options.audio(audio),
        None => options,
    };
    let joined = match framemill::join_with(&arguments.segments, output, &options) {
        Err(error) if error.is_stopped() => {
            return Ok(ExitCode::from(signals.came().map_or(1, signals::exit_code)));
        }
        joined => joined?,
    };
    say(format_args!(
        "{}: {} frame{} of {} segment{}, {:.3} s, {}",
        joined.path.display(),
        joined.frames,
        if joined.frames == 1 { "" } else { "s" },
        joined.segments,
        if joined.segments == 1 { "" } else { "s" },
        joined.duration.as_secs_f64(),
        DecimalBytes(joined.bytes),
    ));
    Ok(ExitCode::SUCCESS)
}
