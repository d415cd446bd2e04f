"""`render`: a movie whose frames are drawn and encoded by many workers."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from types import MappingProxyType
from typing import Any, Unpack, overload

from .. import _native
from .._audio import Audio, warn_of, whole
from .._errors import SettingsError, SettingsTypeError
from .._options import AUDIO_OPTIONS, Options, absolute, given, path_or_file
from .._progress import is_seen
from .._stacklevel import levels_to_the_user
from .._stats import Stats
from .._writer import FrameRate, VideoWriter
from ._count import Count
from ._fingerprint import Fingerprint, fingerprint, found_in, versions
from ._folder import Folder
from ._joined_stats import joined_stats
from ._pools import Pool, pool_of
from ._run import Run, Wanted
from ._scene import FunctionScene, Scene
from ._segments import items_of, segment_length, split
from ._sources import sources_of
from ._store import Store
from ._worker import Movie

# Options that `render` sets itself, or that apply to a whole movie, which no worker sees.
NOT_FOR_RENDER = {
    "jobs": "each worker has one encoder: set executor",
    "segment_frames": "set segment",
    "resume": "set scratch, which keeps the segments that are finished",
    "size": "the frames determine it: to change it, set scale",
    "max_size": "a segment does not know how large the others become: use crf",
    "bitrate": "a segment does not know how large the others become: use crf",
    "maxrate": "how full the VBV buffer is at the start of a segment is unknown: use crf",
    "shortest": "the number of frames is fixed: give as many as the sound lasts",
    "bufsize": "how full the VBV buffer is at the start of a segment is unknown: use crf",
}

# Options that apply to the movie, but not to its segments.
OF_THE_MOVIE = ("clobber", *AUDIO_OPTIONS)


@overload
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
    share: None = None,
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> Stats: ...
@overload
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
    share: tuple[int, int],
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> None: ...
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
    share: tuple[int, int] | None = None,
    retries: int = 3,
    progress: bool | None = None,
    layers: bool = True,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> Stats | None:
    """Draw and encode a movie with many workers.

    The frames are split into segments. Each worker draws and encodes the frames of one segment at a time. The segments
    are then joined. For the same `draw`, `frames`, `segment` and options, the movie has the same bytes with every
    executor.

    Parameters
    ----------
    draw : callable
        Called as `draw(item)`, or as `draw(state, item)` with `setup`. Returns a Matplotlib figure, an array or a
        picture, as for `VideoWriter.write`, or None for the figure that `setup` returned. A frame must not depend on
        the frames before it.
    frames : int or sequence
        The item for each frame: a range, a list, an array. A number n means `range(n)`. The calling thread makes the
        items of a lazy sequence a segment at a time. It may make an item several times: to draw it, to compare it with
        an earlier run, and again if a worker dies. So each index must always give the same item. It may fill the same
        array again for each item, but must not change another object that it returned. With `scratch`, all items are
        made before the first frame is drawn.
    output : path
        The movie. Its name sets the container. It appears when it is complete.
    fps : float, Fraction or str, default 30
        Frames per second.
    setup : callable, optional
        Called once in each worker. Returns the state that all its frames share: a figure, an open file, a scene. It is
        called once more in the worker of the second segment, which compares a frame.
    executor : int, concurrent.futures.Executor or dask.distributed.Client, optional
        What draws the frames. None draws in this process, one segment after the other. A number starts that many
        processes, with loky, and replaces those that die. An executor is used as it is.
    segment : int, optional
        Frames per segment. Each segment starts with a keyframe. By default 50 to 250, chosen to give 64 segments.
    scratch : path, optional
        A folder for finished segments, which workers on other machines must share. If a run is interrupted, start it
        again with the same folder to continue. Segments are removed when the movie is published.
    share : (int, int), optional
        (k, n) is for task k of a job array with n tasks: make every n-th segment from the k-th on in `scratch`, and no
        movie. Afterwards, `render` without `share` makes missing segments and the movie.
    retries : int, default 3
        How often to make a segment again after its worker died. An exception of `draw` ends the run.
    progress : bool, optional
        Show a progress bar, with tqdm. By default on a terminal, if tqdm is installed.
    layers : bool, default True
        As for `VideoWriter`.
    audio : path or (samples, rate), optional
        The movie's sound, as for `VideoWriter`. It is made once, when the segments are joined.
    **options
        As for `VideoWriter`: crf=18, preset="fast", audio_codec="opus", … A bit rate, `max_size` and `shortest` are
        refused.

    Returns
    -------
    Stats or None
        What the encoders did, for the whole movie. Processor time is the sum over all workers. None with `share`.

    Raises
    ------
    framemill.SettingsError, framemill.SettingsTypeError
        An argument is invalid. Nothing was drawn.
    framemill.FrameError, framemill.FrameTypeError
        A frame is invalid. A note names it.
    framemill.OutputError
        Writing failed. Also an OSError.
    concurrent.futures.BrokenExecutor
        A worker died, and could not be replaced.
    Exception
        The exception that `draw` or `setup` raised. One note names the frame, and another the folder of the finished
        segments.

    Examples
    --------
    >>> import numpy as np, framemill
    >>> def draw(frame):
    ...     return np.full((120, 160), frame, np.uint8)
    >>> framemill.render(draw, 100, "shades.mp4", segment=25).frames
    100
    """
    if not callable(draw) or not (setup is None or callable(setup)):
        raise SettingsTypeError(f"draw and setup must be functions, not {draw!r} and {setup!r}")
    arguments = Arguments(executor, segment, scratch, share, retries, progress, layers, audio)
    return render_scene(FunctionScene(draw, setup), items_of(frames), output, fps, options, arguments)


@dataclass(frozen=True)
class Arguments:
    """How to make segments: the arguments of `render` with these names."""

    executor: Any
    segment: Any
    scratch: str | os.PathLike[str] | None
    share: Any
    retries: Any
    progress: bool | None
    layers: bool
    audio: Audio | None


def render_scene(
    scene: Scene,
    items: Sequence[Any],
    output: Any,
    fps: FrameRate,
    options: Options,
    arguments: Arguments,
    scene_options: Mapping[str, Any] = MappingProxyType({}),
    is_strict: bool = False,
) -> Stats | None:
    """Draw and encode a scene, as `render` describes it.

    Parameters
    ----------
    scene : Scene
        The scene to draw.
    items : sequence
        The item for each frame.
    scene_options : mapping
        Arguments of `Scene.encode` besides the keywords of `VideoWriter`.
    is_strict : bool
        Whether frames that depend on earlier frames are an error instead of a warning.
    """
    begin, cpu_begin = time.monotonic(), time.process_time()
    if isinstance(arguments.audio, (str, os.PathLike)):
        arguments = replace(arguments, audio=absolute(os.fsdecode(arguments.audio)))
    length = segment_length(arguments.segment, len(items))
    path, suffix = _check_arguments(output, fps, options, arguments)
    keywords = {name: value for name, value in options.items() if name not in OF_THE_MOVIE}
    keywords.update(scene_options, fps=fps, layers=arguments.layers)
    segments = split(items, length)
    # Without scratch, no other run uses the segments.
    reusable = [] if arguments.scratch is None else segments
    found = found_in(segment.all_items() for segment in reusable)
    decisive = keywords, suffix, length, scene.functions, scene.changed_settings()
    fingerprinted = fingerprint(*decisive, found=found)
    first, step = arguments.share or (0, 1)
    wanted = [Wanted.of(segment) if reusable else Wanted(segment, None) for segment in segments[first::step]]
    _check_comparable(arguments, fingerprinted, wanted)
    sound = None
    with _workers(arguments, scene) as pool, _folder(pool, path, arguments, fingerprinted.text) as folder:
        store = Store(folder.path, fingerprinted.text, suffix)
        frames = sum(segment.frames for segment, _ in wanted)
        with Count(is_seen() if arguments.progress is None else arguments.progress, frames) as count:
            sources = sources_of(found) if pool.uses_processes else {}
            movie = Movie(scene, keywords, fingerprinted.text, suffix, versions(), sources)
            run = Run(pool, store, count, is_strict, segments)
            records = run.make(movie, wanted, folder.is_shared or pool.is_local, arguments.retries)
        if arguments.share is None:
            paths = [store.path(record) for record in records]
            *_, seconds, file_bytes, sound = _join(paths, path, options, arguments.audio)
            folder.remove()
    if arguments.share is not None:
        return None
    # Threads share the CPU clock of their process, so a sum over segments would count time several times.
    cpu_seconds = None if pool.uses_processes else time.process_time() - cpu_begin
    stats = joined_stats(records, path, file_bytes, seconds, time.monotonic() - begin, cpu_seconds, sound)
    _warn_of_doubtful(stats)
    warn_of(sound, levels_to_the_user())
    return stats


@contextmanager
def _workers(arguments: Arguments, scene: Scene) -> Iterator[Pool]:
    """Start the workers, and end them: at once, if there was an error."""
    pool = pool_of(arguments.executor)
    try:
        if pool.uses_processes:
            # A scene that cannot be sent is an error before anything is drawn.
            scene.content()
        yield pool
    except BaseException:
        pool.close(now=True)
        raise
    else:
        pool.close(now=False)
    finally:
        scene.forget()


@contextmanager
def _folder(pool: Pool, path: Path, arguments: Arguments, fingerprint: str) -> Iterator[Folder]:
    """Open the folder of segments. After an error, finished segments are kept, and the error gets a note."""
    folder = Folder(path, arguments.scratch, fingerprint)
    try:
        yield folder
    except BaseException as error:
        # Workers write to the folder until they end.
        pool.close(now=True)
        folder.keep_or_remove(error)
        raise
    finally:
        folder.close()


def _check_comparable(arguments: Arguments, movie: Fingerprint, wanted: Sequence[Wanted]) -> None:
    """Check that other runs can use the segments, if they are kept for them."""
    fingerprints = [movie, *(items for _, items in wanted if items is not None)]
    unknown = next((found.unknown for found in fingerprints if found.unknown is not None), None)
    if arguments.scratch is None or unknown is None:
        return
    what = "frames contain" if movie.unknown is None else "draw or setup refers to"
    cannot = f"{what} an object that cannot be compared between runs ({unknown})"
    advice = "use numbers, names or arrays as items" if movie.unknown is None else "make the object in setup"
    if arguments.share is not None:
        raise SettingsError(f"{cannot}, so no other task can use the segments: {advice}")
    warnings.warn(f"{cannot}, so no later run can use the segments: {advice}", stacklevel=levels_to_the_user())


def _check_arguments(output: Any, fps: FrameRate, options: Options, arguments: Arguments) -> tuple[Path, str]:
    """Return the movie's path, and the extension of its segments."""
    name, _ = path_or_file(output)
    if name is None:
        raise SettingsTypeError("the output must be a path: segments are joined to a file")
    for option, why in NOT_FOR_RENDER.items():
        if options.get(option) is not None:
            raise SettingsError(f"{option} cannot be combined with render: {why}")
    if isinstance(arguments.retries, bool) or not isinstance(arguments.retries, Integral) or arguments.retries < 0:
        raise SettingsError(f"retries must be a whole number, 0 or more, not {arguments.retries!r}")
    if arguments.share is not None:
        _check_share(arguments)
    if arguments.audio is not None:
        whole(arguments.audio)
    path = Path(name).absolute()
    if arguments.scratch is not None:
        _check_scratch(arguments.scratch, path)
    # It is opened at its path, so that problems are known before anything is drawn.
    trial: dict[str, Any] = {**options, "size": (64, 64), "jobs": 1, "audio": arguments.audio}
    VideoWriter(path, fps, **trial).abort()
    container = options.get("container")
    return path, path.suffix if container is None else f".{container}"


