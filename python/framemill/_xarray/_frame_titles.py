"""Makes the titles of the frames."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xarray import DataArray

from .._errors import SettingsError

DEFAULT = "{dim} = {value}"


class Value:
    """A coordinate or a number in a title. A format, as in {value:.1f}, applies to the value, and not to its text."""

    def __init__(self, value: Any, text: str) -> None:
        self._value, self._text = value, text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def __format__(self, form: str) -> str:
        # Dates take any text as their format. Without % it is meant for the text.
        is_date = hasattr(self._value, "strftime")
        # A missing date is the only one that is not equal to itself.
        if is_date and self._value != self._value:
            form = "" if "%" in form else form
        try:
            return format(self._text if not form or (is_date and "%" not in form) else self._value, form)
        except (TypeError, ValueError):
            raise SettingsError(
                f"title has the format {form!r}, which does not fit {self._text!r}: use formats such as {{value:.1f}}"
                " for numbers and {value:%Y-%m-%d} for dates, or {value} alone"
            ) from None


def titles(array: DataArray, dim: Hashable, template: str) -> list[str]:
    """Return the title of each frame.

    Parameters
    ----------
    template : str
        With {dim}, {value} and {number} in it.

    Raises
    ------
    SettingsError
        There are other names in it, or a format does not fit the values.
    """
    try:
        return [
            template.format(dim=dim, value=value, number=Value(number, str(number)))
            for number, value in enumerate(_values(array, dim))
        ]
    except SettingsError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"title may have {{dim}}, {{value}} and {{number}} in it, as in 'Day {{number}}', but it is {template!r}:"
            " write {{ and }} for other braces"
        ) from error


def _values(array: DataArray, dim: Hashable) -> list[Value]:
    """Return the coordinate of each frame, or its number."""
    coordinate = array.coords.get(dim)
    if coordinate is None or coordinate.ndim != 1:
        return [Value(number, str(number)) for number in range(array.sizes[dim])]
    values = coordinate.values
    if values.dtype.kind in "Mm":
        # pandas has values with strftime.
        dates = list(coordinate.to_index())
        return list(map(Value, dates, _dates(values) if values.dtype.kind == "M" else map(str, dates)))
    units = coordinate.attrs.get("units")
    unit = f" {units}" if units and values.dtype.kind in "iuf" else ""
    texts = _floats(values) if values.dtype.kind == "f" else map(str, values)
    return [Value(value, f"{text}{unit}") for value, text in zip(values, texts, strict=True)]


def _floats(values: NDArray[Any]) -> list[str]:
    """Format floats with six digits, or as many as their smallest step needs."""
    known = np.unique(values[np.isfinite(values)])
    tolerance = np.diff(known).min(initial=np.inf) / 100
    rounded = (digits for digits in range(6, 17) if all(abs(float(f"{n:.{digits}g}") - n) <= tolerance for n in known))
    digits = next(rounded, 17)
    return [f"{value:.{digits}g}" for value in values]


def _dates(values: NDArray[Any]) -> list[str]:
    """Format dates, with as much of the time as any of them needs to be exact, or to differ within a second."""
    known = np.unique(values[~np.isnat(values)])
    exact = (unit for unit in ("D", "m", "s") if (known == known.astype(f"M8[{unit}]")).all())
    different = (unit for unit in ("ms", "us") if len(np.unique(known.astype(f"M8[{unit}]"))) == len(known))
    unit = next(exact, None) or next(different, "ns")
    texts: list[str] = np.datetime_as_string(values, unit=unit).tolist()  # type: ignore[call-overload]
    return [text if text == "NaT" else text.replace("T", " ") for text in texts]
