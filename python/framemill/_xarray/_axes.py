"""Assigns the dimensions of an array to the axes of a movie."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
from xarray import DataArray

from .._errors import NoFramesError, SettingsError, SettingsTypeError


class AxisNames(NamedTuple):
    """The names of dimensions, or of coordinates of x and y."""

    frames: Hashable
    y: Hashable
    x: Hashable
    rgb: Hashable | None


def arranged(
    array: DataArray, dim: Hashable, y: Hashable | None, x: Hashable | None, rgb: Hashable | None
) -> tuple[DataArray, AxisNames]:
    """Return the array with its axes in the order of a movie, and their names. Unneeded coordinates are dropped.

    Raises
    ------
    SettingsError, SettingsTypeError, NoFramesError
        The array is not a sequence of pictures; the message names the dimensions.
    """
    if array.dtype.kind not in "buif":
        raise SettingsTypeError(f"the array is of {array.dtype}: give bools, integers or floats")
    if dim not in array.dims:
        raise SettingsError(f"the array has no dimension {dim!r}: give dim, one of {_named(array.dims, array)}")
    rest = [name for name in array.dims if name != dim]
    if rgb is None and len(rest) == 3:
        rgb = _colors(array, rest)
    if rgb is not None:
        if rgb not in rest or array.sizes[rgb] not in (3, 4):
            raise SettingsError(
                f"rgb must be a dimension of 3 or 4 colors, not {rgb!r}: the array has {_named(rest, array)}"
            )
        rest.remove(rgb)
    if len(rest) < 2:
        dimensions = f"the dimension {_named(rest, array)}" if rest else "no dimension"
        raise SettingsError(
            f"without {dim!r} the array has {dimensions}, and a picture needs two: give an array with more dimensions"
        )
    if len(rest) > 2:
        raise SettingsError(
            f"without {dim!r} the array has the dimensions {_named(rest, array)}, and a picture has two: select from"
            f" the others, as in array.isel({rest[0]}=0)"
        )
    if array.sizes[dim] == 0:
        raise NoFramesError(f"the dimension {dim!r} has the length 0, so there is no frame to write")
    if array.size == 0:
        raise SettingsError(f"a frame has no values, as its dimensions are {_named(rest, array)}: select at least one")
    y, x = _names(array, rest, y, x)
    dims = tuple(rest) if array[y].ndim != 1 or array[x].ndim != 1 else (*array[y].dims, *array[x].dims)
    order = (dim, *dims) if rgb is None else (dim, *dims, rgb)
    unused = [name for name in array.coords if name not in (y, x)]
    return array.drop_vars(unused).transpose(*order), AxisNames(dim, y, x, rgb)


def _named(names: object, array: DataArray) -> str:
    return ", ".join(f"{name!r} ({array.sizes[name]})" for name in names)  # type: ignore[attr-defined]


def _colors(array: DataArray, rest: list[Hashable]) -> Hashable:
    """Return the dimension of colors among three."""
    found = [name for name in rest if array.sizes[name] in (3, 4)]
    if len(found) != 1:
        raise SettingsError(
            f"the dimensions {_named(rest, array)} are left for each frame, and {len(found)} of them have 3 or 4"
            f" colors: give rgb, or select from one of them, as in array.isel({rest[0]}=0)"
        )
    return found[0]


def _names(array: DataArray, rest: list[Hashable], y: Hashable | None, x: Hashable | None) -> tuple[Hashable, Hashable]:
    """Return the names of y and x: of dimensions, or of coordinates over them."""
    for what, name in (("y", y), ("x", x)):
        if name is not None and name not in rest and name not in array.coords:
            raise SettingsError(f"{what} must be a dimension or a coordinate, not {name!r}")
        if name is not None and not set(array[name].dims) <= set(rest):
            raise SettingsError(f"{what} must be over {_named(rest, array)}, and {name!r} is not")
    if x is not None and x == y:
        raise SettingsError(f"x and y are both {x!r}: give two of {_named(rest, array)}, or coordinates along them")
    if y is None:
        y = next(name for name in rest if x is None or name not in array[x].dims or array[x].ndim > 1)
    if x is None:
        x = next(name for name in reversed(rest) if name not in array[y].dims or array[y].ndim > 1)
    both = set(array[y].dims) | set(array[x].dims)
    if both != set(rest):
        raise SettingsError(f"x and y must be over {_named(rest, array)}, and {y!r} and {x!r} are not")
    return y, x


def is_evenly_spaced(array: DataArray, name: Hashable) -> bool:
    """Return whether the values along an axis are evenly spaced, so that all pixels have one size."""
    values = array[name].values
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return False
    steps = np.diff(values.astype(np.float64))
    return len(steps) == 0 or bool(steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-3, atol=0))


def grows(array: DataArray, name: Hashable) -> bool | None:
    """Return whether the coordinate of an axis increases; None if there is none, or if it has no order."""
    if name not in array.coords:
        return None
    values = array[name].values
    if values.ndim != 1 or values.dtype.kind not in "iufM" or len(values) < 2:
        return None
    return bool(values[-1] > values[0])
