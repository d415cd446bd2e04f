"""`render`: a movie whose frames are drawn and encoded by many workers."""

from __future__ import annotations

import errno
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from types import MappingProxyType
from typing import Any, Unpack

from .. import _native
from .._errors import FrameError, OutputExistsError, OutputNotFoundError, SettingsError, SettingsTypeError
from .._join import join
from .._options import Options, path_or_file, resolve
from .._progress import is_seen
from .._stats import Stats
from .._writer import FrameRate
from ._count import Count
from ._fingerprint import fingerprint, items_digest
from ._folder import Folder
from ._handout import hand_out
from ._joined_stats import joined_stats
from ._joint import TOLERANCE, difference
from ._pools import Pool, pool_of
from ._scene import FunctionScene, Scene
from ._segments import Segment, frames_of, segment_length, split
from ._store import Record, Store
from ._worker import Made, Movie, Task

# Options that `render` sets itself, or that are about a whole movie, which no worker sees.
NOT_FOR_RENDER = {
    "jobs": "each worker has one encoder: set executor",
    "segment_frames": "set segment",
    "max_size": "a segment does not know how large the others become: use crf",
    "bitrate": "a segment does not know how large the others become: use crf",
    "maxrate": "the buffer of a player is not known at the beginning of a segment: use crf",
    "bufsize": "the buffer of a player is not known at the beginning of a segment: use crf",
}


def render(
    draw: Callable[..., Any],
    frames: int | Sequence[Any],
    output: str | os.PathLike[str],
    fps: FrameRate = 30,
    *,
    setup: Callable[[], Any] | None = None,
    executor: int | Executor | Any = None,
    segment: int | None = None,
    scratch: str | os.PathLike[str] | None = None,
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    **options: Unpack[Options],
) -> Stats:
    """Draw and encode a movie by many workers.

    The frames are split into segments. A worker draws the frames of a segment and encodes them, and the segments are
    joined to the movie. For the same `draw`, `frames`, `segment` and options the movie has the same bytes, whatever the
    executor is.

    Parameters
    ----------
    draw : callable
        Called as `draw(item)`, or as `draw(state, item)` with `setup`. Returns a Matplotlib figure, an array or a
        picture: what `VideoWriter.write` takes; or None for the figure that `setup` returned. A frame must not depend
        on the frames before it.
    frames : int or sequence
        The item for each frame: a range, a list, an array. A number stands for that range: 100 for `range(100)`.
    output : path
        The movie. Its name tells the container. It appears when it is whole.
    fps : float, Fraction or str, default 30
        Frames a second.
    setup : callable, optional
        Called once in each worker, for what all its frames share: a figure, an open file, a scene.
    executor : int, concurrent.futures.Executor or dask.distributed.Client, optional
        Who draws. None draws here, one segment after the other. A number starts so many processes, by loky, and
        replaces those that die. An executor is used as it is.
    segment : int, optional
        Frames of a segment. Each starts with a keyframe. By default 50 to 250, such that there are 64 segments.
    scratch : path, optional
        A folder for finished segments, which workers on other machines must share. A run that was interrupted goes on
        from there when it is started again. Segments are removed when the movie is published.
    retries : int, default 3
        How often a segment is made again whose worker died. An exception of `draw` ends the run.
    progress : bool, optional
        Show a bar of tqdm's; on a terminal, where tqdm is installed, when not given.
    layers : bool, default True
        As for `VideoWriter`.
    **options
        As for `VideoWriter`: crf=18, preset="fast", … A bit rate and `max_size` are refused.

    Returns
    -------
    Stats
        What the encoders did, for the whole movie. Times of processors add up over workers.

    Raises
    ------
    framemill.SettingsError, framemill.SettingsTypeError
        An argument cannot be used. Nothing was drawn.
    framemill.FrameError, framemill.FrameTypeError
        A frame cannot be taken. A note names it.
    framemill.OutputError
        Writing failed. Also an OSError.
    concurrent.futures.BrokenExecutor
        A worker died, and could not be replaced.
    Exception
        What `draw` or `setup` raised. A note names the frame, and another one the folder of the segments that are
        finished.

    Examples
    --------
    >>> import numpy as np, framemill
    >>> def draw(frame):
    ...     return np.full((120, 160), frame, np.uint8)
    >>> framemill.render(draw, 100, "shades.mp4", segment=25).frames
    100
    """
    if not callable(draw) or not (setup is None or callable(setup)):
        raise SettingsTypeError(f"draw and setup must be functions, and are {draw!r} and {setup!r}")
    return render_scene(
        FunctionScene(draw, setup),
        frames_of(frames),
        output,
        fps,
        options,
        executor=executor,
        segment=segment,
        scratch=scratch,
        retries=retries,
        progress=progress,
        layers=layers,
    )


