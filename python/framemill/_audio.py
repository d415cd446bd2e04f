"""Checks the sound of a movie, and converts it for the native part."""

from __future__ import annotations

import json
import os
import warnings
from numbers import Integral
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from ._errors import AudioError, AudioTypeError
from ._options import absolute

Audio: TypeAlias = str | os.PathLike[str] | tuple[ArrayLike, int] | tuple[int, int]

# The forms for the native part: a path, (rate, channels) for samples that are written, or samples with both.
Native: TypeAlias = str | tuple[int, int] | tuple[bytes, str, int, int]

_TYPES = ("int16", "int32", "float32", "float64")


def resolve(audio: Any) -> Native:
    """Convert the sound for the native part.

    Raises
    ------
    AudioError, AudioTypeError
        It is not sound, or its samples have an unsupported type or shape.
    """
    if isinstance(audio, (str, os.PathLike)):
        return absolute(os.fsdecode(os.fspath(audio)))
    if not isinstance(audio, tuple) or len(audio) != 2:
        raise AudioTypeError(
            "audio must be a path, (samples, rate) as in (samples, 48_000), or (rate, channels) for samples that you"
            f" pass to write_audio, not {type(audio).__name__}"
        )
    first, second = audio
    if not isinstance(second, Integral):
        if isinstance(first, Integral) and np.ndim(second) > 0:
            raise AudioTypeError("audio must be (samples, rate), and is (rate, samples): swap them")
        raise AudioTypeError(
            f"the rate in audio=(samples, rate) must be a whole number, not {second!r:.40}: use int(rate)"
        )
    if isinstance(first, Integral):
        return _positive("rate", int(first)), _positive("channels", int(second))
    samples = _array(first)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    return samples.tobytes(), samples.dtype.name, _positive("rate", int(second)), channels


def whole(audio: Any) -> Native:
    """Convert the complete sound for frames that are already encoded.

    Raises
    ------
    AudioError, AudioTypeError
        The sound is not complete, or as for `resolve`.
    """
    native = resolve(audio)
    if _is_written(native):
        raise AudioError(f"audio={audio!r} is for write_audio: give all samples here, or a path")
    return native


def warn_of(sound: str | None, stacklevel: int) -> None:
    """Warn about differences between a movie's sound, described as JSON, and the sound that was given."""
    for warning in [] if sound is None else json.loads(sound)["warnings"]:
        warnings.warn(warning, stacklevel=stacklevel + 1)


def piece(samples: Any, audio: Native | None) -> tuple[bytes, str, int, int]:
    """Convert the next written samples for the native part.

    Raises
    ------
    AudioError, AudioTypeError
        The movie's sound is not written, or the samples have an unsupported type or shape.
    """
    if not _is_written(audio):
        raise AudioError("the movie does not take samples: open it with audio=(rate, channels)")
    given, (rate, channels) = _array(samples), audio
    own = 1 if given.ndim == 1 else given.shape[1]
    if given.size > 0 and own != channels:
        raise AudioError(f"the samples have the shape {given.shape}, but the sound needs (n, {channels})")
    return given.tobytes(), given.dtype.name, rate, channels


def _is_written(audio: Native | None) -> TypeGuard[tuple[int, int]]:
    """Return whether the samples are written with `write_audio`."""
    return isinstance(audio, tuple) and isinstance(audio[0], int)


def _array(samples: Any) -> np.ndarray[Any, Any]:
    """Convert samples to an array of (n,) or (n, channels)."""
    if isinstance(samples, np.ma.MaskedArray) and np.ma.is_masked(samples):
        raise AudioError("the samples have masked values: fill them, as in samples.filled(0)")
    given = np.asarray(samples)
    if given.dtype == np.float16:
        given = given.astype(np.float32)
    if given.dtype.name not in _TYPES:
        raise AudioTypeError(f"samples must be of the type {', '.join(_TYPES)}, not {given.dtype}")
    if given.ndim not in (1, 2):
        raise AudioError(f"samples must have the shape (n,) or (n, channels), and have {given.shape}")
    if given.ndim == 2 and not 1 <= given.shape[1] <= 8:
        hint = "; transpose them" if 1 <= given.shape[0] <= 8 < given.shape[1] else ""
        raise AudioError(
            f"samples must have the shape (n, channels) with 1 to 8 channels, and have {given.shape}{hint}"
        )
    return np.ascontiguousarray(given, dtype=given.dtype.newbyteorder("="))


def _positive(what: str, value: int) -> int:
    if not 0 < value < 2**32:
        raise AudioError(f"the {what} of the sound must be a whole number above 0, not {value}")
    return value
