//! The options of a movie, as one table: what surfaces, documentation and checks are made from.

use super::jobs::MOST_JOBS;
use super::{Alpha, AudioCodec, Codec, Container, Preset, Profile, ProresProfile, Tune};
use crate::error::{InvalidSettings, OptionId};
use crate::frame::PixelFormat;

/// One option of a movie: what command lines, other languages and documentation need to know of it.
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
    /// What a number counts, or an empty string.
    pub unit: &'static str,
    /// Which codecs have it, with what range.
    pub scopes: &'static [OptionScope],
    /// What holds when it is not given.
    pub default: &'static str,
    /// What it does, in one sentence without a period.
    pub help: &'static str,
    /// A value, as it is typed.
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
    /// A whole number, or `auto`.
    Jobs,
    /// A number.
    Number,
    /// A number of bits or bytes, also as `4M` or `800k`.
    Amount,
    /// A frame rate: a number, or a fraction such as `30000/1001`.
    Rate,
    /// One of a few names.
    Choice,
    /// Any text.
    Text,
    /// The name of a file.
    File,
    /// A color such as `#ff8000`.
    Color,
    /// A width and a height in pixels.
    Size,
    /// A name and a value; several may be given.
    Pairs,
    /// Names and values in one text: `name=value:name=value`.
    Params,
}

/// Codecs that have an option, and the range of its numbers there.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct OptionScope {
    /// The codecs by name; none stands for all.
    pub codecs: &'static [&'static str],
    /// The least and the largest number, where it is one.
    pub range: Option<(f64, f64)>,
}

