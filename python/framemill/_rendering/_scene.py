"""The scenes that workers draw, and how they are sent to them."""

from __future__ import annotations

import pickle
import sys
import threading
import uuid
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, Self

from .._errors import FrameTypeError
from .._frames import figure_of
from .._stats import Stats
from .._writer import VideoWriter
from ._fingerprint import fingerprint
from ._seam import PictureDigest, picture_of
from ._segments import Segment
from ._sending import dumps_named
from ._settings import matplotlib_settings

# The most movies whose states a worker keeps, because several movies may share a pool.
MAX_STATES = 4


class Encoded(NamedTuple):
    """The result of a segment."""

    stats: Stats
    size: tuple[int, int]
    picture: PictureDigest | None


class Scene(ABC):
    """Draws the frames of a movie.

    Each worker has a state of its own, which it makes when it draws its first segment.

    Parameters
    ----------
    *functions : callable or None
        The functions of the user. Subclasses take no other arguments.

    Attributes
    ----------
    sent_names, makes_state : str
        The names of the functions, and of the one that makes a worker's state, for messages.
    is_received : bool
        Whether this scene was received from another process.
    """

    sent_names, makes_state = "draw or setup", "setup"

    def __init__(self, *functions: Callable[..., Any] | None) -> None:
        self.functions = functions
        self.is_received = False
        # A name that no other movie has.
        self._key = uuid.uuid4().hex
        self._settings = matplotlib_settings()
        self._sent: bytes | None = None

    def __reduce__(self) -> Any:
        return _received, (type(self), self._key, self.content())

    def content(self) -> bytes:
        """Return the data to send.

        Raises
        ------
        SettingsTypeError
            It cannot be sent.
        """
        if self._sent is None:
            self._sent = dumps_named(self.sent_names, (self.functions, self._settings), self.makes_state)
        return self._sent

    def changed_settings(self) -> dict[str, Any]:
        """Return Matplotlib's settings in the process that called `render`, except for defaults."""
        if self._settings is None:
            return {}
        import matplotlib as mpl

        defaults: Any = mpl.rcParamsDefault
        # Some values, such as cycles of arrays, cannot be compared by ==.
        is_default = {
            name: fingerprint(value) == fingerprint(defaults.get(name)) for name, value in self._settings.items()
        }
        return {name: value for name, value in self._settings.items() if not is_default[name]}

    @abstractmethod
    def make_state(self) -> Any:
        """Make the state that all frames of a worker share."""

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

    @contextmanager
    def prepared(self, segment: Segment) -> Iterator[None]:
        """Prepare a worker to draw a segment."""
        if segment.pictured is not None:
            # The segment must be drawn as by a worker that drew nothing before.
            self.forget()
        with self._sender_settings():
            yield

    def _sender_settings(self) -> Any:
        if not self.is_received or self._settings is None:
            return nullcontext()
        import matplotlib as mpl

        settings: Any = self._settings
        return mpl.rc_context(settings)

    @property
    def state(self) -> Any:
        """Return the state of this worker."""
        states = _states()
        if self._key not in states:
            states[self._key] = self.make_state()
        # The least recently used states are closed first.
        states.move_to_end(self._key)
        while len(states) > MAX_STATES:
            close(states.popitem(last=False)[1])
        return states[self._key]

    def forget(self) -> None:
        """Forget this worker's state."""
        close(_states().pop(self._key, None))


# For each thread of a worker: the states of movies by their keys.
_worker = threading.local()
# Scenes that arrived in this process, by their keys.
_arrived: OrderedDict[str, Scene] = OrderedDict()


def _states() -> OrderedDict[str, Any]:
    if not hasattr(_worker, "states"):
        _worker.states = OrderedDict()
    states: OrderedDict[str, Any] = _worker.states
    return states


def _received(kind: type[Scene], key: str, content: bytes) -> Scene:
    if key not in _arrived:
        functions, settings = pickle.loads(content)
        scene = kind(*functions)
        scene._key, scene._settings, scene.is_received = key, settings, True
        _arrived[key] = scene
        while len(_arrived) > MAX_STATES:
            _arrived.popitem(last=False)
    return _arrived[key]


class AnimationState:
    """An animation, its figure, and what its function is called with for each frame."""

    def __init__(self, animation: Any, items: list[Any]) -> None:
        self.animation, self.items = animation, items
        self.figure: Any = animation._fig


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
        """Return the frame of an item."""
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
        picture = None
        try:
            with _Drawing(self) as drawing:
                for number, item in enumerate(segment.items, segment.first):
                    with _naming(number, item):
                        frame = drawing.frame(item)
                        video.write(frame)
                        if number == segment.pictured:
                            picture = picture_of(frame, number)
                video.close()
                for item in segment.next_items:
                    number = segment.last + 1
                    with _naming(number, item):
                        picture = picture_of(drawing.frame(item), number)
        except BaseException:
            video.abort()
            raise
        size = options.get("scale") or video._size
        assert size is not None
        return Encoded(video.stats, tuple(size), picture)


class _Drawing:
    """Draws frames one after another, and closes the figures that `draw` made in pyplot."""

    def __init__(self, scene: FunctionScene) -> None:
        self._scene = scene
        self._open_before = _open_figures()
        self._last: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._replace_last(None)

    def frame(self, item: Any) -> Any:
        """Return the frame of an item."""
        frame = self._scene.draw(item)
        self._replace_last(frame)
        return frame

    def _replace_last(self, frame: Any) -> None:
        """Close the last frame's figure, unless it is this frame's too, the state's or the user's."""
        figure, self._last = figure_of(self._last), frame
        if figure is None or figure is figure_of(frame) or figure is figure_of(self._scene.state):
            return
        if getattr(figure, "number", None) not in self._open_before:
            close(figure)


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())


def close(state: Any) -> None:
    """Close a state that is a figure, or an animation of one, in pyplot."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    figure = state.figure if isinstance(state, AnimationState) else figure_of(state)
    if pyplot is not None and figure is not None:
        pyplot.close(figure)


@contextmanager
def _naming(number: int, item: Any) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        note_frame(error, number, item)
        raise


def note_frame(error: BaseException, number: int, item: Any) -> None:
    """Add a note with the frame at which an exception was raised."""
    try:
        shown = repr(item)
    except Exception:
        shown = f"of the type {type(item).__name__}"
    shown = f"{shown[:60]}…" if len(shown) > 60 else shown
    error.add_note(f"framemill: while drawing frame {number} (item {shown})")
