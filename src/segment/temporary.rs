//! Files that are made beside a movie and become it, or go: how they are named, how they are locked, and who may remove
//! them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::named::{is_name_of, tolerate_missing};
use crate::error::{Error, Result};

/// Working files have a short name of a pattern that nobody else uses: any folder takes it, however long the movie's
/// own name is.
const WORKING_PREFIX: &str = ".framemill-";
const WORKING_SUFFIX: &str = ".tmp";

/// The longest name that most file systems take.
const NAME_BYTES: usize = 255;

/// The longest that all do: eCryptfs takes 143.
const SHORT_NAME_BYTES: usize = 140;

/// The most part files of one movie.
const MOST_PARTS: u32 = 999;

/// What is added to a movie's name: `.999.part`.
const ENDING_BYTES: usize = 9;

/// Our file, under a name that no other file had. Dropping it removes it.
///
/// It is locked as long as it is in use, so that nobody takes it for what an interrupted run left.
pub(crate) struct Temporary {
    /// Removes the file when it is dropped, and must leave it where the name is another file's by then.
    name: Option<TempPath>,
    path: PathBuf,
    file: File,
}

/// A file that could not take its place, and why.
pub(crate) struct Refused {
    pub(crate) error: io::Error,
    pub(crate) file: Temporary,
}

impl Temporary {
    /// The part file of a movie at `destination`: `NAME.part`, or `NAME.2.part`, … where an interrupted run left one.
    /// That is never overwritten, and is no surprise to a run that `resumes` it. A name too long for it is cut. It never has
    /// more permissions than `mode`.
    pub(crate) fn part_of(destination: &Path, mode: u32, resumes: bool) -> Result<Self> {
        for attempt in 1..=MOST_PARTS {
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
                            "{} is there from another run; this one uses {}",
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
        let problem = "999 of other runs are there; recover or remove them";
        let error = io::Error::new(io::ErrorKind::AlreadyExists, problem);
        Err(Error::io("create a part file beside", Some(destination), error))
    }

    /// A working file in the folder of `neighbor`: what is in it can be made again at any time. Those that runs left
    /// there which were killed are removed. It never has more permissions than `mode`.
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
        // The name is removed by the file within, which knows whether it still is its own.
        let made = made.map(|made| {
            let (made, name) = made.into_parts();
            let _ = name.keep();
            made
        });
        made.map_err(|source| Error::io("create a working file beside", Some(neighbor), source))
    }

    /// Makes a file that is not there, and locks it.
    fn create(path: PathBuf, mode: u32) -> io::Result<Self> {
        let name = TempPath::try_from_path(&path)?;
        let file = match OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(&path) {
            Ok(file) => file,
            Err(error) => {
                // It is another's.
                let _ = name.keep();
                return Err(error);
            }
        };
        // Whoever looks at it just now lets go at once. Some file systems have no locks; the run goes on without one there.
        if let Err(error) = file.lock() {
            tracing::debug!("cannot lock {}: {error}", path.display());
        }
        let made = Self { name: Some(name), path, file };
        // Before it was locked somebody may have taken it for a dead run's, and removed it.
        if made.is_ours() { Ok(made) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// A second handle on the file, which shares its position.
    pub(crate) fn writer(&self) -> Result<File> {
        self.file.try_clone().map_err(|source| Error::io("open", Some(&self.path), source))
    }

    /// A handle of its own that reads from the start: of this file, whatever became of its name.
    pub(crate) fn reader(&self) -> Result<File> {
        let failed = |source| Error::io("read", Some(&self.path), source);
        let file = File::open(&self.path).map_err(failed)?;
        if self.is_ours() {
            return Ok(file);
        }
        Err(failed(io::Error::new(io::ErrorKind::NotFound, "another file has its name now")))
    }

    /// Puts the bytes on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        tolerate_missing(self.file.sync_all())
    }

    /// Gives the file the name `destination`, in place of what is there or, without `clobber`, where nothing is.
    pub(crate) fn rename(mut self, destination: &Path, clobber: bool) -> Result<(), Box<Refused>> {
        if !self.is_ours() {
            let error =
                io::Error::new(io::ErrorKind::NotFound, format!("{} was removed or replaced", self.path.display()));
            return Err(Box::new(Refused { error, file: self }));
        }
        let Some(name) = self.name.take() else { return Ok(()) };
        let renamed = if clobber { name.persist(destination) } else { name.persist_noclobber(destination) };
        renamed.map_err(|refused| {
            self.name = Some(refused.path);
            Box::new(Refused { error: refused.error, file: self })
        })
    }

    /// Leaves the file where it is; gives its path.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.let_go();
        // A process that was forked meanwhile would hold the lock on.
        let _ = self.file.unlock();
        self.path.clone()
    }

