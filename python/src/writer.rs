//! The writer of a movie, for Python.

use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use framemill::{Monitor, MovieRecord, PacketStats, RunRecord, VideoWriter};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::types::PyDict;

use crate::audio::{self, PySound};
use crate::errors::Raise;
use crate::interrupt::until_interrupted;
use crate::packets::Packets;
use crate::pixels::Pixels;
use crate::settings::Options;
use crate::target::Target;

/// An unfinished movie. One thread at a time may call it.
#[pyclass(module = "framemill._native")]
pub(crate) struct Writer {
    /// `None` once it has ended. The lock is never contended, because the interpreter allows one call at a time.
    video: Mutex<Option<VideoWriter>>,
    watch: Watch,
    /// Memory for rows of frames that have to be converted.
    memory: Vec<u8>,
    /// The process that opened it: after a fork, its threads exist only in that process.
    process: u32,
    is_deep: bool,
}

impl Writer {
    fn video(&mut self) -> PyResult<&mut VideoWriter> {
        self.check_process()?;
        self.slot()
            .as_mut()
            .ok_or_else(|| PyValueError::new_err("the movie has ended, so nothing more can be written to it"))
    }

    fn slot(&mut self) -> &mut Option<VideoWriter> {
        self.video.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_process(&self) -> PyResult<()> {
        if self.process == process::id() {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(
            "this VideoWriter was opened before os.fork() and belongs to the parent process: open one in the child",
        ))
    }

    fn take(&mut self) -> PyResult<VideoWriter> {
        self.video()?;
        self.slot().take().ok_or_else(|| PyValueError::new_err("the movie has ended"))
    }
}

#[pymethods]
impl Writer {
    /// Opens a movie of frames of `width` × `height`, in `frame_format` if known. With `resume` it begins with the
    /// frames of an interrupted run.
    #[new]
    #[expect(clippy::too_many_arguments, reason = "one place calls it")]
    fn new(
        py: Python<'_>,
        target: Target,
        seekable: bool,
        options: &Bound<'_, PyDict>,
        width: u32,
        height: u32,
        frame_format: Option<&str>,
        resume: bool,
        audio: Option<PySound>,
        expected_frames: Option<u64>,
    ) -> PyResult<Self> {
        let (name, options) = (target.name(), Options::of(options)?);
        let mut settings = options.settings(width, height).raise(py)?;
        settings.frame_format =
            frame_format.map(str::parse).transpose().map_err(framemill::Error::from).raise(py)?;
        let output = target.open(seekable, options.0.replaces(), options.0.container());
        let audio = audio.map(PySound::audio).transpose()?;
        let opened = py.detach(|| {
            let mut builder = VideoWriter::builder(output, width, height, settings.frame_rate);
            builder = builder.settings(settings.clone());
            if let Some(audio) = audio {
                builder = builder.audio(audio);
            }
            if let Some(frames) = expected_frames {
                builder = builder.expected_frames(frames);
            }
            let mut video = if resume { builder.resume().create()? } else { builder.create()? };
            let packets = Arc::<Mutex<Packets>>::default();
            let collected = Arc::clone(&packets);
            video.on_packet(move |packet: &PacketStats| {
                collected.lock().unwrap_or_else(PoisonError::into_inner).push(packet);
            })?;
            let record = MovieRecord::new(&name, video.container(), &settings, video.time_base())?;
            Ok((video, packets, record))
        });
        let (video, packets, record) = opened.raise(py)?;
        let movie = serde_json::to_string(&record).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let watch = Watch { monitor: video.monitor(), packets, movie, complete: Arc::default() };
        // Premultiplied colors are divided by alpha before they are rounded to 8 bits.
        let is_deep = settings.is_premultiplied || settings.encoder_pixel_format().bits() > 8;
        Ok(Self { video: Mutex::new(Some(video)), watch, memory: Vec::new(), process: process::id(), is_deep })
    }

    /// Returns the number of frames so far, including those of an interrupted run.
    fn frames(&mut self) -> PyResult<u64> {
        Ok(self.video()?.frames())
    }

    /// Returns whether frames should have more than 8 bits per sample, if they can.
    fn is_deep(&self) -> bool {
        self.is_deep
    }

    /// Writes a frame.
    #[pyo3(signature = (pixels, seconds=None))]
    fn write(&mut self, py: Python<'_>, pixels: Pixels<'_>, seconds: Option<f64>) -> PyResult<()> {
        let view = pixels.view()?;
        let time = seconds.map(time).transpose()?;
        let mut memory = std::mem::take(&mut self.memory);
        let video = self.video()?;
        let written = py.detach(|| {
            let strips = &mut view?.strips(&mut memory);
            match time {
                Some(time) => video.write_strips_at(time, strips),
                None => video.write_strips(strips),
            }
        });
        self.memory = memory;
        written.raise(py)
    }

