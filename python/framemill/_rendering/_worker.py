"""What a worker does: it draws a segment, and encodes it."""

from __future__ import annotations

import os
import pickle
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import OutputError, SettingsError
from ._fingerprint import versions
from ._scene import Scene
from ._segments import Segment
from ._sending import dumps
from ._store import Record, Store, packed

# Segments that go back through the executor have at most so many bytes: schedulers hold what workers return in memory.
MOST_BYTES = 16 << 20


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
        What decides the movie's bytes, and the ending of its segments' names.
    versions : dict
        What must be installed where it is made.
    """

    scene: Scene
    options: dict[str, Any]
    fingerprint: str
    suffix: str
    versions: dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A segment to make.

    Attributes
    ----------
    movie : Movie
        What it is a segment of.
    segment : Segment
        Its frames.
    items : str
        The fingerprint of what they are drawn from.
    store : Store or None
        Where the segment goes; None where workers share no folder with the process that joins.
    """

    movie: Movie
    segment: Segment
    items: str
    store: Store | None


@dataclass(frozen=True)
class Made:
    """A segment that was made: its record, and its bytes where it is in no store."""

    record: Record
    content: bytes | None = None


class Failed:
    """What a worker of another process raised. It is returned, as executors lose exceptions that pickle cannot send."""

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
        """The exception, with the worker's traceback as a note."""
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
        In this process: whatever the user's functions raise, or what `VideoWriter` refuses, with a note that names the
        frame. In another one it is returned.
    """
    if not task.movie.scene.is_sent:
        return _make_segment(task)
    try:
        _check_versions(task.movie.versions)
        return _make_segment(task)
    except Exception as error:
        return Failed(error)


def _check_versions(expected: dict[str, Any]) -> None:
    installed = versions()
    for name, value in expected.items():
        if installed.get(name) != value:
            raise SettingsError(
                f"a worker has {name} {installed.get(name)}, and the movie is planned with {value}: install the same"
                " everywhere"
            )


def _make_segment(task: Task) -> Made:
    if task.store is not None:
        return Made(_made_in(task.store, task))
    with tempfile.TemporaryDirectory(prefix="framemill-") as folder:
        store = Store(Path(folder), task.movie.fingerprint, task.movie.suffix)
        record = _made_in(store, task)
        path = store.path(record)
        if path.stat().st_size > MOST_BYTES:
            raise OutputError(
                f"segment {task.segment.number} has {path.stat().st_size} bytes, and {MOST_BYTES} at most go through"
                " the executor: give scratch, a folder that all workers share, or a smaller segment"
            )
        return Made(record, path.read_bytes())


def _made_in(store: Store, task: Task) -> Record:
    movie, segment = task.movie, task.segment
    path = store.new_path(segment.number)
    options = {**movie.options, "jobs": 1, "segment_frames": len(segment.items)}
    try:
        with movie.scene.prepared(segment):
            stats, size, picture = movie.scene.encode(path, segment, options)
        watch: Any = stats._watch
        return store.add(
            segment.number,
            path,
            items=task.items,
            size=list(size),
            frames=len(segment.items),
            movie=watch.stats()[0],
            run=watch.run(),
            packets=packed(watch.packets()),
            drawing=None if stats.drawing is None else dict(vars(stats.drawing)),
            picture=picture,
        )
    except OSError as error:
        store.discard(path)
        if isinstance(error, OutputError):
            # The part file of a segment is nothing to recover.
            error.part_file = None
            why = os.strerror(error.errno) if error.errno else str(error)
            raise OutputError(error.errno, f"segment {segment.number} cannot be written: {why}", str(path)) from error
        raise
    except BaseException:
        store.discard(path)
        raise
