"""Encode generated frames to video inside your process: NumPy arrays in, movie out.

>>> import framemill
>>> with framemill.VideoWriter("out.mp4", fps=30, crf=18) as video:  # doctest: +SKIP
...     for frame in frames:
...         video.write(frame)

`import framemill.matplotlib` makes `animation.save("m.mp4", writer="framemill")` work.
"""

import sys as _sys
from importlib.metadata import version as _version
from typing import Any

from . import _native
from ._errors import (
    AudioError,
    AudioTypeError,
    ClosedError,
    EncodingError,
    Error,
    ForkedError,
    FrameError,
    FrameTypeError,
    InputError,
    InputNotFoundError,
    NoFramesError,
    OutputError,
    OutputExistsError,
    OutputNotFoundError,
    OutputPermissionError,
    SettingsError,
    SettingsTypeError,
    TimeError,
    TooLargeError,
)
from ._join import Joined, join
from ._recover import Recovered, recover
from ._rendering import render
from ._show import show
from ._stats import Stats
from ._write_video import write_video
from ._writer import VideoWriter

__version__ = _version("framemill")

__all__ = [
    "AudioError",
    "AudioTypeError",
    "ClosedError",
    "EncodingError",
    "Error",
    "ForkedError",
    "FrameError",
    "FrameTypeError",
    "InputError",
    "InputNotFoundError",
    "Joined",
    "NoFramesError",
    "OutputError",
    "OutputExistsError",
    "OutputNotFoundError",
    "OutputPermissionError",
    "Recovered",
    "SettingsError",
    "SettingsTypeError",
    "Stats",
    "TimeError",
    "TooLargeError",
    "VideoWriter",
    "build_info",
    "join",
    "recover",
    "render",
    "show",
    "write_video",
]


def build_info() -> dict[str, Any]:
    """Return the release and the library versions of the linked FFmpeg, and the license of this build.

    Returns
    -------
    dict
        "ffmpeg", "libraries" (a dictionary) and "license".

    Examples
    --------
    >>> sorted(framemill.build_info())
    ['ffmpeg', 'libraries', 'license']
    """
    ffmpeg, libraries, license_name = _native.build()
    return {"ffmpeg": ffmpeg, "libraries": dict(libraries), "license": license_name}


# If Matplotlib's animations are imported already, `import framemill` is enough for writer="framemill". So with imageio.
if "matplotlib.animation" in _sys.modules:
    from . import matplotlib  # noqa: F401
if "imageio.core.legacy_plugin_wrapper" in _sys.modules:
    from . import imageio  # noqa: F401
