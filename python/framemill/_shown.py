"""How a notebook displays a movie that is in a file."""

from __future__ import annotations

import base64
import html
import os
from pathlib import Path

from . import _native
from ._errors import Error, InputError

# What browsers play: the MIME type and the codecs of a container, and the pixel formats of a codec.
CONTAINERS = {
    "mp4": ("video/mp4", ("h264", "vp9", "av1")),
    "m4v": ("video/mp4", ("h264",)),
    "mov": ("video/mp4", ("h264",)),
    "webm": ("video/webm", ("vp9", "av1")),
}
PIXEL_FORMATS = {
    "h264": ("yuv420p", "yuvj420p"),
    "vp9": ("yuv420p", "yuv420p10le"),
    # None: FFmpeg finds the pixel format of AV1 only if it can decode AV1.
    "av1": ("yuv420p", "yuv420p10le", None),
}
INSTEAD = "write an .mp4 with the default codec and pixel format, or a .webm with codec vp9, which can keep alpha"
# The largest movie that is stored in a notebook by default.
MAX_BYTES = 50_000_000


class Shown:
    """A movie that displays itself in a notebook."""

    def __init__(self, path: Path, mime_type: str, max_bytes: float, width: int | str | None) -> None:
        self._path, self._mime_type, self._max_bytes, self._width = path, mime_type, max_bytes, width

    def _repr_html_(self) -> str:
        size = self._path.stat().st_size
        if size > self._max_bytes:
            name = html.escape(str(self._path))
            return (
                f"<p>{name} is {size / 1e6:.1f} MB. A notebook stores the whole movie, so movies over"
                f" {self._max_bytes / 1e6:.1f} MB are not shown. To show it, set <code>max_bytes</code> in"
                " <code>framemill.show</code>.</p>"
            )
        data = base64.b64encode(self._path.read_bytes()).decode()
        width = "" if self._width is None else f" width='{self._width}'"
        if isinstance(self._width, str):
            width = f" style='width: {html.escape(self._width)}'"
        return f"<video controls loop{width} src='data:{self._mime_type};base64,{data}'></video>"

    def __repr__(self) -> str:
        return f"<a movie: {self._path}>"


def shown(path: Path, max_bytes: float = MAX_BYTES, width: int | str | None = None) -> Shown:
    """Return an object that displays the movie at `path`. Raises an InputError if some browsers cannot play it."""
    if not path.is_file():
        raise InputError(f"{path} is not a file: check the path, and close the writer before you show its movie")
    container, codec, pixel_format = _native.kind(path)
    mime_type, codecs = CONTAINERS.get(container, (None, ()))
    if mime_type is None:
        unplayed = container
    elif codec not in codecs:
        unplayed = f"{codec} in {container}"
    elif pixel_format not in PIXEL_FORMATS[codec]:
        unplayed = f"{codec} in {pixel_format}"
    else:
        return Shown(path, mime_type, max_bytes, width)
    raise InputError(f"{path}: not every browser plays {unplayed}; {INSTEAD}")


def html_of(path: str | os.PathLike[str]) -> str | None:
    """Return the HTML that displays a movie, or None if it cannot be displayed."""
    try:
        return shown(Path(path))._repr_html_()
    except Error:
        return None
