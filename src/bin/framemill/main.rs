//! The command line: it resolves arguments to options, calls the library with them, and reports the result, through the
//! library's public API only.
#![allow(clippy::print_stdout, reason = "a command line talks")]

mod args;
mod arrays;
mod encode;
mod holds;
mod info;
mod input;
mod inspect;
mod join;
mod joined_stats;
mod licenses;
mod messages;
mod movie_arguments;
mod overlap;
mod pictures;
mod plural;
mod progress;
mod raw;
mod read_ahead;
mod recover;
mod repeat;
mod report;
mod resolve;
mod run_outputs;
mod signals;
mod stats_file;
mod streams;
mod summary;
mod trim;
mod usage;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use framemill::{Error, InvalidInput, InvalidSettings};

use args::{Arguments, Command};
use messages::{Warnings, print_line};
use movie_arguments::spelled;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The exit status when the work failed.
pub(crate) const FAILED: u8 = 1;
/// The exit status for wrong usage; clap uses the same.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    if let Some(usage) = usage::ffmpeg_option(std::env::args_os().skip(1)) {
        print_line(format_args!("framemill: {usage}"));
        return ExitCode::from(WRONG_USAGE);
    }
    let arguments = Arguments::parse();
    start_log(arguments.verbose, arguments.is_quiet());
    let prints = !matches!(arguments.command, Command::Encode(_) | Command::Join(_) | Command::Recover(_));
    let result = match arguments.command {
        Command::Encode(mut encode) => resolve::complete(&mut encode).and_then(|()| encode::run(&encode)),
        Command::Recover(recover) => recover::run(&recover),
        Command::Join(join) => join::run(&join),
        Command::Inspect(inspect) => inspect::run(&inspect),
        Command::Codecs => info::print_codecs(),
        Command::Licenses => licenses::print(),
        Command::Completions { shell } => info::print_completions(shell),
        Command::Man => info::print_man_page(),
    };
    match result {
        Ok(code) => code,
        // The reader of our output has closed it.
        Err(error)
            if prints
                && error
                    .downcast_ref::<io::Error>()
                    .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            print_line(format_args!("framemill: {}", described(&error)));
            ExitCode::from(if is_wrong_usage(&error) { WRONG_USAGE } else { FAILED })
        }
    }
}

/// Formats the error and its causes in one line.
pub(crate) fn described(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().map(message).collect();
    causes.join(": ")
}

/// Returns the message of an error, with options as they are typed.
fn message(error: &(dyn std::error::Error + 'static)) -> String {
    let settings = match error.downcast_ref() {
        Some(Error::Settings(settings)) => Some(settings),
        _ => error.downcast_ref(),
    };
    settings.map_or_else(|| error.to_string(), |settings: &InvalidSettings| settings.spelled(&spelled))
}

fn is_wrong_usage(error: &anyhow::Error) -> bool {
    let settings = |error: &Error| {
        matches!(
            error,
            Error::Settings(_)
                | Error::Input { problem: InvalidInput::NotFrames { .. } | InvalidInput::UnfitPicture { .. }, .. }
        )
    };
    error.downcast_ref::<Error>().is_some_and(settings)
        || error.is::<InvalidSettings>()
        || error.is::<usage::WrongUsage>()
}

/// Sends the library's warnings to standard error, or, with `-v`, also its debug messages, and with `-vv`, all that it and FFmpeg log.
fn start_log(verbose: u8, quiet: bool) {
    let level = match verbose {
        0 if quiet => return,
        0 => {
            let wanted = Targets::new().with_target("framemill", LevelFilter::WARN);
            let wanted = wanted.with_target("framemill::libav", LevelFilter::OFF);
            return tracing_subscriber::registry().with(Warnings.with_filter(wanted)).init();
        }
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).without_time().init();
}
