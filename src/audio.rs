//! The sound of a movie: a file, samples, or samples that are written along with the frames.

mod samples;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::error::{Error, InvalidAudio, InvalidInput, Result};

pub use samples::AudioSample;
pub(crate) use samples::{Samples, check_floats};

/// The sample rates that sound may have.
const RATES: RangeInclusive<u32> = 1_000..=768_000;

/// The largest number of channels.
const MAX_CHANNELS: u32 = 8;

/// The sound of a movie. A path converts to the sound of a file.
///
/// ```
/// use framemill::{Audio, Container, FrameRate, FrameView, Memory, Output, VideoWriter};
/// let tone: Vec<f32> = (0..48_000).map(|n| (n as f32 * 440.0 * std::f32::consts::TAU / 48e3).sin() * 0.5).collect();
/// let output = Output::memory(&Memory::new(), Container::Mp4);
/// let mut video = VideoWriter::builder(output, 64, 48, FrameRate::new(30, 1))
///     .audio(Audio::samples(tone, 48_000, 1))
///     .create()?;
/// for shade in 0..30 {
///     video.write(&FrameView::gray(&[shade * 8; 64 * 48], 64, 48)?)?;
/// }
/// let sound = video.finish()?.audio.expect("has sound");
/// assert_eq!((sound.codec.as_str(), sound.sample_rate, sound.channels), ("aac", 48_000, 1));
/// # Ok::<(), framemill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Audio {
    pub(crate) source: AudioSource,
}

/// The source of the sound.
#[derive(Clone, Debug)]
pub(crate) enum AudioSource {
    File(PathBuf),
    Samples { samples: Samples, rate: u32, channels: u32 },
    Written { rate: u32, channels: u32 },
}

impl Audio {
    /// Uses the sound of a file: WAV, FLAC, MP3, Ogg, AAC, M4A, or another movie. It is read from the start while
    /// frames come.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { source: AudioSource::File(path.into()) }
    }

    /// Uses samples of `channels` channels, at `rate` samples per second in each channel. Channels are interleaved, in
    /// the order of WAV files: left, right, center, bass, back left, back right.
    #[must_use]
    pub fn samples<S: AudioSample>(samples: Vec<S>, rate: u32, channels: u32) -> Self {
        Self { source: AudioSource::Samples { samples: S::samples(samples), rate, channels } }
    }

    /// Returns the path of the file, if the sound is that of a file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            AudioSource::File(path) => Some(path),
            AudioSource::Samples { .. } | AudioSource::Written { .. } => None,
        }
    }

    /// Checks that the movie at `output` does not replace the file of the sound.
    pub(crate) fn check_apart_from(&self, output: Option<&Path>) -> Result<()> {
        let (Some(path), Some(output)) = (self.path(), output) else { return Ok(()) };
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        if real(path).is_none_or(|path| real(output) != Some(path)) {
            return Ok(());
        }
        let problem =
            InvalidInput::Audio { problem: "it is also the output: give the movie another name".to_owned() };
        Err(Error::Input { name: path.display().to_string(), problem })
    }

    /// Uses samples that are written with [`write_audio`](crate::VideoWriter::write_audio) along with the frames, at
    /// `rate` samples per second in each of `channels` channels.
    #[must_use]
    pub fn written(rate: u32, channels: u32) -> Self {
        Self { source: AudioSource::Written { rate, channels } }
    }
}

impl From<&str> for Audio {
    fn from(path: &str) -> Self {
        Self::file(path)
    }
}

impl From<String> for Audio {
    fn from(path: String) -> Self {
        Self::file(path)
    }
}

impl From<&Path> for Audio {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

impl From<PathBuf> for Audio {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<&PathBuf> for Audio {
    fn from(path: &PathBuf) -> Self {
        Self::file(path)
    }
}

/// Checks the sample rate and the number of channels.
pub(crate) fn check_format(rate: u32, channels: u32) -> Result<(), InvalidAudio> {
    if !RATES.contains(&rate) {
        return Err(InvalidAudio::Rate { rate });
    }
    if !(1..=MAX_CHANNELS).contains(&channels) {
        return Err(InvalidAudio::Channels { channels, what: "a movie", most: MAX_CHANNELS });
    }
    Ok(())
}
