//! Who may read the movie that takes the place of another.

use std::fs::{File, Metadata};
use std::io;

/// Gives `file` the owner, the group and the mode of an older one. Where the group cannot be kept, its members may do
/// what everybody may.
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
        tracing::warn!("the group of the file that is replaced cannot be kept; the new one has the mode {mode:o}");
    }
    if mode == new.mode() & 0o777 { Ok(()) } else { file.set_permissions(Permissions::from_mode(mode)) }
}

/// Windows gives a file the permissions of its folder.
#[cfg(windows)]
pub(super) fn take_over(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}
