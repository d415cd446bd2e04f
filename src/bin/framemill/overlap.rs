//! Checks that no output file of a run replaces one of its inputs.

use std::fs;
use std::path::{Path, PathBuf};

use framemill::Audio;
use same_file::Handle;

use crate::args::EncodeArguments;
use crate::pictures;
use crate::usage::WrongUsage;

/// Checks that the movie and its additional files do not replace the input or each other.
pub(crate) fn check(arguments: &EncodeArguments) -> anyhow::Result<()> {
    let options = &arguments.report_options;
    let audio = arguments.movie_options.audio();
    let files = [
        ("INPUT", Some(arguments.input.as_path())),
        ("--audio", audio.as_ref().and_then(Audio::path)),
        ("--output", Some(arguments.output.as_path())),
        ("--stats", options.stats.as_deref()),
        ("--report", options.report.as_deref()),
    ];
    // The first two are only read.
    for (place, (option, path)) in files.iter().enumerate().skip(2) {
        for (other_option, other_path) in &files[..place] {
            if let (Some(path), Some(other_path)) = (path, other_path)
                && is_same(path, other_path)
            {
                let path = path.display();
                return Err(WrongUsage(format!("{other_option} and {option} are the same file: {path}")).into());
            }
        }
    }
    if let Some((option, path)) = files[2..].iter().find(|(_, path)| path.is_some_and(is_standard_input)) {
        let path = path.map(|path| path.display().to_string()).unwrap_or_default();
        return Err(WrongUsage(format!("standard input and {option} are the same file: {path}")).into());
    }
    for (option, path) in files.iter().skip(2) {
        if let Some(path) = path.filter(|path| pictures::is_picture(path)) {
            let message = format!("{option} would replace a picture: {}; choose another name", path.display());
            return Err(WrongUsage(message).into());
        }
    }
    Ok(())
}

/// Returns whether two names refer to one file, including through links. Standard input and output do not count, nor do
/// devices, which may be read and written at once.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    if one.as_os_str() == "-" || other.as_os_str() == "-" {
        return false;
    }
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one_data), Ok(other_data)) => {
            let has_same_name =
                || fs::canonicalize(one).ok().is_some_and(|one| fs::canonicalize(other).ok() == Some(one));
            let is_same = || has_same_name() || same_file::is_same_file(one, other).unwrap_or(false);
            one_data.is_file() && other_data.is_file() && is_same()
        }
        (Err(_), Err(_)) => real(one).zip(real(other)).is_some_and(|(one, other)| one == other),
        _ => false,
    }
}

/// Returns whether standard input reads from this file.
fn is_standard_input(path: &Path) -> bool {
    let is_file = fs::metadata(path).is_ok_and(|data| data.is_file());
    is_file && Handle::from_path(path).is_ok_and(|file| Handle::stdin().is_ok_and(|input| input == file))
}

/// Resolves a path. For a file that does not exist yet, its folder is resolved.
fn real(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(name))
}
