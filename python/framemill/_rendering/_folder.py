"""The folder of finished segments."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from .._errors import OutputError

# In the name of a folder beside a movie.
MARK = ".segments-"


class Folder:
    """A folder for the segments of one movie: in `scratch`, or in a new folder beside the movie.

    Parameters
    ----------
    movie : path
        The movie.
    scratch : path or None
        A folder for segments of any movies.
    fingerprint : str
        The fingerprint of everything that decides the movie's bytes.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    is_shared : bool
        Whether workers on other machines can access it.

    Raises
    ------
    OutputError
        The folder cannot be created.
    """

    def __init__(self, movie: Path, scratch: str | os.PathLike[str] | None, fingerprint: str) -> None:
        self.is_shared = scratch is not None
        self._lock: IO[bytes] | None = None
        self._is_removable = True
        try:
            if scratch is None:
                self._root = Path(tempfile.mkdtemp(prefix=f"{movie.name[:40]}{MARK}", dir=movie.parent))
            else:
                self._root = Path(os.fsdecode(scratch)).absolute()
            self.path = self._root / fingerprint
            self.path.mkdir(parents=True, exist_ok=True)
            if self.is_shared:
                self._lock = self._locked()
        except OSError as error:
            where = os.fspath(movie.parent if scratch is None else scratch)
            raise OutputError(
                error.errno, f"the folder for segments cannot be made in {where!r}: {error.strerror}"
            ) from error

    def keep_or_remove(self, error: BaseException) -> None:
        """Keep finished segments after an error, and add a note on how to continue.

        If there are none, remove the folder, unless it is the user's `scratch`.
        """
        finished = len(list(self.path.glob("*.json")))
        if finished:
            error.add_note(
                f"framemill: finished segments: {finished}. To go on from there, render again with"
                f" scratch={str(self._root)!r} and the same draw, setup, frames and options"
            )
        elif not self.is_shared:
            shutil.rmtree(self._root, ignore_errors=True)

    def remove(self) -> None:
        """Remove the segments of a published movie, unless another run uses them."""
        if not self._is_removable:
            return
        if self._lock is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return
        shutil.rmtree(self.path, ignore_errors=True)
        if MARK in self._root.name:
            # The folder stays if it has other segments.
            with suppress(OSError):
                self._root.rmdir()

    def close(self) -> None:
        """Allow other runs to remove the segments."""
        if self._lock is not None:
            with suppress(OSError):
                # A process that was forked meanwhile would keep the lock.
                fcntl.flock(self._lock, fcntl.LOCK_UN)
            self._lock.close()

    def _locked(self) -> IO[bytes]:
        """Lock the folder, so that no other run removes it."""
        while True:
            self.path.mkdir(parents=True, exist_ok=True)
            path = self.path / "lock"
            # A run that ends may remove the folder at any time, and then this one makes it again.
            try:
                # Over NFS, only a file that is open for reading can have a shared lock.
                lock = path.open("a+b")
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_SH)
            except OSError:
                # On a file system without locks, other runs may use the folder.
                self._is_removable = False
            with suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                    return lock
            lock.close()
