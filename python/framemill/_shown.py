"""How a notebook displays a movie that is in a file."""

from __future__ import annotations

import base64
import html
import os
from pathlib import Path

from . import _native
from ._errors import Error, InputError

# What browsers play, by what a movie holds.
CONTAINERS = ("mp4", "m4v", "mov")
STREAMS = (("h264", "yuv420p"), ("h264", "yuvj420p"))
# The most that a notebook is to hold of one movie.
MAX_BYTES = 50_000_000


class Shown:
    """A movie that displays itself in a notebook."""

    def __init__(self, path: Path, max_bytes: int, width: int | None) -> None:
        self._path, self._max_bytes, self._width = path, max_bytes, width

    def _repr_html_(self) -> str:
        size = self._path.stat().st_size
        if size > self._max_bytes:
            name = html.escape(str(self._path))
            return (
                f"<p>{name} has {size / 1e6:.1f} MB, and a notebook would hold all of them: more than"
                f" {self._max_bytes / 1e6:.1f} MB are shown with <code>framemill.show(…, max_bytes=…)</code>.</p>"
            )
        data = base64.b64encode(self._path.read_bytes()).decode()
        width = "" if self._width is None else f" width='{self._width}'"
        return f"<video controls loop{width} src='data:video/mp4;base64,{data}'></video>"

    def __repr__(self) -> str:
        return f"<a movie: {self._path}>"


def shown(path: Path, max_bytes: int = MAX_BYTES, width: int | None = None) -> Shown:
    """What displays the movie at `path`. Raises an InputError where browsers do not play it."""
    if not path.is_file():
        raise InputError(f"{path} is no file: close the writer before the movie is shown")
    container, codec, pixel_format = _native.kind(path)
    if container not in CONTAINERS:
        raise InputError(f"{path}: browsers play no {container}; write an .mp4")
    if (codec, pixel_format) not in STREAMS:
        stream = codec if codec != "h264" else f"{codec} in {pixel_format}"
        raise InputError(f"{path}: browsers play no {stream}; write an .mp4 with the default codec and pixel format")
    return Shown(path, max_bytes, width)


def html_of(path: str | os.PathLike[str]) -> str | None:
    """How a notebook displays a movie, or None where it cannot."""
    try:
        return shown(Path(path))._repr_html_()
    except Error:
        return None
