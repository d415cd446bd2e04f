"""`recover`: a playable movie from the part file of an interrupted run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from . import _native
from ._audio import Audio, warn_of, whole
from ._options import given


class Recovered(NamedTuple):
    """The result of `recover`."""

    path: Path
    """The path of the movie."""
    frames: int
    """The number of frames."""


def recover(
    part_file: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    audio: Audio | None = None,
    audio_codec: str | None = None,
    audio_bitrate: int | str | None = None,
    audio_start: float = 0,
) -> Recovered:
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
    Recovered
        The movie's path and its number of frames.

    Raises
    ------
    framemill.InputError
        The file is not a part file. Also a ValueError.
    framemill.OutputError
        The part file cannot be read, or the movie cannot be written. Also an OSError.

    Examples
    --------
    >>> framemill.recover("night.mp4.part")  # doctest: +SKIP
    Recovered(path=PosixPath('night.mp4'), frames=86400)
    """
    sound = None if audio is None else whole(audio)
    keywords = {"audio_codec": audio_codec, "audio_bitrate": audio_bitrate, "audio_start": audio_start}
    path, frames, made = _native.recover(part_file, output, sound, given(keywords))
    warn_of(made, stacklevel=2)
    return Recovered(Path(path), frames)
