//! The arguments as they are typed: their names, their help, and the type of each value.

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

    /// Say what the library and FFmpeg do; twice for more
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
    /// Make a movie of frames
    Encode(Box<EncodeArguments>),
    /// Make a playable movie from what an interrupted run left
    Recover(RecoverArguments),
    /// Make one movie of segments, or of movies of equal settings, without encoding again
    Join(JoinArguments),
    /// List what a movie holds, packet by packet
    Inspect(InspectArguments),
    /// Show what this build can do, its versions and its license
    Codecs,
    /// Print the licenses of everything that is in this program
    #[command(alias = "licences")]
    Licenses,
    /// Print the completions of a shell
    Completions {
        /// The shell to complete in
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
  YUV4MPEG2, to an old player: framemill encode movie.y4m -c mpeg4 -o movie.avi
  A NumPy array:               framemill encode frames.npy -r 30 -o movie.mp4
  A renderer's OpenEXR files:  framemill encode 'frames/*.exr' -r 24 --exposure 0.5 -o movie.mp4
  A microscope's TIFF stack:   framemill encode stack.tif -r 10 --levels 100:4095 -o movie.mp4
  An animation, as it plays:   framemill encode animation.gif -o movie.mp4
  To a pipe:                   ./render | framemill encode -f rgb24 -s 640x480 -r 30 --container mp4 -o - | ...")]
pub(crate) struct EncodeArguments {
    /// Where frames come from: a file, '-' for standard input, or pictures: a folder, 'frames/*.png', frames/%04d.exr
    #[arg(default_value = "-")]
    pub(crate) input: PathBuf,

    /// The movie: a file name, or '-' for standard output
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
    /// What the input is
    #[arg(long = "input", value_enum, default_value_t = InputKind::Auto, value_name = "KIND")]
    pub(crate) input_kind: InputKind,

    /// The array of an .npz file
    #[arg(long, value_name = "NAME")]
    pub(crate) member: Option<String>,

    /// How raw pixels lie: rgb24, bgra, argb, gray, yuv420p, …
    #[arg(short, long, value_name = "PIXEL_FORMAT")]
    pub(crate) format: Option<PixelFormat>,

    /// The size of raw frames
    #[arg(short, long, value_parser = parse_size, value_name = "WxH")]
    pub(crate) size: Option<(u32, u32)>,

    /// What to do with pictures that are broken or missing: stop (when not given) or skip
    #[arg(long, value_enum, value_name = "HOW", hide_possible_values = true)]
    pub(crate) on_error: Option<OnErrorKind>,

    /// Make OpenEXR pictures this many stops brighter, or darker where it is negative
    #[arg(long, allow_negative_numbers = true, value_parser = parse_exposure, value_name = "STOPS")]
    pub(crate) exposure: Option<f32>,

    /// The values of TIFF samples that become black and white, as in 0:4095
    #[arg(long, allow_hyphen_values = true, value_name = "MIN:MAX")]
    pub(crate) levels: Option<Levels>,

    /// Take the input this many times in a row; it must be files
    #[arg(long = "loop", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub(crate) repeat: u64,

    /// Leave out the frames before this one, counted from 0
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) start: u64,

    /// Encode this segment of the input alone, counted from 0: frames N·F to N·F + F - 1, where F is --segment-frames.
    /// `framemill join` makes the movie of all segments
    #[arg(long, conflicts_with_all = ["start", "frames", "repeat"], requires = "segment-frames", value_name = "N")]
    #[arg(conflicts_with = "max-size")]
    pub(crate) segment: Option<u64>,

    /// Go on with what an interrupted run to the same name left: the frames that are there are left out of the input. With
    /// the same --jobs and --segment-frames the movie gets the bytes of one that was never interrupted. Ctrl-C then leaves
    /// the run to be resumed, and makes no movie
    #[arg(long, conflicts_with = "segment")]
    pub(crate) resume: bool,

    /// Take at most this many frames
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
    /// Raw where -f and -s are given, otherwise recognized by the first bytes
    Auto,
    /// Frames without anything around them
    Raw,
    /// YUV4MPEG2
    Y4m,
    /// PNG, JPEG, WebP, BMP or PNM pictures, one after the other; in files TIFF, OpenEXR and animations too
    Images,
    /// A NumPy array: .npy or .npz
    Npy,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArguments {
    /// Write down what the encoder does to each frame: FILE.jsonl, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,

    /// Make a page that shows where the bits went, for a browser: FILE.html
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Show progress on standard error; auto does on a terminal, json prints a line each half second for a program
    #[arg(long, value_enum, default_value_t = ProgressKind::Auto, value_name = "WHEN")]
    pub(crate) progress: ProgressKind,

    /// Print nothing but errors
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

    /// The movie to make; the name that the run was to give it, if nothing has that name, when not given
    #[arg(short, long, allow_hyphen_values = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) sound: SoundArguments,
}

#[derive(Debug, Args)]
pub(crate) struct JoinArguments {
    /// The segments, in any order, or other movies, in order
    #[arg(required = true, value_name = "SEGMENT")]
    pub(crate) segments: Vec<PathBuf>,

    /// Join the segments that are there, in order, although others are missing
    #[arg(long)]
    pub(crate) partial: bool,

    /// The movie to make, or '-' for standard output
    #[arg(short, long, allow_hyphen_values = true, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// File format of the movie [default: by the file's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) container: Option<framemill::Container>,

    /// Do not replace a file that exists
    #[arg(long)]
    pub(crate) no_clobber: bool,

    #[command(flatten)]
    pub(crate) sound: SoundArguments,

    /// Write down the packets of the movie and their totals: FILE.jsonl, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// The movie, or the part file of an interrupted run
    pub(crate) file: PathBuf,

    /// List the packets too
    #[arg(long)]
    pub(crate) packets: bool,

    /// Print JSON, packets included
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
