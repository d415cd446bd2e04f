"""The keywords of imageio's ffmpeg plugin, which are those of imageio-ffmpeg too, as keywords of `VideoWriter`."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

from ._errors import SettingsError
from ._ffmpeg_arguments import CODECS, translated

# The last one is what imageio's plugin for PyAV calls it.
PIXEL_FORMATS = ("pixelformat", "out_pixel_format")
ARGUMENTS = ("output_params", "ffmpeg_params")
# There is no program that would write a log, or end late.
NEEDLESS = ("ffmpeg_log_level", "ffmpeg_timeout")
REFUSED = {
    "input_params": "they are for a program that reads the frames, and there is none; its other options are keywords",
    "audio_path": "framemill writes movies without sound; add it afterwards, as with ffmpeg -i movie.mp4 -i sound.wav",
    "audio_codec": "framemill writes movies without sound",
}
# Each sets alone how much a movie takes.
RATES = ("crf", "qp", "bitrate", "max_size", "lossless")


def movie_keywords(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of imageio as those of `VideoWriter`. Those that imageio does not have are kept as they are.

    Raises
    ------
    SettingsError
        A keyword of imageio has no counterpart here; the message has the reason.
    """
    options = dict(keywords)
    for name, reason in REFUSED.items():
        if options.pop(name, None):
            raise SettingsError(f"{name} cannot be used: {reason}")
    for name in NEEDLESS:
        options.pop(name, None)
    _check_block_size(options.pop("macro_block_size", None))
    for name in PIXEL_FORMATS:
        _add(options, name, {"pixel_format": options.pop(name, None)})
    for name in ARGUMENTS:
        _add(options, name, translated(options.pop(name, None) or (), name)[0])
    codec = options.pop("codec", None)
    if codec is not None:
        options["codec"] = CODECS.get(codec, codec)
    # `quality` is what imageio calls its scale from 0 to 10, and framemill what measures: True or False.
    if not isinstance(options.get("quality"), bool):
        _add_quality(options, options.pop("quality", None))
    return options


def _check_block_size(block_size: Any) -> None:
    if block_size not in (None, 1):
        raise SettingsError(
            f"macro_block_size must be 1 or None, and is {block_size!r}: framemill never scales frames to multiples of"
            " a block; it repeats the last row or column where a side is odd"
        )


def _add(options: dict[str, Any], name: str, more: Mapping[str, Any]) -> None:
    for keyword, value in more.items():
        if value is not None:
            if options.get(keyword) is not None:
                raise SettingsError(f"{name} and another argument both set {keyword}: give one of them")
            options[keyword] = value


def _add_quality(options: dict[str, Any], quality: Any) -> None:
    """Add what imageio-ffmpeg makes of a quality, by its formulas. What else sets the rate goes before it, as there."""
    if quality is None:
        return
    if not isinstance(quality, Real) or not 0 <= float(quality) <= 10:
        raise SettingsError(f"quality must be a number from 0 to 10 (the best), and is {quality!r}")
    codec = options.get("codec", "h264")
    # FFV1 is lossless, whatever the quality.
    is_rate_set = any(options.get(name) is not None and options[name] is not False for name in RATES)
    if codec == "ffv1" or is_rate_set:
        return
    share = 1 - float(quality) / 10
    if codec in ("h264", "h264-rgb"):
        options["crf"] = int(share * 51)
    else:
        options["qp"] = int(share * 30) + 1
