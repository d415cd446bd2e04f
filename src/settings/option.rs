//! The options of a movie, in one table. The command line, the Python package, the documentation and the checks use it.

use super::codec_facts;
use super::jobs::MAX_JOBS;
use super::{Alpha, AudioCodec, Codec, Container, OddSize, Preset, Profile, ProresProfile, Tune};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::{ColorRange, PixelFormat};

/// One option of a movie, as command lines, other languages and documentation need it.
///
/// ```
/// use framemill::{MovieOption, OptionId};
/// let gop = MovieOption::of(OptionId::Gop);
/// assert_eq!((gop.unit, gop.default), ("frames", "250 (av1: about five seconds, vp9: 128, ffv1: 1)"));
/// assert_eq!(gop.range_text(), "1 to 100000");
/// assert!(!gop.applies_to("mjpeg"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MovieOption {
    /// The option.
    pub id: OptionId,
    /// The type of its values.
    pub kind: OptionKind,
    /// The unit of a number, or an empty string.
    pub unit: &'static str,
    /// The codecs that have the option, and the range for each.
    pub scopes: &'static [OptionScope],
    /// The value when the option is not given.
    pub default: &'static str,
    /// The help text, without a final period.
    pub help: &'static str,
    /// An example value, as a user types it.
    pub example: &'static str,
}

/// The type of an option's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionKind {
    /// On or off.
    Switch,
    /// A whole number.
    Count,
    /// A whole number or `auto`.
    Jobs,
    /// A number.
    Number,
    /// A number of bits or bytes, such as `4M` or `800k`.
    Amount,
    /// A frame rate: a number, or a fraction such as `30000/1001`.
    Rate,
    /// A name from a fixed list.
    Choice,
    /// Any text.
    Text,
    /// The name of a file.
    File,
    /// A color, such as `#ff8000`.
    Color,
    /// A width and a height in pixels.
    Size,
    /// A name and a value. The option may be repeated.
    Pairs,
    /// Names and values in one string: `name=value:name=value`.
    Params,
}

/// The codecs that have an option, and the range of the option's numbers for them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct OptionScope {
    /// The names of the codecs. An empty list stands for all codecs.
    pub codecs: &'static [&'static str],
    /// The smallest and the largest number, if the value is a number.
    pub range: Option<(f64, f64)>,
}

const H264: &[&str] = &["h264", "h264-rgb"];
/// Codecs with a constant-quality mode and a quantizer scale of 0 to 51.
const H26X: &[&str] = &["h264", "h264-rgb", "hevc"];
/// Codecs with a constant-quality mode of 0 to 63.
const WHOLE_CRF: &[&str] = &["av1", "vp9"];
const MPEG4: &[&str] = &["mpeg4", "xvid"];
/// Codecs with a quantizer scale of 1 to 31.
const QSCALE: &[&str] = &["mpeg4", "xvid", "mjpeg"];
/// FFmpeg stores the bit rate for these encoders in 31 bits.
const MAX_BITS: f64 = i32::MAX as f64;

const fn anywhere() -> OptionScope {
    OptionScope { codecs: &[], range: None }
}

const fn with(codecs: &'static [&'static str]) -> OptionScope {
    OptionScope { codecs, range: None }
}

const fn ranged(codecs: &'static [&'static str], least: f64, most: f64) -> OptionScope {
    OptionScope { codecs, range: Some((least, most)) }
}

const fn row(
    id: OptionId,
    kind: OptionKind,
    unit: &'static str,
    scopes: &'static [OptionScope],
    default: &'static str,
    example: &'static str,
    help: &'static str,
) -> MovieOption {
    MovieOption { id, kind, unit, scopes, default, help, example }
}