const H264: &[&str] = &["h264", "h264-rgb"];
/// Codecs with a constant quality and a quantizer scale of 0 to 51.
const H26X: &[&str] = &["h264", "h264-rgb", "hevc"];
/// Codecs with a constant quality of 0 to 63.
const WHOLE_CRF: &[&str] = &["av1", "vp9"];
const MPEG4: &[&str] = &["mpeg4", "xvid"];
/// Codecs with a quantizer scale of 1 to 31.
const QSCALE: &[&str] = &["mpeg4", "xvid", "mjpeg"];
/// FFmpeg keeps bit rates in 31 bits for these encoders.
const MOST_BITS: f64 = i32::MAX as f64;

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
        row(OptionId::Fps, Rate, "frames per second", &[ranged(&[], 0.001, 1_000.0)], "that of the input, where it has one", "30000/1001",
            "Frames per second"),
        row(OptionId::Codec, Choice, "", &[anywhere()], "h264", "mpeg4",
            "How frames are compressed"),
        row(OptionId::Crf, Number, "", &[ranged(H26X, 0.0, 51.0), ranged(WHOLE_CRF, 0.0, 63.0)],
            "23 (hevc: 28, av1: 35, vp9: 32)", "18",
            "Constant quality; 0 is the best. Each codec has a scale of its own"),
        row(OptionId::Qp, Count, "", &[ranged(H26X, 0.0, 51.0), ranged(QSCALE, 1.0, 31.0)], "3 (h264, hevc: crf)", "4",
            "Constant quantizer; the lowest is the best. 10-bit h264 takes 63 at most"),
        row(OptionId::Bitrate, Amount, "bits per second",
            &[ranged(H26X, 1_000.0, MOST_BITS), ranged(WHOLE_CRF, 1_000.0, MOST_BITS), ranged(QSCALE, 1_000.0, MOST_BITS)], "", "4M",
            "Average bit rate"),
        row(OptionId::MaxSize, Amount, "bytes", &[ranged(H26X, 1.0, 1e15), ranged(QSCALE, 1.0, 1e15)], "", "25MB",
            "Largest size of the movie, which becomes as good as fits; takes several encodings"),
        row(OptionId::Lossless, Switch, "", &[with(H26X), with(&["vp9", "ffv1", "png", "qtrle"])], "off", "",
            "Encode so that every sample the encoder gets comes back bit for bit"),
        row(OptionId::Maxrate, Amount, "bits per second", &[ranged(H264, 1_000.0, MOST_BITS)], "", "8M",
            "Highest rate at which a player's buffer (VBV) is filled"),
        row(OptionId::Bufsize, Amount, "bits", &[ranged(H264, 1_000.0, MOST_BITS)], "", "16M",
            "Size of a player's buffer (VBV)"),
        row(OptionId::Preset, Choice, "", &[with(H26X), with(&["av1"])], "medium (av1: 8)", "fast",
            "How much time the encoder spends to save bits: a name for x264 and x265; 0 (most) to 13 for av1"),
        row(OptionId::CpuUsed, Count, "", &[ranged(&["vp9"], 0.0, 5.0)], "2", "4",
            "How little time libvpx spends to save bits"),
        row(OptionId::Tune, Choice, "", &[with(H26X)], "", "animation",
            "What the encoder's choices are tuned for; hevc has no film and no stillimage"),
        row(OptionId::Profile, Choice, "", &[with(H264), with(&["prores"])], "as the pixel format needs (prores: hq, 4444)", "high",
            "The subset of H.264 that players must support, or the profile of ProRes"),
        row(OptionId::FilmGrain, Count, "", &[ranged(&["av1"], 0.0, 50.0)], "0", "8",
            "How much grain is taken away, and drawn again by the player"),
        row(OptionId::PixelFormat, Choice, "", &[anywhere()], "yuv420p (prores: yuv422p10le; h264-rgb, ffv1: bgr0; png, qtrle: rgb24)", "yuv444p",
            "Pixel format of the movie"),
        row(OptionId::Gop, Count, "frames", &[ranged(H26X, 1.0, 100_000.0), ranged(WHOLE_CRF, 1.0, 100_000.0),
            ranged(MPEG4, 1.0, 100_000.0), ranged(&["ffv1"], 1.0, 100_000.0)],
            "250 (av1: about five seconds, vp9: 128, ffv1: 1)", "60",
            "Most frames from one keyframe to the next"),
        row(OptionId::Threads, Count, "threads", &[ranged(H264, 1.0, 128.0), ranged(&["hevc", "av1", "vp9", "encoder"], 1.0, 64.0),
            ranged(&["mpeg4", "xvid", "mjpeg", "prores", "ffv1", "png", "qtrle"], 1.0, 16.0)], "as many as this process may use", "2",
            "Threads of the encoder"),
        row(OptionId::Jobs, Jobs, "encoders", &[ranged(&[], 1.0, MOST_JOBS as f64)], "one, without segments", "auto",
            "Encode segments of the movie side by side: a number of encoders, or auto. Each gets one thread by default"),
        row(OptionId::SegmentFrames, Count, "frames", &[ranged(&[], 1.0, 100_000.0)], "250, and fewer of large frames", "100",
            "Frames of a segment, which starts with a keyframe, of a movie that is made by jobs"),
        row(OptionId::Fourcc, Text, "", &[with(MPEG4)], "XVID", "DIVX",
            "The codec's four characters in an AVI"),
        row(OptionId::X264Params, Params, "", &[with(H264)], "", "aq-mode=3:psy-rd=1,0.1",
            "More x264 parameters, written as for the x264 program"),
        row(OptionId::X265Params, Params, "", &[with(&["hevc"])], "", "aq-mode=3:rc-lookahead=40",
            "More x265 parameters, written as for the x265 program"),
        row(OptionId::SvtAv1Params, Params, "", &[with(&["av1"])], "", "tune=0",
            "More SVT-AV1 parameters, written as for the SvtAv1EncApp program"),
        row(OptionId::EncoderOptions, Pairs, "", &[with(&["encoder"])], "", "crf=30",
            "An option of an encoder that is chosen by name (encoder:NAME), and its value"),
        row(OptionId::Alpha, Choice, "", &[anywhere()], "composite", "keep",
            "Draw transparent frames over the background, or keep their alpha: in vp9 (webm, mkv), prores, png, qtrle and ffv1"),
        row(OptionId::Premultiplied, Switch, "", &[anywhere()], "off", "",
            "The colors of frames are already multiplied by their alpha"),
        row(OptionId::Background, Color, "", &[anywhere()], "#ffffff", "#ff8000",
            "The color behind transparent pixels"),
        row(OptionId::Odd, Choice, "", &[anywhere()], "pad", "crop",
            "What to do with an odd width or height where the pixel format needs even ones"),
        row(OptionId::Scale, Size, "pixels", &[ranged(&[], 1.0, 16_384.0)], "", "1280x720",
            "Scale each frame to this size"),
        row(OptionId::ColorRange, Choice, "", &[anywhere()], "limited (mjpeg, gray and RGB: full)", "full",
            "Range of luma and chroma; players expect the default"),
        row(OptionId::Container, Choice, "", &[anywhere()], "by the file's name", "mkv",
            "File format of the movie"),
        row(OptionId::Metadata, Pairs, "", &[anywhere()], "", "title=Ripples",
            "A name and a value that describe the movie: title, artist, comment, copyright, date, …"),
        row(OptionId::Clobber, Switch, "", &[anywhere()], "on", "",
            "Replace a file that exists"),
        row(OptionId::Quality, Switch, "", &[anywhere()], "off", "",
            "Measure how near encoded pictures are to the frames: PSNR and SSIM. Takes a thread that decodes"),
        row(OptionId::Audio, File, "", &[anywhere()], "", "music.flac",
            "Sound of the movie: a WAV, FLAC, MP3, Ogg, AAC or M4A file. It is cut, or silence is added, to the movie's length"),
        row(OptionId::AudioCodec, Choice, "", &[anywhere()], "aac (avi: pcm, mkv and webm: opus)", "opus",
            "How the sound is compressed; copy takes a file's packets as they are"),
        row(OptionId::AudioBitrate, Amount, "bits per second", &[ranged(&[], 6_000.0, 4_608_000.0)], "by codec, rate and channels", "192k",
            "Bit rate of the sound"),
        row(OptionId::AudioStart, Number, "seconds", &[ranged(&[], -1e6, 1e6)], "0", "12.5",
            "Where in the sound the movie starts; so much silence before the sound where it is negative"),
        row(OptionId::Shortest, Switch, "", &[anywhere()], "off", "",
            "End the movie with the sound, where that is shorter than the frames"),
    ]
};