def render_scene(
    scene: Scene,
    items: Sequence[Any],
    output: Any,
    fps: FrameRate,
    options: Options,
    *,
    executor: Any,
    segment: Any,
    scratch: str | os.PathLike[str] | None,
    retries: Any,
    progress: bool | None,
    layers: bool,
    scene_options: Mapping[str, Any] = MappingProxyType({}),
    is_strict: bool = False,
) -> Stats:
    """Draw and encode a scene, as `render` describes it.

    Parameters
    ----------
    scene : Scene
        What draws.
    items : sequence
        What each frame is drawn from.
    scene_options : mapping
        What `Scene.encode` gets beside the keywords of `VideoWriter`.
    is_strict : bool
        Whether frames that depend on those before them are an error, and not a warning.
    """
    begin = time.monotonic()
    length = segment_length(segment, len(items))
    path, resolved = _checked(output, fps, options, length)
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise SettingsError(f"retries must be a whole number from 0 on, and is {retries!r}")
    about = {**resolved, **scene_options, "suffix": path.suffix, "segment": length, "layers": layers}
    mark = fingerprint(about, *scene.functions)
    # `clobber` is about the movie, and not about its segments.
    keywords = {name: value for name, value in options.items() if name != "clobber"}
    movie = Movie(scene, {**keywords, **scene_options, "fps": fps, "layers": layers}, mark, path.suffix)
    pool = pool_of(executor)
    try:
        if pool.sends:
            scene.pickled()
        folder = Folder(path, scratch, mark)
        store = Store(folder.path, mark, path.suffix)
        try:
            with Count(is_seen() if progress is None else progress, len(items)) as count:
                run = _Run(pool, store, count, split(items, length), is_strict)
                records = run.make_all(movie, folder.is_shared or pool.is_local, retries)
            joined = join([store.path(record) for record in records], path, clobber=options.get("clobber", True))
        except BaseException as error:
            folder.keep(error)
            raise
        else:
            folder.remove()
        finally:
            folder.close()
            scene.forget()
    except BaseException:
        pool.close(now=True)
        raise
    pool.close(now=False)
    stats = joined_stats(records, joined.path, joined.bytes, time.monotonic() - begin)
    _warn_of_doubtful(stats)
    return stats


def _checked(output: Any, fps: FrameRate, options: Options, length: int) -> tuple[Path, dict[str, Any]]:
    """The movie's path, and the options as the native part takes them."""
    name, _ = path_or_file(output)
    if name is None:
        raise SettingsTypeError("the output must be a path: segments are joined to a file")
    for option, why in NOT_FOR_RENDER.items():
        if options.get(option) is not None:
            raise SettingsError(f"{option} does not go with render: {why}")
    path = Path(name).absolute()
    resolved = resolve(fps, {**options, "jobs": 1, "segment_frames": length})
    _native.validate(resolved, str(path), (64, 64))
    if not path.parent.is_dir():
        raise OutputNotFoundError(errno.ENOENT, "the folder of the movie is not there", str(path.parent))
    if not options.get("clobber", True) and os.path.lexists(path):
        raise OutputExistsError(errno.EEXIST, "the file exists, and clobber=False keeps it", str(path))
    return path, resolved


class _Run:
    """Has the segments made that the store does not have, and checks that they go together."""

    def __init__(self, pool: Pool, store: Store, count: Count, segments: Sequence[Segment], is_strict: bool) -> None:
        self._pool, self._store, self._count = pool, store, count
        self._segments, self._is_strict = segments, is_strict
        self._records: dict[int, Record] = {}

    def make_all(self, movie: Movie, is_shared: bool, retries: int) -> list[Record]:
        """The records of all segments, in order."""
        tasks = []
        for segment in self._segments:
            digest = items_digest(segment.items, is_sent=self._pool.sends)
            if digest is not None and (record := self._store.find(segment.number, digest)) is not None:
                self._add(segment, record)
                self._count.found(record.frames)
            else:
                tasks.append(Task(movie, segment, digest, self._store if is_shared else None))
        hand_out(self._pool, tasks, retries, self._take, lambda task: self._count.lost())
        return [self._records[segment.number] for segment in self._segments]

    def _take(self, task: Task, made: Made) -> None:
        if made.content is not None:
            self._store.add_bytes(task.segment.number, made.content, made.record)
        self._add(task.segment, made.record)
        self._count.made(made.record.frames)

    def _add(self, segment: Segment, record: Record) -> None:
        self._records[segment.number] = record
        self._check_size(segment, record)
        if segment.number in (0, 1) and {0, 1} <= self._records.keys():
            self._check_joint()

    def _check_size(self, segment: Segment, record: Record) -> None:
        number, other = next(iter(self._records.items()))
        if tuple(record.size) == tuple(other.size):
            return
        (width, height), (other_width, other_height) = record.size, other.size
        others = self._segments[number]
        raise FrameError(
            f"frames {segment.first} to {segment.last} have {width} x {height} pixels, and frames {others.first} to"
            f" {others.last} have {other_width} x {other_height}: give all frames one size, or set"
            " scale=(width, height)"
        )

    def _check_joint(self) -> None:
        """Compare the frame that the workers of the first two segments drew."""
        after, alone = self._records[0].picture, self._records[1].picture
        if after is None or alone is None or difference(after, alone) <= TOLERANCE:
            return
        problem = (
            f"frame {self._segments[1].first} is another one when it is drawn after frame {self._segments[0].last} than"
            " when a worker draws it first. A frame must depend on its item alone: set all that changes from frame to"
            " frame, add no data to what frames before left, and seed random numbers by the item"
        )
        if self._is_strict:
            raise FrameError(problem)
        warnings.warn(problem, stacklevel=_levels_to_the_user())


def _warn_of_doubtful(stats: Stats) -> None:
    doubtful = [] if stats.drawing is None else stats.drawing.doubtful
    if doubtful:
        ranges = ", ".join(f"{first} to {last}" for first, last in doubtful)
        warnings.warn(
            f"layers differed from drawing everything: frames {ranges} may be wrong. framemill missed a change; please"
            " report it. layers=False draws all frames as Matplotlib does",
            stacklevel=_levels_to_the_user(),
        )


def _levels_to_the_user() -> int:
    """How many calls of framemill lie above this one's caller."""
    levels, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "framemill":
        levels, frame = levels + 1, frame.f_back
    return levels
