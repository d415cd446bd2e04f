"""One rendering of a movie: which segments exist, which have to be made, and whether they match."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._errors import FrameError
from .._stacklevel import levels_to_the_user
from ._count import Count
from ._fingerprint import Fingerprint, fingerprint
from ._handout import hand_out
from ._pools import Pool
from ._seam import are_alike
from ._segments import Segment
from ._store import Record, Store
from ._worker import Made, Movie, Task


class Wanted(NamedTuple):
    """A segment that the movie needs, and the fingerprint of all items that its worker draws.

    The fingerprint is None if no other run has made segments.
    """

    segment: Segment
    items: Fingerprint | None

    @classmethod
    def of(cls, segment: Segment) -> Wanted:
        """Compute the fingerprint."""
        return cls(segment, fingerprint(list(segment.all_items())))


class Run:
    """Makes the segments that the store does not have.

    Parameters
    ----------
    pool : Pool
        The workers.
    store : Store
        The finished segments.
    count : Count
        The progress.
    is_strict : bool
        Whether frames that depend on earlier frames are an error instead of a warning.
    segments : sequence of Segment
        All segments of the movie.
    """

    def __init__(self, pool: Pool, store: Store, count: Count, is_strict: bool, segments: Sequence[Segment]) -> None:
        self._pool, self._store, self._count, self._is_strict = pool, store, count, is_strict
        self._segments = segments
        self._records: dict[int, Record] = {}

    def make(self, movie: Movie, wanted: Sequence[Wanted], is_shared: bool, retries: int) -> list[Record]:
        """Make some of the segments, or all.

        Returns
        -------
        list of Record
            Those that were wanted, in order.
        """
        tasks = []
        for segment, items in wanted:
            record = None if items is None else self._store.find(segment.number, items.text)
            if record is None:
                text = None if items is None else items.text
                tasks.append(Task(movie, segment, text, self._store if is_shared else None))
            else:
                self._add(segment, record)
                self._count.found(record.frames)
        hand_out(self._pool, tasks, retries, self._take, self._count.lost)
        return [self._records[segment.number] for segment, _ in wanted]

    def _take(self, task: Task, made: Made) -> None:
        if made.content is not None:
            self._store.add_bytes(task.segment.number, made.content, made.record)
        self._add(task.segment, made.record)
        self._count.made(made.record.frames)

    def _add(self, segment: Segment, record: Record) -> None:
        self._records[segment.number] = record
        self._check_kind(segment, record)
        if segment.number in (0, 1) and {0, 1} <= self._records.keys():
            self._check_seam()

    def _check_kind(self, segment: Segment, record: Record) -> None:
        """Check that a segment can be joined to the others."""
        number, other = next(iter(self._records.items()))
        others = self._segments[number]
        names = f"frames {segment.first} to {segment.last}", f"frames {others.first} to {others.last}"
        if record.size != other.size:
            (width, height), (other_width, other_height) = record.size, other.size
            raise FrameError(
                f"{names[0]} have {width}x{height} pixels, and {names[1]} have {other_width}x{other_height}:"
                " give all frames one size, or set scale=(width, height)"
            )
        kinds = [_kind(record), _kind(other)]
        for name, value in kinds[0].items():
            if value != kinds[1][name]:
                raise FrameError(
                    f"{names[0]} have the {name.replace('_', ' ')} {value}, and {names[1]} have {kinds[1][name]}:"
                    " use one dtype and one number of channels for all frames"
                )

    def _check_seam(self) -> None:
        """Compare the frame that the workers of the first two segments drew."""
        after, alone = self._records[0].picture, self._records[1].picture
        if after is None or alone is None or are_alike(after, alone):
            return
        problem = (
            f"frame {self._segments[1].first} looks different when it is drawn after frame {self._segments[0].last}"
            " than when it is the first frame that a worker draws. Each frame must depend only on its item: set"
            " everything that changes, do not add data to an earlier frame, and seed random numbers: from the item in"
            " draw, and with a fixed seed in modules and setup"
        )
        if self._is_strict:
            raise FrameError(problem)
        warnings.warn(problem, stacklevel=levels_to_the_user())


def _kind(record: Record) -> dict[str, Any]:
    """Return the properties that all segments of a movie share."""
    movie: dict[str, Any] = json.loads(record.movie)
    return {name: value for name, value in movie.items() if name != "output"}
