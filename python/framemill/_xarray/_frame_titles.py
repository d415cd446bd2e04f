"""Makes the titles of the frames."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray import DataArray

from .._errors import SettingsError


def titles(array: DataArray, dim: Hashable, template: str) -> list[str]:
    """Return the title of each frame.

    Parameters
    ----------
    template : str
        With {dim}, {value} and {number} in it.

    Raises
    ------
    SettingsError
        There are other names in it.
    """
    try:
        return [
            template.format(dim=dim, value=value, number=number) for number, value in enumerate(_values(array, dim))
        ]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"title may have {{dim}}, {{value}} and {{number}} in it, as in 'Day {{number}}', but it is {template!r}:"
            " write {{ and }} for other braces"
        ) from error


def _values(array: DataArray, dim: Hashable) -> list[str]:
    """Return the coordinate of each frame as text, or its number."""
    coordinate = array.coords.get(dim)
    if coordinate is None or coordinate.ndim != 1:
        return [str(number) for number in range(array.sizes[dim])]
    values = coordinate.values
    if values.dtype.kind == "M":
        return _dates(values)
    if values.dtype.kind == "m":
        return [str(value) for value in coordinate.to_index()]
    units = coordinate.attrs.get("units")
    unit = f" {units}" if units and values.dtype.kind in "iuf" else ""
    return [f"{value:.6g}{unit}" if values.dtype.kind == "f" else f"{value}{unit}" for value in values]


def _dates(values: NDArray[Any]) -> list[str]:
    """Format dates, with as much of the time as any of them needs."""
    known = values[~np.isnat(values)]
    unit = next((unit for unit in ("D", "m", "s") if (known == known.astype(f"M8[{unit}]")).all()), "ms")
    return [text.replace("T", " ") for text in np.datetime_as_string(values, unit=unit).tolist()]  # type: ignore[call-overload]
