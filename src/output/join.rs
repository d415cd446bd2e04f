//! One movie of many: segments that were encoded apart, or movies of equal parameters, one after the other.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Output;
use super::copy::Packets;
use super::given_sound::{check_sound, make_sound, warned};
use super::goal::Goal;
use super::joinable::{Whole, not_joinable, open, read_mark, read_whole, segment_file};
use super::joint::Joint;
use super::row::{Marked, in_order};
use crate::audio::Audio;
use crate::error::{Error, Result};
use crate::segment::SegmentSource;
use crate::settings::{AudioSettings, Container};
use crate::stats::AudioStats;
use crate::stop::StopToken;

/// What [`join`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Joined {
    /// The movie, where it is a file.
    pub path: Option<PathBuf>,
    /// Movies that it was made of.
    pub segments: u64,
    /// Frames in it.
    pub frames: u64,
    /// How long it plays.
    pub duration: Duration,
    /// Its size.
    pub bytes: u64,
    /// Its sound, where it has some.
    pub audio: Option<AudioStats>,
}

/// How [`join_with`] joins.
#[derive(Clone, Debug, Default)]
pub struct JoinOptions {
    is_partial: bool,
    audio: Option<Audio>,
    audio_settings: AudioSettings,
    stop: StopToken,
}

impl JoinOptions {
    /// Joins the segments that are there, in order, although others of their plan are missing.
    #[must_use]
    pub fn partial(mut self) -> Self {
        self.is_partial = true;
        self
    }

    /// Gives the movie sound, as [`VideoWriterBuilder::audio`](crate::VideoWriterBuilder::audio) does. The sound of the segments,
    /// where they have some, is left out: it cannot be joined without gaps.
    #[must_use]
    pub fn audio(mut self, audio: impl Into<Audio>) -> Self {
        self.audio = Some(audio.into());
        self
    }

    /// Sets how the sound is made.
    #[must_use]
    pub fn audio_settings(mut self, settings: AudioSettings) -> Self {
        self.audio_settings = settings;
        self
    }

    /// Stops when the token is stopped.
    #[must_use]
    pub fn stop(mut self, stop: StopToken) -> Self {
        self.stop = stop;
        self
    }
}

/// Makes one movie of `segments`, without encoding anything again.
///
/// Segments of a [`Plan`](crate::Plan) may come in any order: each knows its number. Other finished movies in the same
/// container, of the same size, codec and settings, are joined one after the other. Each frame is shown as long as in its
/// segment. The movie gets the description of the first segment, such as its title. Segments are files, or
/// [bytes in memory](SegmentSource::memory), and one file at a time is open. Beside these bytes, only the index is in memory:
/// 33 bytes per frame, and about 270 while an MP4 is written. A file is published whole, or not at all. To a stream, an MP4, MOV
/// or M4V goes in fragments.
///
/// ```no_run
/// let joined = framemill::join(["part-0.mp4", "part-1.mp4"], "movie.mp4")?;
/// println!("{} frames", joined.frames);
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] for a segment that is still written, is shorter than its container says, has frames of which bytes are
/// missing, or cannot be combined with the first, and of a plan also for one that is missing, was given twice, has not all its
/// frames, or is of another plan: it names the segment.
/// It calls bytes in memory by their place, as in `segments[2]`. [`Error::Io`] where reading or writing fails,
/// [`Error::NoFrames`] where there are no segments, and [`Error::Settings`] for an AVI to a stream.
pub fn join<S: Into<SegmentSource>>(
    segments: impl IntoIterator<Item = S>,
    output: impl Into<Output>,
) -> Result<Joined> {
    join_with(segments, output, &JoinOptions::default())
}

/// Joins as [`join`] does, with options.
///
/// # Errors
/// As [`join`], and [`Error::Stopped`] if it was stopped. Nothing is left then.
pub fn join_with<S: Into<SegmentSource>>(
    segments: impl IntoIterator<Item = S>,
    output: impl Into<Output>,
    options: &JoinOptions,
) -> Result<Joined> {
    let JoinOptions { is_partial, stop, audio, audio_settings } = options;
    let output = output.into();
    let container = output.resolved_container()?;
    let goal = Goal::of(output, container)?;
    check_sound(audio.as_ref(), audio_settings, container)?;
    let mut joint: Option<Joint> = None;
    let mut files = VecDeque::new();
    let mut version = None;
    for placed in in_order(marked(segments, container, goal.path(), stop)?, goal.path(), *is_partial)? {
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
        match &mut joint {
            None => joint = Some(Joint::new(stream, info, index, container)),
            Some(joint) => joint.add(&stream, info, &index).map_err(|problem| not_joinable(&file.name, problem))?,
        }
        files.push_back(file);
    }
    let segments = files.len() as u64;
    // Read twice: once to know that all fits, and once to copy.
    let (Some(joint), Some(packets)) = (joint, Packets::of_several(files)?) else { return Err(Error::NoFrames) };
    let path = goal.path().map(Path::to_owned);
    let mut track = make_sound(audio.as_ref(), audio_settings, container, goal.folder(), &joint.index, stop)?;
    let bytes = goal.write(packets, container, &joint.index, track.as_mut(), stop)?;
    let duration = Duration::try_from_secs_f64(joint.index.end().as_secs_f64()).unwrap_or_default();
    let frames = joint.index.packets().len() as u64;
    Ok(Joined { path, segments, frames, duration, bytes, audio: warned(track) })
}

/// The segments as they were given, and their marks.
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

/// Checks that all segments of a plan are of one x264, whose version a plan does not know.
fn check_version(path: &Path, first: &Option<String>, own: &Option<String>, is_planned: bool) -> Result<()> {
    match (first, own) {
        (Some(first), Some(own)) if is_planned && first != own => Err(not_joinable(
            path,
            format!("was encoded by {own}, and others by {first}: use one version everywhere"),
        )),
        _ => Ok(()),
    }
}

/// The movie must not take the place of what it is made of.
fn refuse_itself(segment: &Path, destination: &Path) -> Result<()> {
    match std::fs::canonicalize(segment) {
        Ok(same) if std::fs::canonicalize(destination).is_ok_and(|movie| movie == same) => {
            Err(not_joinable(segment, "is the movie to be made: give the movie another name"))
        }
        _ => Ok(()),
    }
}
