"""The work of a worker: it draws and encodes a segment."""

from __future__ import annotations

import os
import pickle
import tempfile
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .._errors import OutputError, SettingsError
from ._fingerprint import fingerprint, versions
from ._scene import Scene
from ._segments import Segment
from ._sending import dumps
from ._sources import Source, check_sources
from ._store import Record, Store, compressed_text

# The most bytes of a segment that is returned through the executor: schedulers keep results in memory.
MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class Movie:
    """How a movie is drawn and encoded.

    Attributes
    ----------
    scene : Scene
        How its frames are drawn.
    options : dict
        The keywords of `VideoWriter`.
    fingerprint, suffix : str
        The fingerprint of everything that decides the movie's bytes, and the extension of its segments.
    versions : dict
        The versions that workers must have installed.
    sources : dict
        The user's modules that workers must have.
    """

    scene: Scene
    options: dict[str, Any]
    fingerprint: str
    suffix: str
    versions: dict[str, Any]
    sources: dict[str, Source]


@dataclass(frozen=True)
class Task:
    """A segment to make.

    Attributes
    ----------
    movie : Movie
        The movie of the segment.
    segment : Segment
        Its frames.
    items_fingerprint : str or None
        The fingerprint of the items of its frames. `prepared` sets it.
    store : Store or None
        The store of the segment; None if workers share no folder with the process that joins.
    """

    movie: Movie
    segment: Segment
    items_fingerprint: str | None
    store: Store | None

    def prepared(self, copies_items: bool) -> Task:
        """Return this task with the fingerprint of its items; if it copies them, only with those of its segment.

        A lazy sequence makes them now, in this thread.
        """
        segment = self.segment.with_items() if copies_items else self.segment
        items = self.items_fingerprint or fingerprint(list(segment.all_items())).text
        return replace(self, segment=segment, items_fingerprint=items)


@dataclass(frozen=True)
class Made:
    """A finished segment: its record, and its bytes if it is not in a store."""

    record: Record
    content: bytes | None = None


class Failed:
    """An exception in another process. It is returned, because executors lose exceptions that pickle cannot send."""

    def __init__(self, error: BaseException) -> None:
        self._text = "".join(traceback.format_exception(error))
        self._summary = f"{type(error).__qualname__}: {error}"
        self._notes = list(getattr(error, "__notes__", ()))
        try:
            self._content: bytes | None = dumps(error)
            pickle.loads(self._content)
        except Exception:
            self._content = None

    def error(self) -> BaseException:
        """Return the exception, with the worker's traceback as a note."""
        error: Any = None
        if self._content is not None:
            try:
                error = pickle.loads(self._content)
            except Exception:
                error = None
        if not isinstance(error, BaseException):
            error = RuntimeError(f"{self._summary} (this exception cannot be sent between processes)")
        error.__notes__ = [*self._notes, f"framemill: raised in a worker:\n{self._text.rstrip()}"]
        return error  # type: ignore[no-any-return]


def make_segment(task: Task) -> Made | Failed:
    """Draw and encode a segment.

    Raises
    ------
    Exception
        In the calling process: any exception of the user's functions or of `VideoWriter`, with a note that names the
        frame. In other processes, `Failed` is returned instead.
    """
    if not task.movie.scene.is_received:
        return _make(task)
    try:
        _check_versions(task.movie.versions)
        check_sources(task.movie.sources)
        return _make(task)
    except Exception as error:
        return Failed(error)


def _check_versions(expected: dict[str, Any]) -> None:
    installed = versions()
    for name, value in expected.items():
        if installed.get(name) != value:
            what = {"python": "Python", "build": "FFmpeg"}.get(name, name)
            found, needed = (_readable(name, version) for version in (installed.get(name), value))
            raise SettingsError(
                f"a worker has {what} {found}, but the movie was started with {needed}: install the same version"
                " everywhere"
            )


def _readable(name: str, version: Any) -> str:
    return ".".join(map(str, version)) if name == "python" else str(version)


def _make(task: Task) -> Made:
    if task.store is not None and task.items_fingerprint is not None:
        # An executor may lose the result of a worker that dies after it has stored the segment.
        stored = task.store.find(task.segment.number, task.items_fingerprint)
        return Made(_encode_into(task.store, task) if stored is None else stored)
    with tempfile.TemporaryDirectory(prefix="framemill-") as folder:
        store = Store(Path(folder), task.movie.fingerprint, task.movie.suffix)
        record = _encode_into(store, task)
        path = store.path(record)
        if path.stat().st_size > MAX_BYTES:
            raise OutputError(
                f"segment {task.segment.number} has {path.stat().st_size} bytes, but at most {MAX_BYTES} are returned"
                f" through the executor: set scratch to a folder that all workers share, or use smaller segments"
            )
        return Made(record, path.read_bytes())


def _encode_into(store: Store, task: Task) -> Record:
    movie, segment = task.movie, task.segment
    assert task.items_fingerprint is not None
    path = store.new_path(segment.number)
    options = {**movie.options, "jobs": 1, "segment_frames": segment.frames}
    try:
        with movie.scene.prepared(segment):
            stats, size, picture = movie.scene.encode(path, segment, options)
        watch: Any = stats._watch
        return store.add(
            segment.number,
            path,
            items=task.items_fingerprint,
            size=list(size),
            frames=segment.frames,
            movie=watch.stats()[0],
            run=watch.run(),
            packets=compressed_text(watch.packets()),
            drawing=None if stats.drawing is None else dict(vars(stats.drawing)),
            picture=picture,
        )
    except BaseException as error:
        store.discard(path)
        if not isinstance(error, OutputError):
            raise
        # The part file of a segment is not worth recovering.
        error.part_file = None
        problem = f"segment {segment.number} cannot be written"
        if error.errno:
            raise OutputError(error.errno, f"{problem}: {os.strerror(error.errno)}", str(path)) from error
        raise OutputError(f"{problem}: {error}") from error
