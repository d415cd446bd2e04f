"""Runs of frames, each of which one worker draws and encodes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np

from .._errors import FrameTypeError, NoFramesError, SettingsError
from ._sending import Sent

# The default number of frames per segment: few enough to give each worker several segments, and enough that keyframes,
# and the full drawings at the beginning of a segment, cost little.
MAX_DEFAULT_FRAMES, MIN_DEFAULT_FRAMES = 250, 50
# The number of segments of movies of medium length.
TARGET_SEGMENTS = 64


@dataclass(frozen=True)
class Segment:
    """A run of frames.

    Attributes
    ----------
    number : int
        The number of the segment in the movie, from 0.
    first : int
        The number of its first frame.
    frames : int
        The number of its frames.
    sequence : sequence
        The items of the movie, or only those of the segment.
    begin : int
        The index of the first item in `sequence`.
    pictured : int or None
        The number of a frame whose picture is kept, to compare it with what another worker drew.
    draws_next : bool
        Whether this worker also draws the frame after the segment, for the comparison.
    """

    number: int
    first: int
    frames: int
    sequence: Sequence[Any]
    begin: int
    pictured: int | None = None
    draws_next: bool = False

    def __reduce__(self) -> Any:
        # Items may be lambdas, or objects of a notebook's classes.
        return _received, (Sent(tuple(vars(self.with_items()).values())),)

    def with_items(self) -> Segment:
        """Return this segment with its items only. A lazy sequence makes them now."""
        return replace(self, sequence=self.all_items(), begin=0)

    @property
    def items(self) -> Iterator[Any]:
        """Return the argument of `draw` for each frame. A lazy sequence makes each one when it is asked for."""
        return (self._item(index) for index in range(self.frames))

    @property
    def next_items(self) -> Iterator[Any]:
        """Return the item of the frame after the segment, if this worker draws it."""
        return (self._item(index) for index in range(self.frames, self.frames + self.draws_next))

    def all_items(self) -> Sequence[Any]:
        """Return all items that this worker draws."""
        return self._part(self.frames + self.draws_next)

    def _part(self, count: int) -> Sequence[Any]:
        if type(self.sequence) in (list, tuple, range) or isinstance(self.sequence, np.ndarray):
            return self.sequence[self.begin : self.begin + count]
        # Some sequences, such as `deque`, cannot be sliced, and others make something else of a slice. Some give the
        # same array again, with other values.
        return [_copied(self._item(index)) for index in range(count)]

    def _item(self, index: int) -> Any:
        try:
            return self.sequence[self.begin + index]
        except StopIteration as error:
            # It would end a loop over the items.
            raise RuntimeError(f"frames[{self.first + index}] raised StopIteration") from error
        except Exception as error:
            error.add_note(f"framemill: raised by frames[{self.first + index}]")
            raise

    @property
    def last(self) -> int:
        """Return the number of its last frame."""
        return self.first + self.frames - 1


def _copied(item: Any) -> Any:
    """Return an item with copies of its arrays."""
    if isinstance(item, np.ndarray):
        return item.copy()
    if type(item) in (list, tuple):
        return type(item)(map(_copied, item))
    return {key: _copied(value) for key, value in item.items()} if type(item) is dict else item


def _received(sent: Sent) -> Segment:
    return Segment(*sent.value)


def items_of(frames: Any) -> Sequence[Any]:
    """Return the items for `draw`.

    Raises
    ------
    FrameTypeError
        `frames` is neither a number nor a sequence.
    NoFramesError
        There are none.
    SettingsError
        There are more than Python can count.
    """
    items: Any = frames
    if isinstance(frames, Integral) and not isinstance(frames, bool):
        if int(frames) > sys.maxsize:
            raise SettingsError(f"frames must be at most {sys.maxsize}, not {frames}")
        items = range(int(frames))
    if not _is_sequence(items):
        is_container = hasattr(frames, "__iter__") and not isinstance(frames, (str, bytes))
        hint = ": give a list with the item of each frame" if is_container else ""
        kind = type(frames).__name__ if is_container else repr(frames)
        raise FrameTypeError(f"frames must be a number of frames, a range, a list or an array, not {kind}{hint}")
    if len(items) == 0:
        raise NoFramesError(f"frames is {frames!r}, so there is no movie: give at least one frame")
    return items  # type: ignore[no-any-return]


def _is_sequence(items: Any) -> bool:
    """Return whether an object has a length, and items from 0 on, as a list, an array or a data set of PyTorch."""
    # Those with keys, such as dictionaries and data frames, have other indices.
    if not hasattr(items, "__getitem__") or hasattr(items, "keys") or isinstance(items, (str, bytes, type)):
        return False
    try:
        len(items)
    except TypeError:
        # Such as an array without dimensions.
        return False
    return True


def segment_length(segment: Any, count: int) -> int:
    """Return the frames per segment for `count` frames. It does not depend on the workers, so the
    movie's bytes do not either."""
    if segment is None:
        return max(MIN_DEFAULT_FRAMES, min(MAX_DEFAULT_FRAMES, -(-count // TARGET_SEGMENTS)))
    if isinstance(segment, bool) or not isinstance(segment, Integral) or not 1 <= int(segment) <= 100_000:
        raise SettingsError(f"segment must be a number of frames from 1 to 100000, not {segment!r}")
    return int(segment)


def split(items: Sequence[Any], length: int) -> list[Segment]:
    """Split a movie into segments.

    The worker of the first segment also draws the first frame of the second. The comparison with the second worker's
    picture shows whether workers draw alike.
    """
    segments = []
    for number, first in enumerate(range(0, len(items), length)):
        has_seam = number == 0 and len(items) > length
        segments.append(
            Segment(
                number,
                first,
                min(length, len(items) - first),
                items,
                first,
                pictured=first if number == 1 else None,
                draws_next=has_seam,
            )
        )
    return segments
