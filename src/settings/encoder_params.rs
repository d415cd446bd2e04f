//! Parameters of an encoder's library (x264, x265, SVT-AV1), in its program's syntax: `key=value:key=value`.

use super::MovieOption;
use super::reserved::{self, Instead};
use crate::error::{InvalidSettings, OptionId};

/// Parameters that apply to the whole movie: zones count its frames from the start, and SVT-AV1 keeps its largest bit
/// rate over all of them. They rule out encoding a segment on its own.
const OF_WHOLE_MOVIES: [&str; 2] = ["zones", "mbr"];

/// Parses the parameters that were given in `option`.
pub(super) fn parse(option: OptionId, text: &str) -> Result<Vec<(String, String)>, InvalidSettings> {
    let malformed =
        || InvalidSettings::Malformed { option, value: text.to_owned(), expected: "write key=value:key=value" };
    text.split(':')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(malformed()),
        })
        .collect()
}

/// Checks the parameters of `codec` as far as possible without opening its encoder, which checks the rest.
pub(super) fn validate(
    option: OptionId,
    codec: &'static str,
    params: &[(String, String)],
) -> Result<(), InvalidSettings> {
    params.iter().try_for_each(|(name, value)| {
        check_syntax(option, name, value)?;
        refuse_reserved(option, codec, name)
    })
}

/// Checks the syntax. FFmpeg parses the list again, with its own rules for spaces, quotes and backslashes.
fn check_syntax(option: OptionId, name: &str, value: &str) -> Result<(), InvalidSettings> {
    let name_is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let value_is_plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b":\\'\"".contains(&byte));
    if name_is_plain && value_is_plain && !name.is_empty() && !value.is_empty() {
        return Ok(());
    }
    Err(InvalidSettings::Malformed {
        option,
        value: format!("{name}={value}"),
        expected: "use letters, digits, - and _ in a name, and no space, colon, quote or backslash in a value",
    })
}

fn refuse_reserved(option: OptionId, codec: &'static str, name: &str) -> Result<(), InvalidSettings> {
    let instead_of = |setting: &str| reserved::instead(setting, |option| MovieOption::of(option).applies_to(codec));
    let error =
        |instead, hint| Err(InvalidSettings::ReservedParam { option, name: name.to_owned(), instead, hint });
    match meanings(name).iter().find_map(|setting| instead_of(setting)) {
        Some(Instead::Use(options)) => error(options, ""),
        Some(Instead::Hint(hint)) => error(Vec::new(), hint),
        None => Ok(()),
    }
}

/// Returns the settings that a library may read `name` as. x264 and x265 read `_` as `-`, and `no-x` or `nox` as the
/// opposite of `x`; x265 ignores leading dashes (`x264_param_parse`, `x265_param_parse`).
fn meanings(name: &str) -> Vec<String> {
    let name = name.to_lowercase().replace('_', "-").trim_start_matches('-').to_owned();
    let opposite = name.strip_prefix("no").map(|rest| rest.strip_prefix('-').unwrap_or(rest).to_owned());
    [name].into_iter().chain(opposite).collect()
}

/// Returns whether a library may read `name` as `setting` or its opposite.
pub(super) fn is_named(name: &str, setting: &str) -> bool {
    meanings(name).iter().any(|meaning| meaning == setting)
}

/// Returns a parameter that applies to the whole movie, if there is one.
pub(super) fn of_whole_movie(params: &[(String, String)]) -> Option<&'static str> {
    OF_WHOLE_MOVIES.into_iter().find(|setting| params.iter().any(|(name, _)| is_named(name, setting)))
}

#[cfg(test)]
mod tests {
    use super::super::x264_params;
    use super::*;

    fn check(option: OptionId, codec: &'static str, name: &str, value: &str) -> Result<(), InvalidSettings> {
        validate(option, codec, &[(name.to_owned(), value.to_owned())])
    }

    const LIBRARIES: [(OptionId, &str); 4] = [
        (OptionId::X264Params, "h264"),
        (OptionId::X264Params, "h264-rgb"),
        (OptionId::X265Params, "hevc"),
        (OptionId::SvtAv1Params, "av1"),
    ];

