//! Files that are made beside a movie and become it or are removed: their names, their locks, and who may remove them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::lock::{claim, create_locked, is_locked, unlock};
use super::named::{is_name_of, tolerate_missing};
use crate::error::{Error, Result};

/// The prefix of working files, which have a short name that nothing else uses: any folder accepts it, however long the
/// movie's own name is.
const WORKING_PREFIX: &str = ".framemill-";
const WORKING_SUFFIX: &str = ".tmp";

/// The longest name that most file systems accept.
const NAME_BYTES: usize = 255;

/// The longest name that all file systems accept: eCryptfs allows 143.
const SHORT_NAME_BYTES: usize = 140;

/// The largest number of part files of one movie.
const MAX_PARTS: u32 = 999;

/// The bytes that are added to a movie's name: `.999.part`.
const ENDING_BYTES: usize = 9;

/// Our file, under a name that no other file had. Dropping it removes it.
///
/// It is locked while it is in use, so that it is not mistaken for the file of an interrupted run.
pub(crate) struct Temporary {
    path: PathBuf,
    /// Whether dropping it removes the file.
    removed_on_drop: bool,
    file: File,
}

/// A file that could not be renamed, and why.
pub(crate) struct Refused {
    pub(crate) error: io::Error,
    pub(crate) file: Temporary,
}

