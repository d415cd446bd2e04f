"""The keywords of imageio's ffmpeg plugin, which are those of imageio-ffmpeg too, as keywords of `VideoWriter`."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, NamedTuple

from ._errors import SettingsError
from ._ffmpeg_arguments import AUDIO_CODECS, CODECS, translated

# The last one is what imageio's plugin for PyAV calls it.
PIXEL_FORMATS = ("pixelformat", "out_pixel_format")
ARGUMENTS = ("output_params", "ffmpeg_params")
# No program runs that could write a log or hang.
NEEDLESS = ("ffmpeg_log_level", "ffmpeg_timeout")
# Each of these alone decides the size of a movie.
RATES = ("crf", "qp", "bitrate", "max_size", "lossless")


class Scale(NamedTuple):
    """The keyword that sets a codec's quality, and its best and worst value."""

    keyword: str
    best: int
    worst: int

    def at(self, quality: float) -> int:
        """The value for imageio's quality from 0 to 10, by imageio-ffmpeg's formula."""
        return int((1 - quality / 10) * (self.worst - self.best)) + self.best


CRF_TO_51, CRF_TO_63, QP = Scale("crf", 0, 51), Scale("crf", 0, 63), Scale("qp", 1, 31)
# The codecs that are not here have no such scale: they are lossless, or their profile sets the quality.
SCALES = {
    "h264": CRF_TO_51,
    "h264-rgb": CRF_TO_51,
    "hevc": CRF_TO_51,
    "av1": CRF_TO_63,
    "vp9": CRF_TO_63,
    "mpeg4": QP,
    "xvid": QP,
    "mjpeg": QP,
}


def movie_keywords(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the keywords of imageio to those of `VideoWriter`. Keywords that imageio does not have stay as they are.

    Raises
    ------
    SettingsError
        A keyword of imageio has no counterpart here; the message has the reason.
    """
    options = dict(keywords)
    if options.pop("input_params", None):
        raise SettingsError("input_params cannot be used: no ffmpeg program reads the frames; use keywords")
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
    _add(options, "audio_path", {"audio": options.pop("audio_path", None)})
    audio_codec = options.pop("audio_codec", None)
    if audio_codec is not None:
        options["audio_codec"] = AUDIO_CODECS.get(audio_codec, audio_codec)
    # In imageio, `quality` is a number from 0 to 10. In framemill it is a switch: measure the quality or not.
    if not isinstance(options.get("quality"), bool):
        _add_quality(options, options.pop("quality", None))
    return options


def _check_block_size(block_size: Any) -> None:
    if block_size not in (None, 1):
        raise SettingsError(
            f"macro_block_size must be 1 or None, not {block_size!r}: framemill never scales frames to multiples of"
            " a block; it repeats the last row or column where a side is odd"
        )


def _add(options: dict[str, Any], name: str, more: Mapping[str, Any]) -> None:
    for keyword, value in more.items():
        if value is not None:
            if options.get(keyword) is not None:
                raise SettingsError(f"{name} and another argument both set {keyword}: give one of them")
            options[keyword] = value


def _add_quality(options: dict[str, Any], quality: Any) -> None:
    """Add the option that imageio-ffmpeg's quality stands for, unless another one decides the size of the movie."""
    if quality is None:
        return
    if not isinstance(quality, Real) or not 0 <= float(quality) <= 10:
        raise SettingsError(f"quality must be a number from 0 to 10 (the best), not {quality!r}")
    scale = SCALES.get(options.get("codec", "h264"))
    is_rate_set = any(options.get(name) is not None and options[name] is not False for name in RATES)
    if scale is not None and not is_rate_set:
        options[scale.keyword] = scale.at(float(quality))
