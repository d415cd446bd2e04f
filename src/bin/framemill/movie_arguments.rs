//! The options of a movie as arguments, made from the library's table.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use framemill::{MovieOption, MovieOptions, OptionId, OptionKind, OptionValue};

/// The movie options that were given.
#[derive(Clone, Debug)]
pub(crate) struct MovieArguments(pub(crate) MovieOptions);

impl std::ops::Deref for MovieArguments {
    type Target = MovieOptions;

    fn deref(&self) -> &MovieOptions {
        &self.0
    }
}

/// Formats an option as the user types it, with its value, if there is one.
pub(crate) fn spelled(option: OptionId, value: Option<&str>) -> String {
    let name = match is_on(option) {
        true => format!("--no-{option}"),
        false => format!("--{option}"),
    };
    value.map_or(name.clone(), |value| format!("{name} {value}"))
}

impl FromArgMatches for MovieArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        given(matches, |_| true).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The sound options that were given, for frames that are already encoded.
#[derive(Clone, Debug)]
pub(crate) struct SoundArguments(pub(crate) MovieOptions);

impl FromArgMatches for SoundArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        given(matches, is_about_sound).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for SoundArguments {
    fn augment_args(command: Command) -> Command {
        command.args(MovieOption::all().iter().filter(|row| is_about_sound(row.id)).map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Returns whether an option is about the sound, and does not affect the frames.
fn is_about_sound(option: OptionId) -> bool {
    matches!(option, OptionId::Audio | OptionId::AudioCodec | OptionId::AudioBitrate | OptionId::AudioStart)
}

/// Returns the values of the given options.
fn given(matches: &ArgMatches, wanted: impl Fn(OptionId) -> bool) -> Result<MovieOptions, clap::Error> {
    let mut options = MovieOptions::default();
    for row in MovieOption::all().iter().filter(|row| wanted(row.id)) {
        let id = row.id.name();
        let values: Vec<OptionValue> = match row.kind {
            OptionKind::Switch if matches.get_flag(id) => vec![OptionValue::Switch(!is_on(row.id))],
            OptionKind::Switch => Vec::new(),
            _ => matches.get_many(id).map(|values| values.cloned().collect()).unwrap_or_default(),
        };
        for value in values {
            let wrong = |error| clap::Error::raw(ErrorKind::InvalidValue, error);
            options.set(row.id, value).map_err(wrong)?;
        }
    }
    Ok(options)
}

impl Args for MovieArguments {
    fn augment_args(command: Command) -> Command {
        command.args(MovieOption::all().iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(row: &'static MovieOption) -> Arg {
    let argument = Arg::new(row.id.name()).help(help(row)).help_heading(heading(row.id));
    let argument = match row.id {
        OptionId::Clobber => argument.long("no-clobber"),
        OptionId::Fps => argument.long("fps").short('r'),
        OptionId::Codec => argument.long("codec").short('c'),
        OptionId::EncoderOptions => argument.long("encoder-options").short('O'),
        id => argument.long(id.name()),
    };
    let argument = match row.kind {
        OptionKind::Switch => return argument.action(ArgAction::SetTrue),
        OptionKind::Pairs => argument.action(ArgAction::Append),
        _ => argument.allow_hyphen_values(matches!(
            row.kind,
            OptionKind::Count | OptionKind::Number | OptionKind::Amount | OptionKind::Rate
        )),
    };
    let argument = argument.value_name(value_name(row));
    argument.value_parser(OptionParser(row.id))
}

/// Parses a value, and lists its possible names.
#[derive(Clone)]
struct OptionParser(OptionId);

impl TypedValueParser for OptionParser {
    type Value = OptionValue;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<OptionValue, clap::Error> {
        let Some(text) = value.to_str() else {
            let message = format!("{} is not valid UTF-8\n", spelled(self.0, Some(&format!("{value:?}"))));
            return Err(clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command));
        };
        OptionValue::parse(self.0, text).map_err(|error| {
            let message = format!("{}\n", error.spelled(&spelled));
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let choices = MovieOption::of(self.0).choices();
        (!choices.is_empty()).then(|| Box::new(choices.into_iter().map(PossibleValue::new)) as _)
    }
}

/// Returns whether the option is a switch that is on by default, which the user can turn off.
fn is_on(option: OptionId) -> bool {
    let row = MovieOption::of(option);
    row.kind == OptionKind::Switch && row.default == "on"
}

fn heading(option: OptionId) -> &'static str {
    match option {
        OptionId::Fps => "Input",
        OptionId::Alpha
        | OptionId::Premultiplied
        | OptionId::Background
        | OptionId::Odd
        | OptionId::Scale
        | OptionId::ColorRange => "Picture",
        OptionId::Container | OptionId::Metadata | OptionId::Clobber => "Output",
        OptionId::Quality => "Reporting",
        OptionId::Audio
        | OptionId::AudioCodec
        | OptionId::AudioBitrate
        | OptionId::AudioStart
        | OptionId::Shortest => "Sound",
        _ => "Codec",
    }
}

fn help(row: &MovieOption) -> String {
    if is_on(row.id) {
        return "Do not replace an existing file".to_owned();
    }
    let mut help = row.help.to_owned();
    if row.kind == OptionKind::Count {
        help.push_str(&format!(" [range: {}]", row.range_text()));
    }
    if !row.default.is_empty() && row.kind != OptionKind::Switch {
        help.push_str(&format!(" [default: {}]", row.default));
    }
    help
}

fn value_name(row: &MovieOption) -> &'static str {
    match row.kind {
        OptionKind::Switch => "",
        OptionKind::Count | OptionKind::Number | OptionKind::Jobs => "N",
        OptionKind::Amount if row.unit == "bytes" => "BYTES",
        OptionKind::Amount if row.unit == "bits" => "BITS",
        OptionKind::Amount => "BITS_PER_SECOND",
        OptionKind::Rate => "RATE",
        OptionKind::Choice => "NAME",
        OptionKind::Text => "TEXT",
        OptionKind::File => "FILE",
        OptionKind::Color => "#RRGGBB",
        OptionKind::Size => "WxH",
        OptionKind::Pairs => "NAME=VALUE",
        _ => "K=V:K=V",
    }
}
