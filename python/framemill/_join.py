"""`join`: joins segments or movies into one movie."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from . import _native
from ._audio import Audio, warn_of, whole
from ._errors import SettingsTypeError
from ._options import given, path_or_file


class Joined(NamedTuple):
    """The result of `join`."""

    path: Path | None
    """The path of the movie; None if the output was a file object."""
    segments: int
    """The number of joined segments or movies."""
    frames: int
    """The number of frames."""
    duration: float
    """The duration in seconds."""
    bytes: int
    """The size in bytes."""


def join(
    segments: Iterable[str | os.PathLike[str] | bytes | bytearray | memoryview],
    output: str | os.PathLike[str] | BinaryIO,
    *,
    clobber: bool = True,
    container: str | None = None,
    partial: bool = False,
    audio: Audio | None = None,
    audio_codec: str | None = None,
    audio_bitrate: int | str | None = None,
    audio_start: float = 0,
) -> Joined:
    """Join segments into one movie, without encoding again.

    Parameters
    ----------
    segments : iterable of paths, or of bytes
        Segments that `framemill encode --segment` made, in any order, because each stores its number; or finished
        movies with the same container, size, codec and settings, in order. Bytes must contain a complete file. They
        are not copied, except from a bytearray or a memoryview.
    output : path or binary file object
        The movie to make. A file at a path appears only when it is complete. A file object that can seek gets the same
        bytes. If it cannot seek, MP4, MOV and M4V are written in fragments, and AVI is refused.
    clobber : bool, default True
        Replace an existing file.
    container : str, optional
        The container: mp4, mov, m4v, avi, mkv or webm. By default, the extension of the path sets it; a file object
        gets mp4.
    partial : bool, default False
        Join the segments that exist, in order, even if others are missing.
    audio : path or (samples, rate), optional
        The sound of the whole movie. Sound of the segments is left out, because it cannot be joined without gaps.
    audio_codec, audio_bitrate, audio_start : optional
        As for `VideoWriter`.

    Returns
    -------
    Joined
        The movie's path, segments, frames, duration and size.

    Raises
    ------
    framemill.InputError
        A segment is damaged, missing, given twice, or does not match the first. The message names the segment, or, for
        bytes, its position, as in `segments[2]`. Also a ValueError.
    framemill.NoFramesError
        There are no segments. Also a ValueError.
    framemill.OutputError
        Reading or writing failed. Also an OSError; an OutputExistsError if the movie exists and `clobber` is False.
    framemill.SettingsError
        The name of the movie does not name a container. Also a ValueError.
    framemill.SettingsTypeError
        A segment is neither a path nor bytes, or the output cannot be written to. Also a TypeError.

    Examples
    --------
    >>> framemill.join(["part-0.mp4", "part-1.mp4"], "movie.mp4").frames  # doctest: +SKIP
    500
    """
    if isinstance(segments, (str, bytes, bytearray, memoryview, os.PathLike)):
        kind = repr(segments) if isinstance(segments, (str, os.PathLike)) else type(segments).__name__
        raise SettingsTypeError(f"segments must be a list, as in ['part-0.mp4', 'part-1.mp4'], not {kind}")
    name, seekable = path_or_file(output)
    sources = [_source(segment, place) for place, segment in enumerate(segments)]
    target = output if name is None else name
    keywords = {"audio_codec": audio_codec, "audio_bitrate": audio_bitrate, "audio_start": audio_start}
    sound = None if audio is None else whole(audio)
    joined = _native.join(sources, target, seekable, clobber, container, partial, sound, given(keywords))
    warn_of(joined[-1], stacklevel=2)
    return Joined(None if name is None else Path(name), *joined[:-1])


def _source(segment: Any, place: int) -> str | bytes:
    """Convert a segment for the native part."""
    if isinstance(segment, bytes):
        return segment
    if isinstance(segment, (bytearray, memoryview)):
        return bytes(segment)
    if isinstance(segment, (str, os.PathLike)):
        return os.fsdecode(segment)
    raise SettingsTypeError(f"segments[{place}] must be a path or the bytes of a movie, not {type(segment).__name__}")
