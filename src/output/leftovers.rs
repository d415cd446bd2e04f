//! Limits the part files that runs of this process leave for recovery. For each movie, at most two are kept: the last
//! one and the one with the most frames. So a notebook cell that fails ten times leaves at most two.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use super::destination::Destination;
use crate::error::Error;
use crate::segment::{self, FileId, PacketIndex};

/// The largest number of part files per movie.
const MAX_PART_FILES: usize = 2;

struct Leftover {
    part: PathBuf,
    frames: usize,
    /// Identifies our file: another file with the same name is not ours to remove.
    identity: Option<FileId>,
}

/// The part files by the path of their movie, in the order of their runs.
static LEFT: LazyLock<Mutex<HashMap<PathBuf, Vec<Leftover>>>> = LazyLock::new(Mutex::default);

/// Records `part` as left by a run of the movie at `destination`; returns `cause` with its path.
pub(super) fn left(destination: &Destination, part: PathBuf, index: &PacketIndex, cause: Error) -> Error {
    let mut all = lock();
    let left = all.entry(destination.path().to_owned()).or_default();
    // Any recorded file of the same name is this one, even if it has the inode of an earlier one.
    left.retain(|left| left.part != part && is_still_there(left));
    left.push(Leftover { identity: FileId::named(&part).ok(), part: part.clone(), frames: index.packets().len() });
    while left.len() > MAX_PART_FILES {
        let last = left.len() - 1;
        let fewest = (0..last).min_by_key(|place| left[*place].frames).unwrap_or(0);
        remove(&left.remove(fewest));
    }
    Error::interrupted(cause, part)
}

/// Records part files of other processes as left by this one, because their frames are in a movie that it makes.
pub(super) fn adopt(destination: &Destination, parts: &[(PathBuf, usize)]) {
    let mut all = lock();
    let left = all.entry(destination.path().to_owned()).or_default();
    for (part, frames) in parts {
        left.retain(|left| left.part != *part);
        left.push(Leftover { identity: FileId::named(part).ok(), part: part.clone(), frames: *frames });
    }
}

/// Removes the part files of the movie at `destination`, if they have no more frames than the published movie.
pub(super) fn published(destination: &Path, index: &PacketIndex) {
    let mut all = lock();
    let Some(left) = all.remove(destination) else { return };
    let (shorter, longer): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|left| left.frames <= index.packets().len());
    shorter.iter().for_each(remove);
    if !longer.is_empty() {
        all.insert(destination.to_owned(), longer);
    }
}

fn is_still_there(left: &Leftover) -> bool {
    FileId::named(&left.part).is_ok_and(|identity| Some(identity) == left.identity)
}

/// Removes a part file, unless it was replaced or is in use.
fn remove(left: &Leftover) {
    let _file = match segment::claim(&left.part) {
        Ok(Some(file)) => file,
        Ok(None) => return,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return tracing::warn!("{} is left: it cannot be locked: {error}", left.part.display()),
    };
    if !is_still_there(left) {
        return;
    }
    match fs::remove_file(&left.part) {
        Ok(()) => tracing::info!("removed {}, left by an earlier run", left.part.display()),
        Err(error) => tracing::warn!("cannot remove {}: {error}", left.part.display()),
    }
}

fn lock() -> MutexGuard<'static, HashMap<PathBuf, Vec<Leftover>>> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}
