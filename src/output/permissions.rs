//! The permissions of a movie that replaces another file.

use std::fs::{File, Metadata};
use std::io;

/// Sets the owner, the group and the mode of `file` to those of an older file. If the group cannot be kept, its members
/// get the permissions of everybody.
#[cfg(unix)]
pub(super) fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let new = file.metadata()?;
    let mut mode = old.mode() & 0o777;
    let owned =
        (old.uid(), old.gid()) == (new.uid(), new.gid()) || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    if !owned && old.gid() != new.gid() && fchown(file, None, Some(old.gid())).is_err() {
        mode = (mode & 0o707) | ((mode & 0o007) << 3);
        tracing::warn!("the group of the replaced file cannot be kept; the new file has the mode {mode:o}");
    }
    if mode == new.mode() & 0o777 { Ok(()) } else { file.set_permissions(Permissions::from_mode(mode)) }
}

/// Does nothing: Windows gives a file the permissions of its folder.
#[cfg(windows)]
pub(super) fn take_over(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}
