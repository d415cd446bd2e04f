"""Defines the ways to make a movie from frames, each as a pipeline of programs."""

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .contents import FPS, Clip
from .plan import CRF
from .programs import FRAMEMILL, LIBRARY_FEED, PYTHON_FEED


class Kind(StrEnum):
    FRAMEMILL = "framemill"
    PEER = "peer"
    LIMIT = "limit"
    OTHER_CODEC = "other codec"


@dataclass(frozen=True)
class Way:
    name: str
    kind: Kind
    # The file name of the movie. Its suffix sets the container.
    movie: str
    # The matrix that this way converts RGB with. The movie is compared with it, even if the movie has no tag for it.
    matrix: str
    commands: Callable[[Clip, str, str], list[list[str]]]
    # The program or Python module that must be installed.
    program: str | None = None
    module: str | None = None
    # Whether a driver runs it, which loads the frames into memory first and then measures the time itself.
    in_process: bool = False
    # Whether to measure it also in cases without `every_way`.
    always: bool = True

    @property
    def is_installed(self) -> bool:
        has_program = self.program is None or shutil.which(self.program) is not None
        return has_program and (self.module is None or importlib.util.find_spec(self.module) is not None)


def framemill_encode(source: list[str], preset: str, crf: int, movie: str) -> list[str]:
    return [FRAMEMILL, "encode", "-q", *source, "--preset", preset, "--crf", str(crf), "-o", movie]


def framemill_file(clip: Clip, preset: str, movie: str) -> list[list[str]]:
    return [framemill_encode([str(clip.bgra), *clip.raw], preset, CRF, movie)]


def framemill_pipe(clip: Clip, preset: str, movie: str) -> list[list[str]]:
    return [["cat", str(clip.bgra)], framemill_encode(clip.raw, preset, CRF, movie)]


def framemill_library(clip: Clip, preset: str, movie: str) -> list[list[str]]:
    return [[LIBRARY_FEED, str(clip.bgra), clip.case.size, preset, movie]]


def x264_on_yuv(clip: Clip, preset: str, movie: str) -> list[list[str]]:
    return [["x264", "--quiet", "--no-progress", "--preset", preset, "--crf", str(CRF), "-o", movie, str(clip.y4m)]]


def ffmpeg_cat(clip: Clip, preset: str, movie: str) -> list[list[str]]:
    source = ["-f", "rawvideo", "-pix_fmt", "bgra", "-s", clip.case.size, "-r", str(FPS), "-i", "-"]
    encoding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", preset, "-crf", str(CRF), movie]
    return [["cat", str(clip.bgra)], ["ffmpeg", "-loglevel", "error", "-y", *source, *encoding]]


def python_feed(feeder: str) -> Callable[[Clip, str, str], list[list[str]]]:
    def commands(clip: Clip, preset: str, movie: str) -> list[list[str]]:
        return [[sys.executable, PYTHON_FEED, feeder, str(clip.bgra), clip.case.size, preset, movie]]

    return commands


LIBRARY = Way("framemill, library", Kind.FRAMEMILL, "m.mp4", "bt709", framemill_library, in_process=True)
FROM_PYTHON = Way(
    "framemill, Python",
    Kind.FRAMEMILL,
    "m.mp4",
    "bt709",
    python_feed("framemill"),
    module="framemill",
    in_process=True,
    always=False,
)
FROM_FILE = Way("framemill, file", Kind.FRAMEMILL, "m.mp4", "bt709", framemill_file)
FROM_PIPE = Way("framemill, pipe", Kind.FRAMEMILL, "m.mp4", "bt709", framemill_pipe, always=False)
# Debian's x264 cannot write MP4.
X264 = Way("x264 on ready YUV", Kind.LIMIT, "m.mkv", "bt709", x264_on_yuv, program="x264")
FFMPEG_CAT = Way("ffmpeg, pipe", Kind.PEER, "m.mp4", "bt601", ffmpeg_cat, program="ffmpeg", always=False)
FFMPEG_PYTHON = Way(
    "ffmpeg, pipe from Python",
    Kind.PEER,
    "m.mp4",
    "bt601",
    python_feed("ffmpeg-pipe"),
    program="ffmpeg",
    in_process=True,
)
PYAV = Way("PyAV", Kind.PEER, "m.mp4", "bt601", python_feed("pyav"), module="av", in_process=True)
IMAGEIO = Way(
    "imageio-ffmpeg", Kind.PEER, "m.mp4", "bt601", python_feed("imageio"), module="imageio_ffmpeg", in_process=True
)
OPENCV = Way(
    "OpenCV (mp4v)",
    Kind.OTHER_CODEC,
    "m.mp4",
    "bt601",
    python_feed("opencv"),
    module="cv2",
    in_process=True,
    always=False,
)

WAYS = (LIBRARY, FROM_PYTHON, FROM_FILE, FROM_PIPE, X264, FFMPEG_CAT, FFMPEG_PYTHON, PYAV, IMAGEIO, OPENCV)


def takes_part(way: Way, every_way: bool, preset: str) -> bool:
    """Return whether to measure a way. OpenCV has no presets, so it is measured only with the fastest one."""
    if way.kind == Kind.OTHER_CODEC and preset != "ultrafast":
        return False
    return way.is_installed and (every_way or way.always)
