//! One movie of many: segments that were encoded apart, or movies of equal parameters, one after the other.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::{Packets, Segment};
use super::destination::Destination;
use super::joinable::{Whole, fitting_container, not_joinable, open, read_mark, read_whole};
use super::joint::Joint;
use super::row::{Marked, check_frames, in_order};
use super::stored::copy_to;
use super::{Output, OutputTarget};
use crate::error::{Error, InvalidSettings, Result};
use crate::settings::Container;
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
}

/// Makes one movie of `segments`, without encoding anything again.
///
/// Segments of a [`Plan`](crate::Plan) may come in any order: each knows its number. Other finished movies in the same
/// container, of the same size, codec and settings, are joined one after the other. Each frame is shown as long as in its segment. The
/// description of the movie, such as its title, is that of the first. One segment at a time is open. Only the index is in
/// memory: 33 bytes per frame, and about 270 while an MP4 is written. The movie is published whole, or not at all.
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
    join_until(segments, output, &StopToken::default())
}

/// Joins as [`join`] does, until `stop` says to stop: then it fails with [`Error::Stopped`], and nothing is left.
///
/// # Errors
/// As [`join`], and [`Error::Stopped`].
pub fn join_until<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    output: impl Into<Output>,
    stop: &StopToken,
) -> Result<Joined> {
    let output = output.into();
    let container = output.resolved_container()?;
    let OutputTarget::Path(path) = output.target else { return Err(InvalidSettings::NeedsPath.into()) };
    let destination = Destination::new(&path, output.clobber)?;
    let mut joint: Option<Joint> = None;
    let mut segments = VecDeque::new();
    let mut version = None;
    let marked = in_order(marked(paths, container, &destination, stop)?)?;
    let last = marked.len().saturating_sub(1);
    for (place, Marked { segment, mark }) in marked.into_iter().enumerate() {
        stop.check()?;
        let Whole { stream, index, x264 } = read_whole(&segment)?;
        check_frames(&segment.path, mark.as_ref(), index.packets().len() as u64, place == last)?;
        check_version(&segment.path, version.get_or_insert(x264.clone()), &x264, mark.is_some())?;
        let info = match stream.has_setup() {
            true => None,
            false => {
                let info = open(&segment)?.stream_info();
                Some(info.map_err(|error| error.on_path(&segment.path))?)
            }
        };
        match &mut joint {
            None => joint = Some(Joint::new(stream, info, index, container)),
            Some(joint) => {
                joint.add(&stream, info, &index).map_err(|problem| not_joinable(&segment.path, problem))?
            }
        }
        segments.push_back(segment);
    }
    let count = segments.len() as u64;
    // Read twice: once to know that all fits, and once to copy.
    let (Some(joint), Some(packets)) = (joint, Packets::of_several(segments)?) else { return Err(Error::NoFrames) };
    let bytes = copy_to(packets, container, &joint.index, &destination, stop)?.publish(&destination)?;
    let duration = Duration::try_from_secs_f64(joint.index.end().as_secs_f64()).unwrap_or_default();
    Ok(Joined { path, segments: count, frames: joint.index.packets().len() as u64, duration, bytes })
}

/// The segments as they were given, and what each says of itself.
fn marked<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    container: Container,
    destination: &Destination,
    stop: &StopToken,
) -> Result<Vec<Marked>> {
    paths
        .into_iter()
        .map(|path| {
            stop.check()?;
            let path = path.as_ref().to_owned();
            refuse_itself(&path, destination.path())?;
            let segment = Segment { container: fitting_container(&path, container)?, path };
            let mark = read_mark(&segment)?;
            Ok(Marked { segment, mark })
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
