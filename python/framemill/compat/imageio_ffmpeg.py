"""The `write_frames` of imageio-ffmpeg: for `from imageio_ffmpeg import write_frames`.

>>> from framemill.compat.imageio_ffmpeg import write_frames
>>> writer = write_frames("m.mp4", (640, 480), fps=30, quality=8)  # doctest: +SKIP
>>> writer.send(None)  # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Generator
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._errors import FrameError, FrameTypeError, SettingsError
from .._imageio_keywords import movie_keywords
from .._loud_writer import LoudWriter
from .._options import size as size_of
from .._stats import Stats
from .._writer import FrameRate

__all__ = ["Frames", "write_frames"]


class Samples(NamedTuple):
    """The memory layout of a pixel format."""

    dtype: str
    channels: int
    # The positions of gray, RGB or RGBA among the channels.
    order: slice | list[int]


AS_THEY_ARE = slice(None)
FORMATS = {
    "gray": Samples("u1", 1, AS_THEY_ARE),
    "gray8a": Samples("u1", 2, [0, 0, 0, 1]),
    "gray16le": Samples("<u2", 1, AS_THEY_ARE),
    "rgb24": Samples("u1", 3, AS_THEY_ARE),
    "bgr24": Samples("u1", 3, slice(None, None, -1)),
    "rgb48le": Samples("<u2", 3, AS_THEY_ARE),
    "rgba": Samples("u1", 4, AS_THEY_ARE),
    "bgra": Samples("u1", 4, [2, 1, 0, 3]),
    "argb": Samples("u1", 4, [1, 2, 3, 0]),
    "abgr": Samples("u1", 4, slice(None, None, -1)),
    "rgba64le": Samples("<u2", 4, AS_THEY_ARE),
}


class Frames(Generator[None, Any, None]):
    """Takes frames by `send`, as the generator of imageio-ffmpeg does."""

    def __init__(self, video: LoudWriter, size: tuple[int, int], samples: Samples) -> None:
        self._video, self._samples = video, samples
        self._shape = (size[1], size[0], samples.channels)
        self._is_begun = False

    def send(self, frame: Any) -> None:
        """Write the next frame. The first call must send None, as for every generator.

        Parameters
        ----------
        frame : bytes or array
            The pixels, in the format that `pix_fmt_in` names. Any object with the buffer protocol works.

        Raises
        ------
        framemill.FrameError
            The frame has another size than the movie. Also a ValueError.
        framemill.FrameTypeError
            The object has no bytes. Also a TypeError.
        """
        if frame is None and not self._is_begun:
            self._is_begun = True
            return
        self._is_begun = True
        self._video.write(self._pixels(frame)[..., self._samples.order])

    def throw(self, kind: Any, value: Any = None, trace: TracebackType | None = None, /) -> None:
        """End without publishing the movie, and raise the exception.

        Parameters
        ----------
        kind, value, trace
            The exception, as for every generator.
        """
        error = kind
        if not isinstance(kind, BaseException):
            # As in Python: the value may be the exception, or its arguments.
            arguments = () if value is None else value if isinstance(value, tuple) else (value,)
            error = value if isinstance(value, kind) else kind(*arguments)
        self._video.__exit__(type(error), error, trace)
        raise error if trace is None else error.with_traceback(trace)

    def close(self) -> None:
        """End the movie, and move it to its final name. A second call does nothing.

        Raises
        ------
        framemill.NoFramesError
            No frame was sent. Also a ValueError.
        """
        self._video.close()

    @property
    def stats(self) -> Stats:
        """What the encoder did."""
        return self._video.stats

    def _pixels(self, frame: Any) -> NDArray[Any]:
        number = self._video.frames
        height, width, channels = self._shape
        if isinstance(frame, np.ndarray) and frame.ndim > 1:
            shapes = [self._shape, self._shape[:2]] if channels == 1 else [self._shape]
            if frame.dtype != self._samples.dtype or frame.shape not in shapes:
                raise FrameError(
                    f"frame {number} is an array {frame.shape} of {frame.dtype}, but pix_fmt_in and size require"
                    f" {self._shape} of {np.dtype(self._samples.dtype)}"
                )
            return frame.reshape(self._shape)
        try:
            content = memoryview(frame)
        except TypeError:
            advice = "None is only sent first" if frame is None else "send bytes, or an array, as in np.array(frame)"
            raise FrameTypeError(f"frame {number} is of the type {type(frame).__name__}: {advice}") from None
        expected = height * width * channels * np.dtype(self._samples.dtype).itemsize
        if content.nbytes != expected:
            raise FrameError(
                f"frame {number} has {content.nbytes} bytes, but pix_fmt_in and size require {expected} for"
                f" {width}x{height} pixels"
            )
        if not content.c_contiguous:
            content = memoryview(content.tobytes())
        return np.frombuffer(content, self._samples.dtype).reshape(self._shape)


def write_frames(
    path: str | os.PathLike[str],
    size: tuple[int, int],
    pix_fmt_in: str = "rgb24",
    pix_fmt_out: str | None = None,
    fps: FrameRate = 16,
    quality: float | None = 5,
    bitrate: int | str | None = None,
    codec: str | None = None,
    macro_block_size: int | None = 16,
    ffmpeg_log_level: str | None = "warning",
    ffmpeg_timeout: float | None = None,
    input_params: list[str] | None = None,
    output_params: list[str] | None = None,
    audio_path: str | os.PathLike[str] | None = None,
    audio_codec: str | None = None,
    **options: Any,
) -> Frames:
    """Begin a movie and return a generator to send frames to.

    Parameters
    ----------
    path : path
        The movie. Its name sets the container: mp4, mov, m4v, avi, mkv or webm.
    size : (int, int)
        Width and height of the frames.
    pix_fmt_in : str, default "rgb24"
        The pixel format of the frames: gray, gray8a, gray16le, rgb24, bgr24, rgb48le, rgba, bgra, argb, abgr or
        rgba64le.
    pix_fmt_out : str, optional
        The pixel format of the movie. By default yuv420p, or the codec's own default: yuv422p10le for ProRes, and RGB
        for h264-rgb, ffv1, png and qtrle.
    fps : float, Fraction or str, default 16
        Frames per second.
    quality : float, default 5
        0 to 10 (the best), as in imageio-ffmpeg. It sets crf to int((1 - quality / 10) * 51) for h264 and hevc, crf to
        int((1 - quality / 10) * 63) for av1 and vp9, and qp to int((1 - quality / 10) * 30) + 1 for mpeg4, xvid and
        mjpeg. Other codecs ignore it. crf, qp, bitrate, max_size and lossless override it.
    bitrate : int or str, optional
        Bits per second, as in "192k".
    codec : str, default "libx264"
        FFmpeg's names, such as libx264, libx265 and libvpx-vp9, or framemill's, such as h264, hevc and vp9.
    macro_block_size : int, default 16
        Accepted and ignored: frames are never scaled. If a side is odd, the last row or column is repeated.
    ffmpeg_log_level, ffmpeg_timeout
        Accepted and ignored: no program is started.
    output_params : list of str, optional
        Options of the ffmpeg program: -crf, -preset, -tune, -pix_fmt and a few more. Others raise an error.
    input_params
        Raises an error: no ffmpeg program reads the frames.
    audio_path : path, optional
        The sound of the movie: an audio file. It is cut, or silence is added, to the movie's length.
    audio_codec : str, optional
        aac, opus, flac, pcm, mp3 or copy, or FFmpeg's libopus, libmp3lame and pcm_s16le. Needs `audio_path`.
    **options
        As for `framemill.VideoWriter`.

    Returns
    -------
    Frames
        Send it None first, and then the frames. `close` publishes the movie.
    """
    samples = FORMATS.get(pix_fmt_in)
    if samples is None:
        raise SettingsError(f"pix_fmt_in must be one of {', '.join(FORMATS)}, not {pix_fmt_in!r}")
    width_and_height = size_of("size", size)
    keywords = movie_keywords(
        {
            **options,
            "quality": quality,
            "bitrate": bitrate,
            "codec": codec,
            "pixelformat": pix_fmt_out,
            "input_params": input_params,
            "output_params": output_params,
            "audio_path": audio_path,
            "audio_codec": audio_codec,
        }
    )
    return Frames(LoudWriter(path, fps, size=width_and_height, **keywords), width_and_height, samples)
