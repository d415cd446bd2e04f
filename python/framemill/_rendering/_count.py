"""Counts frames and segments for a progress bar."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from .._progress import bar


class Count:
    """A progress bar of frames, which also counts the segments that were found, made and lost.

    Parameters
    ----------
    is_shown : bool
        Whether there is a bar.
    frames : int
        Frames of the movie.
    """

    def __init__(self, is_shown: bool, frames: int) -> None:
        self._bar: Any = bar(is_shown, frames)
        self._segments = {"found": 0, "made": 0, "lost": 0}

    def found(self, frames: int) -> None:
        """Count a segment that already existed. Its frames do not count for the speed."""
        if self._bar is not None:
            self._bar.initial += frames
            self._bar.n += frames
        self._add("found")

    def made(self, frames: int) -> None:
        """Count a segment that was made."""
        if self._bar is not None:
            self._bar.update(frames)
        self._add("made")

    def lost(self) -> None:
        """Count a segment whose worker died, and which is made again."""
        self._add("lost")

    def _add(self, kind: str) -> None:
        self._segments[kind] += 1
        if self._bar is not None:
            self._bar.set_postfix(
                {f"segments {name}": number for name, number in self._segments.items() if number}, refresh=False
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
