//! NumPy arrays as input: the arguments that they need, and the arguments that only they have.

use crate::args::{EncodeArguments, InputArguments};
use crate::usage::WrongUsage;

/// Requires a frame rate, because arrays have none.
pub(crate) fn require_rate(arguments: &EncodeArguments) -> Result<(), WrongUsage> {
    match arguments.movie_options.frame_rate() {
        Some(_) => Ok(()),
        None => Err(WrongUsage("arrays have no frame rate: give -r, as in -r 30".to_owned())),
    }
}

/// Rejects --member for other inputs.
pub(crate) fn refuse_member(options: &InputArguments) -> Result<(), WrongUsage> {
    match options.member {
        Some(_) => Err(WrongUsage("--member is for .npz files, but the input is not one: leave it out".to_owned())),
        None => Ok(()),
    }
}
