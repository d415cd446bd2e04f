//! Encoders that write to standard error by themselves.

use std::sync::Once;

/// Lets SVT-AV1 log errors only. It writes to standard error, past FFmpeg's log, at the level of this variable, which it
/// reads when its first encoder opens (`Source/Lib/Codec/svt_log.c`). A level that the user set stays.
pub(super) fn svt_av1() {
    const LEVEL: &str = "SVT_LOG";
    static SET: Once = Once::new();
    SET.call_once(|| {
        if std::env::var_os(LEVEL).is_none() {
            // SAFETY: Rust's own readers of the environment take the lock that this call takes. The C libraries in the
            // process may read it at the same time; glibc keeps the old array and strings where they are when a variable is
            // added (`stdlib/setenv.c`), so they see either. It happens once for the process.
            unsafe { std::env::set_var(LEVEL, "1") };
        }
    });
}
