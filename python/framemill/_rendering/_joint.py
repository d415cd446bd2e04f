"""Finds frames that depend on those before them.

The first frame of the second segment is drawn twice: after the frames before it, by the worker of the first segment,
and before all others, by the worker of the second one.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from typing import Any

import numpy as np

from .._frames import figure_of, pixels_of

# What Matplotlib's caches may change, in levels of 255.
TOLERANCE = 2


def picture_of(frame: Any, dpi: float | None = None) -> str:
    """What a frame looks like, as a text: the pixels of a figure, and the digest of an array."""
    figure = figure_of(frame)
    if figure is None:
        pixels = pixels_of(frame, 0)
        about = repr((pixels.samples, pixels.shape, pixels.strides, pixels.first)).encode()
        return hashlib.sha256(about + np.ascontiguousarray(pixels.memory).tobytes()).hexdigest()
    file = io.BytesIO()
    figure.savefig(file, format="rgba", dpi="figure" if dpi is None else dpi)
    return base64.b64encode(zlib.compress(file.getvalue(), 1)).decode()


def difference(one: str, other: str) -> int:
    """The largest difference between two pictures, in levels of 255; 255 where they cannot be compared."""
    if one == other:
        return 0
    try:
        pixels = [np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8) for text in (one, other)]
    except (ValueError, zlib.error):
        return 255
    if pixels[0].shape != pixels[1].shape:
        return 255
    return int(np.abs(pixels[0].astype(np.int16) - pixels[1]).max(initial=0))
