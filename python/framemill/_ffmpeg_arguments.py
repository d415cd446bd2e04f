"""Arguments of the ffmpeg program, as other libraries take them, translated to keywords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._errors import SettingsError

# Codecs by the names that users of the ffmpeg program know.
CODECS = {
    "libx264": "h264",
    "libx264rgb": "h264-rgb",
    "libx265": "hevc",
    "libsvtav1": "av1",
    "libvpx-vp9": "vp9",
    "libxvid": "xvid",
    "prores_ks": "prores",
}
# The ffmpeg program's options: by each, the keyword.
KEYWORDS = {
    "-crf": "crf",
    "-preset": "preset",
    "-tune": "tune",
    "-profile": "profile",
    "-profile:v": "profile",
    "-pix_fmt": "pixel_format",
    "-vcodec": "codec",
    "-c:v": "codec",
    "-codec:v": "codec",
    "-threads": "threads",
    "-g": "gop",
    "-qp": "qp",
    "-q:v": "qp",
    "-qscale:v": "qp",
    "-b:v": "bitrate",
    "-maxrate": "maxrate",
    "-bufsize": "bufsize",
}
NUMBERS = {"crf": float, "threads": int, "gop": int, "qp": int}
# What they ask for is done anyway, or means nothing here.
NEEDLESS = {"-movflags": 1, "-y": 0, "-an": 0, "-loglevel": 1, "-hide_banner": 0, "-nostdin": 0}


def translated(arguments: Sequence[str], name: str = "extra_args") -> tuple[dict[str, Any], bool]:
    """Arguments of the ffmpeg program as keywords, and whether -q:v is among them; those that have none are refused.

    Parameters
    ----------
    arguments : sequence of str
        Options of the program, each followed by its value.
    name : str
        What the user knows the arguments as, for errors.
    """
    options: dict[str, Any] = {}
    rest, has_quality = list(arguments), False
    while rest:
        option = rest.pop(0)
        if option in NEEDLESS:
            values = rest[: NEEDLESS[option]]
            if option == "-movflags" and values not in (["faststart"], ["+faststart"]):
                raise SettingsError(f"{name}: of -movflags framemill does +faststart, always, and not {values}")
            del rest[: NEEDLESS[option]]
            continue
        keyword = KEYWORDS.get(option)
        if keyword is None or not rest:
            known = ", ".join(KEYWORDS)
            raise SettingsError(f"{name}: framemill has nothing for {option!r}; it takes {known}, each with a value")
        value = rest.pop(0)
        has_quality = has_quality or option in ("-q:v", "-qscale:v")
        try:
            options[keyword] = NUMBERS.get(keyword, str)(value)
        except ValueError:
            raise SettingsError(f"{name}: {option} takes a number, and not {value!r}") from None
    if "codec" in options:
        options["codec"] = CODECS.get(options["codec"], options["codec"])
    return options, has_quality
