//! The arguments as they are typed: their names, their help, and the type of each value.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::styling::Styles;
use clap::{Args, Parser, Subcommand, ValueEnum};
use framemill::{Container, FrameRate, OddSize, PixelFormat, Preset, Profile, Rgb, Tune};

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
    /// Whether nothing is to be said but errors.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(&self.command, Command::Encode(encode) if encode.telling_options.quiet)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a movie of frames
    Encode(Box<EncodeArguments>),
    /// Make a playable movie from what an interrupted run left
    Recover(RecoverArguments),
    /// Tell what a movie holds, packet by packet
    Inspect(InspectArguments),
    /// Tell what this build can do, its versions and its licence
    Codecs,
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
  To a pipe:                   ./render | framemill encode -f rgb24 -s 640x480 -r 30 --container mp4 -o - | ...")]
pub(crate) struct EncodeArguments {
    /// Where frames come from: a file, '-' for standard input, or pictures: a folder, 'frames/*.png', frames/%04d.png
    #[arg(default_value = "-")]
    pub(crate) input: PathBuf,

    /// The movie: a file name, or '-' for standard output
    #[arg(short, long, allow_hyphen_values = true, value_name = "FILE")]
    pub(crate) output: PathBuf,

    #[command(flatten, next_help_heading = "Input")]
    pub(crate) input_options: InputArguments,

    #[command(flatten, next_help_heading = "Codec")]
    pub(crate) codec_options: CodecArguments,

    #[command(flatten, next_help_heading = "Picture")]
    pub(crate) picture_options: PictureArguments,

    #[command(flatten, next_help_heading = "Output")]
    pub(crate) output_options: OutputArguments,

    #[command(flatten, next_help_heading = "Telling")]
    pub(crate) telling_options: TellingArguments,
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

    /// Frames a second: 30, 30000/1001, 29.97, 12.5
    #[arg(short = 'r', long, allow_hyphen_values = true, value_name = "RATE")]
    pub(crate) fps: Option<FrameRate>,

    /// What to do with pictures that are broken or missing: stop (when not given) or skip
    #[arg(long, value_enum, value_name = "HOW", hide_possible_values = true)]
    pub(crate) on_error: Option<OnErrorKind>,

    /// Take the input this many times in a row; it must be files
    #[arg(long = "loop", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub(crate) repeat: u64,

