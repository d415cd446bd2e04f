//! x264's own settings, as its program takes them: `key=value:key=value`.

use crate::error::{InvalidSettings, OptionId};

/// Reads `key=value:key=value`, as x264's users write it.
///
/// # Errors
/// [`InvalidSettings::Malformed`] where a key or a value is missing.
pub fn parse_x264_params(text: &str) -> Result<Vec<(String, String)>, InvalidSettings> {
    parse_params(OptionId::X264Params, text)
}

/// Reads the parameters of an encoder, as `option` has them.
pub(super) fn parse_params(option: OptionId, text: &str) -> Result<Vec<(String, String)>, InvalidSettings> {
    let malformed =
        || InvalidSettings::Malformed { option, value: text.to_owned(), expected: "write key=value:key=value" };
    text.split(':')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(malformed()),
        })
        .collect()
}

/// What to do instead of setting a reserved key.
#[derive(Clone, Copy)]
enum Instead {
    /// Give one of these options.
    Use(&'static [OptionId]),
    /// What this says.
    Hint(&'static str),
}

/// Keys that would undo what the rest of framemill relies on, each with what to use instead.
const RESERVED_X264_PARAMS: [(&[&str], Instead); 9] = [
    (
        &["crf", "qp", "qp-constant", "bitrate"],
        Instead::Use(&[OptionId::Crf, OptionId::Qp, OptionId::Bitrate, OptionId::Lossless]),
    ),
    (&["vbv-maxrate", "vbv-bufsize"], Instead::Use(&[OptionId::Maxrate, OptionId::Bufsize])),
    (&["threads", "lookahead-threads"], Instead::Use(&[OptionId::Threads])),
    (&["keyint"], Instead::Use(&[OptionId::Gop])),
    (
        &["log", "log-level", "log-file", "log-file-level"],
        Instead::Hint("framemill reads x264's log, and passes it on to its own; leave it out"),
    ),
    (
        &["fps", "timebase", "force-cfr", "pulldown", "tcfile-in", "dts-compress"],
        Instead::Hint("framemill sets the times of the frames; leave it out"),
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
        Instead::Hint("framemill sets it so that the stream fits its container and its colors; leave it out"),
    ),
    (
        &["intra-refresh"],
        Instead::Hint("a keyframe of a movie must be a place to cut and to seek to; leave it out"),
    ),
    (
        &["crop-rect"],
        Instead::Hint("players would show another size than the container has; crop the frames instead"),
    ),
];

/// What a profile decides, and x264 would let a parameter overrule.
const DECIDED_BY_PROFILE: [&str; 8] = ["bframes", "cabac", "8x8dct", "weightp", "cqm", "cqm4", "cqm8", "cqmfile"];

/// The setting that x264 takes `name` for: it reads `_` as `-`, and `no-x` or `nox` as the opposite of `x`.
pub(super) fn meant_setting(name: &str) -> String {
    let name = name.to_lowercase().replace('_', "-");
    let opposite = name.strip_prefix("no-").or_else(|| name.strip_prefix("no"));
    let known = |name: &&str| X264_PARAM_NAMES.contains(name) || is_reserved(name).is_some();
    opposite.filter(known).map_or(name.clone(), str::to_owned)
}

fn is_reserved(name: &str) -> Option<Instead> {
    RESERVED_X264_PARAMS.iter().find(|(names, _)| names.contains(&name)).map(|(_, instead)| *instead)
}

/// Checks an entry as far as possible without x264, which checks the rest.
pub(super) fn validate(name: &str, value: &str, has_profile: bool) -> Result<(), InvalidSettings> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    // FFmpeg takes the list apart once more, by its own rules for blanks, quotes and backslashes.
    let value_is_plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b":\\'\"".contains(&byte));
    if name.is_empty() || !name.bytes().all(plain) || value.is_empty() || !value_is_plain {
        return Err(InvalidSettings::Malformed {
            option: OptionId::X264Params,
            value: format!("{name}={value}"),
            expected: "a name has letters, digits, - and _, and a value no blank, colon, quote or backslash",
        });
    }
    let setting = meant_setting(name);
    let reserved = is_reserved(&setting).or_else(|| {
        let decided = has_profile && DECIDED_BY_PROFILE.contains(&&*setting);
        decided.then_some(Instead::Hint("the profile decides it, so leave one of the two out"))
    });
    match reserved {
        Some(Instead::Use(instead)) => {
            Err(InvalidSettings::X264ParamReserved { name: name.to_owned(), instead, hint: "" })
        }
        Some(Instead::Hint(hint)) => {
            Err(InvalidSettings::X264ParamReserved { name: name.to_owned(), instead: &[], hint })
        }
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
        let reserved = validate("open_gop", "1", false);
        assert!(matches!(reserved, Err(InvalidSettings::X264ParamReserved { .. })));
        for (name, value) in
            [("aq-mode", "1:crf=3"), (" bframes", "3"), ("a b", "1"), ("me", "'hex'"), ("me", "a\\")]
        {
            let refused = validate(name, value, false);
            assert!(matches!(refused, Err(InvalidSettings::Malformed { .. })), "{name}={value}");
        }
        for name in ["no-annexb", "noannexb", "NO_ANNEXB", "qp_constant", "keyint", "log", "crop-rect", "crop_rect"]
        {
            let refused = validate(name, "1", false);
            assert!(matches!(refused, Err(InvalidSettings::X264ParamReserved { .. })), "{name}");
        }
        assert_eq!(validate("no-cabac", "1", false), Ok(()));
        assert!(validate("no-cabac", "1", true).is_err());
    }
}
