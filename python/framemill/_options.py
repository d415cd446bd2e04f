"""Checks the types of keywords, and converts them to options for the native part."""

from __future__ import annotations

import difflib
import fcntl
import math
import os
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np

from . import _native
from ._errors import SettingsError, SettingsTypeError, TimeError


class CommonOptions(TypedDict, total=False):
    """The keywords that `VideoWriter` and Matplotlib's writer share."""

    crf: float | None
    qp: int | None
    max_size: int | str | None
    lossless: bool
    maxrate: int | str | None
    bufsize: int | str | None
    preset: str | int | None
    cpu_used: int | None
    tune: str | None
    profile: str | None
    film_grain: int | None
    pixel_format: str | None
    gop: int | None
    threads: int | None
    jobs: int | Literal["auto"] | None
    segment_frames: int | None
    fourcc: str | None
    x264_params: Mapping[str, object] | None
    x265_params: Mapping[str, object] | None
    svtav1_params: Mapping[str, object] | None
    encoder_options: Mapping[str, object] | None
    alpha: Literal["composite", "keep"]
    premultiplied: bool
    background: str | None
    odd: Literal["pad", "crop", "error"]
    scale: tuple[int, int] | None
    color_range: Literal["limited", "full"] | None
    quality: bool
    audio_codec: Literal["aac", "opus", "flac", "pcm", "mp3", "copy"] | None
    audio_bitrate: int | str | None
    audio_start: float
    shortest: bool
    container: str | None
    clobber: bool


class Options(CommonOptions, total=False):
    """All keywords of `VideoWriter` that set how the movie is made."""

    codec: str
    bitrate: int | str | None
    metadata: Mapping[str, object] | None


class MovieOption(NamedTuple):
    """A row of the library's table of options."""

    name: str
    kind: str
    unit: str
    default: str
    example: str
    help: str


OPTIONS = {row[0]: MovieOption(*row) for row in _native.options() if row[0] not in ("fps", "audio")}
# These set how to encode the sound, which must be given with them.
AUDIO_OPTIONS = ("audio_codec", "audio_bitrate", "audio_start", "shortest")
# These keywords do not accept None. For all others, None means the default.
NEVER_NONE = ("codec", "alpha", "odd", "lossless", "premultiplied", "quality", "clobber", "audio_start", "shortest")
# Names that other tools use, and what they are called here.
ELSEWHERE = {
    "framerate": "fps",
    "frame_rate": "fps",
    "rate": "fps",
    "pix_fmt": "pixel_format",
    "vcodec": "codec",
    "shape": "size",
    "resolution": "size",
    "overwrite": "clobber",
}


