//! One movie of many: segments that were encoded apart, or movies of equal parameters, one after the other.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::{Packets, SegmentFile};
use super::destination::Destination;
use super::given_sound::{check_sound, make_sound, warned};
use super::joinable::{Whole, fitting_container, not_joinable, open, read_mark, read_whole};
use super::joint::Joint;
use super::row::{Marked, in_order};
use super::stored::copy_to;
use super::{Output, OutputTarget};
use crate::audio::Audio;
use crate::error::{Error, InvalidSettings, Result};
use crate::settings::{AudioSettings, Container};
use crate::stats::AudioStats;
use crate::stop::StopToken;

/// What [`join`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Joined {
    /// The movie.
    pub path: PathBuf,
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
/// segment. The movie gets the description of the first segment, such as its title. One segment at a time is open. Only the
/// index is in memory: 33 bytes per frame, and about 270 while an MP4 is written. The movie is published whole, or not at all.
///
/// ```no_run
/// let joined = framemill::join(["part-0.mp4", "part-1.mp4"], "movie.mp4")?;
/// println!("{} frames", joined.frames);
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] for a segment that is still written, is shorter than its container says, has frames of which bytes are
/// missing, or does not go with the first, and of a plan also for one that is missing, was given twice, has not all its
/// frames, or is of another plan: it names the segment.
/// [`Error::Io`] where reading or writing fails. [`Error::NoFrames`] where there are no segments, and
/// [`Error::Settings`] for an output that is no file.
pub fn join<P: AsRef<Path>>(segments: impl IntoIterator<Item = P>, output: impl Into<Output>) -> Result<Joined> {
    join_with(segments, output, &JoinOptions::default())
}

/// Joins as [`join`] does, with options.
///
/// # Errors
/// As [`join`], and [`Error::Stopped`] where it was stopped. Nothing is left then.
pub fn join_with<P: AsRef<Path>>(
    segments: impl IntoIterator<Item = P>,
    output: impl Into<Output>,
    options: &JoinOptions,
) -> Result<Joined> {
    let JoinOptions { is_partial, stop, audio, audio_settings } = options;
    let output = output.into();
    let container = output.resolved_container()?;
    let OutputTarget::Path(path) = output.target else { return Err(InvalidSettings::NeedsPath.into()) };
    let destination = Destination::new(&path, output.clobber)?;
    check_sound(audio.as_ref(), audio_settings, container)?;
    let mut joint: Option<Joint> = None;
    let mut files = VecDeque::new();
    let mut version = None;
    for placed in in_order(marked(segments, container, &destination, stop)?, &path, *is_partial)? {
        stop.check()?;
        let Whole { stream, index, x264 } = read_whole(&placed.file, audio.is_some())?;
        placed.check(index.packets().len() as u64)?;
        let is_planned = placed.is_planned();
        let file = placed.file;
        check_version(&file.path, version.get_or_insert(x264.clone()), &x264, is_planned)?;
        let info = match stream.has_setup() {
            true => None,
            false => Some(open(&file)?.stream_info().map_err(|error| error.on_path(&file.path))?),
        };
        match &mut joint {
            None => joint = Some(Joint::new(stream, info, index, container)),
            Some(joint) => joint.add(&stream, info, &index).map_err(|problem| not_joinable(&file.path, problem))?,
        }
        files.push_back(file);
    }
    let count = files.len() as u64;
    // Read twice: once to know that all fits, and once to copy.
    let (Some(joint), Some(packets)) = (joint, Packets::of_several(files)?) else { return Err(Error::NoFrames) };
    let mut track = make_sound(audio.as_ref(), audio_settings, container, &destination, &joint.index, stop)?;
    let copied = copy_to(packets, container, &joint.index, track.as_mut(), &destination, stop)?;
    let bytes = copied.publish(&destination)?;
    let duration = Duration::try_from_secs_f64(joint.index.end().as_secs_f64()).unwrap_or_default();
    Ok(Joined {
        path,
        segments: count,
        frames: joint.index.packets().len() as u64,
        duration,
        bytes,
        audio: warned(track),
    })
}

/// The segments as they were given, and their marks.
fn marked<P: AsRef<Path>>(
    segments: impl IntoIterator<Item = P>,
    container: Container,
    destination: &Destination,
    stop: &StopToken,
) -> Result<Vec<Marked>> {
    segments
        .into_iter()
        .map(|path| {
            stop.check()?;
            let path = path.as_ref().to_owned();
            refuse_itself(&path, destination.path())?;
            let file = SegmentFile { container: fitting_container(&path, container)?, path };
            let mark = read_mark(&file)?;
            Ok(Marked { file, mark })
        })
        .collect()
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
