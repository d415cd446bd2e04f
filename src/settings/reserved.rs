//! The parameters of x264, x265 and SVT-AV1 that framemill reserves, because it relies on their values. Each has a hint
//! at what to use instead.

use crate::error::OptionId;

/// What to do instead of setting a reserved parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    /// Use one of these options.
    Use(Vec<OptionId>),
    /// This text.
    Hint(&'static str),
}

/// Parameters that have options. If a codec has none of the options, the parameter is not reserved here.
const WITH_OPTIONS: &[(&[OptionId], &[&str])] = &[
    (
        &[OptionId::Crf, OptionId::Qp, OptionId::Bitrate, OptionId::Lossless],
        &["crf", "qp", "q", "qp-constant", "bitrate", "lossless", "rc", "tbr", "use-q-file", "qpfile"],
    ),
    (&[OptionId::Maxrate, OptionId::Bufsize], &["vbv-maxrate", "vbv-bufsize"]),
    (
        &[OptionId::Threads],
        &[
            "threads",
            "lookahead-threads",
            "frame-threads",
            "pools",
            "numa-pools",
            "pmode",
            "pme",
            "lp",
            "pin",
            "ss",
        ],
    ),
    (&[OptionId::Gop], &["keyint", "intra-period"]),
    (&[OptionId::Preset], &["preset"]),
    (&[OptionId::Tune], &["tune"]),
    (&[OptionId::Profile], &["profile"]),
    (&[OptionId::FilmGrain], &["film-grain"]),
];

/// Parameters that have no options, and why they are reserved.
const WITHOUT_OPTIONS: &[(&str, &[&str])] = &[
    (
        "framemill reads the encoder's log and forwards it to its own; leave it out",
        &["log", "log-level", "log-file", "log-file-level", "enable-stat-report"],
    ),
    (
        "framemill sets the times of the frames; leave it out",
        &[
            "fps",
            "fps-num",
            "fps-denom",
            "timebase",
            "force-cfr",
            "pulldown",
            "tcfile-in",
            "dts-compress",
            "total-frames",
            "frames",
            "n",
            "seek",
            "skip",
            "chunk-start",
            "chunk-end",
            "frame-dup",
            "dup-threshold",
        ],
    ),
    (
        "framemill sets it to match the container; leave it out",
        &[
            "annexb",
            "repeat-headers",
            "global-header",
            "sps-id",
            "stitchable",
            "eob",
            "eos",
            "input-res",
            "input-csp",
            "output-csp",
            "input-depth",
            "output-depth",
            "color-format",
            "w",
            "width",
            "h",
            "height",
            "forced-max-frame-width",
            "forced-max-frame-height",
            "interlaced",
            "interlace",
            "field",
            "tff",
            "bff",
            "pic-struct",
            "fake-interlaced",
            "frame-packing",
            "alpha",
            "format",
            "num-views",
            "scc",
            "uhd-bd",
            "avcintra-class",
            "svt",
        ],
    ),
    (
        "framemill sets it to match the movie's colors; leave it out",
        &[
            "input-range",
            "range",
            "fullrange",
            "videoformat",
            "video-signal-type-preset",
            "colorprim",
            "colormatrix",
            "transfer",
            "alternative-transfer",
            "atc-sei",
            "chromaloc",
            "color-primaries",
            "transfer-characteristics",
            "matrix-coefficients",
            "color-range",
            "chroma-sample-position",
            "master-display",
            "mastering-display",
            "max-cll",
            "cll",
            "content-light",
            "hdr",
            "hdr10",
            "hdr-opt",
            "hdr10-opt",
            "enable-hdr",
            "dhdr10-opt",
            "dolby-vision-profile",
        ],
    ),
    ("it follows from the pixel format; leave it out", &["profile"]),
    (
        "players must be able to seek to every keyframe, and framemill to cut there; leave it out",
        &[
            "open-gop",
            "opengop",
            "intra-refresh",
            "irefresh-type",
            "cra-nal",
            "sframe-mode",
            "sframe-dist",
            "enable-force-key-frames",
        ],
    ),
    (
        "players would show another size than the container has; crop or scale the frames instead",
        &[
            "crop-rect",
            "display-window",
            "sar",
            "resize-mode",
            "resize-denom",
            "resize-kf-denom",
            "frame-resz-events",
            "frame-resz-denoms",
            "frame-resz-kf-denoms",
            "superres-mode",
            "superres-denom",
            "superres-kf-denom",
            "superres-qthres",
            "superres-kf-qthres",
        ],
    ),
    (
        "it would read or write a file; leave it out",
        &[
            "pass",
            "passes",
            "stats",
            "dump-yuv",
            "recon",
            "csv",
            "csv-log-level",
            "analysis-load",
            "analysis-save",
            "analysis-reuse-file",
            "analysis-reuse-mode",
            "multi-pass-opt-analysis",
            "multi-pass-opt-distortion",
            "multi-pass-opt-rps",
            "dhdr10-info",
            "nalu-file",
            "film-grain",
            "aom-film-grain",
            "opencl",
            "opencl-clbin",
        ],
    ),
    (
        "with it, x265 output differs from run to run; choose h264, which has maxrate and bufsize",
        &["vbv-maxrate", "vbv-bufsize", "strict-cbr"],
    ),
    (
        "the same frames must give the same bytes; leave it out",
        &["deterministic", "n-deterministic", "opencl-device"],
    ),
    ("framemill controls how frames reach the encoder; leave it out", &["copy-pic", "ctu-info", "force-flush"]),
];

/// Returns what to do instead of passing `setting` to an encoder; `None` if the setting is not reserved. `has` reports
/// whether the codec has an option.
pub(super) fn instead(setting: &str, has: impl Fn(OptionId) -> bool) -> Option<Instead> {
    let options =
        WITH_OPTIONS.iter().filter(|(_, names)| names.contains(&setting)).flat_map(|(options, _)| *options);
    let options: Vec<OptionId> = options.copied().filter(|option| has(*option)).collect();
    if !options.is_empty() {
        return Some(Instead::Use(options));
    }
    WITHOUT_OPTIONS.iter().find(|(_, names)| names.contains(&setting)).map(|(hint, _)| Instead::Hint(hint))
}
