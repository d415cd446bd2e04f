"""`join`: one movie of many."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from . import _native
from ._audio import Audio
from ._audio import resolve as sound
from ._errors import SettingsTypeError
from ._options import given


class Joined(NamedTuple):
    """What `join` made."""

    path: Path
    """The movie."""
    segments: int
    """Movies that it was made of."""
    frames: int
    """Frames in it."""
    duration: float
    """How long it plays, in seconds."""
    bytes: int
    """Its size."""


def join(
    segments: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    clobber: bool = True,
    partial: bool = False,
    audio: Audio | None = None,
    audio_codec: str | None = None,
    audio_bitrate: int | str | None = None,
    audio_start: float = 0,
) -> Joined:
    """Make one movie of segments, without encoding anything again.

    Parameters
    ----------
    segments : iterable of paths
        Segments that `framemill encode --segment` made, in any order: each knows its number. Or finished movies in the
        same container, of the same size, codec and settings, in order.
    output : path
        The movie to make. It is published whole, or not at all.
    clobber : bool, default True
        Replace a file that exists.
    partial : bool, default False
        Join the segments that are there, in order, although others are missing.
    audio : path or (samples, rate), optional
        The sound of the whole movie. That of the segments is left out, as it cannot be joined without gaps.
    audio_codec, audio_bitrate, audio_start : optional
        As for `VideoWriter`.

    Returns
    -------
    Joined
        The movie's path, segments, frames, duration and size.

    Raises
    ------
    framemill.InputError
        A segment is damaged, missing, given twice, or does not go with the first; the message names it. Also a
        ValueError.
    framemill.NoFramesError
        There are no segments. Also a ValueError.
    framemill.OutputError
        Reading or writing failed. Also an OSError; an OutputExistsError where the movie exists and `clobber` is False.
    framemill.SettingsError
        The name of the movie does not name a container. Also a ValueError.

    Examples
    --------
    >>> framemill.join(["part-0.mp4", "part-1.mp4"], "movie.mp4").frames  # doctest: +SKIP
    500
    """
    if isinstance(segments, (str, bytes, os.PathLike)):
        raise SettingsTypeError(f"segments must be paths, as in ['part-0.mp4', 'part-1.mp4'], and is {segments!r}")
    paths = [os.fspath(segment) for segment in segments]
    keywords = {"audio_codec": audio_codec, "audio_bitrate": audio_bitrate, "audio_start": audio_start}
    path, joined, frames, duration, size, notes = _native.join(
        paths, output, clobber, None, partial, None if audio is None else sound(audio), given(keywords)
    )
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return Joined(Path(path), joined, frames, duration, size)
