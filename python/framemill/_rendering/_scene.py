"""What is drawn: on its way to workers, and in them."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .._errors import FrameTypeError, SettingsTypeError
from .._frames import figure_of
from .._stats import Stats
from .._writer import VideoWriter
from ._joint import picture_of
from ._segments import Segment


class Encoded(NamedTuple):
    """What came of a segment."""

    stats: Stats
    size: tuple[int, int]
    picture: str | None


class Scene(ABC):
    """How the frames of a movie are drawn.

    It goes to other processes by cloudpickle where that is installed, so that functions of a notebook can be sent. Each
    worker has a state of its own, which is made when it draws its first segment.

    Parameters
    ----------
    *functions : callable or None
        The functions of the user. Subclasses are made of them alone.
    """

    def __init__(self, *functions: Callable[..., Any] | None) -> None:
        self.functions = functions
        # A name that no other movie has.
        self.key = uuid.uuid4().hex

    def __reduce__(self) -> Any:
        return _unpickled, (type(self), self.key, self.pickled())

    def pickled(self) -> bytes:
        """The functions as they are sent.

        Raises
        ------
        SettingsTypeError
            They cannot be sent.
        """
        if self.key not in _PICKLED:
            _PICKLED[self.key] = _pickled(self.functions)
        return _PICKLED[self.key]

    @abstractmethod
    def make_state(self) -> Any:
        """What all frames of a worker share."""

    @abstractmethod
    def encode(self, path: Path, segment: Segment, options: dict[str, Any]) -> Encoded:
        """Draw a segment and encode it.

        Parameters
        ----------
        path : pathlib.Path
            The segment's file.
        segment : Segment
            Its frames.
        options : dict
            The keywords of `VideoWriter`.
        """

    @property
    def state(self) -> Any:
        """The state of this worker."""
        if getattr(_worker, "key", None) != self.key:
            _worker.key, _worker.state = None, None
            _worker.state = self.make_state()
            _worker.key = self.key
        return _worker.state

    def forget(self) -> None:
        """The movie is finished: forget what belongs to it."""
        _PICKLED.pop(self.key, None)
        if getattr(_worker, "key", None) == self.key:
            _worker.key, _worker.state = None, None


# Of the movie that this thread makes segments of: its key, and its state.
_worker = threading.local()
# The functions of movies, by their keys, as bytes where they are sent; and scenes where they arrived.
_PICKLED: dict[str, bytes] = {}
_ARRIVED: dict[str, Scene] = {}


def _pickled(functions: Sequence[Any]) -> bytes:
    try:
        from cloudpickle import dumps  # type: ignore[import-untyped]
    except ImportError:
        dumps = pickle.dumps
    try:
        return dumps(functions)  # type: ignore[no-any-return]
    except Exception as error:
        hint = "" if dumps is not pickle.dumps else "; with cloudpickle installed, lambdas and inner functions can be"
        raise SettingsTypeError(
            f"the functions that draw cannot be sent to other processes: {error}. Let setup make what they use"
            f" there{hint}"
        ) from error


def _unpickled(kind: type[Scene], key: str, pickled: bytes) -> Scene:
    if key not in _ARRIVED:
        if "matplotlib.pyplot" not in sys.modules:
            # Workers have no screen to show figures on.
            os.environ.setdefault("MPLBACKEND", "agg")
        # One movie at a time is made.
        _ARRIVED.clear()
        scene = kind(*pickle.loads(pickled))
        scene.key = key
        _ARRIVED[key] = scene
    return _ARRIVED[key]


class FunctionScene(Scene):
    """Frames that a function returns.

    Parameters
    ----------
    draw, setup : callable
        As for `render`.
    """

    def make_state(self) -> Any:
        _, setup = self.functions
        return None if setup is None else setup()

    def draw(self, item: Any) -> Any:
        """The frame of an item."""
        draw, setup = self.functions
        assert draw is not None
        state = self.state
        frame = draw(item) if setup is None else draw(state, item)
        if frame is not None:
            return frame
        if figure_of(state) is None:
            raise FrameTypeError(
                "draw returned None: return a figure, an array or a picture, or let setup return the figure"
            )
        return state

    def encode(self, path: Path, segment: Segment, options: dict[str, Any]) -> Encoded:
        video = VideoWriter(path, **options)
        video._segment_first = segment.first
        frame: Any = None
        picture = None
        try:
            for number, item in enumerate(segment.items, segment.first):
                with _naming(number, item):
                    last, frame = frame, self.draw(item)
                    _close(last, frame)
                    video.write(frame)
                if number == segment.pictured:
                    picture = picture_of(frame)
            video.close()
        except BaseException:
            video.abort()
            raise
        if segment.next_item:
            with _naming(segment.last + 1, *segment.next_item):
                picture = picture_of(self.draw(*segment.next_item))
        size = options.get("scale") or video._size
        assert size is not None
        return Encoded(video.stats, tuple(size), picture)


def _close(last: Any, frame: Any) -> None:
    """Let pyplot forget the last frame's figure, if this frame has another one."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    figure = figure_of(last)
    if pyplot is not None and figure is not None and figure is not figure_of(frame):
        pyplot.close(figure)


@contextmanager
def _naming(number: int, item: Any) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        note_frame(error, number, item)
        raise


def note_frame(error: BaseException, number: int, item: Any) -> None:
    """Name the frame at which something was raised."""
    shown = repr(item)
    shown = f"{shown[:60]}…" if len(shown) > 60 else shown
    error.add_note(f"framemill: while drawing frame {number}, of the item {shown}")
