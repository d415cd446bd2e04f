//! NumPy's arrays as input: which arguments they need, and which are for them alone.

use crate::args::{EncodeArguments, InputArguments};
use crate::usage::WrongUsage;

/// Arrays have no frame rate.
pub(crate) fn require_rate(arguments: &EncodeArguments) -> Result<(), WrongUsage> {
    match arguments.movie_options.frame_rate() {
        Some(_) => Ok(()),
        None => Err(WrongUsage("arrays have no rate of their own: give -r, as in -r 30".to_owned())),
    }
}

/// A member that nothing has is not ignored.
pub(crate) fn refuse_member(options: &InputArguments) -> Result<(), WrongUsage> {
    match options.member {
        Some(_) => Err(WrongUsage("--member is for .npz files, and the input is none: leave it out".to_owned())),
        None => Ok(()),
    }
}
