//! SVT-AV1 inside a process: one encoder at a time, which logs errors only.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::InvalidSettings;

/// Whether an encoder of this process has the turn.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The turn of the one encoder of SVT-AV1 that may be open. Encoders share tables: each fills them anew when it opens, and
/// frees one of them when it closes (`wedge_masks`, `svt_aom_blk_geom_mds` and `lp_group`, seen in SVT-AV1 1.4 and 2.3). An
/// encoder that works meanwhile reads freed memory or zeros.
pub(super) struct Turn(());

impl Turn {
    /// Takes the turn where `encoder` is the one of SVT-AV1.
    ///
    /// # Errors
    /// [`InvalidSettings::EncoderBusy`] while another encoder has it.
    pub(super) fn for_encoder(encoder: &str) -> Result<Option<Self>, InvalidSettings> {
        if encoder != "libsvtav1" {
            return Ok(None);
        }
        if IS_TAKEN.swap(true, Ordering::Acquire) {
            return Err(InvalidSettings::EncoderBusy { encoder: encoder.to_owned() });
        }
        quiet();
        Ok(Some(Self(())))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        IS_TAKEN.store(false, Ordering::Release);
    }
}

/// Lets SVT-AV1 log errors only. It writes to standard error, past FFmpeg's log, at the level of this variable, which it
/// reads when its first encoder opens (`Source/Lib/Codec/svt_log.c`). A level that the user set stays.
fn quiet() {
    const LEVEL: &str = "SVT_LOG";
    static SET: Once = Once::new();
    SET.call_once(|| {
        if std::env::var_os(LEVEL).is_none() {
            // SAFETY: Rust's own readers of the environment take the lock that this call takes. A thread of C that reads it in
            // the same moment is not kept out: glibc before 2.41 may move its list then (`stdlib/setenv.c`). SVT-AV1 has no
            // other way to be quiet. It happens once for the process, and not where the user set the variable.
            unsafe { std::env::set_var(LEVEL, "1") };
        }
    });
}
