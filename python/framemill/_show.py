"""`show`: movies inside a notebook."""

from __future__ import annotations

import os
from pathlib import Path

from ._shown import MAX_BYTES, Shown, shown
from ._writer import VideoWriter


def show(movie: VideoWriter | str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, width: int | None = None) -> Shown:
    """Show a movie inside a notebook.

    Parameters
    ----------
    movie : path or VideoWriter
        The movie. Browsers play H.264, VP9 and AV1 in MP4, and VP9 and AV1 in WebM, with the default pixel format. The
        page is visible through the transparent parts of a VP9 movie.
    max_bytes : int, default 50_000_000
        The notebook stores the whole movie. Instead of a larger one, it shows a line with the name and the size.
    width : int, optional
        The width on the page, in pixels. By default the width of the movie.

    Raises
    ------
    framemill.InputError
        The file does not exist, or some browsers cannot play it.
    """
    path = movie._movie_path() if isinstance(movie, VideoWriter) else movie
    return shown(Path(path), max_bytes, width)