    fn is_ours(&self) -> bool {
        is_name_of(&self.path, &self.file)
    }

    fn let_go(&mut self) {
        if let Some(Err(error)) = self.name.take().map(TempPath::keep) {
            tracing::warn!("{error}");
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.name.is_some() && !self.is_ours() {
            self.let_go();
        }
    }
}

/// The part files that runs of a movie at `destination` left, or write.
pub(crate) fn parts_of(destination: &Path) -> Vec<PathBuf> {
    let names = (1..=MOST_PARTS).flat_map(|attempt| {
        [NAME_BYTES, SHORT_NAME_BYTES].map(|most| named_beside(destination, &part_ending(attempt), most))
    });
    let mut parts: Vec<PathBuf> = names.filter(|path| path.is_file()).collect();
    parts.dedup();
    parts
}

fn part_ending(attempt: u32) -> String {
    if attempt == 1 { ".part".to_owned() } else { format!(".{attempt}.part") }
}

/// `destination` with `ending` behind its name, which is cut where the whole has more than `most` bytes. What it ends
/// in stays, since that names the container.
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

/// The first characters of a name that take at most `most` bytes.
fn first_characters(name: &OsStr, most: usize) -> OsString {
    let mut cut = name.as_bytes().len().min(most);
    let continues = |byte: Option<&u8>| byte.is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    while cut > 0 && continues(name.as_bytes().get(cut)) {
        cut -= 1;
    }
    OsStr::from_bytes(&name.as_bytes()[..cut]).to_owned()
}

/// Removes the working files in `folder` whose makers are gone: nobody has them locked.
fn remove_dead_working_files(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().filter(|entry| is_working_name(&entry.file_name())).map(|entry| entry.path()) {
        let is_file = fs::symlink_metadata(&path).is_ok_and(|data| data.is_file());
        let Some(file) = is_file.then(|| File::open(&path).ok()).flatten() else { continue };
        if file.try_lock().is_ok() && is_name_of(&path, &file) && fs::remove_file(&path).is_ok() {
            tracing::info!("removed {}, which a run left that was killed", path.display());
        }
    }
}

fn is_working_name(name: &OsStr) -> bool {
    let middle = name.to_str().and_then(|name| name.strip_prefix(WORKING_PREFIX)?.strip_suffix(WORKING_SUFFIX));
    middle.is_some_and(|middle| middle.len() == 8 && middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether somebody is writing the file at `path`: a run that goes on has it locked.
pub(crate) fn is_in_use(path: &Path) -> Result<bool> {
    let file = File::open(path).map_err(|source| Error::io("read", Some(path), source))?;
    // Without locks nothing can be known.
    Ok(matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

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

    #[test]
    fn files_never_have_more_permissions_than_asked() {
        let directory = tempfile::tempdir().expect("a directory");
        let movie = directory.path().join("a.mp4");
        let mode = |file: &Temporary| file.file().metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&Temporary::part_of(&movie, 0o600, false).expect("made")), 0o600);
        assert_eq!(mode(&Temporary::working_beside(&movie, 0o600).expect("made")), 0o600);
    }

    #[test]
    fn a_file_of_another_that_took_the_name_stays() {
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
    fn working_files_of_the_dead_go_and_those_of_the_living_and_of_others_stay() {
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