#[rustfmt::skip]
static OPTIONS: &[MovieOption] = {
    use OptionKind::{Amount, Choice, Color, Count, File, Jobs, Number, Pairs, Params, Rate, Size, Switch, Text};
    &[
        row(OptionId::Fps, Rate, "frames per second", &[ranged(&[], 0.001, 1_000.0)], "the input's frame rate, if it has one", "30000/1001",
            "Frames per second"),
        row(OptionId::Codec, Choice, "", &[anywhere()], "h264", "mpeg4",
            "Codec of the movie, or encoder:NAME for any other video encoder of FFmpeg"),
        row(OptionId::Crf, Number, "", &[ranged(H26X, 0.0, 51.0), ranged(WHOLE_CRF, 0.0, 63.0)],
            "23 (hevc: 28, av1: 35, vp9: 32)", "18",
            "Constant quality: lower is better, and 0 is best. The scale depends on the codec"),
        row(OptionId::Qp, Count, "", &[ranged(H26X, 0.0, 51.0), ranged(QSCALE, 1.0, 31.0)], "3 (h264, hevc: none, crf is used)", "4",
            "Constant quantizer: lower is better. 10-bit h264 accepts up to 63"),
        row(OptionId::Bitrate, Amount, "bits per second",
            &[ranged(H26X, 1_000.0, MAX_BITS), ranged(WHOLE_CRF, 1_000.0, MAX_BITS), ranged(QSCALE, 1_000.0, MAX_BITS)], "", "4M",
            "Average bit rate"),
        row(OptionId::MaxSize, Amount, "bytes", &[ranged(H26X, 1.0, 1e15), ranged(QSCALE, 1.0, 1e15)], "", "25MB",
            "Largest size of the movie, as in 25MB. The movie is encoded several times to find the best quality that fits"),
        row(OptionId::Lossless, Switch, "", &[with(H26X), with(&["vp9", "ffv1", "png", "qtrle"])], "off", "",
            "Encode without loss: decoded samples equal the encoder's input bit for bit"),
        row(OptionId::Maxrate, Amount, "bits per second", &[ranged(H264, 1_000.0, MAX_BITS)], "", "8M",
            "Peak bit rate: the rate at which the VBV buffer fills. Needs bufsize"),
        row(OptionId::Bufsize, Amount, "bits", &[ranged(H264, 1_000.0, MAX_BITS)], "", "16M",
            "Size of the VBV buffer"),
        row(OptionId::Preset, Choice, "", &[with(H26X), with(&["av1"])], "medium (av1: 8)", "fast",
            "Speed against compression: a preset name of x264 or x265; for av1, 0 (slowest, smallest) to 13 (fastest)"),
        row(OptionId::CpuUsed, Count, "", &[ranged(&["vp9"], 0.0, 5.0)], "2", "4",
            "Speed of libvpx: higher is faster and compresses less"),
        row(OptionId::Tune, Choice, "", &[with(H26X)], "", "animation",
            "Kind of content, or goal, to tune the encoder for; hevc has no film and no stillimage"),
        row(OptionId::Profile, Choice, "", &[with(H264), with(&["prores"])], "chosen for the pixel format (prores: hq or 4444)", "high",
            "H.264 profile (the features that a player must support) or ProRes profile"),
        row(OptionId::FilmGrain, Count, "", &[ranged(&["av1"], 0.0, 50.0)], "0", "8",
            "Strength of film grain synthesis: the encoder removes grain, and the player adds it back"),
        row(OptionId::PixelFormat, Choice, "", &[anywhere()], "yuv420p (prores: yuv422p10le; h264-rgb, ffv1: bgr0; png, qtrle: rgb24)", "yuv444p",
            "Pixel format of the movie"),
        row(OptionId::Gop, Count, "frames", &[ranged(H26X, 1.0, 100_000.0), ranged(WHOLE_CRF, 1.0, 100_000.0),
            ranged(MPEG4, 1.0, 100_000.0), ranged(&["ffv1"], 1.0, 100_000.0)],
            "250 (av1: about five seconds, vp9: 128, ffv1: 1)", "60",
            "Maximum distance between keyframes, in frames"),
        row(OptionId::Threads, Count, "threads", &[ranged(H264, 1.0, 128.0), ranged(&["hevc", "av1", "vp9", "encoder"], 1.0, 64.0),
            ranged(&["mpeg4", "xvid", "mjpeg", "prores", "ffv1", "png", "qtrle"], 1.0, 16.0)], "as many as this process may use", "2",
            "Threads of the encoder"),
        row(OptionId::Jobs, Jobs, "encoders", &[ranged(&[], 1.0, MAX_JOBS as f64)], "one encoder, no segments", "auto",
            "Number of encoders that work in parallel, each on its own segment of the movie, or auto. Each uses one thread by default"),
        row(OptionId::SegmentFrames, Count, "frames", &[ranged(&[], 1.0, 100_000.0)], "250, fewer for large frames and short movies", "100",
            "Frames per segment, for jobs and for segments that are encoded separately. Every segment starts with a keyframe"),
        row(OptionId::Fourcc, Text, "", &[with(MPEG4)], "XVID", "DIVX",
            "Four-character code of the codec in an AVI file"),
        row(OptionId::X264Params, Params, "", &[with(H264)], "", "aq-mode=3:psy-rd=1,0.1",
            "Additional x264 parameters, in the x264 program's syntax"),
        row(OptionId::X265Params, Params, "", &[with(&["hevc"])], "", "aq-mode=3:rc-lookahead=40",
            "Additional x265 parameters, in the x265 program's syntax"),
        row(OptionId::SvtAv1Params, Params, "", &[with(&["av1"])], "", "tune=0",
            "Additional SVT-AV1 parameters, in the SvtAv1EncApp program's syntax"),
        row(OptionId::EncoderOptions, Pairs, "", &[with(&["encoder"])], "", "crf=30",
            "Option of the FFmpeg encoder that you chose as codec encoder:NAME"),
        row(OptionId::Alpha, Choice, "", &[anywhere()], "composite", "keep",
            "Draw transparent frames over the background, or keep their alpha (with vp9 in webm or mkv, prores, png, qtrle or ffv1)"),
        row(OptionId::Premultiplied, Switch, "", &[anywhere()], "off", "",
            "The colors of the frames are premultiplied by alpha"),
        row(OptionId::Background, Color, "", &[anywhere()], "#ffffff", "#ff8000",
            "Color behind transparent pixels"),
        row(OptionId::Odd, Choice, "", &[anywhere()], "pad", "crop",
            "What to do with an odd width or height if the pixel format needs even sizes"),
        row(OptionId::Scale, Size, "pixels", &[ranged(&[], 1.0, 16_384.0)], "", "1280x720",
            "Scale each frame to this size"),
        row(OptionId::ColorRange, Choice, "", &[anywhere()], "limited (mjpeg, gray and RGB: full)", "full",
            "Range of luma and chroma values; players expect the default"),
        row(OptionId::Container, Choice, "", &[anywhere()], "chosen by the file extension", "mkv",
            "File format of the movie"),
        row(OptionId::Metadata, Pairs, "", &[anywhere()], "", "title=Ripples",
            "Metadata of the movie, as a name and a value: title, artist, comment, copyright, date, …"),
        row(OptionId::Clobber, Switch, "", &[anywhere()], "on", "",
            "Replace an existing file"),
        row(OptionId::Quality, Switch, "", &[anywhere()], "off", "",
            "Measure PSNR and SSIM of the encoded pictures against the frames that the encoder received. Uses another thread, which decodes"),
        row(OptionId::Audio, File, "", &[anywhere()], "", "music.flac",
            "Sound of the movie: a WAV, FLAC, MP3, Ogg, AAC or M4A file. It is cut, or padded with silence, to the movie's length"),
        row(OptionId::AudioCodec, Choice, "", &[anywhere()], "aac (avi: pcm, mkv and webm: opus)", "opus",
            "Codec of the sound; copy keeps the file's packets unchanged"),
        row(OptionId::AudioBitrate, Amount, "bits per second", &[ranged(&[], 6_000.0, 4_608_000.0)], "depends on codec, sample rate and channels", "192k",
            "Bit rate of the sound"),
        row(OptionId::AudioStart, Number, "seconds", &[ranged(&[], -1e6, 1e6)], "0", "12.5",
            "Position in the sound, in seconds, where the movie starts; a negative value adds silence before the sound"),
        row(OptionId::Shortest, Switch, "", &[anywhere()], "off", "",
            "End the movie when the sound ends, if the sound is shorter than the frames"),
    ]
};

