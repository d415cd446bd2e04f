//! Parameters that keep x265 correct for narrow pictures. With other values it writes outside its memory there, or
//! references pixels that no decoder has (vendor-notes/x265.md).

use super::encoder_params;
use crate::error::{InvalidSettings, OptionId};

/// Returns the parameters that x265 needs for pictures of this width and height.
pub(crate) fn safe_params((width, height): (u32, u32)) -> &'static [(&'static str, &'static str)] {
    match width {
        // There are no smaller coding tree units, so frames must not reference others.
        ..=16 => &[("keyint", "1"), ("cutree", "0")],
        17..=31 => &[("cutree", "0")],
        32 => &[("ctu", "16"), ("cutree", "0")],
        33..=48 => &[("cutree", "0")],
        // With fewer rows, libavcodec chooses smaller coding tree units itself.
        64 if height >= 64 => &[("ctu", "32")],
        _ => &[],
    }
}

/// Checks that none of the parameters that a user sets in `option` replaces a safe one for pictures of this width.
pub(super) fn validate<'a>(
    option: OptionId,
    mut names: impl Iterator<Item = &'a str>,
    width: u32,
) -> Result<(), InvalidSettings> {
    let reserved: &[&str] = match width {
        ..=16 => &["ctu", "cutree", "keyint"],
        17..=48 => &["ctu", "cutree"],
        49..=64 => &["ctu"],
        _ => &[],
    };
    let is_reserved = |name: &&str| reserved.iter().any(|setting| encoder_params::is_named(name, setting));
    match names.find(is_reserved) {
        None => Ok(()),
        Some(name) => Err(InvalidSettings::ReservedParam {
            option,
            name: name.to_owned(),
            instead: Vec::new(),
            hint: "leave it out: in pictures of at most 64 columns, some of its values damage frames or memory in x265",
        }),
    }
}
