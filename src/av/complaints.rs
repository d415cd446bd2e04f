//! Finds encoder parameters that were rejected, which FFmpeg only logs.

use super::log;
use crate::error::{InvalidSettings, OptionId, nearest_name};
use crate::settings::{Codec, X264_PARAM_NAMES};

/// Returns the option whose parameters libavcodec passes on to the encoder's library.
pub(super) fn param_option(codec: &Codec) -> Option<OptionId> {
    codec.encoder_params().filter(|(_, params)| !params.is_empty()).map(|(option, _)| option)
}

/// Returns an error if x265 or SVT-AV1 rejected a parameter: libavcodec only logs a warning and continues without it
/// (`libavcodec/libx265.c`, `libavcodec/libsvtav1.c`).
pub(super) fn refuse_complaints(option: Option<OptionId>, lines: &[log::LogLine]) -> Result<(), InvalidSettings> {
    const COMPLAINTS: [&str; 3] = ["Unknown option: ", "Invalid value for ", "Error parsing option "];
    let Some(option) = option else { return Ok(()) };
    let complains = |line: &&log::LogLine| COMPLAINTS.iter().any(|complaint| line.text.starts_with(complaint));
    match lines.iter().find(complains) {
        Some(line) => {
            let complaint = line.text.trim_end_matches('.').to_owned();
            Err(InvalidSettings::EncoderParam { option, complaint })
        }
        None => Ok(()),
    }
}

/// Returns an error if x264 rejected an entry of `x264-params`: libavcodec only logs a warning and continues without
/// it.
pub(super) fn refuse_x264_complaints(lines: &[log::LogLine]) -> Result<(), InvalidSettings> {
    let complaint = lines.iter().find_map(|line| {
        let (_, quoted) = line.text.split_once("Error parsing option '")?;
        quoted.strip_suffix("'.")?.split_once(" = ")
    });
    let Some((name, value)) = complaint else {
        return Ok(());
    };
    let known = X264_PARAM_NAMES.contains(&name.replace('_', "-").as_str());
    let suggestion = if known { None } else { nearest_name(name, X264_PARAM_NAMES.iter().copied()) };
    Err(InvalidSettings::X264Param { name: name.to_owned(), value: value.to_owned(), suggestion })
}
