"""Keywords, by DESIGN's names: their defaults, their checks, and what the native part gets of them."""

from __future__ import annotations

import difflib
import fcntl
import math
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any, Literal, TypedDict

import numpy as np

from ._errors import SettingsError, SettingsTypeError, TimeError


class CommonOptions(TypedDict, total=False):
    """The keywords of `VideoWriter`, and of matplotlib's writer, which has others of its own."""

    crf: float | None
    qp: int | None
    max_size: int | str | None
    lossless: bool
    maxrate: int | str | None
    bufsize: int | str | None
    preset: str | None
    tune: str | None
    profile: str | None
    pixel_format: str | None
    gop: int | None
    threads: int | None
    fourcc: str | None
    x264_params: Mapping[str, object] | None
    background: str | None
    odd: Literal["pad", "crop", "error"]
    scale: tuple[int, int] | None
    quality: bool
    container: str | None
    clobber: bool


class Options(CommonOptions, total=False):
    """All keywords of `VideoWriter` that say how the movie is made."""

    codec: str
    bitrate: int | str | None
    metadata: Mapping[str, object] | None


# What the encoder and the movie are asked for; None is the encoder's own default.
DEFAULTS: dict[str, Any] = {
    "codec": "h264",
    "crf": None,
    "qp": None,
    "bitrate": None,
    "max_size": None,
    "lossless": False,
    "maxrate": None,
    "bufsize": None,
    "preset": None,
    "tune": None,
    "profile": None,
    "pixel_format": None,
    "gop": None,
    "threads": None,
    "fourcc": None,
    "x264_params": None,
    "background": None,
    "odd": "pad",
    "scale": None,
    "metadata": None,
    "quality": False,
    "container": None,
    "clobber": True,
}
RATE_CONTROL = ("crf", "qp", "bitrate", "max_size", "lossless")
EXAMPLES = {
    "codec": "mpeg4",
    "preset": "fast",
    "tune": "animation",
    "profile": "high",
    "pixel_format": "yuv444p",
    "fourcc": "XVID",
    "background": "#ffffff",
    "odd": "crop",
    "container": "mp4",
}
SWITCHES = ("lossless", "quality", "clobber")
# What options are called elsewhere.
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
# By name, what a number is counted in, for messages.
COUNTS = {"gop": "frames", "threads": "threads", "qp": "a quantiser"}
SIZES = {"bitrate": "bits a second", "maxrate": "bits a second", "bufsize": "bits", "max_size": "bytes"}


