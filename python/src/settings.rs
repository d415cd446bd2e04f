//! Converts Python's keywords to options of the library.

use std::path::Path;

use framemill::{
    AudioSettings, Container, FrameRate, InvalidSettings, Jobs, MovieOption, MovieOptions, OptionId, OptionKind,
    OptionValue, Result, Settings,
};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::exception_for;

/// The keywords of `VideoWriter` that are options of the library, checked and converted by `framemill._options`.
#[derive(Clone)]
pub(crate) struct Options(pub(crate) MovieOptions);

impl Options {
    /// Reads the keywords. As the type of an argument, `Options` would get PyO3's name of the argument into each error.
    pub(crate) fn of(keywords: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut options = MovieOptions::default();
        for (name, value) in keywords {
            let name: String = name.extract()?;
            let id = OptionId::from_name(&name).ok_or_else(|| PyKeyError::new_err(name))?;
            let given = match option_value(id, &value)? {
                KeywordValue::Read(given) => Ok(given),
                KeywordValue::Typed(text) => OptionValue::parse(id, &text),
            };
            given
                .and_then(|given| options.set(id, given))
                .map_err(|error| exception_for(keywords.py(), &error.into()))?;
        }
        Ok(Self(options))
    }
}

/// A value, or the text that stands for one.
enum KeywordValue {
    Read(OptionValue),
    Typed(String),
}

fn option_value(id: OptionId, value: &Bound<'_, PyAny>) -> PyResult<KeywordValue> {
    let kind = MovieOption::of(id).kind;
    if let Ok(text) = value.extract::<String>() {
        return Ok(KeywordValue::Typed(text));
    }
    Ok(KeywordValue::Read(match kind {
        OptionKind::Switch => OptionValue::Switch(value.extract()?),
        OptionKind::Jobs => OptionValue::Jobs(Jobs::Count(value.extract::<u64>()?.try_into().unwrap_or(u32::MAX))),
        OptionKind::Number => OptionValue::Number(value.extract()?),
        OptionKind::Size => {
            let (width, height) = value.extract()?;
            OptionValue::Size(width, height)
        }
        OptionKind::Pairs | OptionKind::Params => OptionValue::Pairs(value.extract()?),
        OptionKind::Count | OptionKind::Amount => OptionValue::Count(value.extract()?),
        _ => return Err(PyTypeError::new_err(format!("{id} cannot be {value:?}"))),
    }))
}

impl Options {
    /// Returns the settings of a movie of `width` × `height`.
    pub(crate) fn settings(&self, width: u32, height: u32) -> Result<Settings> {
        let rate = self.0.frame_rate().unwrap_or(FrameRate::new(30, 1));
        Ok(self.0.settings(width, height, rate)?)
    }

    /// Returns how to encode the sound of a movie.
    pub(crate) fn audio_settings(&self) -> Result<AudioSettings> {
        Ok(self.0.audio_settings()?)
    }

    /// Checks the options for frames of `width` × `height` in the given container, or in that of the file extension.
    /// Returns whether the movie keeps more than 8 bits per sample.
    pub(crate) fn validate(&self, name: Option<&Path>, width: u32, height: u32) -> Result<bool> {
        let container = match (self.0.container(), name) {
            (Some(container), _) => container,
            (None, Some(name)) => Container::from_path(name)?,
            (None, None) => Container::Mp4,
        };
        let settings = self.settings(width, height)?;
        settings.validate(container)?;
        framemill::check_encoder(&settings.codec)?;
        // Premultiplied colors are divided by alpha before they are rounded to 8 bits.
        Ok(settings.is_premultiplied || self.0.is_deep()?)
    }
}

/// Formats an option as the user types it, with its value, if there is one.
pub(crate) fn spelled(option: OptionId, value: Option<&str>) -> String {
    let name = keyword(option);
    value.map_or(name.clone(), |value| format!("{name}={value}"))
}

/// Returns the keyword of an option.
pub(crate) fn keyword(option: OptionId) -> String {
    option.name().replace('-', "_")
}

/// Returns the message of invalid settings, with options as the user types them.
pub(crate) fn message(error: &InvalidSettings) -> String {
    error.spelled(&spelled)
}
