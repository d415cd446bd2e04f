"""Translates arguments of the ffmpeg program, which other libraries accept, to keywords of `VideoWriter`."""

from __future__ import annotations

from typing import Any

from ._errors import SettingsError, SettingsTypeError

# FFmpeg's names of encoders, and framemill's names of the codecs.
CODECS = {
    "libx264": "h264",
    "libx264rgb": "h264-rgb",
    "libx265": "hevc",
    "libsvtav1": "av1",
    "libvpx-vp9": "vp9",
    "libxvid": "xvid",
    "prores_ks": "prores",
}
AUDIO_CODECS = {"libopus": "opus", "libmp3lame": "mp3", "pcm_s16le": "pcm"}
# Options of the ffmpeg program, and the keyword for each.
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
# Options that are accepted and change nothing, with how many values follow each.
NEEDLESS = {"-movflags": 1, "-y": 0, "-an": 0, "-loglevel": 1, "-hide_banner": 0, "-nostdin": 0}


def translated(arguments: Any, name: str = "extra_args") -> tuple[dict[str, Any], bool]:
    """Translate arguments of the ffmpeg program to keywords. Also return whether -q:v is among them.

    Parameters
    ----------
    arguments : list or tuple of str
        Options of the program, each followed by its value.
    name : str
        The name of the arguments in error messages.

    Raises
    ------
    SettingsError
        An argument has no keyword, or a wrong value or none.
    SettingsTypeError
        The arguments are not a list of strings.
    """
    if not isinstance(arguments, (list, tuple)) or not all(isinstance(each, (str, int, float)) for each in arguments):
        raise SettingsTypeError(f"{name} must be a list, as in ['-crf', '18'], not {arguments!r}")
    options: dict[str, Any] = {}
    rest, has_quality = list(map(str, arguments)), False
    while rest:
        option = rest.pop(0)
        if not rest and (option in KEYWORDS or NEEDLESS.get(option)):
            raise SettingsError(f"{name}: {option} needs a value, as in ['-crf', '18']")
        if option in NEEDLESS:
            values = rest[: NEEDLESS[option]]
            if option == "-movflags" and values not in (["faststart"], ["+faststart"]):
                raise SettingsError(f"{name}: of -movflags framemill does +faststart, always, and not {values}")
            del rest[: NEEDLESS[option]]
            continue
        keyword = KEYWORDS.get(option)
        if keyword is None:
            known = ", ".join(KEYWORDS)
            raise SettingsError(f"{name}: framemill does not support {option!r}; it takes {known}, each with a value")
        value = rest.pop(0)
        has_quality = has_quality or option in ("-q:v", "-qscale:v")
        try:
            options[keyword] = NUMBERS.get(keyword, str)(value)
        except ValueError:
            raise SettingsError(f"{name}: {option} takes a number, and not {value!r}") from None
    if "codec" in options:
        options["codec"] = CODECS.get(options["codec"], options["codec"])
    return options, has_quality
