//! Makes a playable movie from the part file of an interrupted run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::MoviePackets;
use super::destination::Destination;
use super::given_sound::{check_sound, log_warnings, make_sound};
use super::salvage::Salvage;
use super::stored::copy_to;
use crate::audio::Audio;
use crate::error::{Error, InvalidInput, Result};
use crate::segment;
use crate::settings::{AudioSettings, Container};
use crate::stats::AudioStats;
use crate::stop::StopToken;
use crate::track::Track;

/// The result of [`recover`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// The path of the movie.
    pub path: PathBuf,
    /// The container, which is that of the part file.
    pub container: Container,
    /// The number of frames.
    pub frames: u64,
    /// The duration.
    pub duration: Duration,
    /// The size in bytes.
    pub bytes: u64,
    /// The sound, if it has any.
    pub audio: Option<AudioStats>,
}

/// The options of [`recover_with`].
#[derive(Clone, Debug, Default)]
pub struct RecoverOptions {
    audio: Option<Audio>,
    audio_settings: AudioSettings,
}

impl RecoverOptions {
    /// Adds sound to the movie, as [`VideoWriterBuilder::audio`](crate::VideoWriterBuilder::audio) does. A part file
    /// has none.
    #[must_use]
    pub fn audio(mut self, audio: impl Into<Audio>) -> Self {
        self.audio = Some(audio.into());
        self
    }

    /// Sets how to encode the sound.
    #[must_use]
    pub fn audio_settings(mut self, settings: AudioSettings) -> Self {
        self.audio_settings = settings;
        self
    }
}

/// Makes a plain movie of the frames in `part`, the part file of an interrupted run. The part file is not changed.
///
/// Without a `destination`, the movie gets the interrupted run's output name (`demo.mp4` from `demo.mp4.part`), and an
/// existing file of that name is not replaced.
///
/// ```no_run
/// let recovered = framemill::recover("night.mp4.part", None)?;
/// println!("{} has {} frames", recovered.path.display(), recovered.frames);
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] if `part` is not a movie, has no complete frame, or has a damaged header; [`Error::Io`] if reading
/// or writing fails, or if the destination exists.
pub fn recover(part: impl AsRef<Path>, destination: Option<&Path>) -> Result<Recovered> {
    recover_with(part, destination, &RecoverOptions::default())
}

/// Recovers as [`recover`] does, with options. Without sound in the options, the movie keeps the sound that it has,
/// such as that of a movie that went to a stream. A part file has no sound.
///
/// # Errors
/// As [`recover`], and the errors of the sound.
pub fn recover_with(
    part: impl AsRef<Path>,
    destination: Option<&Path>,
    options: &RecoverOptions,
) -> Result<Recovered> {
    let part = part.as_ref();
    let RecoverOptions { audio, audio_settings } = options;
    let input_error = |problem| Error::Input { name: part.display().to_string(), problem };
    if segment::is_in_use(part)? {
        return Err(input_error(InvalidInput::StillWritten));
    }
    let container = segment::container(part)?.ok_or_else(|| input_error(InvalidInput::NothingToRecover))?;
    let (path, clobber) = match destination {
        Some(path) => (path.to_owned(), true),
        None => (original_name(part), false),
    };
    refuse_itself(part, &path)?;
    let target = Destination::new(&path, clobber)?;
    check_sound(audio.as_ref(), audio_settings, container, Some(target.path()))?;
    let stop = StopToken::default();
    let mut salvage = Salvage::of(part, container)?;
    salvage.index.decode_last_late();
    let index = &salvage.index;
    let packets = MoviePackets::of_rest(salvage.open()?, index.packets().len() as u64)?;
    let mut track =
        match make_sound(audio.as_ref(), audio_settings, container, target.path().parent(), index, &stop)? {
            Some(given) => Some(given),
            None => Track::of_movie(salvage.open()?, index.end(), target.path().parent())?,
        };
    let copied = copy_to(packets, container, index, track.as_mut(), &target, &stop);
    let bytes = copied.map_err(|error| error.on_path(part))?.publish(&target)?;
    let duration = Duration::try_from_secs_f64(index.end().as_secs_f64()).unwrap_or_default();
    Ok(Recovered {
        path,
        container,
        frames: index.packets().len() as u64,
        duration,
        bytes,
        audio: log_warnings(track),
    })
}

fn refuse_itself(part: &Path, destination: &Path) -> Result<()> {
    let same = fs::canonicalize(part).ok().is_some_and(|part| fs::canonicalize(destination).ok() == Some(part));
    if !same {
        return Ok(());
    }
    let why = io::Error::new(io::ErrorKind::InvalidInput, "it is the file to recover; choose another name");
    Err(Error::io("write", Some(destination), why))
}

/// Returns `demo.mp4` for `demo.mp4.part` and `demo.mp4.2.part`; `x.recovered.mp4` for `x.mp4`.
fn original_name(part: &Path) -> PathBuf {
    if part.extension().is_some_and(|extension| extension == "part") {
        let name = part.with_extension("");
        let is_number = name.extension().is_some_and(|extension| extension.to_str().is_some_and(is_attempt));
        let without_number = name.with_extension("");
        let numbered = is_number && Container::from_path(&without_number).is_ok();
        return if numbered { without_number } else { name };
    }
    let extension = part.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    part.with_extension(format!("recovered.{extension}"))
}

fn is_attempt(text: &str) -> bool {
    text.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_name_is_the_output_of_the_interrupted_run() {
        for (part, name) in
            [("demo.mp4.part", "demo.mp4"), ("a/demo.mp4.2.part", "a/demo.mp4"), ("demo.avi", "demo.recovered.avi")]
        {
            assert_eq!(original_name(Path::new(part)), Path::new(name));
        }
    }
}
