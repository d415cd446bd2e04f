"""Chooses the frames that are drawn both ways."""

from __future__ import annotations

import random

# The share of the time that checks may take, the most frames between checks, and the growth of the gaps between
# them: most errors appear early.
SHARE_OF_TIME = 0.05
MAX_FRAMES = 100
GROWTH = 3


class Checks:
    """Spreads checks over the frames at random, so that no periodic error can hide between them.

    Parameters
    ----------
    seed : int, optional
        The same frames are checked for the same seed, if time is not measured.
    measures_time : bool, default True
        Whether checks are as frequent as their share of the time allows. Otherwise gaps grow to `MAX_FRAMES`.
    """

    def __init__(self, seed: int | None = None, measures_time: bool = True) -> None:
        self._random = random.Random(seed)
        self._measures_time = measures_time
        self._left = 0
        self._gap = 1
        self._layered_seconds = self._full_seconds = 0.0

    def begin(self) -> None:
        """Start with new layers: their first frame is checked, and others soon after it."""
        self._left, self._gap = 0, 1

    def is_due(self) -> bool:
        """Return whether to check the next frame from layers."""
        return self._left <= 0

    def layered(self, seconds: float) -> None:
        """Record the time of a frame from layers."""
        self._left -= 1
        self._layered_seconds = _mean(self._layered_seconds, seconds)

    def checked(self, seconds: float) -> None:
        """Record the time of drawing in full for a check."""
        self._full_seconds = _mean(self._full_seconds, seconds)
        affordable = self._full_seconds / (SHARE_OF_TIME * max(self._layered_seconds, 1e-6))
        most = max(1, min(MAX_FRAMES, round(affordable))) if self._measures_time else MAX_FRAMES
        self._gap = min(most, GROWTH * self._gap)
        self._left = self._random.randint(max(1, self._gap * 7 // 8), self._gap) - 1


def _mean(before: float, seconds: float) -> float:
    """Return a mean in which older values count less."""
    return seconds if before == 0.0 else 0.9 * before + 0.1 * seconds
