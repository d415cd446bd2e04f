"""What changes in a figure of matplotlib's between two frames.

An artist that changes is marked stale, and calls back its axes, which are marked and call back the figure. `Changes`
listens to these calls. What changes without one, because somebody assigned to an attribute or wrote into an array,
`Attributes` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import is_not
from typing import Any, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Transform

from ._anatomy import Anatomy

Callback: TypeAlias = Callable[[Artist, bool], None]


class Changes:
    """Which artists of a figure changed since they were asked for last, and whether anything else did."""

    def __init__(self) -> None:
        self.artists: set[Artist] = set()
        # Whether something changed that more than one artist depends on: limits, ticks, the size, who is there.
        self.concern_all = True
        self._deaf = False
        # Whether one artist's change is just being passed on to others.
        self._passed_on = False
        self._callbacks: list[tuple[Artist, Callback, Callback | None]] = []

    def listen(self, figure: Figure, anatomy: Anatomy) -> None:
        """Listen to all artists of a figure, those that are there now."""
        self.close()
        whose = {part: leaf for leaf in anatomy.leaves if leaf not in anatomy.fixtures for part in leaf.findobj()}
        for artist in figure.findobj():
            callback = self._callback(whose.get(artist), artist.stale_callback)
            self._callbacks.append((artist, callback, artist.stale_callback))
            artist.stale_callback = callback

    def close(self) -> None:
        """Listen no more."""
        for artist, callback, before in self._callbacks:
            if artist.stale_callback is callback:
                artist.stale_callback = before
        self._callbacks = []

    def take(self) -> tuple[set[Artist], bool]:
        """The artists that changed, and whether anything else did; from now on nothing has."""
        taken = self.artists, self.concern_all
        self.artists, self.concern_all = set(), False
        return taken

    def all_changed(self) -> None:
        """Take it that anything may have changed."""
        self.concern_all = self.concern_all or not self._deaf

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Do something that changes nothing to be drawn, whatever artists say."""
        before, self._deaf = self._deaf, True
        try:
            yield
        finally:
            self._deaf = before

    def _callback(self, leaf: Artist | None, before: Callback | None) -> Callback:
        """What an artist calls that belongs to a leaf, or to none, instead of what it called before."""

        def changed(artist: Artist, value: bool) -> None:
            if self._passed_on or self._deaf:
                if before is not None:
                    before(artist, value)
                return
            if leaf is None:
                self.concern_all = True
            else:
                self.artists.add(leaf)
            self._passed_on = True
            try:
                if before is not None:
                    before(artist, value)
            finally:
                self._passed_on = False

        return changed


class Attributes:
    """The attributes of artists as they were."""

    def __init__(self, artists: Iterable[Artist]) -> None:
        self._kept = [(artist, list(vars(artist).values()), _contents(artist)) for artist in artists]

    def changed(self) -> set[Artist]:
        """The artists of which they are different now."""
        return {artist for artist, values, contents in self._kept if _differ(artist, values, contents)}


def _differ(artist: Artist, values: list[Any], contents: list[tuple[Any, bytes]]) -> bool:
    now = vars(artist).values()
    if len(now) != len(values) or any(map(is_not, now, values)):
        return True
    return any(_bytes(value) != before for value, before in contents)


def _contents(artist: Artist) -> list[tuple[Any, bytes]]:
    """What may be written into while the attribute stays: arrays, paths and matrices, and their bytes."""
    kinds = (np.ndarray, Path, Transform)
    found = []
    for value in vars(artist).values():
        for part in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(part, kinds):
                found.append((part, _bytes(part)))
    return found


def _bytes(value: Any) -> bytes:
    if isinstance(value, Transform):
        return value.get_matrix().tobytes() if value.is_affine else b""
    return np.asarray(value.vertices if isinstance(value, Path) else value).tobytes()