    #[test]
    fn parameters_are_read() {
        let params = parse(OptionId::X265Params, "aq-mode=3:psy-rd=1,0.1").expect("well formed");
        assert_eq!(params, [("aq-mode".into(), "3".into()), ("psy-rd".into(), "1,0.1".into())]);
        for text in ["", "a", "=1", "a=", "a=1:", "a=1::b=2"] {
            assert!(parse(OptionId::X265Params, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_value_cannot_contain_other_parameters() {
        for (name, value) in [
            ("aq-mode", "3:annexb=0"),
            (" aq-mode", "3"),
            ("a b", "1"),
            ("aq-mode=3:crf", "1"),
            ("", "1"),
            ("aq-mode", ""),
            ("me", "'hex'"),
            ("me", "\"hex\""),
            ("me", "a\\"),
            ("me", "a\0"),
        ] {
            for (option, codec) in LIBRARIES {
                let refused = check(option, codec, name, value);
                assert!(matches!(refused, Err(InvalidSettings::Malformed { .. })), "{codec} {name}={value}");
            }
        }
    }

    #[test]
    fn reserved_parameters_are_refused_however_they_are_spelled() {
        let names = [
            "annexb",
            "no-annexb",
            "noannexb",
            "NO_ANNEXB",
            "--annexb",
            "--no-annexb",
            "open_gop",
            "no-open-gop",
            "qp_constant",
            "keyint",
            "log",
            "crop-rect",
            "colorprim",
            "color-primaries",
            "nocolormatrix",
        ];
        for name in names {
            for (option, codec) in LIBRARIES {
                let refused = check(option, codec, name, "0");
                assert!(matches!(refused, Err(InvalidSettings::ReservedParam { .. })), "{codec} {name}");
            }
        }
    }

    #[test]
    fn errors_name_the_options_that_the_codec_has() {
        for (option, codec, name, message) in [
            (
                OptionId::X264Params,
                "h264",
                "vbv-maxrate",
                "x264-params must not set vbv-maxrate: use maxrate or bufsize",
            ),
            (
                OptionId::X265Params,
                "hevc",
                "nocrf",
                "x265-params must not set nocrf: use crf or qp or bitrate or lossless",
            ),
            (OptionId::SvtAv1Params, "av1", "qp", "svtav1-params must not set qp: use crf or bitrate"),
            (OptionId::SvtAv1Params, "av1", "film-grain", "svtav1-params must not set film-grain: use film-grain"),
            (OptionId::X265Params, "hevc", "frame-threads", "x265-params must not set frame-threads: use threads"),
            (
                OptionId::X265Params,
                "hevc",
                "vbv_maxrate",
                "x265-params must not set vbv_maxrate: with it, x265 output differs from run to run; choose h264, which has maxrate and bufsize",
            ),
            (
                OptionId::X265Params,
                "hevc",
                "film-grain",
                "x265-params must not set film-grain: it would read or write a file; leave it out",
            ),
            (
                OptionId::X265Params,
                "hevc",
                "profile",
                "x265-params must not set profile: it follows from the pixel format; leave it out",
            ),
        ] {
            assert_eq!(check(option, codec, name, "1").expect_err(name).to_string(), message);
        }
    }

    #[test]
    fn other_parameters_are_passed_to_the_encoder() {
        for name in x264_params::X264_PARAM_NAMES.iter().filter(|name| name.contains("psy") || name.contains("aq-"))
        {
            assert_eq!(check(OptionId::X264Params, "h264", name, "1"), Ok(()));
        }
        for name in ["aq-mode", "no-sao", "nosao", "zones", "rc-lookahead", "level"] {
            assert_eq!(check(OptionId::X265Params, "hevc", name, "1"), Ok(()), "{name}");
        }
        for name in ["tune", "mbr", "tile-columns", "film-grain-denoise", "level"] {
            assert_eq!(check(OptionId::SvtAv1Params, "av1", name, "1"), Ok(()), "{name}");
        }
    }

    #[test]
    fn parameters_of_whole_movies_are_found() {
        let params = |name: &str| [("aq-mode".to_owned(), "3".to_owned()), (name.to_owned(), "1".to_owned())];
        for (name, setting) in [("zones", "zones"), ("mbr", "mbr"), ("--zones", "zones")] {
            assert_eq!(of_whole_movie(&params(name)), Some(setting));
        }
        assert_eq!(of_whole_movie(&params("level")), None);
    }
}