def resolve(fps: Any, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """All options as the native part takes them. Unknown ones, and values that are none, are refused by name."""
    for name in keywords:
        if name not in DEFAULTS:
            raise SettingsTypeError(f"VideoWriter has no option {name!r}{_did_you_mean(name)}")
    options = {**DEFAULTS, **keywords}
    given = [name for name in RATE_CONTROL if options[name] not in (None, False)]
    if len(given) > 1:
        raise SettingsError(f"give one of {' and '.join(given)}: each says alone how much the movie takes")
    if (options["maxrate"] is None) != (options["bufsize"] is None):
        raise SettingsError("maxrate and bufsize go together: the player's buffer fills at maxrate and holds bufsize")
    for name in EXAMPLES:
        _check_text(name, options[name])
    for name in SWITCHES:
        if not isinstance(options[name], (bool, np.bool_)):
            raise SettingsTypeError(f"{name} must be True or False, and is {options[name]!r}")
        options[name] = bool(options[name])
    for name in COUNTS:
        options[name] = None if options[name] is None else _count(name, options[name], COUNTS[name])
    for name in SIZES:
        options[name] = None if options[name] is None else amount(name, options[name], SIZES[name])
    if options["crf"] is not None:
        options["crf"] = _real("crf", options["crf"])
    options["fps"] = rate(fps)
    options["x264_params"] = _pairs("x264_params", options["x264_params"])
    options["metadata"] = _pairs("metadata", options["metadata"])
    background = options["background"]
    if background is not None and not background.startswith("#"):
        options["background"] = f"#{background}"
    options["scale"] = None if options["scale"] is None else size("scale", options["scale"])
    return options


def rate(fps: Any) -> str:
    """A frame rate as the exact fraction that it means: 29.97 is 30000/1001."""
    fps = _plain(fps)
    if isinstance(fps, str):
        return fps
    if isinstance(fps, Decimal) and fps.is_finite():
        fps = float(fps)
    if isinstance(fps, Rational) and not isinstance(fps, bool):
        return f"{fps.numerator}/{fps.denominator}"
    if isinstance(fps, Real) and not isinstance(fps, bool) and math.isfinite(fps):
        # Of decimals the library knows which are short for a fraction.
        decimal = f"{fps:.3f}".rstrip("0").rstrip(".")
        if type(fps)(decimal) == fps:  # type: ignore[call-arg]
            return decimal
        # What is nearly a fraction of whole milliseconds, as matplotlib computes rates, is meant to be it.
        near = Fraction(float(fps)).limit_denominator(1_001)
        if abs(float(near) - float(fps)) <= 1e-9 * abs(float(fps)):
            return f"{near.numerator}/{near.denominator}" if near > 0 else str(fps)
        return f"{float(fps):.6f}".rstrip("0").rstrip(".")
    raise SettingsTypeError(f"fps must be a number, a Fraction, or a string such as '30000/1001', and is {fps!r}")


def _plain(value: Any) -> Any:
    """The number of an array without axes."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def seconds(what: str, value: Any) -> float:
    """A time in seconds, from 0 on."""
    value = _plain(value)
    value = float(value) if isinstance(value, Decimal) else value
    if not isinstance(value, Real) or not math.isfinite(value) or value < 0:
        raise TimeError(f"{what} must be a number of seconds, from 0 on, and is {value!r}")
    return float(value)


def size(what: str, value: Any) -> tuple[int, int]:
    """A width and a height."""
    sides = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else ()
    if len(sides) != 2 or not all(isinstance(side, Integral) and 0 < int(side) < 65_536 for side in sides):
        raise SettingsError(f"{what} must be (width, height) in pixels, as in (1920, 1080), and is {value!r}")
    return int(sides[0]), int(sides[1])


def amount(name: str, value: Any, unit: str) -> int:
    """A number of bits or bytes; "4M" is four million and "800k" eight hundred thousand."""
    given = value
    if isinstance(value, str):
        text = value.strip().removesuffix("B").removesuffix("b")
        factor = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}.get(text[-1:], 1)
        try:
            value = float(text if factor == 1 else text[:-1]) * factor
        except ValueError:
            value = math.nan
    if isinstance(value, bool) or not isinstance(value, Real) or not 1 <= float(value) < 2**63:
        raise SettingsError(f"{name} must be a number of {unit}, as in '4M' or 4_000_000, and is {given!r}")
    return round(float(value))


def path_or_file(output: Any) -> tuple[str | None, bool]:
    """The path that an output is, or None for a file object, and whether that can seek."""
    if isinstance(output, (str, os.PathLike)):
        path = os.fsdecode(os.fspath(output))
        if not path:
            raise SettingsError("the output is an empty path: name a file, as in 'movie.mp4'")
        return path, True
    if not callable(getattr(output, "write", None)):
        raise SettingsTypeError(
            f"the output must be a path or have a method write, and is of the type {type(output).__name__}"
        )
    return None, _goes_back(output)


def _goes_back(output: Any) -> bool:
    """Whether a file object can write where it wrote before. Some say that they seek and do not."""
    seekable = getattr(output, "seekable", None)
    if not (bool(seekable()) if callable(seekable) else callable(getattr(output, "seek", None))):
        return False
    # A compressor seeks forwards only.
    if type(output).__module__.partition(".")[0] in ("gzip", "bz2", "lzma", "zipfile"):
        return False
    try:
        # What is opened for appending writes at the end, wherever it stands.
        return not fcntl.fcntl(output.fileno(), fcntl.F_GETFL) & os.O_APPEND
    except (AttributeError, OSError, TypeError, ValueError):
        return True


def _did_you_mean(name: str) -> str:
    known = [*DEFAULTS, "fps", "size", "progress"]
    near = [ELSEWHERE[name]] if name in ELSEWHERE else difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else f": it takes {', '.join(known)}"


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str) and (value is not None or DEFAULTS[name] is not None):
        raise SettingsTypeError(f"{name} must be a string, as in {name}={EXAMPLES[name]!r}, and is {value!r}")


def _count(name: str, value: Any, unit: str) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= int(value) < 2**32:
        raise SettingsError(f"{name} must be a whole number ({unit}), and is {value!r}")
    return int(value)


def _real(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise SettingsError(f"{name} must be a number, and is {value!r}")
    return float(value)


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise SettingsTypeError(f"{name} must be a dictionary, and is {value!r}")
    return [(str(key), str(content)) for key, content in value.items()]
