//! The native part of framemill for Python, private to the package in `framemill/`, which users import.

mod audio;
mod errors;
mod figures;
mod interrupt;
mod packets;
mod pixels;
mod segment;
mod settings;
mod sink;
mod target;
mod writer;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    use std::time::Duration;

    use framemill::{
        AudioStats, EncodeStats, JoinOptions, MovieOption, RecoverOptions, RunRecord, StopToken, build_info,
    };
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    use crate::audio::PySound;
    #[pymodule_export]
    use crate::audio::check_audio;
    use crate::errors::Raise;
    #[pymodule_export]
    use crate::figures::{Backdrop, Overlay, State, difference};
    use crate::interrupt::until_interrupted;
    #[pymodule_export]
    use crate::pixels::check_levels;
    use crate::segment::Segment;
    use crate::settings::{Options, keyword};
    use crate::target::Target;
    #[pymodule_export]
    use crate::writer::{Writer, resumable};

    /// Checks keywords for frames of `width` × `height`. Returns whether the movie keeps more than 8 bits per sample.
    #[pyfunction]
    fn validate(
        py: Python<'_>,
        options: &Bound<'_, PyDict>,
        name: Option<std::path::PathBuf>,
        size: (u32, u32),
    ) -> PyResult<bool> {
        Options::of(options)?.validate(name.as_deref(), size.0, size.1).raise(py)
    }

    /// Returns the options of a movie: the keyword, the kind, the unit, the default, an example, the help text.
    #[pyfunction]
    fn options() -> Vec<(String, &'static str, &'static str, &'static str, &'static str, &'static str)> {
        let row =
            |row: &MovieOption| (keyword(row.id), row.kind.name(), row.unit, row.default, row.example, row.help);
        MovieOption::all().iter().map(row).collect()
    }

    /// Makes a playable movie from a part file; returns its path, its frames, and the JSON of its sound.
    #[pyfunction]
    fn recover(
        py: Python<'_>,
        part_file: std::path::PathBuf,
        output: Option<std::path::PathBuf>,
        audio: Option<PySound>,
        audio_options: &Bound<'_, PyDict>,
    ) -> PyResult<(std::path::PathBuf, u64, Option<String>)> {
        let options =
            RecoverOptions::default().audio_settings(Options::of(audio_options)?.audio_settings().raise(py)?);
        let options = match audio {
            Some(audio) => options.audio(audio.audio()?),
            None => options,
        };
        let recover = || framemill::recover_with(&part_file, output.as_deref(), &options);
        let recovered = py.detach(recover).raise(py)?;
        Ok((recovered.path, recovered.frames, audio_json(recovered.audio)?))
    }

    /// Joins segments to one movie; returns the numbers of segments and frames, the seconds, the bytes, and the JSON of
    /// the sound.
    #[pyfunction]
    #[expect(clippy::too_many_arguments, reason = "one place calls it")]
    fn join(
        py: Python<'_>,
        segments: Vec<Segment>,
        output: Target,
        seekable: bool,
        clobber: bool,
        container: Option<&str>,
        partial: bool,
        audio: Option<PySound>,
        audio_options: &Bound<'_, PyDict>,
    ) -> PyResult<(u64, u64, f64, u64, Option<String>)> {
        let container = container.map(str::parse).transpose().map_err(framemill::Error::from).raise(py)?;
        let output = output.open(seekable, clobber, container);
        let stop = StopToken::default();
        let options = JoinOptions::default().stop(stop.clone());
        let options = if partial { options.partial() } else { options };
        let options = options.audio_settings(Options::of(audio_options)?.audio_settings().raise(py)?);
        let options = match audio {
            Some(audio) => options.audio(audio.audio()?),
            None => options,
        };
        let join = move || framemill::join_with(segments, output, &options);
        let (joined, interrupt) = until_interrupted(py, &stop, join)?;
        interrupt.map_or(Ok(()), Err)?;
        let joined = joined.raise(py)?;
        let seconds = joined.duration.as_secs_f64();
        Ok((joined.segments, joined.frames, seconds, joined.bytes, audio_json(joined.audio)?))
    }

    /// Returns the statistics of a movie's sound as JSON; `None` if it has no sound.
    fn audio_json(audio: Option<AudioStats>) -> PyResult<Option<String>> {
        let json = audio.map(|audio| serde_json::to_string(&audio)).transpose();
        json.map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Merges the statistics of the runs of a joined movie's segments: returns the run as the JSON of
    /// docs/statistics.md, and as a table. What is not a sum is passed in: the largest second, which may span segments,
    /// the duration, which segments round, and the sound as JSON.
    #[pyfunction]
    fn joined_run(
        runs: Vec<String>,
        peak_second_bytes: u64,
        file_bytes: u64,
        movie_seconds: f64,
        wall_seconds: f64,
        cpu_seconds: Option<f64>,
        audio: Option<String>,
    ) -> PyResult<(String, String)> {
        let failed = |error: &dyn std::fmt::Display| PyValueError::new_err(error.to_string());
        let mut whole = EncodeStats::default();
        for run in &runs {
            let part: EncodeStats = serde_json::from_str(run).map_err(|error| failed(&error))?;
            whole += &part;
        }
        whole.peak_second_bytes = peak_second_bytes;
        whole.file_bytes = file_bytes;
        let audio = audio.map(|audio| serde_json::from_str(&audio)).transpose();
        whole.audio = audio.map_err(|error| failed(&error))?;
        let duration = |seconds| Duration::try_from_secs_f64(seconds).map_err(|error| failed(&error));
        whole.duration = duration(movie_seconds)?;
        whole.wall = duration(wall_seconds)?;
        whole.cpu = cpu_seconds.map_or(Ok(whole.cpu), duration)?;
        let run = serde_json::to_string(&RunRecord::new(&whole, true)).map_err(|error| failed(&error))?;
        Ok((run, whole.to_string()))
    }

    /// Returns the container, the codec and, if known, the pixel format of a movie.
    #[pyfunction]
    fn kind(py: Python<'_>, movie: std::path::PathBuf) -> PyResult<(String, String, Option<String>)> {
        let inspected = py.detach(|| framemill::inspect(&movie)).raise(py)?;
        Ok((inspected.container.name().to_owned(), inspected.stream.codec, inspected.stream.pixel_format))
    }

    /// Returns the release of the linked FFmpeg, its libraries with their versions, and the license of the whole.
    #[pyfunction]
    fn build() -> (String, Vec<(String, String)>, String) {
        let info = build_info();
        let libraries = info.libraries.iter().map(|(name, version)| ((*name).to_string(), version.to_string()));
        (info.ffmpeg.to_string(), libraries.collect(), info.license.to_string())
    }
}
