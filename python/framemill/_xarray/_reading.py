"""Reads frames of an array without keeping more in memory than needed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray import DataArray

# The most bytes of computed frames that are kept for later frames.
MAX_BYTES = 128 * 2**20


def source_of(array: DataArray) -> Any:
    """Return an array in a form to compare and send: plain if it is in memory, otherwise with its reader."""
    return array.to_dict(data="array") if is_in_memory(array) else array


def is_in_memory(array: DataArray) -> bool:
    """Return whether the values are known without computing or reading them."""
    return bool(getattr(array.variable, "_in_memory", False))


def array_of(source: Any) -> DataArray:
    """Return the array of a source."""
    return DataArray.from_dict(source) if isinstance(source, dict) else source


class ArrayFrames:
    """The frames of an array along its first axis.

    What Dask computes, or a file has in chunks, is read for a whole chunk of frames, or as many as fit into
    `MAX_BYTES`. Frame by frame, a chunk would be computed, or unpacked, for each of its frames.
    """

    def __init__(self, array: DataArray) -> None:
        self._array = array
        self._dim = array.dims[0]
        self._ends = _ends_of_chunks(array)
        self._first = 0
        self._kept: NDArray[Any] | None = None

    def read(self, number: int) -> NDArray[Any]:
        """Read a frame."""
        if self._kept is None or not self._first <= number < self._first + len(self._kept):
            self._kept = None
            self._first, end = self._block(number)
            self._kept = np.asarray(self._array.isel({self._dim: slice(self._first, end)}).values)
        frame: NDArray[Any] = self._kept[number - self._first]
        return frame

    def _block(self, number: int) -> tuple[int, int]:
        """Return the frames that are read along with a frame: its chunk, or a part of it."""
        chunk = int(np.searchsorted(self._ends, number, side="right"))
        begin, end = int(self._ends[chunk - 1]) if chunk > 0 else 0, int(self._ends[chunk])
        length = max(1, MAX_BYTES // max(1, self._array.nbytes // len(self._array)))
        first = begin + (number - begin) // length * length
        return first, min(end, first + length)


def _ends_of_chunks(array: DataArray) -> NDArray[np.int64]:
    """Return where chunks of frames end."""
    dim, frames = array.dims[0], len(array)
    if array.chunks is not None:
        return np.cumsum(array.chunksizes[dim])
    # Of arrays in memory they cost nothing.
    step = max(1, int(array.encoding.get("preferred_chunks", {}).get(dim, 1)))
    return np.append(np.arange(step, frames, step), frames)