def resolve(fps: Any, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a frame rate and the given keywords to options for the native part.

    Raises
    ------
    SettingsError, SettingsTypeError
        An option is unknown, or its value has the wrong type or is out of range.
    """
    return {"fps": rate(fps), **given(keywords)}


def given(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the given keywords to options for the native part. Keywords that are None are left out."""
    options: dict[str, Any] = {}
    for name, value in keywords.items():
        option = OPTIONS.get(name)
        if option is None:
            raise SettingsTypeError(f"there is no option {name!r}{_did_you_mean(name)}")
        if value is not None or name in NEVER_NONE:
            options[name] = _CONVERTERS[option.kind](option, value)
    return options


def rate(fps: Any) -> str:
    """Convert a frame rate to a text that the library reads exactly: it reads 29.97 as 30000/1001."""
    fps = _plain(fps)
    if isinstance(fps, str):
        return fps
    if isinstance(fps, Decimal) and fps.is_finite():
        fps = float(fps)
    if isinstance(fps, Rational) and not isinstance(fps, bool):
        return f"{fps.numerator}/{fps.denominator}"
    if isinstance(fps, Real) and not isinstance(fps, bool) and math.isfinite(fps):
        # The library knows which decimals stand for a fraction, such as 29.97 for 30000/1001.
        decimal = f"{fps:.3f}".rstrip("0").rstrip(".")
        if type(fps)(decimal) == fps:  # type: ignore[call-arg]
            return decimal
        # Matplotlib computes rates from whole milliseconds. A number close to such a fraction means the fraction.
        near = Fraction(float(fps)).limit_denominator(1_001)
        if abs(float(near) - float(fps)) <= 1e-9 * abs(float(fps)):
            return f"{near.numerator}/{near.denominator}" if near > 0 else str(fps)
        return f"{float(fps):.6f}".rstrip("0").rstrip(".")
    raise SettingsTypeError(f"fps must be a number, a Fraction, or a string such as '30000/1001', not {fps!r}")


def _plain(value: Any) -> Any:
    """Return the number in a zero-dimensional array, or `value` itself if it is not such an array."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def seconds(what: str, value: Any) -> float:
    """Check a time in seconds, at least 0."""
    value = _plain(value)
    value = float(value) if isinstance(value, Decimal) else value
    if not isinstance(value, Real) or not math.isfinite(value) or value < 0:
        raise TimeError(f"{what} must be a number of seconds, 0 or more, not {value!r}")
    return float(value)


def size(what: str, value: Any) -> tuple[int, int]:
    """Check a width and a height."""
    sides = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else ()
    if len(sides) != 2 or not all(isinstance(side, Integral) and 0 < int(side) < 65_536 for side in sides):
        raise SettingsError(f"{what} must be (width, height) in pixels, as in (1920, 1080), not {value!r}")
    return int(sides[0]), int(sides[1])


def check_layout(layout: Any, known: tuple[str, ...]) -> None:
    """Reject an unknown order of axes."""
    if layout not in known:
        raise SettingsError(f"layout must be {' or '.join(map(repr, known))}, not {layout!r}")


def absolute(path: str) -> str:
    """Return the absolute path of a file that is opened later, when the working directory may be another one."""
    return path if not path or os.path.isabs(path) else os.path.join(os.getcwd(), path)


def path_or_file(output: Any) -> tuple[str | None, bool]:
    """Return the path of an output, or None for a file object, and whether it can seek."""
    if isinstance(output, (str, os.PathLike)):
        path = os.fsdecode(os.fspath(output))
        if not path:
            raise SettingsError("the output is an empty path: name a file, as in 'movie.mp4'")
        return path, True
    if not callable(getattr(output, "write", None)):
        raise SettingsTypeError(f"the output must be a path or have a write() method, not {type(output).__name__}")
    return None, _can_seek_back(output)


def _can_seek_back(output: Any) -> bool:
    """Return whether a file object can seek back and write. Some claim to, but cannot."""
    seekable = getattr(output, "seekable", None)
    if not (bool(seekable()) if callable(seekable) else callable(getattr(output, "seek", None))):
        return False
    # A compressor seeks forwards only.
    if type(output).__module__.partition(".")[0] in ("gzip", "bz2", "lzma", "zipfile"):
        return False
    try:
        # A file that is opened for appending always writes at its end.
        return not fcntl.fcntl(output.fileno(), fcntl.F_GETFL) & os.O_APPEND
    except (AttributeError, OSError, TypeError, ValueError):
        return True


def _did_you_mean(name: str) -> str:
    known = [*OPTIONS, "fps", "size", "progress", "resume", "layers", "audio"]
    near = [ELSEWHERE[name]] if name in ELSEWHERE else difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else f"; the options are {', '.join(known)}"


def _switch(option: MovieOption, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise SettingsTypeError(f"{option.name} must be True or False, not {value!r}")
    return bool(value)


def _text(option: MovieOption, value: Any) -> str:
    if not isinstance(value, str):
        example = f"{option.name}={option.example!r}"
        raise SettingsTypeError(f"{option.name} must be a string, as in {example}, not {value!r}")
    return value


def _choice(option: MovieOption, value: Any) -> str:
    # SVT-AV1's presets are numbers.
    if option.name == "preset" and isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value))
    return _text(option, value)


def _count(option: MovieOption, value: Any) -> int:
    if isinstance(value, Integral) and int(value) < 0:
        raise SettingsError(f"{option.name} must not be negative, but is {value!r}")
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) >= 2**63:
        unit = f" of {option.unit}" if option.unit else ""
        raise SettingsError(f"{option.name} must be a whole number{unit}, not {value!r}")
    return int(value)


def _number(option: MovieOption, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise SettingsError(f"{option.name} must be a number, not {value!r}")
    return float(value)


def _amount(option: MovieOption, value: Any) -> int | str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, Real) or not 1 <= float(value) < 2**63:
        raise SettingsError(
            f"{option.name} must be a number of {option.unit}, at least 1, as in '4M' or 4_000_000, not {value!r}"
        )
    return round(float(value))


def _pairs(option: MovieOption, value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        raise SettingsTypeError(f"{option.name} must be a dictionary, not {value!r}")
    return [(str(key), str(content)) for key, content in value.items()]


_CONVERTERS: dict[str, Callable[[MovieOption, Any], Any]] = {
    "switch": _switch,
    "count": _count,
    "jobs": lambda option, value: value if isinstance(value, str) else _count(option, value),
    "number": _number,
    "amount": _amount,
    "choice": _choice,
    "text": _text,
    "color": _text,
    "size": lambda option, value: size(option.name, value),
    "pairs": _pairs,
    "params": _pairs,
}
