"""How values become colors, and how large a figure is."""

from __future__ import annotations

import copy
import math
from typing import Any, NamedTuple

import numpy as np
from xarray import DataArray

from .._errors import SettingsError, SettingsTypeError
from ._limits import checked, extremes, limits
from ._reading import is_in_memory

# The `extend` of a color bar, by whether values lie (below, above) the limits of the colors.
SIDES = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}


class FrameStyle(NamedTuple):
    """How frames look."""

    cmap: Any
    norm: Any  # None if the array has colors
    extend: str  # one of SIDES
    limits: tuple[float, float] | None  # the values of 0 and of full brightness, if the array has colors
    figsize: tuple[float, float] | None = None
    dpi: float | None = None
    pixel_size: int = 1  # without labels: the side of the square that shows one value, in pixels


def style_of_colors(cmap: Any, norm: Any, vmin: float | None, vmax: float | None) -> FrameStyle:
    """Return the style of an array of colors."""
    if norm is not None or cmap is not None:
        raise SettingsError(
            "cmap and norm apply to values, but this array has colors: select one channel, or leave out cmap and norm"
        )
    low, high = _number("vmin", vmin), _number("vmax", vmax)
    if low is None and high is None:
        return FrameStyle(None, None, "neither", None)
    if low is None or high is None or not low < high:
        raise SettingsError(
            "an array of colors needs both vmin and vmax, with vmin < vmax, or neither of them, not"
            f" vmin={vmin} and vmax={vmax}"
        )
    return FrameStyle(None, None, "neither", (low, high))


def style_of_values(
    array: DataArray, cmap: Any, norm: Any, vmin: float | None, vmax: float | None, quantiles: Any
) -> FrameStyle:
    """Return the style of an array of values. Reads the array if vmin or vmax must be computed from it."""
    from matplotlib.colors import Normalize

    quantile_pair = checked(quantiles)
    if norm is None:
        norm = Normalize(_number("vmin", vmin), _number("vmax", vmax))
    elif not isinstance(norm, Normalize):
        raise SettingsTypeError(f"norm must be a norm of Matplotlib, as in matplotlib.colors.LogNorm(), not {norm!r}")
    elif vmin is not None or vmax is not None:
        raise SettingsError("give vmin and vmax to norm, as in LogNorm(vmin=1, vmax=100)")
    _check_limits(norm)
    colors, norm = _colors(cmap), copy.copy(norm)
    is_open = norm.vmin is None, norm.vmax is None
    # Unless they are found, no values are known to lie beyond the limits.
    lowest, highest = math.inf, -math.inf
    if any(is_open):
        lowest, low, high, highest = limits(array, (0, *quantile_pair, 1))
        norm.vmin = low if is_open[0] else norm.vmin
        norm.vmax = high if is_open[1] else norm.vmax
    if not all(is_open) and is_in_memory(array):
        lowest, highest = extremes(array)
    below = quantile_pair[0] > 0 if is_open[0] else lowest < norm.vmin
    above = quantile_pair[1] < 1 if is_open[1] else highest > norm.vmax
    return FrameStyle(colors, norm, SIDES[bool(below), bool(above)], None)


def _number(what: str, value: Any) -> float | None:
    """Check a limit. Arrays without axes, such as `array.min()`, are numbers."""
    try:
        return None if value is None else float(value[()] if isinstance(value, np.ndarray) else value)
    except (TypeError, ValueError):
        raise SettingsTypeError(f"{what} must be a number, not {value!r}") from None


def _check_limits(norm: Any) -> None:
    """Check vmin and vmax of a norm, of which each may be None."""
    given = [float(limit) for limit in (norm.vmin, norm.vmax) if limit is not None]
    if not all(map(math.isfinite, given)) or (len(given) == 2 and given[0] > given[1]):
        raise SettingsError(
            f"vmin must not be above vmax, and both must be finite, not vmin={norm.vmin} and vmax={norm.vmax}"
        )


def _colors(cmap: Any) -> Any:
    import matplotlib as mpl

    if cmap is not None and not isinstance(cmap, str):
        return cmap
    try:
        return mpl.colormaps[cmap or mpl.rcParams["image.cmap"]]
    except KeyError as error:
        raise SettingsError(f"cmap: {error.args[0]}") from None
