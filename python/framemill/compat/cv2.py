"""OpenCV's `VideoWriter`: for `from cv2 import VideoWriter, VideoWriter_fourcc`.

>>> from framemill.compat.cv2 import VideoWriter, VideoWriter_fourcc
>>> out = VideoWriter("m.mp4", VideoWriter_fourcc(*"mp4v"), 30, (640, 480))  # doctest: +SKIP
"""

from __future__ import annotations

import os
from numbers import Real
from types import TracebackType
from typing import Any, Self

import numpy as np

from .._errors import ClosedError, FrameError, FrameTypeError, SettingsError, SettingsTypeError
from .._loud_writer import LoudWriter
from .._options import path_or_file
from .._options import size as size_of
from .._stats import Stats
from .._writer import FrameRate

__all__ = ["VIDEOWRITER_PROP_IS_COLOR", "VideoWriter", "VideoWriter_fourcc"]

VIDEOWRITER_PROP_IS_COLOR = 4

CODECS = {
    "mp4v": "mpeg4",
    "DIVX": "mpeg4",
    "XVID": "xvid",
    "MJPG": "mjpeg",
    "avc1": "h264",
    "H264": "h264",
    "X264": "h264",
    "hvc1": "hevc",
    "hev1": "hevc",
    "HEVC": "hevc",
    "H265": "hevc",
    "av01": "av1",
    "vp09": "vp9",
    "VP90": "vp9",
    "apch": "prores",
    "FFV1": "ffv1",
    "png ": "png",
    "rle ": "qtrle",
}
# MP4's own number for H.264, which scripts give because OpenCV's MP4 has no four characters for it.
H264_IN_MP4 = 0x21


def VideoWriter_fourcc(c1: str, c2: str, c3: str, c4: str) -> int:  # noqa: N802, as OpenCV calls it
    """Return the code for four characters.

    Parameters
    ----------
    c1, c2, c3, c4 : str
        The characters, as in `VideoWriter_fourcc(*"mp4v")`.
    """
    characters = (c1, c2, c3, c4)
    if not all(isinstance(character, str) and len(character) == 1 for character in characters):
        raise SettingsTypeError(f"a fourcc is four characters, as in *'mp4v', and not {characters!r}")
    return sum((ord(character) & 255) << 8 * place for place, character in enumerate(characters))


