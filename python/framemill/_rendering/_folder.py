"""The folder in which segments wait for each other."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO


class Folder:
    """A folder for the segments of one movie: in `scratch`, or in a new folder beside the movie.

    Parameters
    ----------
    movie : path
        The movie.
    scratch : path or None
        A folder for segments of any movies.
    fingerprint : str
        What decides the movie's bytes.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    is_shared : bool
        Whether workers on other machines see it.
    """

    def __init__(self, movie: Path, scratch: str | os.PathLike[str] | None, fingerprint: str) -> None:
        self.is_shared = scratch is not None
        if scratch is not None:
            self._root = Path(scratch).absolute()
        else:
            self._root = Path(tempfile.mkdtemp(prefix=f"{movie.name[:200]}.segments-", dir=movie.parent))
        self.path = self._root / fingerprint
        self._lock = self._locked()

    def keep(self, error: BaseException) -> None:
        """The run failed: say how to go on from the segments that are finished."""
        finished = len(list(self.path.glob("*.json")))
        if finished:
            error.add_note(
                f"framemill: {finished} segments are finished: render again with scratch={str(self._root)!r} to go on"
                " from there"
            )
        elif not self.is_shared:
            self.remove()

    def remove(self) -> None:
        """The movie is published: remove its segments, unless another run uses them."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        shutil.rmtree(self.path if self.is_shared else self._root, ignore_errors=True)

    def close(self) -> None:
        """Let other runs remove the segments."""
        self._lock.close()

    def _locked(self) -> IO[bytes]:
        """Make the folder, if it is not there, and lock it against being removed."""
        while True:
            self.path.mkdir(parents=True, exist_ok=True)
            path = self.path / "lock"
            try:
                lock = path.open("ab")
                # A file system without locks has folders that are never removed.
                with suppress(OSError):
                    fcntl.flock(lock, fcntl.LOCK_SH)
                if path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                    return lock
                lock.close()
            except FileNotFoundError:
                # A run that ended removed it in the meantime.
                continue
