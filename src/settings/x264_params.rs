//! x264's own settings, as its program takes them: `key=value:key=value`.

use crate::error::InvalidSettings;

/// Reads `key=value:key=value`, as x264's users write it.
///
/// # Errors
/// [`InvalidSettings::Malformed`] where a key or a value is missing.
pub fn parse_x264_params(text: &str) -> Result<Vec<(String, String)>, InvalidSettings> {
    let malformed = || InvalidSettings::Malformed {
        setting: "x264-params",
        value: text.to_owned(),
        expected: "write key=value:key=value",
    };
    text.split(':')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(malformed()),
        })
        .collect()
}

/// Keys that would undo what the rest of framemill relies on, each with what to use instead.
const RESERVED_X264_PARAMS: [(&[&str], &str); 6] = [
    (&["crf", "qp", "qp_constant", "bitrate"], "use --crf, --qp, --bitrate or --lossless"),
    (&["vbv-maxrate", "vbv-bufsize"], "use --maxrate and --bufsize"),
    (&["threads", "lookahead-threads"], "use --threads"),
    (&["keyint"], "use --gop"),
    (
        &["fps", "timebase", "force-cfr", "pulldown", "tcfile-in", "dts-compress"],
        "the times of the frames are framemill's",
    ),
    (
        &[
            "annexb",
            "repeat-headers",
            "opengop",
            "open-gop",
            "stitchable",
            "input-res",
            "input-csp",
            "output-csp",
            "input-depth",
            "input-range",
            "range",
            "fullrange",
            "colorprim",
            "colormatrix",
            "transfer",
            "chromaloc",
            "sar",
            "interlaced",
            "tff",
            "bff",
            "fake-interlaced",
            "frame-packing",
            "pass",
            "stats",
            "dump-yuv",
            "opencl",
        ],
        "framemill sets it so that the stream fits its container and its colours",
    ),
];

/// Checks an entry as far as that can be told without x264, which judges the rest.
pub(super) fn validate(name: &str, value: &str) -> Result<(), InvalidSettings> {
    if name.contains(['\0', ':', '=']) || value.contains(['\0', ':']) {
        return Err(InvalidSettings::Malformed {
            setting: "x264-params",
            value: format!("{name}={value}"),
            expected: "names and values hold no colon and no NUL",
        });
    }
    let normalised = name.replace('_', "-");
    let reserved = RESERVED_X264_PARAMS.iter().find(|(names, _)| names.contains(&normalised.as_str()));
    match reserved {
        Some((_, mend)) => Err(InvalidSettings::X264ParamReserved { name: name.to_owned(), mend }),
        None => Ok(()),
    }
}

/// x264's setting names, to find the one that was meant (x264 `common/base.c`, `x264_param_parse`).
pub(crate) const X264_PARAM_NAMES: &[&str] = &[
    "8x8dct",
    "aq-mode",
    "aq-strength",
    "asm",
    "aud",
    "b-adapt",
    "b-bias",
    "b-pyramid",
    "bframes",
    "bluray-compat",
    "cabac",
    "cabac-idc",
    "chroma-me",
    "chroma-qp-offset",
    "constrained-intra",
    "cplxblur",
    "cqm",
    "cqm4",
    "cqm8",
    "crf-max",
    "crop-rect",
    "deadzone-inter",
    "deadzone-intra",
    "deblock",
    "deterministic",
    "direct",
    "filler",
    "force-cfr",
    "frame-packing",
    "interlaced",
    "intra-refresh",
    "ipratio",
    "keyint",
    "keyint-min",
    "level",
    "log-level",
    "lookahead-threads",
    "mbtree",
    "me",
    "merange",
    "min-keyint",
    "mixed-refs",
    "mvrange",
    "mvrange-thread",
    "nal-hrd",
    "no-8x8dct",
    "no-cabac",
    "no-deblock",
    "no-fast-pskip",
    "no-mbtree",
    "no-mixed-refs",
    "no-psy",
    "no-scenecut",
    "no-weightb",
    "nr",
    "open-gop",
    "overscan",
    "partitions",
    "pbratio",
    "psnr",
    "psy",
    "psy-rd",
    "qblur",
    "qcomp",
    "qpmax",
    "qpmin",
    "qpstep",
    "ratetol",
    "rc-lookahead",
    "ref",
    "scenecut",
    "slice-max-mbs",
    "slice-max-size",
    "slice-min-mbs",
    "slices",
    "sliced-threads",
    "ssim",
    "subme",
    "subq",
    "sync-lookahead",
    "threads",
    "trellis",
    "vbv-bufsize",
    "vbv-init",
    "vbv-maxrate",
    "videoformat",
    "weightb",
    "weightp",
    "zones",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x264_params_are_read_and_checked() {
        let params = parse_x264_params("aq-mode=3:psy-rd=1,0.1").expect("well formed");
        assert_eq!(params, [("aq-mode".into(), "3".into()), ("psy-rd".into(), "1,0.1".into())]);
        for text in ["", "a", "=1", "a=", "a=1:", "a=1::b=2"] {
            assert!(parse_x264_params(text).is_err(), "{text:?}");
        }
        let reserved = validate("open_gop", "1");
        assert!(matches!(reserved, Err(InvalidSettings::X264ParamReserved { .. })));
        assert!(validate("aq-mode", "1:crf=3").is_err());
    }
}
