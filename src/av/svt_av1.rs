//! Limits SVT-AV1 to one encoder at a time in a process, and its log to errors.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::InvalidSettings;

/// Whether an encoder of this process is open.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Permission to open the only SVT-AV1 encoder. Encoders share tables: each refills them when it opens, and frees one
/// of them when it closes (`wedge_masks`, `svt_aom_blk_geom_mds` and `lp_group`, seen in SVT-AV1 1.4 and 2.3). Another
/// encoder would then read freed memory or zeros.
pub(super) struct Turn(());

impl Turn {
    /// Takes the permission if `encoder` is that of SVT-AV1.
    ///
    /// # Errors
    /// [`InvalidSettings::EncoderBusy`] while another encoder has the permission.
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

/// Limits SVT-AV1's log to errors. It writes to standard error, past FFmpeg's log, at the level in this variable, which
/// it reads when its first encoder opens (`Source/Lib/Codec/svt_log.c`). A level that the user set is kept.
fn quiet() {
    const LEVEL: &str = "SVT_LOG";
    static SET: Once = Once::new();
    SET.call_once(|| {
        if std::env::var_os(LEVEL).is_none() {
            // SAFETY: Rust's own readers of the environment take the lock that this call takes. A C thread that reads
            // it at the same moment is not locked out: glibc before 2.41 may then reallocate `environ` (`stdlib/setenv.c`).
            // SVT-AV1 has no other way to be quiet. It happens once per process, and not if the user set the variable.
            unsafe { std::env::set_var(LEVEL, "1") };
        }
    });
}