    /// Leave out the frames before this one, counted from 0
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) start: u64,

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
    /// Raw where -f and -s are given, else told by the first bytes
    Auto,
    /// Frames without anything around them
    Raw,
    /// YUV4MPEG2
    Y4m,
    /// PNG, JPEG, WebP, BMP or PNM pictures, one after the other; in files TIFF too
    Images,
    /// An array of NumPy's: .npy or .npz
    Npy,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CodecArguments {
    /// h264, h264-rgb, mpeg4, xvid, mjpeg or ffv1
    #[arg(short, long, default_value = "h264")]
    pub(crate) codec: String,

    /// Constant quality: 0 (best) to 51; h264's default is 23
    #[arg(long, group = "rate", allow_hyphen_values = true, value_name = "N")]
    pub(crate) crf: Option<f32>,

    /// Constant quantiser: h264 0 to 51, mpeg4 and mjpeg 1 to 31
    #[arg(long, group = "rate", allow_hyphen_values = true, value_name = "N")]
    pub(crate) qp: Option<u32>,

    /// Average bits a second: 4M, 800k
    #[arg(long, group = "rate", value_parser = parse_bits, value_name = "BITS")]
    pub(crate) bitrate: Option<u64>,

    /// Most bytes of the movie, which becomes as good as fits: 25MB, 800k, 24MiB. Takes several encodings
    #[arg(long, group = "rate", value_parser = crate::bytes::parse, value_name = "BYTES")]
    pub(crate) max_size: Option<u64>,

    /// Give every sample that the encoder gets back bit for bit
    #[arg(long, group = "rate")]
    pub(crate) lossless: bool,

    /// Most bits a second that the player's buffer is filled with
    #[arg(long, requires = "bufsize", value_parser = parse_bits, value_name = "BITS")]
    pub(crate) maxrate: Option<u64>,

    /// Bits that the player's buffer holds
    #[arg(long, requires = "maxrate", value_parser = parse_bits, value_name = "BITS")]
    pub(crate) bufsize: Option<u64>,

    /// ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or placebo
    #[arg(long)]
    pub(crate) preset: Option<Preset>,

    /// film, animation, grain, stillimage, psnr, ssim, fastdecode or zerolatency
    #[arg(long)]
    pub(crate) tune: Option<Tune>,

    /// baseline, main, high, high10, high422 or high444
    #[arg(long)]
    pub(crate) profile: Option<Profile>,

    /// The pixel format of the movie: yuv420p, yuv444p, yuv420p10le, …
    #[arg(long, value_name = "PIXEL_FORMAT")]
    pub(crate) pixel_format: Option<PixelFormat>,

    /// Most frames from one keyframe to the next
    #[arg(long, value_name = "FRAMES")]
    pub(crate) gop: Option<u32>,

    /// Threads of the encoder; as many as this process may use when not given
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<u32>,

    /// The codec's four characters in an AVI: XVID, DIVX, FMP4, …
    #[arg(long, value_name = "CCCC")]
    pub(crate) fourcc: Option<String>,

    /// Further settings of x264, as its own program takes them
    #[arg(long, value_name = "K=V:K=V")]
    pub(crate) x264_params: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PictureArguments {
    /// The colour behind transparent pixels; white when not given
    #[arg(long, value_name = "#RRGGBB")]
    pub(crate) background: Option<Rgb>,

    /// What to do with an odd width or height: pad, crop or error
    #[arg(long, default_value = "pad", value_name = "HOW")]
    pub(crate) odd: OddSize,

    /// Scale each frame to this size
    #[arg(long, value_parser = parse_size, value_name = "WxH")]
    pub(crate) scale: Option<(u32, u32)>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct OutputArguments {
    /// mp4, mov, m4v, avi or mkv; told by the file's name when not given
    #[arg(long)]
    pub(crate) container: Option<Container>,

    /// What the movie says about itself: title, artist, comment, copyright, date, …
    #[arg(long, value_parser = parse_metadata, value_name = "NAME=VALUE")]
    pub(crate) metadata: Vec<(String, String)>,

    /// Do not replace a file that exists
    #[arg(long)]
    pub(crate) no_clobber: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TellingArguments {
    /// Write down what the encoder does to each frame: FILE.jsonl, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,

    /// Make a page that shows where the bits went, for a browser: FILE.html
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Measure how near encoded pictures are to the frames: PSNR and SSIM. Takes a thread that decodes
    #[arg(long)]
    pub(crate) quality: bool,

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
        text.push_str(&format!("\nlicence of this build: {}", info.license));
        text
    });
    &VERSION
}

fn parse_metadata(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    pair.ok_or_else(|| "write it as title=Ripples".to_owned())
}

fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let size = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match size {
        Some((width, height)) if !(1..=65_535).contains(&width) || !(1..=65_535).contains(&height) => {
            Err("each side must be at least 1 pixel, and at most 65535".to_owned())
        }
        Some(size) => Ok(size),
        None => Err("write a size as 1920x1080".to_owned()),
    }
}

/// `4M` is 4 000 000, `800k` is 800 000, as FFmpeg counts bits.
fn parse_bits(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1e3),
        None => text.strip_suffix(['m', 'M']).map_or((text, 1.0), |digits| (digits, 1e6)),
    };
    let bits = digits.parse::<f64>().ok().map(|number| (number * factor).round());
    match bits {
        Some(bits) if (1.0..=1e12).contains(&bits) => Ok(bits as u64),
        _ => Err("write bits a second as 4M, 800k or 4000000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn bits_and_sizes_are_read() {
        assert_eq!(parse_bits("4M"), Ok(4_000_000));
        assert_eq!(parse_bits("1.5k"), Ok(1_500));
        assert_eq!(parse_bits("800000"), Ok(800_000));
        for text in ["", "M", "-1", "nan", "inf", "4G", "0"] {
            assert!(parse_bits(text).is_err(), "{text:?}");
        }
        assert_eq!(parse_size("640x480"), Ok((640, 480)));
        for text in ["", "x", "640", "0x10", "10x0", "640X480", "-1x5", "1x2x3"] {
            assert!(parse_size(text).is_err(), "{text:?}");
        }
    }
}
