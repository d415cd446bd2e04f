"""The statistics of a movie, from those of its segments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _native
from .._stats import PACKET_DTYPE, Stats
from ._store import Record


class JoinedRun:
    """The run of a joined movie, as `Stats` reads it.

    Parameters
    ----------
    records : sequence of Record
        The segments, in order.
    output : path
        The movie.
    file_bytes, seconds : int, float
        Its size and its duration.
    wall_seconds : float
        The time that making it took.
    cpu_seconds : float or None
        The CPU time that it took; by default the sum over segments.
    audio : str or None
        The statistics of its sound, as JSON.
    """

    def __init__(
        self,
        records: Sequence[Record],
        output: Path,
        file_bytes: int,
        seconds: float,
        wall_seconds: float,
        cpu_seconds: float | None,
        audio: str | None,
    ) -> None:
        movie = json.loads(records[0].movie)
        movie["output"] = str(output)
        self._movie = json.dumps(movie)
        self._packets = _joined_packets(records, Fraction(movie["time_base"]))
        peak = int(self._packets["second_bytes"].max(initial=0))
        runs = [record.run for record in records]
        self._run, self._table = _native.joined_run(runs, peak, file_bytes, seconds, wall_seconds, cpu_seconds, audio)

    def stats(self) -> tuple[str, str, str]:
        """Return the movie and the run as JSON, and the run as a table."""
        return self._movie, self._run, self._table

    def packets(self) -> bytes:
        """Return a row for each packet."""
        return self._packets.tobytes()


def joined_stats(
    records: Sequence[Record],
    output: Path,
    file_bytes: int,
    seconds: float,
    wall_seconds: float,
    cpu_seconds: float | None,
    audio: str | None,
) -> Stats:
    """Return the statistics of a joined movie."""
    run = JoinedRun(records, output, file_bytes, seconds, wall_seconds, cpu_seconds, audio)
    return Stats(run, _joined_drawing(records))


def _joined_packets(records: Sequence[Record], time_base: Fraction) -> NDArray[np.void]:
    parts = []
    first = end = delay = 0
    for record in records:
        rows: NDArray[Any] = np.frombuffer(record.packet_rows(), PACKET_DTYPE).copy()
        offset = end - int(rows["pts"].min())
        delay = max(delay, int(rows["pts"].min() - rows["dts"].min()))
        rows["index"] += first
        rows["pts"] += offset
        rows["seconds"] = rows["pts"] * time_base.numerator / time_base.denominator
        end = int((rows["pts"] + rows["duration"]).max())
        first += record.frames
        parts.append(rows)
    packets = np.concatenate(parts)
    # All frames have the same period. A short segment alone has less delay.
    period = packets["duration"][0]
    packets["dts"] = np.arange(len(packets)) * period - delay
    packets["second_bytes"] = _bytes_within_a_second(packets, time_base)
    return packets


def _bytes_within_a_second(packets: NDArray[np.void], time_base: Fraction) -> NDArray[np.int64]:
    """Return for each packet the bytes of the packets in the second that ends with it."""
    ticks = Fraction(1) / time_base
    # A packet that is decoded a whole second earlier does not count.
    before = np.searchsorted(packets["dts"], packets["dts"] - float(ticks), side="right")
    sums = np.concatenate([[0], np.cumsum(packets["bytes"])])
    within: NDArray[np.int64] = sums[1:] - sums[before]
    return within


def _joined_drawing(records: Sequence[Record]) -> Any:
    """Return how all figures were drawn; None if frames are not figures."""
    if all(record.drawing is None for record in records):
        return None
    from .._figures import Drawing

    drawing, first = Drawing(), 0
    for record in records:
        if record.drawing is not None:
            part = Drawing(**record.drawing)
            drawing.layered += part.layered
            drawing.full += part.full
            drawing.checked += part.checked
            drawing.reasons += Counter(part.reasons)
            drawing.doubtful += [(first + begin, first + end) for begin, end in part.doubtful]
        first += record.frames
    return drawing
