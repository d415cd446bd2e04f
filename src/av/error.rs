//! Turns C return codes into results.

use std::ffi::{CStr, c_char, c_int};

use ffmpeg_next::ffi;

use super::log;
use crate::error::LibavError;

/// Returns a C return code if it is not negative; otherwise an error with the operation, the code, its text and the
/// last line that FFmpeg logged on this thread.
pub(super) fn check(code: c_int, operation: impl Into<String>) -> Result<c_int, LibavError> {
    let log_line = log::last_complaint(log::take());
    if code >= 0 {
        return Ok(code);
    }
    Err(LibavError { operation: operation.into(), code, message: message(code), log_line, path: None })
}

/// Returns a pointer from a C allocation if it is not null; otherwise an out-of-memory error that names the operation.
pub(super) fn check_allocated<T>(pointer: *mut T, operation: &'static str) -> Result<*mut T, LibavError> {
    if pointer.is_null() {
        check(ffi::AVERROR(ffi::ENOMEM), operation)?;
    }
    Ok(pointer)
}

/// Returns FFmpeg's text for an error code.
fn message(code: c_int) -> String {
    let mut text = [0 as c_char; ffi::AV_ERROR_MAX_STRING_SIZE];
    // SAFETY: av_strerror writes at most the given number of bytes, NUL included, and always ends with NUL.
    unsafe {
        ffi::av_strerror(code, text.as_mut_ptr(), text.len());
        CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_with_their_text() {
        let error = check(ffi::AVERROR(ffi::ENOSPC), "write the header").expect_err("negative");
        assert_eq!(error.to_string(), "cannot write the header: No space left on device (-28)");
        assert_eq!(check(3, "count"), Ok(3));
    }
}
