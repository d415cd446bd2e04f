"""What changes in a figure of matplotlib's between two frames.

An artist that changes is marked stale and calls back its axes, which are marked and call back the figure. A `Relay`
stands between them and tells `Changes` of it. What changes without a call, because somebody assigned to an attribute or
wrote into an array, `Attributes` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import is_not
from typing import Any, TypeAlias
from weakref import WeakSet

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import BboxBase, Transform

from ._anatomy import Anatomy

StaleCallback: TypeAlias = Callable[[Artist, bool], None]


class Changes:
    """Which artists of a figure changed since they were asked for last, and whether anything else did."""

    def __init__(self, figure: Figure) -> None:
        self._relay = Relay.of(figure)
        self._relay.listeners.add(self)
        self._artists: set[Artist] = set()
        # Whether something changed that more than one artist depends on: limits, ticks, the size, who is there.
        self._concern_all = True
        self._watched: list[Artist] = []
        self._closely = False
        self._attributes = Attributes((), closely=False)

    def close(self) -> None:
        """Listen no more."""
        self._relay.listeners.discard(self)
        if not self._relay.listeners:
            self._relay.close()

    @property
    def anatomy(self) -> Anatomy:
        """The artists that are listened to."""
        return self._relay.anatomy

    @property
    def miss_artists(self) -> bool:
        """Whether there may be artists that are not listened to."""
        return not self._relay.is_complete

    def listen(self) -> None:
        """Listen to all artists that there are now."""
        self._relay.listen()

    def watch(self, artists: Iterable[Artist], closely: bool) -> None:
        """Of these find also what nobody tells: attributes that are assigned to, and `closely` what is written into."""
        self._watched, self._closely = list(artists), closely
        self.keep()

    def take(self) -> tuple[set[Artist], bool]:
        """The artists that changed, and whether anything else did; from now on nothing has."""
        self.look()
        return self.take_told()

    def take_told(self) -> tuple[set[Artist], bool]:
        """The same of what was told alone."""
        taken = self._artists, self._concern_all
        self._artists, self._concern_all = set(), False
        return taken

    def hear(self, leaf: Artist | None) -> None:
        """An artist changed, or something that concerns all."""
        if leaf is None:
            self._concern_all = True
        else:
            self._artists.add(leaf)

    def all_changed(self) -> None:
        """Take it that anything may have changed, unless it is drawn just now."""
        self._concern_all = self._concern_all or not self._relay.is_deaf

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Do something that changes nothing to be drawn, whatever artists say."""
        before, self._relay.is_deaf = self._relay.is_deaf, True
        try:
            yield
        finally:
            self._relay.is_deaf = before

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Draw the figure, which changes nothing to be drawn, though artists say so and keep much in mind."""
        with self._relay.kept_apart(), self.unheard():
            yield

    def look(self) -> None:
        """Note which artists' attributes changed."""
        if changed := self._attributes.changed():
            self._artists |= changed
            self.keep()

    def keep(self) -> None:
        """Compare with the attributes that there are now."""
        self._attributes = Attributes(self._watched, self._closely)


class Relay:
    """Takes the place of what artists of a figure call back, tells all that listen, and passes the call on."""

    def __init__(self, figure: Figure) -> None:
        self.listeners: WeakSet[Changes] = WeakSet()
        self.is_deaf = False
        # Whether one artist's change is just being passed on to others.
        self._passes_on = False
        self._figure = figure
        self._callbacks: list[tuple[Artist, _Callback]] = []
        self.listen()

    @staticmethod
    def of(figure: Figure) -> Relay:
        """The one of a figure, which may have several listeners."""
        callback = figure.stale_callback
        return callback.relay if isinstance(callback, _Callback) else Relay(figure)

    def listen(self) -> None:
        """Listen to all artists that there are now."""
        with self.kept_apart():
            self.close()
            self.anatomy = Anatomy(self._figure)
            own = [leaf for leaf in self.anatomy.leaves if leaf not in self.anatomy.fixtures]
            whose = {part: leaf for leaf in own for part in leaf.findobj()}
            # Some may be found twice.
            for artist in dict.fromkeys(self._figure.findobj()):
                callback = _Callback(self, whose.get(artist), artist.stale_callback)
                self._callbacks.append((artist, callback))
                artist.stale_callback = callback
        self.is_complete = True

    @contextmanager
    def kept_apart(self) -> Iterator[None]:
        """What is done to artists' attributes here is no change of theirs."""
        listeners = list(self.listeners)
        for listener in listeners:
            listener.look()
        yield
        for listener in listeners:
            listener.keep()

    def close(self) -> None:
        """Give artists back what they called."""
        for artist, callback in self._callbacks:
            if artist.stale_callback is callback:
                artist.stale_callback = callback.before
        self._callbacks = []

    def tell(self, callback: _Callback, artist: Artist, value: bool) -> None:
        """What an artist calls: tell listeners, and what it called before."""
        is_begun, self._passes_on = self._passes_on, True
        try:
            if not (is_begun or self.is_deaf):
                self.is_complete = self.is_complete and callback.leaf is not None
                for listener in self.listeners:
                    listener.hear(callback.leaf)
            if callback.before is not None:
                callback.before(artist, value)
        finally:
            self._passes_on = is_begun


class _Callback:
    """What an artist calls that belongs to a leaf, or to none, instead of what it called before."""

    def __init__(self, relay: Relay, leaf: Artist | None, before: StaleCallback | None) -> None:
        self.relay, self.leaf, self.before = relay, leaf, before

    def __call__(self, artist: Artist, value: bool) -> None:
        self.relay.tell(self, artist, value)


class Attributes:
    """The attributes of artists as they were, and `closely` also what is in them."""

    def __init__(self, artists: Iterable[Artist], closely: bool) -> None:
        self._kept = [(artist, list(vars(artist).values()), _contents(artist) if closely else []) for artist in artists]

    def changed(self) -> set[Artist]:
        """The artists of which they are different now."""
        return {artist for artist, values, contents in self._kept if _differ(artist, values, contents)}


def _differ(artist: Artist, values: list[Any], contents: list[tuple[Any, object]]) -> bool:
    now = vars(artist).values()
    if len(now) != len(values) or any(map(is_not, now, values)):
        return True
    return any(_content(value) != before for value, before in contents)


def _contents(artist: Artist) -> list[tuple[Any, object]]:
    """What may be written into while the attribute stays, such as arrays, and what is in it."""
    kinds = (np.ndarray, Path, Transform, BboxBase, FontProperties)
    found: list[tuple[Any, object]] = []
    for value in vars(artist).values():
        for part in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(part, kinds):
                found.append((part, _content(part)))
    return found


def _content(value: Any) -> object:
    if isinstance(value, FontProperties):
        return hash(value)
    if isinstance(value, Transform):
        return value.get_matrix().tobytes() if value.is_affine else None
    if isinstance(value, np.ma.MaskedArray):
        return np.ma.getdata(value).tobytes(), np.ma.getmaskarray(value).tobytes()
    if isinstance(value, BboxBase):
        value = value.get_points()
    return np.asarray(value.vertices if isinstance(value, Path) else value).tobytes()
