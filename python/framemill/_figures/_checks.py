"""Which frames are drawn both ways."""

from __future__ import annotations

import random

# How much of the time checks may take, the most frames from one to the next, and how much longer each gap is than the
# one before: what is wrong is mostly wrong soon.
SHARE_OF_TIME = 0.05
MOST_FRAMES = 100
GROWTH = 3


class Checks:
    """Spreads checks over the frames at random, so that nothing that recurs can hide between them.

    Parameters
    ----------
    seed : int, optional
        The same frames are checked for the same seed, if time is not measured.
    measures_time : bool, default True
        Whether checks are as frequent as their share of the time allows. Otherwise gaps grow to `MOST_FRAMES`.
    """

    def __init__(self, seed: int | None = None, measures_time: bool = True) -> None:
        self._random = random.Random(seed)
        self._measures_time = measures_time
        self._left = 0
        self._gap = 1
        self._layered_seconds = self._full_seconds = 0.0

    def begin(self) -> None:
        """There are new layers: the first frame made from them is checked, and others soon after it."""
        self._left, self._gap = 0, 1

    def is_due(self) -> bool:
        """Whether the next frame from layers is to be checked."""
        return self._left <= 0

    def layered(self, seconds: float) -> None:
        """A frame from layers took so long."""
        self._left -= 1
        self._layered_seconds = _mean(self._layered_seconds, seconds)

    def checked(self, seconds: float) -> None:
        """Drawing in full, for a check, took so long."""
        self._full_seconds = _mean(self._full_seconds, seconds)
        affordable = self._full_seconds / (SHARE_OF_TIME * max(self._layered_seconds, 1e-6))
        most = max(1, min(MOST_FRAMES, round(affordable))) if self._measures_time else MOST_FRAMES
        self._gap = min(most, GROWTH * self._gap)
        self._left = self._random.randint(max(1, self._gap * 7 // 8), self._gap) - 1


def _mean(before: float, seconds: float) -> float:
    """A mean in which what is long ago counts less and less."""
    return seconds if before == 0.0 else 0.9 * before + 0.1 * seconds