impl MovieOption {
    /// Returns every option, in the order of the documentation.
    #[must_use]
    pub fn all() -> &'static [Self] {
        OPTIONS
    }

    /// Returns the row of an option.
    #[must_use]
    pub fn of(id: OptionId) -> &'static Self {
        // The table has every option, in the order of the enum. A test checks this.
        &OPTIONS[id as usize]
    }

    /// Returns whether the codec of this name has the option.
    #[must_use]
    pub fn applies_to(&self, codec: &str) -> bool {
        self.scope(codec).is_some()
    }

    /// Returns the names that the option accepts, if it accepts only names.
    #[must_use]
    pub fn choices(&self) -> Vec<&'static str> {
        match self.id {
            OptionId::Codec => Codec::all().each_ref().map(Codec::name).to_vec(),
            OptionId::Preset => Preset::ALL.iter().map(|preset| preset.name()).chain(AV1_PRESETS).collect(),
            OptionId::Tune => Tune::ALL.iter().map(|tune| tune.name()).collect(),
            OptionId::Profile => {
                let h264 = Profile::ALL.iter().map(|profile| profile.name());
                h264.chain(ProresProfile::ALL.iter().map(|profile| profile.name())).collect()
            }
            OptionId::Alpha => Alpha::ALL.map(Alpha::name).to_vec(),
            OptionId::Container => Container::ALL.map(Container::name).to_vec(),
            OptionId::Odd => OddSize::ALL.map(OddSize::name).to_vec(),
            OptionId::AudioCodec => AudioCodec::ALL.map(AudioCodec::name).to_vec(),
            OptionId::ColorRange => ColorRange::ALL.map(ColorRange::name).to_vec(),
            OptionId::PixelFormat => {
                let is_encoded =
                    |format: &PixelFormat| Codec::all().iter().any(|codec| codec.pixel_formats().contains(format));
                PixelFormat::ALL.iter().filter(|format| is_encoded(format)).map(|format| format.name()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Describes the range of the option's numbers, by codec where the ranges differ. Empty if the option is not a
    /// number.
    #[must_use]
    pub fn range_text(&self) -> String {
        let range = |scope: &OptionScope| scope.range.map(|(least, most)| format!("{least} to {most}"));
        let mut ranges: Vec<(String, Vec<&'static str>)> = Vec::new();
        for scope in self.scopes {
            let Some(text) = range(scope) else { continue };
            match ranges.iter_mut().find(|(range, _)| *range == text) {
                Some((_, codecs)) => codecs.extend(scope.codecs),
                None => ranges.push((text, scope.codecs.to_vec())),
            }
        }
        match ranges.as_slice() {
            [] => String::new(),
            [(range, _)] => range.clone(),
            several => {
                let each: Vec<String> =
                    several.iter().map(|(range, codecs)| format!("{} {range}", labels(codecs))).collect();
                each.join("; ")
            }
        }
    }

    fn scope(&self, codec: &str) -> Option<&OptionScope> {
        self.scopes.iter().find(|scope| scope.codecs.is_empty() || scope.codecs.contains(&codec))
    }
}

/// SVT-AV1's presets, which are numbers.
const AV1_PRESETS: [&str; 14] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"];

/// Returns the name of a codec for people: encoders that are chosen by name have one name in [`OptionScope`].
fn codec_label(codec: &'static str) -> &'static str {
    if codec == codec_facts::NAMED.name { "encoder:NAME" } else { codec }
}

fn labels(codecs: &[&'static str]) -> String {
    codecs.iter().map(|codec| codec_label(codec)).collect::<Vec<_>>().join(", ")
}

/// Returns the error for an option that `codec` does not have.
pub(super) fn not_for_codec(option: OptionId, codec: &'static str) -> InvalidSettings {
    let is_own = |row: &&MovieOption| row.scopes.iter().any(|scope| scope.codecs.contains(&codec));
    let available = MovieOption::all().iter().filter(is_own).map(|row| row.id).collect();
    InvalidSettings::NotForCodec { option, codec, available }
}

/// Checks that `codec` has the option.
pub(super) fn check_has(option: OptionId, codec: &'static str) -> Result<(), InvalidSettings> {
    if MovieOption::of(option).applies_to(codec) { Ok(()) } else { Err(not_for_codec(option, codec)) }
}

/// Checks that a number is in the option's range for `codec`.
pub(super) fn check_range(id: OptionId, value: f64, codec: &'static str) -> Result<(), InvalidSettings> {
    let scope = MovieOption::of(id).scope(codec).ok_or_else(|| not_for_codec(id, codec))?;
    check_within(id, value, codec, scope.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)))
}

/// Checks a number whose range depends on other settings.
pub(super) fn check_within(
    option: OptionId,
    value: f64,
    codec: &'static str,
    (least, most): (f64, f64),
) -> Result<(), InvalidSettings> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let (codec, range) = (codec_label(codec), format!("{least} to {most}"));
    Err(InvalidSettings::OutOfRange { option, value: value.to_string(), codec, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_option_once_and_in_order() {
        let rows: Vec<OptionId> = OPTIONS.iter().map(|row| row.id).collect();
        assert_eq!(rows, OptionId::ALL);
    }

    #[test]
    fn the_table_names_codecs_that_exist() {
        let names = Codec::all().each_ref().map(Codec::name);
        for row in OPTIONS {
            for codec in row.scopes.iter().flat_map(|scope| scope.codecs) {
                assert!(names.contains(codec) || *codec == "encoder", "{}: {codec}", row.id);
            }
            assert!(!row.help.ends_with('.'), "{}", row.id);
            let is_choice = row.kind == OptionKind::Choice;
            assert_eq!(is_choice, !row.choices().is_empty(), "{}", row.id);
            assert!(!is_choice || row.choices().contains(&row.example), "{}", row.id);
        }
    }

    #[test]
    fn codecs_with_equal_ranges_share_one_text() {
        assert_eq!(
            MovieOption::of(OptionId::Qp).range_text(),
            "h264, h264-rgb, hevc 0 to 51; mpeg4, xvid, mjpeg 1 to 31"
        );
        assert_eq!(MovieOption::of(OptionId::Bitrate).range_text(), "1000 to 2147483647");
        assert_eq!(MovieOption::of(OptionId::Tune).range_text(), "");
    }
}
