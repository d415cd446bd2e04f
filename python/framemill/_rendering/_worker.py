"""What a worker does: it draws a segment, and encodes it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import OutputError
from ._scene import Scene
from ._segments import Segment
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
        What decides the movie's bytes, and the ending of its name.
    """

    scene: Scene
    options: dict[str, Any]
    fingerprint: str
    suffix: str


@dataclass(frozen=True)
class Task:
    """A segment to make.

    Attributes
    ----------
    movie : Movie
        What it is a segment of.
    segment : Segment
        Its frames.
    items : str or None
        The digest of what they are drawn from.
    store : Store or None
        Where the segment goes; None where workers share no folder with the process that joins.
    """

    movie: Movie
    segment: Segment
    items: str | None
    store: Store | None


@dataclass(frozen=True)
class Made:
    """A segment that was made: its record, and its bytes where it is in no store."""

    record: Record
    content: bytes | None = None


def make_segment(task: Task) -> Made:
    """Draw and encode a segment.

    Raises
    ------
    Exception
        Whatever the user's functions raise, or what `VideoWriter` refuses, with a note that names the frame.
    """
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
        stats, size, picture = movie.scene.encode(path, segment, options)
        watch: Any = stats._watch
        return store.add(
            segment.number,
            path,
            items=task.items,
            size=size,
            frames=len(segment.items),
            movie=watch.stats()[0],
            run=watch.run(),
            packets=packed(watch.packets()),
            drawing=None if stats.drawing is None else dict(vars(stats.drawing)),
            picture=picture,
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
