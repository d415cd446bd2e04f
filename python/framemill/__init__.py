"""Encode generated frames to H.264 or MPEG-4 video inside your process: numpy in, movie out.

>>> import framemill
>>> with framemill.VideoWriter("out.mp4", fps=30, crf=18) as video:  # doctest: +SKIP
...     for frame in frames:
...         video.write(frame)

`import framemill.matplotlib` makes `animation.save("m.mp4", writer="framemill")` work.
"""

import os as _os
import sys as _sys
from importlib.metadata import version as _version
from pathlib import Path as _Path
from typing import Any

from . import _native
from ._audio import Audio, warn_of, whole
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
from ._options import given
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
    "Joined",
    "NoFramesError",
    "OutputError",
    "OutputExistsError",
    "OutputNotFoundError",
    "OutputPermissionError",
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


def recover(
    part_file: str | _os.PathLike[str],
    output: str | _os.PathLike[str] | None = None,
    *,
    audio: Audio | None = None,
    audio_codec: str | None = None,
    audio_bitrate: int | str | None = None,
    audio_start: float = 0,
) -> tuple[_Path, int]:
    """Make a playable movie from the part file of an interrupted run.

    Parameters
    ----------
    part_file : path
        The part file of the run, as in movie.mp4.part.
    output : path, optional
        The movie to make. By default it gets the name that the run intended.
    audio : path or (samples, rate), optional
        The movie's sound. By default, the movie keeps the sound of the part file. Only part files from a pipe have
        sound.
    audio_codec, audio_bitrate, audio_start : optional
        As for `VideoWriter`.

    Returns
    -------
    path : pathlib.Path
        The movie.
    frames : int
        The number of its frames.

    Raises
    ------
    framemill.InputError
        The file is not a part file. Also a ValueError.
    framemill.OutputError
        The part file cannot be read, or the movie cannot be written. Also an OSError.

    Examples
    --------
    >>> framemill.recover("night.mp4.part")  # doctest: +SKIP
    (PosixPath('night.mp4'), 86400)
    """
    sound = None if audio is None else whole(audio)
    keywords = {"audio_codec": audio_codec, "audio_bitrate": audio_bitrate, "audio_start": audio_start}
    path, frames, made = _native.recover(part_file, output, sound, given(keywords))
    warn_of(made, stacklevel=2)
    return _Path(path), frames


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
