//! What runs of this process left to be recovered: of each movie two part files at most, the last one and the one with
//! the most frames. A notebook whose cell fails ten times leaves no more.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::destination::Destination;
use crate::error::Error;
use crate::segment::{PacketIndex, is_in_use};

/// Of one movie.
const MOST: usize = 2;

struct Leftover {
    part: PathBuf,
    frames: usize,
    /// The file's size when it was left: another file of that name is not ours to remove.
    bytes: u64,
}

/// By the movie that they were to become, in the order of their runs.
static LEFT: LazyLock<Mutex<HashMap<PathBuf, Vec<Leftover>>>> = LazyLock::new(Mutex::default);

/// Counts `part` as what a run of the movie at `destination` left; gives `cause` with it.
pub(super) fn left(destination: &Destination, part: PathBuf, index: &PacketIndex, cause: Error) -> Error {
    let mut all = lock();
    let left = all.entry(destination.path().to_owned()).or_default();
    left.retain(is_still_there);
    left.push(Leftover { bytes: bytes_of(&part), part: part.clone(), frames: index.packets().len() });
    while left.len() > MOST {
        let last = left.len() - 1;
        let fewest = (0..last).min_by_key(|place| left[*place].frames).unwrap_or(0);
        remove(&left.remove(fewest));
    }
    Error::interrupted(cause, part)
}

/// Removes what was left of the movie at `destination`, which is there now.
pub(super) fn published(destination: &Path) {
    let left = lock().remove(destination).unwrap_or_default();
    left.iter().filter(|left| is_still_there(left)).for_each(remove);
}

fn is_still_there(left: &Leftover) -> bool {
    bytes_of(&left.part) == left.bytes && is_in_use(&left.part).is_ok_and(|used| !used)
}

fn remove(left: &Leftover) {
    match fs::remove_file(&left.part) {
        Ok(()) => tracing::info!("removed {}, which an earlier run left", left.part.display()),
        Err(error) => tracing::warn!("cannot remove {}: {error}", left.part.display()),
    }
}

fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

fn lock() -> MutexGuard<'static, HashMap<PathBuf, Vec<Leftover>>> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}