impl Temporary {
    /// Makes the part file of a movie at `destination`: `NAME.part`, or `NAME.2.part`, … if an interrupted run left
    /// one, which is never overwritten, and which a run that `resumes` it expects. A name that is too long is cut. The
    /// file never has more permissions than `mode`.
    pub(crate) fn part_of(destination: &Path, mode: u32, resumes: bool) -> Result<Self> {
        for attempt in 1..=MAX_PARTS {
            let ending = part_ending(attempt);
            let made = match Self::create(named_beside(destination, &ending, NAME_BYTES), mode) {
                Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                    Self::create(named_beside(destination, &ending, SHORT_NAME_BYTES), mode)
                }
                made => made,
            };
            match made {
                Ok(part) => {
                    if attempt > 1 && !resumes {
                        let left = named_beside(destination, ".part", NAME_BYTES);
                        tracing::warn!(
                            "{} is left from another run; this run uses {}",
                            left.display(),
                            part.path.display()
                        );
                    }
                    return Ok(part);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let path = named_beside(destination, &ending, NAME_BYTES);
                    return Err(Error::io("create", Some(&path), error));
                }
            }
        }
        let problem = "there are 999 from other runs; recover or remove them";
        let error = io::Error::new(io::ErrorKind::AlreadyExists, problem);
        Err(Error::io("create a part file beside", Some(destination), error))
    }

    /// Makes a working file in the folder of `neighbor`. Its contents can be made again at any time. Working files of
    /// killed runs are removed. The file never has more permissions than `mode`.
    pub(crate) fn working_beside(neighbor: &Path, mode: u32) -> Result<Self> {
        let folder = match neighbor.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        remove_dead_working_files(folder);
        let made = tempfile::Builder::new()
            .prefix(WORKING_PREFIX)
            .rand_bytes(8)
            .suffix(WORKING_SUFFIX)
            .make_in(folder, |path| Self::create(path.to_owned(), mode));
        // The file inside removes the name, because it knows whether the name is still its own.
        let made = made.map(|made| {
            let (made, name) = made.into_parts();
            let _ = name.keep();
            made
        });
        made.map_err(|source| Error::io("create a working file beside", Some(neighbor), source))
    }

    /// Creates a file that does not exist, and locks it.
    fn create(path: PathBuf, mode: u32) -> io::Result<Self> {
        let file = create_locked(&path, mode)?;
        let made = Self { path, removed_on_drop: true, file };
        // Before it was locked, another process may have mistaken it for a dead run's and removed it.
        if made.is_ours() { Ok(made) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Returns a second handle on the file, which shares its position.
    pub(crate) fn writer(&self) -> Result<File> {
        self.file.try_clone().map_err(|source| Error::io("open", Some(&self.path), source))
    }

    /// Returns a separate handle that reads this file from the start, even if its name has changed.
    pub(crate) fn reader(&self) -> Result<File> {
        let failed = |source| Error::io("read", Some(&self.path), source);
        let file = File::open(&self.path).map_err(failed)?;
        if self.is_ours() {
            return Ok(file);
        }
        Err(failed(io::Error::new(io::ErrorKind::NotFound, "another file has its name now")))
    }

    /// Syncs the bytes to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        tolerate_missing(self.file.sync_all())
    }

    /// Renames the file to `destination`, replacing an existing file only with `clobber`.
    pub(crate) fn rename(mut self, destination: &Path, clobber: bool) -> Result<(), Box<Refused>> {
        if !self.is_ours() {
            let error =
                io::Error::new(io::ErrorKind::NotFound, format!("{} was removed or replaced", self.path.display()));
            return Err(Box::new(Refused { error, file: self }));
        }
        let renamed = if clobber {
            fs::rename(&self.path, destination)
        } else {
            rename_without_replacing(&self.path, destination)
        };
        match renamed {
            Ok(()) => {
                self.removed_on_drop = false;
                Ok(())
            }
            Err(error) => Err(Box::new(Refused { error, file: self })),
        }
    }

    /// Leaves the file where it is; returns its path.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.removed_on_drop = false;
        unlock(&self.file);
        self.path.clone()
    }

    fn is_ours(&self) -> bool {
        is_name_of(&self.path, &self.file)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The name may be another file's by now.
        if self.removed_on_drop && self.is_ours() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Renames a file, unless the new name is taken.
fn rename_without_replacing(path: &Path, destination: &Path) -> io::Result<()> {
    TempPath::try_from_path(path)?.persist_noclobber(destination).map_err(|refused| {
        // The caller decides whether the file is removed.
        let _ = refused.path.keep();
        refused.error
    })
}

/// Returns the part files of a movie at `destination`, finished or being written.
pub(crate) fn parts_of(destination: &Path) -> Vec<PathBuf> {
    let names = (1..=MAX_PARTS).flat_map(|attempt| {
        [NAME_BYTES, SHORT_NAME_BYTES].map(|most| named_beside(destination, &part_ending(attempt), most))
    });
    let mut parts: Vec<PathBuf> = names.filter(|path| path.is_file()).collect();
    parts.dedup();
    parts
}

fn part_ending(attempt: u32) -> String {
    if attempt == 1 { ".part".to_owned() } else { format!(".{attempt}.part") }
}

/// Returns `destination` with `ending` after its name, which is cut if the whole has more than `most` bytes. Its
/// extension stays, because it selects the container.
fn named_beside(destination: &Path, ending: &str, most: usize) -> PathBuf {
    let name = destination.file_name().unwrap_or_default();
    let mut beside = name.to_owned();
    if name.len() + ENDING_BYTES > most {
        let extension = destination.extension().unwrap_or_default();
        let stem = destination.file_stem().unwrap_or_default();
        beside = first_characters(stem, most.saturating_sub(ENDING_BYTES + 2 + extension.len()));
        beside.push("~.");
        beside.push(extension);
    }
    beside.push(ending);
    destination.with_file_name(beside)
}

/// Returns the first characters of a name that fit in `most` bytes.
fn first_characters(name: &OsStr, most: usize) -> OsString {
    if name.len() <= most {
        return name.to_owned();
    }
    let name = name.to_string_lossy();
    let ends = name.char_indices().map(|(start, character)| start + character.len_utf8());
    let cut = ends.take_while(|end| *end <= most).last().unwrap_or(0);
    OsString::from(&name[..cut])
}

/// Removes the working files in `folder` that are not locked, because their processes have ended.
fn remove_dead_working_files(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().filter(|entry| is_working_name(&entry.file_name())).map(|entry| entry.path()) {
        let is_file = fs::symlink_metadata(&path).is_ok_and(|data| data.is_file());
        let Some(file) = is_file.then(|| claim(&path).ok()).flatten().flatten() else { continue };
        if is_name_of(&path, &file) && fs::remove_file(&path).is_ok() {
            tracing::info!("removed {}, left by a killed run", path.display());
        }
    }
}

fn is_working_name(name: &OsStr) -> bool {
    let middle = name.to_str().and_then(|name| name.strip_prefix(WORKING_PREFIX)?.strip_suffix(WORKING_SUFFIX));
    middle.is_some_and(|middle| middle.len() == 8 && middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns whether the file at `path` is being written: a run keeps its file locked.
pub(crate) fn is_in_use(path: &Path) -> Result<bool> {
    is_locked(path).map_err(|source| Error::io("read", Some(path), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_too_long_are_cut_between_characters_and_keep_their_ending() {
        let beside = |name: &str| named_beside(Path::new(name), ".part", NAME_BYTES);
        assert_eq!(beside("a/demo.mp4"), Path::new("a/demo.mp4.part"));
        for length in 230..=255 {
            let name = format!("{}.mp4", "ä".repeat((length - 4) / 2));
            let beside = beside(&name);
            let text = beside.to_str().expect("whole characters");
            assert!(text.len() <= NAME_BYTES && text.ends_with(".mp4.part"), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_never_have_more_permissions_than_asked() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().expect("a directory");
        let movie = directory.path().join("a.mp4");
        let mode = |file: &Temporary| file.file().metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&Temporary::part_of(&movie, 0o600, false).expect("made")), 0o600);
        assert_eq!(mode(&Temporary::working_beside(&movie, 0o600).expect("made")), 0o600);
    }

    #[test]
    #[cfg_attr(windows, ignore = "Wine 8 cannot remove or replace an open file, as Windows 10 can")]
    fn a_file_that_replaced_ours_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let part = Temporary::part_of(&directory.path().join("a.mp4"), 0o666, false).expect("made");
        let path = part.path().to_owned();
        fs::remove_file(&path).expect("removed");
        fs::write(&path, "another's").expect("written");
        assert!(part.reader().is_err());
        drop(part);
        assert_eq!(fs::read(&path).expect("still there"), b"another's");
    }

    #[test]
    fn only_working_files_of_dead_processes_are_removed() {
        let directory = tempfile::tempdir().expect("a directory");
        let in_folder = |name: &str| directory.path().join(name);
        let movie = in_folder("a.mp4");
        for name in [".framemill-abcd1234.tmp", ".framemill-mine.tmp", "a.fin"] {
            fs::write(in_folder(name), "bytes").expect("written");
        }
        let living = Temporary::working_beside(&movie, 0o666).expect("made");
        let second = Temporary::working_beside(&movie, 0o666).expect("made");
        assert!(!in_folder(".framemill-abcd1234.tmp").exists());
        assert!(living.path().exists() && second.path().exists());
        drop((living, second));
        let mut left: Vec<_> =
            fs::read_dir(directory.path()).expect("a folder").map(|e| e.expect("read").file_name()).collect();
        left.sort();
        assert_eq!(left, [".framemill-mine.tmp", "a.fin"]);
    }
}
