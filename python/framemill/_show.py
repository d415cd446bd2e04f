"""`show`: movies inside a notebook."""

from __future__ import annotations

import math
import os
import re
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from ._errors import SettingsError, SettingsTypeError
from ._shown import MAX_BYTES, Shown, shown
from ._writer import VideoWriter

CSS_LENGTH = re.compile(r"\d+(\.\d+)?(%|px|pt|cm|mm|in|em|rem|vw|vh)", re.ASCII)


def show(
    movie: VideoWriter | str | os.PathLike[str], *, max_bytes: float = MAX_BYTES, width: int | str | None = None
) -> Shown:
    """Show a movie inside a notebook.

    Parameters
    ----------
    movie : path or VideoWriter
        The movie. Browsers play H.264, VP9 and AV1 in MP4, and VP9 and AV1 in WebM, with the default pixel format. The
        page is visible through the transparent parts of a VP9 movie.
    max_bytes : int, default 50_000_000
        The notebook stores the whole movie. Instead of a larger one, it shows a line with the name and the size.
    width : int or str, optional
        The width on the page: a number of pixels, or a length of CSS such as "50%". By default the width of the movie.

    Raises
    ------
    framemill.SettingsError, framemill.SettingsTypeError
        An argument is invalid.
    framemill.InputError
        The file does not exist, or some browsers cannot play it.
    """
    if not isinstance(movie, (VideoWriter, str, os.PathLike)):
        raise SettingsTypeError(f"give the path of a movie, or its VideoWriter, and not {type(movie).__name__}")
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, Real) or math.isnan(max_bytes):
        raise SettingsTypeError(f"max_bytes must be a number of bytes, as in 5_000_000, not {max_bytes!r}")
    path = movie._movie_path() if isinstance(movie, VideoWriter) else movie
    return shown(Path(path), max_bytes, _checked(width))


def _checked(width: Any) -> int | str | None:
    """Check a width, of which only a length of CSS may be text."""
    if width is None or (isinstance(width, str) and CSS_LENGTH.fullmatch(width)):
        return width
    if isinstance(width, bool) or not isinstance(width, Integral) or width < 1:
        raise SettingsError(f"width must be a whole number of pixels, from 1 on, or text such as '50%', not {width!r}")
    return int(width)
