//! The permissions of a movie that replaces another file.

use std::fs::{File, Metadata};
use std::io;

/// Gives `file` the permissions of the file that it replaces and, if the process may, its owner and group. If the group
/// cannot be kept, the new file's group gets the same permissions as others.
#[cfg(unix)]
pub(super) fn copy_permissions(file: &File, old: &Metadata) -> io::Result<()> {
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
pub(super) fn copy_permissions(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}