impl MovieOption {
    /// Every option, in the order in which they are documented.
    #[must_use]
    pub fn all() -> &'static [Self] {
        OPTIONS
    }

    /// The row of an option.
    #[must_use]
    pub fn of(id: OptionId) -> &'static Self {
        // The table has every option, in the order of the enum: a test holds it to that.
        &OPTIONS[id as usize]
    }

    /// Whether the codec of this name has the option.
    #[must_use]
    pub fn applies_to(&self, codec: &str) -> bool {
        self.scope(codec).is_some()
    }

    /// The names that it takes, where it takes names only.
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
            OptionId::Alpha => Alpha::NAMES.to_vec(),
            OptionId::Container => Container::ALL.map(Container::name).to_vec(),
            OptionId::Odd => vec!["pad", "crop", "error"],
            OptionId::AudioCodec => AudioCodec::ALL.map(AudioCodec::name).to_vec(),
            OptionId::ColorRange => vec!["limited", "full"],
            OptionId::PixelFormat => {
                let is_encoded =
                    |format: &PixelFormat| Codec::all().iter().any(|codec| codec.pixel_formats().contains(format));
                PixelFormat::ALL.iter().filter(|format| is_encoded(format)).map(|format| format.name()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The ranges of its numbers, with the codecs where these differ; an empty string where it is no number.
    #[must_use]
    pub fn range_text(&self) -> String {
        let range = |scope: &OptionScope| scope.range.map(|(least, most)| format!("{least} to {most}"));
        let mut ranges: Vec<(String, Vec<&str>)> = Vec::new();
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
                    several.iter().map(|(range, codecs)| format!("{} {range}", codecs.join(", "))).collect();
                each.join("; ")
            }
        }
    }

    fn scope(&self, codec: &str) -> Option<&OptionScope> {
        self.scopes.iter().find(|scope| scope.codecs.is_empty() || scope.codecs.contains(&codec))
    }
}

/// SVT-AV1's presets, by which it counts.
const AV1_PRESETS: [&str; 14] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"];

/// The error of an option that `codec` does not have.
pub(super) fn not_for_codec(option: OptionId, codec: &'static str) -> InvalidSettings {
    let is_own = |row: &&MovieOption| row.scopes.iter().any(|scope| scope.codecs.contains(&codec));
    let taken = MovieOption::all().iter().filter(is_own).map(|row| row.id).collect();
    InvalidSettings::NotForCodec { option, codec, taken }
}

/// Checks that `codec` has the option.
pub(super) fn check_has(option: OptionId, codec: &'static str) -> Result<(), InvalidSettings> {
    if MovieOption::of(option).applies_to(codec) { Ok(()) } else { Err(not_for_codec(option, codec)) }
}

/// Checks that a number lies in the range that `codec` has for the option.
pub(super) fn check_range(id: OptionId, value: f64, codec: &'static str) -> Result<(), InvalidSettings> {
    let scope = MovieOption::of(id).scope(codec).ok_or_else(|| not_for_codec(id, codec))?;
    check_within(id, value, codec, scope.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)))
}

/// Checks a number where what else is set decides its range.
pub(super) fn check_within(
    option: OptionId,
    value: f64,
    codec: &'static str,
    (least, most): (f64, f64),
) -> Result<(), InvalidSettings> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let range = format!("{least} to {most}");
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
    fn ranges_are_written_once_where_codecs_agree() {
        assert_eq!(
            MovieOption::of(OptionId::Qp).range_text(),
            "h264, h264-rgb, hevc 0 to 51; mpeg4, xvid, mjpeg 1 to 31"
        );
        assert_eq!(MovieOption::of(OptionId::Bitrate).range_text(), "1000 to 2147483647");
        assert_eq!(MovieOption::of(OptionId::Tune).range_text(), "");
    }
}
