"""`show`: movies inside a notebook."""

from __future__ import annotations

import os
from pathlib import Path

from ._shown import Shown, shown
from ._writer import VideoWriter


def show(
    movie: VideoWriter | str | os.PathLike[str], *, max_bytes: int = 50_000_000, width: int | None = None
) -> Shown:
    """Show a movie inside a notebook.

    Parameters
    ----------
    movie : path or VideoWriter
        The movie. Browsers play H.264, VP9 and AV1 in MP4, and VP9 and AV1 in WebM, with the default pixel format.
        Where a movie of VP9 is transparent, the page shows through.
    max_bytes : int, default 50_000_000
        The notebook holds the whole movie: a larger one is named instead.
    width : int, optional
        Pixels on the page; the movie's own width when not given.

    Raises
    ------
    framemill.InputError
        There is no such file, or not every browser plays its kind.
    """
    path = movie._movie_path() if isinstance(movie, VideoWriter) else movie
    return shown(Path(path), max_bytes, width)