    /// Writes samples of the sound.
    fn write_audio(&mut self, py: Python<'_>, samples: &[u8], kind: &str) -> PyResult<()> {
        let video = self.video()?;
        py.detach(|| audio::write(video, samples, kind))?.raise(py)
    }

    /// Returns whether the movie ends with its sound, and has all its frames.
    fn is_full(&mut self) -> PyResult<bool> {
        Ok(self.video()?.is_full())
    }

    /// Shows the last frame for `seconds` longer.
    fn hold(&mut self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        let video = self.video()?;
        let duration = time(seconds)?;
        py.detach(|| video.hold(duration)).raise(py)
    }

    /// Ends the movie and publishes it. Ctrl-C stops it, and what was encoded can be recovered.
    fn finish(&mut self, py: Python<'_>) -> PyResult<()> {
        let video = self.take()?;
        let stop = video.stop_token();
        let (finished, interrupt) = until_interrupted(py, &stop, move || video.finish())?;
        match (finished.raise(py), interrupt) {
            (finished, None) => finished?,
            (Ok(_), Some(interrupt)) => {
                self.watch.complete.store(true, Ordering::Relaxed);
                return Err(interrupt);
            }
            (Err(error), Some(interrupt)) => {
                interrupt.value(py).call_method1("add_note", (format!("framemill: {}", error.value(py)),))?;
                return Err(interrupt);
            }
        };
        self.watch.complete.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Ends the movie without publishing it; returns the part file.
    fn leave(&mut self, py: Python<'_>) -> PyResult<Option<PathBuf>> {
        if self.process != process::id() {
            return Ok(None);
        }
        let Some(video) = self.slot().take() else { return Ok(None) };
        py.detach(|| video.leave()).raise(py)
    }

    /// Stops at once, and removes everything that was written. Does nothing if the movie has ended, or in a forked process.
    fn abort(&mut self, py: Python<'_>) -> PyResult<()> {
        if self.process == process::id()
            && let Some(video) = self.slot().take()
        {
            py.detach(|| video.abort());
        }
        Ok(())
    }

    /// Returns a view of the statistics, which works while another thread writes, and after the movie has ended.
    fn watch(&self) -> Watch {
        self.watch.clone()
    }
}

/// The statistics of a movie. Any thread may read them at any time.
#[derive(Clone)]
#[pyclass(module = "framemill._native", frozen)]
pub(crate) struct Watch {
    monitor: Monitor,
    packets: Arc<Mutex<Packets>>,
    movie: String,
    complete: Arc<AtomicBool>,
}

#[pymethods]
impl Watch {
    /// Returns the movie and the run as the JSON of docs/statistics.md, and the run as a table.
    fn stats(&self, py: Python<'_>) -> PyResult<(String, String, String)> {
        // The encoding thread may hold the statistics while it waits for the interpreter.
        let stats = py.detach(|| self.monitor.stats());
        let run = serde_json::to_string(&RunRecord::new(&stats, self.complete.load(Ordering::Relaxed)));
        let run = run.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok((self.movie.clone(), run, stats.to_string()))
    }

    /// Returns the warnings about the sound of a finished movie.
    fn audio_warnings(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.monitor.stats()).audio.map(|audio| audio.warnings).unwrap_or_default()
    }

    /// Returns the run as JSON that `joined_run` can merge with others.
    fn run(&self, py: Python<'_>) -> PyResult<String> {
        let stats = py.detach(|| self.monitor.stats());
        serde_json::to_string(&stats).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// Returns the packets so far, as the bytes of an array of `PACKETS`.
    fn packets<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let packets = self.packets.lock().unwrap_or_else(PoisonError::into_inner);
        PyBytes::new(py, packets.bytes())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Some(video) = self.slot().take() else { return };
        if self.process == process::id() {
            // The encoding thread may need the interpreter to end.
            Python::attach(|py| py.detach(|| drop(video)));
        } else {
            // The threads do not exist in this process, and nothing could end them here. The part file belongs to the
            // parent.
            std::mem::forget(video);
        }
    }
}

/// Returns what an interrupted run to `path` left: its frames, and their size.
#[pyfunction]
pub(crate) fn resumable(
    py: Python<'_>,
    path: PathBuf,
    options: &Bound<'_, PyDict>,
    width: u32,
    height: u32,
    expected_frames: Option<u64>,
) -> PyResult<Option<(u64, u32, u32)>> {
    let options = Options::of(options)?;
    let settings = options.settings(width, height).raise(py)?;
    let output = Target::Path(path).open(true, options.0.replaces(), options.0.container());
    let mut builder = VideoWriter::builder(output, width, height, settings.frame_rate).settings(settings);
    if let Some(frames) = expected_frames {
        builder = builder.expected_frames(frames);
    }
    let found = py.detach(move || builder.resumable()).raise(py)?;
    Ok(found.map(|found| (found.frames, found.width, found.height)))
}

/// The package checks times before, so users never see this error.
fn time(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|error| PyValueError::new_err(format!("{seconds} s: {error}")))
}
