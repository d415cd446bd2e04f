"""Checks the arguments of `movie` that only need the arguments themselves."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from .._errors import SettingsError, SettingsTypeError
from .._options import OPTIONS
from .._options import size as size_of
from .._rendering._render import NOT_FOR_RENDER
from ._frame_titles import DEFAULT

# The keywords of `movie` itself, and those of `render` that `movie` passes on.
OF_MOVIE = ("dim", "fps", "cmap", "vmin", "vmax", "norm", "quantiles", "x", "y", "rgb", "labels", "title", "figsize")
OF_RENDER = ("executor", "segment", "scratch", "share", "retries", "progress", "layers", "audio")
# Keywords of xarray's plots, and what they are called here.
OF_XARRAY = {"robust": "quantiles", "center": "norm", "levels": "norm", "size": "figsize", "aspect": "figsize"}


def check_options(options: Mapping[str, Any]) -> None:
    """Reject options that neither `movie` nor `render` has.

    Raises
    ------
    SettingsError, SettingsTypeError
        The message names the option.
    """
    known = [*OF_MOVIE, "dpi", *OF_RENDER, *OPTIONS]
    for name, value in options.items():
        if name in NOT_FOR_RENDER:
            if value is not None:
                raise SettingsError(f"{name} cannot be combined with movie: {NOT_FOR_RENDER[name]}")
        elif name not in OPTIONS and name not in OF_RENDER:
            near = [OF_XARRAY[name]] if name in OF_XARRAY else difflib.get_close_matches(name, known, n=1, cutoff=0.7)
            hint = f"did you mean {near[0]!r}?" if near else f"the options are {', '.join(known)}"
            raise SettingsTypeError(f"there is no option {name!r}; {hint}")


def check_look(labels: Any, title: Any, figsize: Any, dpi: Any) -> None:
    """Check what a figure looks like, which must be left at the defaults without labels.

    Raises
    ------
    SettingsError, SettingsTypeError
        The message names the argument.
    """
    if not isinstance(labels, (bool, np.bool_)):
        raise SettingsTypeError(f"labels must be True or False, not {labels!r}")
    needless = {"figsize": figsize is not None, "dpi": dpi is not None, "title": title != DEFAULT}
    if not labels and any(needless.values()):
        names = " and ".join(name for name, is_given in needless.items() if is_given)
        raise SettingsError(f"{names} cannot be combined with labels=False: each value is a pixel; set scale")
    sides = tuple(figsize) if isinstance(figsize, Iterable) and not isinstance(figsize, str) else ()
    if figsize is not None and not (len(sides) == 2 and all(map(_is_positive, sides))):
        raise SettingsError(f"figsize must be (width, height) in inches, as in (8, 6), not {figsize!r}")
    if dpi is not None and not _is_positive(dpi):
        raise SettingsError(f"dpi must be a number above 0, as in 150, not {dpi!r}")


def _is_positive(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 0 < float(value) < math.inf


def pixel_size(scale: Any, labels: bool) -> int | None:
    """Return the side of the square for each value, or None if `scale` is not a whole number.

    Raises
    ------
    SettingsError
        It is neither a whole number from 1 on nor a width and a height, or it is a whole number with labels.
    """
    if isinstance(scale, Integral) and not isinstance(scale, bool):
        if labels or scale < 1:
            raise SettingsError(f"scale={scale} is for labels=False, from 1 on: with labels, set figsize and dpi")
        return int(scale)
    try:
        if scale is not None:
            size_of("scale", scale)
    except SettingsError:
        squares = "" if labels else "a whole number, for a square of pixels for each value, or "
        raise SettingsError(f"scale must be {squares}(width, height) of the movie in pixels, not {scale!r}") from None
    return None