def _check_scratch(scratch: Any, path: Path) -> None:
    problem = f"scratch must be the path of a folder, as in 'segments', not {scratch!r}"
    if not isinstance(scratch, (str, os.PathLike)):
        raise SettingsTypeError(problem)
    if os.fspath(scratch) == "" or "\0" in os.fsdecode(scratch):
        raise SettingsError(problem)
    if os.path.realpath(os.fsdecode(scratch)) == os.path.realpath(path):
        raise SettingsError(f"{problem}: the movie gets this name")


def _join(
    paths: list[Path], path: Path, options: Options, audio: Audio | None
) -> tuple[int, int, float, int, str | None]:
    """Join the segments to the movie, with its sound."""
    sound = None if audio is None else whole(audio)
    of_sound = given({name: options.get(name) for name in AUDIO_OPTIONS if name in options})
    clobber, container = options.get("clobber", True), options.get("container")
    return _native.join(paths, path, True, clobber, container, False, sound, of_sound)


def _check_share(arguments: Arguments) -> None:
    if arguments.scratch is None:
        raise SettingsError("share needs scratch: the folder in which the tasks put their segments")
    is_pair = isinstance(arguments.share, (tuple, list)) and len(arguments.share) == 2
    if (
        not is_pair
        or not all(isinstance(number, Integral) for number in arguments.share)
        or not 0 <= arguments.share[0] < arguments.share[1]
    ):
        raise SettingsError(
            f"share must be (k, n), the k-th of n tasks, counted from 0, as in (0, 100), not {arguments.share!r}"
        )


def _warn_of_doubtful(stats: Stats) -> None:
    doubtful = [] if stats.drawing is None else stats.drawing.doubtful
    if doubtful:
        ranges = ", ".join(f"{first} to {last}" for first, last in doubtful)
        warnings.warn(
            f"layers differed from drawing everything: frames {ranges} may be wrong. framemill missed a change; please"
            " report it. layers=False draws all frames as Matplotlib does",
            stacklevel=levels_to_the_user(),
        )
