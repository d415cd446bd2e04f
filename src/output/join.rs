//! Joins segments that were encoded separately, or movies with equal parameters, into one movie.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Output;
use super::copy::MoviePackets;
use super::copy_target::CopyTarget;
use super::given_sound::{check_sound, log_warnings, make_sound};
use super::joinable::{Whole, not_joinable, open, read_mark, read_whole, segment_file};
use super::joined_timeline::JoinedTimeline;
use super::row::{Marked, in_order};
use crate::audio::Audio;
use crate::error::{Error, Result};
use crate::segment::SegmentSource;
use crate::settings::{AudioSettings, Container};
use crate::stats::AudioStats;
use crate::stop::StopToken;

/// The result of [`join`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Joined {
    /// The path of the movie, if it is a file.
    pub path: Option<PathBuf>,
    /// The number of joined segments or movies.
    pub segments: u64,
    /// The number of frames.
    pub frames: u64,
    /// The duration.
    pub duration: Duration,
    /// The size in bytes.
    pub bytes: u64,
    /// The statistics of the sound that was added, if any.
    pub audio: Option<AudioStats>,
}

/// The options of [`join_with`].
#[derive(Clone, Debug, Default)]
pub struct JoinOptions {
    is_partial: bool,
    audio: Option<Audio>,
    audio_settings: AudioSettings,
    stop: StopToken,
}

impl JoinOptions {
    /// Joins the segments that exist, in order, even if others of their plan are missing.
    #[must_use]
    pub fn partial(mut self) -> Self {
        self.is_partial = true;
        self
    }

    /// Adds sound to the movie, as [`VideoWriterBuilder::audio`](crate::VideoWriterBuilder::audio) does. Sound of the
    /// segments is left out, because it cannot be joined without gaps.
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

    /// Stops the join when the token is stopped.
    #[must_use]
    pub fn stop(mut self, stop: StopToken) -> Self {
        self.stop = stop;
        self
    }
}

/// Joins `segments` into one movie, without encoding again.
///
/// Segments of a [`Plan`](crate::Plan) may come in any order, because each stores its number. Other finished movies
/// with the same container, size, codec and settings are joined in the given order. Each frame has the same duration as
/// in its segment. The movie gets the metadata of the first segment, such as its title. Segments are files, or [bytes
/// in memory](SegmentSource::memory); one file at a time is open. Besides these bytes, only the index is in memory: 33
/// bytes per frame, and about 270 while an MP4 is written. A file is published complete, or not at all. An MP4, MOV or
/// M4V to a stream is fragmented.
///
/// ```no_run
/// let joined = framemill::join(["part-0.mp4", "part-1.mp4"], "movie.mp4")?;
/// println!("{} frames", joined.frames);
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] for a segment that is still being written, is shorter than its container records, has missing
/// bytes, or does not match the first; for segments of a plan also if one is missing, duplicate, incomplete, or of
/// another plan. The error has the path of the segment, or, for bytes in memory, its position, as in `segments[2]`.
/// [`Error::Io`] if reading or writing fails, [`Error::NoSegments`] if there are none, and [`Error::Settings`] for
/// an AVI to a stream.
pub fn join<S: Into<SegmentSource>>(
    segments: impl IntoIterator<Item = S>,
    output: impl Into<Output>,
) -> Result<Joined> {
    join_with(segments, output, &JoinOptions::default())
}

/// Joins as [`join`] does, with options.
///
/// # Errors
/// As [`join`], and [`Error::Stopped`] if it was stopped. In that case, no file is left behind.
pub fn join_with<S: Into<SegmentSource>>(
    segments: impl IntoIterator<Item = S>,
    output: impl Into<Output>,
    options: &JoinOptions,
) -> Result<Joined> {
    let JoinOptions { is_partial, stop, audio, audio_settings } = options;
    let output = output.into();
    let container = output.resolved_container()?;
    let target = CopyTarget::of(output, container)?;
    check_sound(audio.as_ref(), audio_settings, container, target.path())?;
    let mut timeline: Option<JoinedTimeline> = None;
    let mut files = VecDeque::new();
    let mut version = None;
    for placed in in_order(marked(segments, container, target.path(), stop)?, target.path(), *is_partial)? {
        stop.check()?;
        let Whole { stream, index, x264 } = read_whole(&placed.file, audio.is_some())?;
        placed.check(index.packets().len() as u64)?;
        let is_planned = placed.is_planned();
        let file = placed.file;
        check_version(&file.name, version.get_or_insert(x264.clone()), &x264, is_planned)?;
        let info = match stream.has_setup() {
            true => None,
            false => Some(open(&file)?.stream_info().map_err(|error| error.on_path(&file.name))?),
        };
        match &mut timeline {
            None => timeline = Some(JoinedTimeline::new(stream, info, index, container)),
            Some(timeline) => {
                timeline.add(&stream, info, &index).map_err(|problem| not_joinable(&file.name, problem))?
            }
        }
        files.push_back(file);
    }
    let segments = files.len() as u64;
    // The files are read twice: once to check that all match, and once to copy.
    let (Some(timeline), Some(packets)) = (timeline, MoviePackets::of_several(files)?) else {
        return Err(Error::NoSegments);
    };
    let path = target.path().map(Path::to_owned);
    let mut index = timeline.into_index();
    index.decode_last_late();
    let mut track = make_sound(audio.as_ref(), audio_settings, container, target.folder(), &index, stop)?;
    let bytes = target.write(packets, container, &index, track.as_mut(), stop)?;
    let duration = Duration::try_from_secs_f64(index.end().as_secs_f64()).unwrap_or_default();
    let frames = index.packets().len() as u64;
    Ok(Joined { path, segments, frames, duration, bytes, audio: log_warnings(track) })
}

/// Returns the segments in the given order, with their marks.
fn marked<S: Into<SegmentSource>>(
    segments: impl IntoIterator<Item = S>,
    container: Container,
    movie: Option<&Path>,
    stop: &StopToken,
) -> Result<Vec<Marked>> {
    let mark = |(place, source): (usize, S)| {
        stop.check()?;
        let source = source.into();
        if let (Some(path), Some(movie)) = (source.as_path(), movie) {
            refuse_itself(path, movie)?;
        }
        let file = segment_file(source, place, container)?;
        let mark = read_mark(&file)?;
        Ok(Marked { file, mark })
    };
    segments.into_iter().enumerate().map(mark).collect()
}

/// Checks that all segments of a plan have the same version of x264, which is not in the plan's fingerprint.
fn check_version(path: &Path, first: &Option<String>, own: &Option<String>, is_planned: bool) -> Result<()> {
    match (first, own) {
        (Some(first), Some(own)) if is_planned && first != own => Err(not_joinable(
            path,
            format!("was encoded by {own}, but others by {first}: use the same version everywhere"),
        )),
        _ => Ok(()),
    }
}

/// Checks that the movie does not replace one of its segments.
fn refuse_itself(segment: &Path, destination: &Path) -> Result<()> {
    match std::fs::canonicalize(segment) {
        Ok(same) if std::fs::canonicalize(destination).is_ok_and(|movie| movie == same) => {
            Err(not_joinable(segment, "is also the output: give the movie another name"))
        }
        _ => Ok(()),
    }
}
