//! Failed calls into FFmpeg.

use std::fmt;
use std::path::PathBuf;

use super::PathSuffix;

/// A failed call into FFmpeg: the operation, FFmpeg's code, and what FFmpeg logged about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LibavError {
    /// The operation, as in `open the encoder libx264`.
    pub operation: String,
    /// FFmpeg's error code (`AVERROR`), negative; 0 if FFmpeg reported success.
    pub code: i32,
    /// FFmpeg's text for the code; if `code` is 0, what is wrong.
    pub message: String,
    /// The last warning or error that FFmpeg logged during the operation.
    pub log_line: Option<String>,
    /// The file, if there is one.
    pub path: Option<PathBuf>,
}

impl LibavError {
    /// Makes an error from a call that FFmpeg reported as successful. `message` describes what is wrong.
    pub(crate) fn unexpected(operation: &str, message: impl Into<String>) -> Self {
        Self { operation: operation.to_owned(), code: 0, message: message.into(), log_line: None, path: None }
    }
}

impl fmt::Display for LibavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, code, message, log_line, path } = self;
        write!(f, "cannot {operation}{}: {message}", PathSuffix(path.as_deref()))?;
        if *code != 0 {
            write!(f, " ({code})")?;
        }
        match log_line {
            Some(line) => write!(f, "; FFmpeg logged: {line}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LibavError {}
