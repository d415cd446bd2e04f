//! `framemill join`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use framemill::{JoinOptions, Output, StopToken};
use indicatif::DecimalBytes;

use crate::args::JoinArguments;
use crate::joined_stats::JoinedStats;
use crate::messages::print_line;
use crate::plural::plural;
use crate::signals::{self, Signals};
use crate::streams::standard_output;
use crate::usage::WrongUsage;

pub(crate) fn run(arguments: &JoinArguments) -> anyhow::Result<ExitCode> {
    let output = output(arguments)?;
    let stats = JoinedStats::open(arguments)?;
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
    print_line(format_args!(
        "{}: {} of {}, {:.3} s, {}",
        joined.path.as_deref().unwrap_or(Path::new("standard output")).display(),
        plural(joined.frames, "frame"),
        plural(joined.segments, "segment"),
        joined.duration.as_secs_f64(),
        DecimalBytes(joined.bytes),
    ));
    if let Some(stats) = stats {
        stats.write(&arguments.output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the output of the movie.
fn output(arguments: &JoinArguments) -> anyhow::Result<Output> {
    let output = match (arguments.output.as_os_str() == "-", arguments.container) {
        (false, None) => Output::path(&arguments.output),
        (false, Some(container)) => Output::path(&arguments.output).container(container),
        (true, Some(container)) => Output::stream(standard_output()?, container),
        (true, None) => {
            let hint =
                "standard output has no name that sets the container: give --container mp4, mov, mkv or webm";
            return Err(WrongUsage(hint.to_owned()).into());
        }
    };
    Ok(if arguments.no_clobber { output.no_clobber() } else { output })
}
