"""Computes the range of values for the colors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray import DataArray

from .._errors import InputError, SettingsError
from ._reading import ArrayFrames

# Up to this many values, quantiles are exact; of more, this many are sampled from frames over the whole array.
MAX_VALUES = 2**22
MAX_FRAMES = 64


def checked(quantiles: Any) -> tuple[float, float]:
    """Check two fractions, which must be in order."""
    try:
        low, high = map(float, quantiles)
    except (TypeError, ValueError):
        low, high = 1.0, 0.0
    if not 0 <= low < high <= 1:
        raise SettingsError(f"quantiles must be two shares from 0 to 1, as in (0.02, 0.98), not {quantiles!r}")
    return low, high


def limits(array: DataArray, quantiles: tuple[float, ...]) -> tuple[float, ...]:
    """Return the quantiles of the array's finite values.

    Raises
    ------
    InputError
        There are none.
    """
    values = _sample(array)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        raise InputError("the array has no finite values, so there are no limits of the colors: give vmin and vmax")
    return tuple(np.quantile(values, quantiles).tolist())


def extremes(array: DataArray) -> tuple[float, float]:
    """Return the smallest and the largest finite value of an array in memory, or inf and -inf if there are none."""
    lowest, highest = math.inf, -math.inf
    for values in array.values:
        finite = values[np.isfinite(values)].astype(np.float64)
        lowest, highest = float(finite.min(initial=lowest)), float(finite.max(initial=highest))
    return lowest, highest


def _sample(array: DataArray) -> NDArray[Any]:
    """Return all values, or a sample from frames spread over the array, which is read frame by frame."""
    frames = len(array)
    numbers: Any = range(frames)
    if array.size > MAX_VALUES and frames > MAX_FRAMES:
        numbers = np.unique(np.linspace(0, frames - 1, MAX_FRAMES).round().astype(int))
    pixels, width = array.size // frames, array.shape[2]
    step = max(1, math.ceil(pixels * len(numbers) / MAX_VALUES))
    # A step with a common factor with the width would only sample some columns.
    while math.gcd(step, width) > 1:
        step += 1
    # All frames are read block by block. For a few frames, whole blocks would be too much.
    read = ArrayFrames(array).read if len(numbers) == frames else lambda number: array[number].values
    taken = [read(number).reshape(-1)[::step] for number in numbers]
    values: NDArray[Any] = np.concatenate(taken).astype(np.float64)
    return values
