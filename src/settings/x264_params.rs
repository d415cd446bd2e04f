//! x264's parameter names, and the parameters that a profile decides.

use super::encoder_params;
use crate::error::{InvalidSettings, OptionId};

/// Parses `key=value:key=value`, x264's syntax.
///
/// # Errors
/// [`InvalidSettings::Malformed`] if a key or a value is missing.
pub fn parse_x264_params(text: &str) -> Result<Vec<(String, String)>, InvalidSettings> {
    encoder_params::parse(OptionId::X264Params, text)
}

/// The parameters that a profile decides, although x264 would let a parameter override it.
const DECIDED_BY_PROFILE: [&str; 8] = ["bframes", "cabac", "8x8dct", "weightp", "cqm", "cqm4", "cqm8", "cqmfile"];

/// Checks that no parameter sets what the profile decides.
pub(super) fn refuse_decided_by_profile(params: &[(String, String)]) -> Result<(), InvalidSettings> {
    let is_decided = |name: &str| DECIDED_BY_PROFILE.iter().any(|setting| encoder_params::is_named(name, setting));
    match params.iter().find(|(name, _)| is_decided(name)) {
        Some((name, _)) => Err(InvalidSettings::ReservedParam {
            option: OptionId::X264Params,
            name: name.clone(),
            instead: Vec::new(),
            hint: "the profile decides it; leave one of them out",
        }),
        None => Ok(()),
    }
}

/// x264's parameter names, used to suggest a correction (x264 `common/base.c`, `x264_param_parse`).
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
    fn a_profile_is_not_overridden() {
        for name in ["no-cabac", "nocabac", "cqm4", "BFRAMES"] {
            let refused = refuse_decided_by_profile(&[(name.to_owned(), "1".to_owned())]).expect_err(name);
            let message = format!("x264-params must not set {name}: the profile decides it; leave one of them out");
            assert_eq!(refused.to_string(), message);
        }
        assert_eq!(refuse_decided_by_profile(&[("aq-mode".to_owned(), "3".to_owned())]), Ok(()));
    }
}
