//! Converts the library's errors to Python exceptions, with one table.

use std::io::ErrorKind;

use framemill::Error;
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;

use crate::settings::{keyword, message};

/// Returns the name of the class in `framemill._errors` for a library error. Each of these classes is also a subclass of a
/// builtin exception, such as `ValueError`.
fn class_name(error: &Error) -> &'static str {
    match error {
        Error::Settings(_) => "SettingsError",
        Error::Frame(_) => "FrameError",
        Error::Time(_) => "TimeError",
        Error::Audio(_) => "AudioError",
        error if error.is_missing_input() => "InputNotFoundError",
        Error::Io { source, .. } => match source.kind() {
            ErrorKind::AlreadyExists => "OutputExistsError",
            ErrorKind::NotFound => "OutputNotFoundError",
            ErrorKind::PermissionDenied => "OutputPermissionError",
            _ => "OutputError",
        },
        Error::Interrupted { cause, .. } => class_name(cause),
        Error::TooLarge { .. } => "TooLargeError",
        Error::Input { .. } => "InputError",
        Error::NoFrames | Error::NoSegments => "NoFramesError",
        _ => "EncodingError",
    }
}

/// Returns the operating system's error number at the root of `error`, if there is one.
fn errno(error: &Error) -> Option<i32> {
    match error {
        Error::Io { source, .. } => source.raw_os_error(),
        Error::Interrupted { cause, .. } => errno(cause),
        _ => None,
    }
}

/// Returns the exception that the user's code, such as a file object, raised, if it is at the root of `error`.
fn raised_by_user(error: &Error) -> Option<&PyErr> {
    match error {
        Error::Io { source, .. } => source.get_ref()?.downcast_ref(),
        Error::Interrupted { cause, .. } => raised_by_user(cause),
        _ => None,
    }
}

/// Returns the exception for `error`.
pub(crate) fn exception_for(py: Python<'_>, error: &Error) -> PyErr {
    let (message, option) = match error {
        Error::Settings(settings) => (message(settings), settings.option()),
        error => (error.with_causes(), None),
    };
    // KeyboardInterrupt and the like pass through unchanged.
    if let Some(cause) = raised_by_user(error).filter(|cause| !cause.is_instance_of::<PyException>(py)) {
        return cause.clone_ref(py);
    }
    let build = || -> PyResult<PyErr> {
        let class = py.import("framemill._errors")?.getattr(class_name(error))?;
        let exception = class.call1((message.clone(),))?;
        let cause = raised_by_user(error);
        let errno_of_user = cause.and_then(|cause| cause.value(py).getattr("errno").ok()?.extract().ok());
        if let Some(errno) = errno(error).or(errno_of_user) {
            exception.setattr("errno", errno)?;
        }
        if let Some(option) = option {
            exception.setattr("option", keyword(option))?;
        }
        if let Error::Interrupted { part_file, .. } = error {
            exception.setattr("part_file", part_file)?;
        }
        let exception = PyErr::from_value(exception);
        exception.set_cause(py, cause.map(|cause| cause.clone_ref(py)));
        Ok(exception)
    };
    build().unwrap_or_else(|_| PyRuntimeError::new_err(message.clone()))
}

/// Converts a result of the library to a Python result.
pub(crate) trait Raise<T> {
    fn raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raise<T> for framemill::Result<T> {
    fn raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception_for(py, &error))
    }
}
