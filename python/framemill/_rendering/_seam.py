"""Finds frames that depend on those before them.

The first frame of the second segment is drawn twice: after the frames before it, by the worker of the first segment,
and as the first frame of a new state, by the worker of the second one.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from typing import Any

import numpy as np

from .._frames import figure_of, pixels_of

# The difference that Matplotlib's caches may cause, in levels of 255.
TOLERANCE = 2

# The digest of a frame, its shape, and where it is a figure its pixels, compressed: what JSON can hold.
PictureDigest = list[Any]


def picture_of(frame: Any, number: int, dpi: float | None = None) -> PictureDigest:
    """Return a compact description of the pixels of frame `number`."""
    figure = figure_of(frame)
    if figure is None:
        pixels = pixels_of(frame, number)
        content = np.ascontiguousarray(pixels.memory).tobytes()
        about = repr((pixels.samples, pixels.strides, pixels.first)).encode()
        return [hashlib.sha256(about + content).hexdigest(), list(pixels.shape), None]
    file = io.BytesIO()
    figure.savefig(file, format="rgba", dpi="figure" if dpi is None else dpi)
    content = file.getvalue()
    compressed = base64.b64encode(zlib.compress(content, 1)).decode()
    return [hashlib.sha256(content).hexdigest(), [len(content)], compressed]


def are_alike(one: PictureDigest, other: PictureDigest) -> bool:
    """Return whether two descriptions are of the same frame."""
    if one[0] == other[0]:
        return True
    if one[1] != other[1] or one[2] is None or other[2] is None:
        return False
    pixels = [np.frombuffer(zlib.decompress(base64.b64decode(picture[2])), np.uint8) for picture in (one, other)]
    return bool(np.abs(pixels[0].astype(np.int16) - pixels[1]).max(initial=0) <= TOLERANCE)