class VideoWriter:
    """Writes frames in BGR, as `cv2.VideoWriter` does. Frames and settings that OpenCV silently ignores raise errors.

    Parameters
    ----------
    filename : path, optional
        The movie. If it is not given, `open` begins one.
    fourcc : int
        The codec, in upper or lower case: mp4v or DIVX (mpeg4), XVID (xvid), MJPG (mjpeg), avc1, H264 or X264 (h264),
        hvc1, hev1, HEVC or H265 (hevc), av01 (av1), vp09 or VP90 (vp9), apch (prores), FFV1 (ffv1), "png " or "rle "
        (qtrle).
    fps : float, Fraction or str
        Frames per second.
    frameSize : (int, int)
        Width and height.
    isColor : bool, default True
        Whether frames are BGR; gray if False.
    *others
        Refused: OpenCV's further arguments are for its backends.
    **options
        As for `framemill.VideoWriter`: crf=18, preset="slow", …
    """

    def __init__(
        self,
        filename: str | os.PathLike[str] | None = None,
        fourcc: int | None = None,
        fps: FrameRate | None = None,
        frameSize: tuple[int, int] | None = None,  # noqa: N803
        isColor: bool = True,  # noqa: N803
        *others: Any,
        **options: Any,
    ) -> None:
        self._video: LoudWriter | None = None
        self._is_color = True
        if filename is not None:
            self.open(filename, fourcc, fps, frameSize, isColor, *others, **options)

    fourcc = staticmethod(VideoWriter_fourcc)

    def open(
        self,
        filename: str | os.PathLike[str],
        fourcc: int | None,
        fps: FrameRate | None,
        frameSize: tuple[int, int] | None,  # noqa: N803
        isColor: bool = True,  # noqa: N803
        *others: Any,
        **options: Any,
    ) -> bool:
        """Begin a movie. An open movie is finished first.

        Parameters
        ----------
        filename, fourcc, fps, frameSize, isColor
            As for the class.
        *others
            Refused: OpenCV's further arguments are for its backends.
        **options
            As for the class.

        Returns
        -------
        bool
            Always True: where OpenCV returns False, an error is raised.
        """
        self.release()
        # With apiPreference, everything is one place further on.
        is_shifted = isinstance(frameSize, Real)
        flags = others or (() if is_shifted else (isColor,))
        if "params" in options or not all(isinstance(value, (bool, int, np.bool_)) for value in flags):
            raise SettingsTypeError("params are not supported: give isColor, and options of framemill such as crf=18")
        if others or is_shifted or "apiPreference" in options:
            raise SettingsTypeError("leave apiPreference out: there are filename, fourcc, fps, frameSize and isColor")
        name, _ = path_or_file(filename)
        if name is None or fps is None:
            raise SettingsTypeError("give filename, fourcc, fps and frameSize")
        keywords: dict[str, Any] = {**_codec(fourcc, name), **options}
        self._video = LoudWriter(name, fps, size=size_of("frameSize", frameSize), **keywords)
        self._is_color = bool(isColor)
        return True

    def isOpened(self) -> bool:  # noqa: N802
        """Whether a movie is open."""
        return self._video is not None and not self._video.closed

    def write(self, image: Any) -> bool:
        """Write the next frame.

        Parameters
        ----------
        image : numpy.ndarray
            (height, width, 3) in BGR, or with `isColor=False` (height, width), of uint8.

        Returns
        -------
        bool
            True.

        Raises
        ------
        framemill.FrameError
            The frame has a different size, type or number of channels. Also a ValueError.
        """
        if self._video is None:
            raise ClosedError("no movie is open: give a filename, or call open")
        number = self._video.frames
        if not isinstance(image, np.ndarray):
            raise FrameTypeError(f"frame {number} is of the type {type(image).__name__}: give a NumPy array")
        if image.dtype != np.uint8:
            raise FrameError(f"frame {number} is of {image.dtype}: give uint8, as in frame.astype(np.uint8)")
        channels = image.shape[2:]
        if image.ndim not in (2, 3) or channels not in ([(3,)] if self._is_color else [(), (1,)]):
            wanted = "(height, width, 3), in BGR" if self._is_color else "(height, width), as isColor is False"
            raise FrameError(f"frame {number} has the shape {image.shape}: give {wanted}")
        self._video.write(image[..., ::-1] if self._is_color else image)
        return True

    def release(self) -> None:
        """End the movie, and move it to its final name.

        Raises
        ------
        framemill.NoFramesError
            No frame was written. Also a ValueError.
        """
        if self._video is not None:
            self._video.close()

    def get(self, propId: int) -> float:  # noqa: N803
        """Return 1 or 0 for `VIDEOWRITER_PROP_IS_COLOR`, and 0 for every other property.

        Parameters
        ----------
        propId : int
            The property.
        """
        return float(self._is_color) if propId == VIDEOWRITER_PROP_IS_COLOR else 0.0

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        """Return False, as OpenCV does for unsupported properties: give options to `open` instead.

        Parameters
        ----------
        propId : int
            The property.
        value : float
            Its value.
        """
        return False

    def getBackendName(self) -> str:  # noqa: N802
        """Return the name of the backend."""
        return "FRAMEMILL"

    @property
    def stats(self) -> Stats:
        """What the encoder did."""
        if self._video is None:
            raise ClosedError("no movie is open: give a filename, or call open")
        return self._video.stats

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._video is not None:
            self._video.__exit__(kind, error, trace)


def _codec(fourcc: Any, name: str) -> dict[str, str]:
    """Return the options that a fourcc stands for."""
    if isinstance(fourcc, str) or not isinstance(fourcc, (int, np.integer)):
        raise SettingsTypeError(f"fourcc must be a number, as VideoWriter_fourcc(*'mp4v') returns, not {fourcc!r}")
    if fourcc == H264_IN_MP4:
        return {"codec": "h264"}
    characters = "".join(chr(int(fourcc) >> 8 * place & 255) for place in range(4))
    codecs = {known.upper(): codec for known, codec in CODECS.items()}
    codec = codecs.get(characters.upper())
    if codec is None:
        shown = repr(characters) if characters.isascii() and characters.isprintable() else str(int(fourcc))
        raise SettingsError(f"unknown fourcc {shown}: use one of {', '.join(map(repr, CODECS))}")
    # An AVI keeps the four characters, by which players choose their decoder.
    is_avi = os.path.splitext(name)[1].lower() == ".avi"
    return {"codec": codec, "fourcc": characters} if is_avi and codec in ("mpeg4", "xvid") else {"codec": codec}
