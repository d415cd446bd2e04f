//! The arguments as the user types them: their names, help texts and value types.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::styling::Styles;
use clap::{Args, Parser, Subcommand, ValueEnum};
use framemill::{Levels, PixelFormat};

use crate::movie_arguments::{MovieArguments, SoundArguments};

/// Encode generated frames to video inside one process
#[derive(Debug, Parser)]
#[command(version, long_version = long_version(), propagate_version = true, styles = Styles::plain())]
#[command(max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Log what the library and FFmpeg do; give it twice to log more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Arguments {
    /// Whether only errors are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(&self.command, Command::Encode(encode) if encode.report_options.quiet)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Encode frames into a movie
    Encode(Box<EncodeArguments>),
    /// Make a playable movie from the part file of an interrupted run
    Recover(RecoverArguments),
    /// Join segments, or movies with equal settings, without encoding again
    Join(JoinArguments),
    /// Show the properties of a movie, and optionally its packets
    Inspect(InspectArguments),
    /// List the codecs and containers of this build, its versions and its license
    Codecs,
    /// Print the licenses of all software in this program
    #[command(alias = "licences")]
    Licenses,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  A program's raw frames:      ./render | framemill encode -f bgra -s 1920x1080 -r 60 -o movie.mp4
  Pictures in files:           framemill encode 'frames/*.png' -r 24 -o movie.mp4
  Pictures on a pipe:          ./plot | framemill encode -r 1 -c mpeg4 -o movie.avi
  For an old player:           framemill encode movie.y4m -c mpeg4 -o movie.avi
  A NumPy array:               framemill encode frames.npy -r 30 -o movie.mp4
  A renderer's OpenEXR files:  framemill encode 'frames/*.exr' -r 24 --exposure 0.5 -o movie.mp4
  A microscope's TIFF stack:   framemill encode stack.tif -r 10 --levels 100:4095 -o movie.mp4
  A GIF, with its timing:      framemill encode animation.gif -o movie.mp4
  To a pipe:                   ./render | framemill encode -f rgb24 -s 640x480 -r 30 --container mp4 -o - | ...")]
pub(crate) struct EncodeArguments {
    /// The frames: a file, '-' for standard input, or pictures (a folder, 'frames/*.png', frames/%04d.exr)
    #[arg(default_value = "-")]
    pub(crate) input: PathBuf,

    /// The movie to make: a file name, or '-' for standard output
    #[arg(short, long, allow_hyphen_values = true, value_name = "FILE")]
    pub(crate) output: PathBuf,

    #[command(flatten, next_help_heading = "Input")]
    pub(crate) input_options: InputArguments,

    #[command(flatten)]
    pub(crate) movie_options: MovieArguments,

    #[command(flatten, next_help_heading = "Reporting")]
    pub(crate) report_options: ReportArguments,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct InputArguments {
    /// Kind of input
    #[arg(long = "input", value_enum, default_value_t = InputKind::Auto, value_name = "KIND")]
    pub(crate) input_kind: InputKind,

    /// Name of the array to read from an .npz file
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Option<String>,

    /// Pixel format of raw frames: rgb24, bgra, argb, gray, yuv420p, …
    #[arg(short, long, value_name = "PIXEL_FORMAT")]
    pub(crate) format: Option<PixelFormat>,

    /// Size of raw frames
    #[arg(short, long, value_parser = parse_size, value_name = "WxH")]
    pub(crate) size: Option<(u32, u32)>,

    /// What to do when a picture is broken or missing: stop (the default) or skip it
    #[arg(long, value_enum, value_name = "HOW", hide_possible_values = true)]
    pub(crate) on_error: Option<OnErrorKind>,

    /// Brighten OpenEXR pictures by this many stops; a negative number darkens them
    #[arg(long, allow_negative_numbers = true, value_parser = parse_exposure, value_name = "STOPS")]
    pub(crate) exposure: Option<f32>,

    /// Sample values of a TIFF: MIN becomes black and MAX becomes white, as in 0:4095
    #[arg(long, allow_hyphen_values = true, value_name = "MIN:MAX")]
    pub(crate) levels: Option<Levels>,

    /// Read the input N times in total; only for input from files
    #[arg(long = "loop", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub(crate) repeat: u64,

    /// First frame to encode, counted from 0
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) start: u64,

    /// Encode only segment N of the input, counted from 0: frames N·F to N·F + F - 1, where F is --segment-frames.
    /// `framemill join` joins all segments into one movie
    #[arg(long, conflicts_with_all = ["start", "frames", "repeat"], requires = "segment-frames", value_name = "N")]
    #[arg(conflicts_with = "max-size")]
    pub(crate) segment: Option<u64>,

    /// Continue an interrupted run with the same output name. Skips the input frames that it already encoded. With the same
    /// --jobs and --segment-frames, the movie has the same bytes as one made without interruption. Without --jobs, it has as
    /// many frames, but other bytes, because a new encoder starts where the run continues. During a resumed run, Ctrl-C keeps
    /// the part file, so that you can resume again, and makes no movie
    #[arg(long, conflicts_with = "segment")]
    pub(crate) resume: bool,

    /// Encode at most this many frames
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub(crate) frames: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnErrorKind {
    Stop,
    Skip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputKind {
    /// Raw if -f and -s are given, otherwise detected from the first bytes
    Auto,
    /// Raw frames, without a header
    Raw,
    /// YUV4MPEG2
    Y4m,
    /// PNG, JPEG, WebP, BMP or PNM pictures, one after another; files may also be TIFF, OpenEXR or animations
    Images,
    /// A NumPy array: .npy or .npz
    Npy,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArguments {
    /// Write statistics of every frame: FILE.jsonl, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,

    /// Write an HTML page that shows where the bits went: FILE.html
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// When to show progress on standard error: auto shows it only on a terminal, json prints a line every half second for programs
    #[arg(long, value_enum, default_value_t = ProgressKind::Auto, value_name = "WHEN")]
    pub(crate) progress: ProgressKind,

    /// Print only errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressKind {
    Auto,
    Always,
    Never,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct RecoverArguments {
    /// The part file of the run, as in movie.mp4.part
    pub(crate) file: PathBuf,

    /// The movie to make [default: the interrupted run's output name, if no such file exists]
    #[arg(short, long, allow_hyphen_values = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) sound: SoundArguments,
}

#[derive(Debug, Args)]
pub(crate) struct JoinArguments {
    /// The segments, in any order, or other movies, in the order to join them
    #[arg(required = true, value_name = "SEGMENT")]
    pub(crate) segments: Vec<PathBuf>,

    /// Join the segments that exist, in order, even if some are missing
    #[arg(long)]
    pub(crate) partial: bool,

    /// The movie to make, or '-' for standard output
    #[arg(short, long, allow_hyphen_values = true, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// File format of the movie [default: chosen by the file extension]
    #[arg(long, value_name = "NAME")]
    pub(crate) container: Option<framemill::Container>,

    /// Do not replace an existing file
    #[arg(long)]
    pub(crate) no_clobber: bool,

    #[command(flatten)]
    pub(crate) sound: SoundArguments,

    /// Write the packets of the movie and their totals: FILE.jsonl, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// The movie, or the part file of an interrupted run
    pub(crate) file: PathBuf,

    /// List the packets as well
    #[arg(long)]
    pub(crate) packets: bool,

    /// Print JSON, including the packets
    #[arg(long)]
    pub(crate) json: bool,
}

fn long_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let info = framemill::build_info();
        let mut text = format!("{}\nFFmpeg {}", env!("CARGO_PKG_VERSION"), info.ffmpeg);
        for (library, version) in &info.libraries {
            text.push_str(&format!("\n{library} {version}"));
        }
        text.push_str(&format!("\nlicense of this build: {}", info.license));
        text
    });
    &VERSION
}

fn parse_size(text: &str) -> Result<(u32, u32), &'static str> {
    framemill::parse_size(text).ok_or("write a size as 1920x1080; each side is 1 to 65535 pixels")
}

fn parse_exposure(text: &str) -> Result<f32, &'static str> {
    let stops = text.parse().ok().filter(|stops: &f32| (-32.0..=32.0).contains(stops));
    stops.ok_or("write the exposure in stops, from -32 to 32, as in 1.5")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
