"""`write_video`: all frames at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sized
from typing import Any, Literal, Unpack

import numpy as np

from ._audio import Audio
from ._errors import FrameError, FrameTypeError
from ._options import Options, check_layout
from ._progress import bar, is_seen
from ._stats import Stats
from ._writer import FrameRate, Output, VideoWriter


def write_video(
    output: Output,
    frames: Iterable[object],
    fps: FrameRate = 30,
    *,
    size: tuple[int, int] | None = None,
    layout: Literal["THWC", "TCHW"] | None = None,
    progress: bool | None = None,
    resume: bool = False,
    audio: Audio | None = None,
    **options: Unpack[Options],
) -> Stats:
    """Write all `frames` to a movie.

    Parameters
    ----------
    output : path or file object
        As for `VideoWriter`.
    frames : iterable
        An array of (frames, height, width, channels), a list or a generator of frames, as for `VideoWriter.write`.
    fps : float, Fraction or str, default 30
        Frames per second.
    size : (int, int), optional
        As for `VideoWriter`.
    layout : {"THWC", "TCHW"}, optional
        The order of the axes: T for the frames, C for 1, 3 or 4 channels. PyTorch's batches of pictures are "TCHW". By
        default, channels come last if there are any.
    progress : bool, optional
        Show a progress bar, with tqdm. By default on a terminal, if tqdm is installed.
    resume : bool, default False
        As for `VideoWriter`. Frames that an interrupted run has written are skipped.
    audio : path or (samples, rate), optional
        As for `VideoWriter`.
    **options
        As for `VideoWriter`.

    Returns
    -------
    Stats
        What the encoder did.
    """
    if progress is None:
        progress = is_seen()
    if isinstance(frames, (str, os.PathLike)):
        raise FrameTypeError(
            f"frames is the path {os.fspath(frames)!r}: give the pictures, or encode files with the program framemill"
        )
    if isinstance(frames, memoryview):
        # It does not give its pictures one by one.
        frames = np.asarray(frames)
    shape = _shape(frames)
    if layout is not None:
        check_layout(layout, ("THWC", "TCHW"))
        if shape is not None and len(shape) != 4:
            raise FrameError(f"frames has the shape {shape}, and the layout {layout} means four axes")
    elif shape is not None and (len(shape) < 3 or (len(shape) == 3 and shape[2] in (1, 3, 4))):
        raise FrameError(
            f"frames has the shape {shape}, which is one picture: give an array of (frames, height, width) or"
            " (frames, height, width, channels), or a list of pictures"
        )
    frame_layout: Any = None if layout is None else layout[1:]
    count = len(frames) if isinstance(frames, Sized) else None
    with VideoWriter(output, fps, size=size, resume=resume, audio=audio, expected_frames=count, **options) as video:
        kept, given = video.frames, 0
        video._bar = bar(progress, count, kept)
        for frame in frames:
            given += 1
            if given > kept:
                video.write(frame, layout=frame_layout)
            if video.full:
                break
        if given < kept:
            raise FrameError(f"{kept} frames are there from an interrupted run, and frames has only {given}")
    return video.stats


def _shape(frames: Iterable[object]) -> tuple[int, ...] | None:
    """The shape of an array, of a tensor, or of numbers in lists; None where frames come one by one."""
    shape = getattr(frames, "shape", None)
    if isinstance(shape, Iterable):
        return tuple(int(length) for length in shape)
    if not isinstance(frames, (list, tuple)) or not frames or not isinstance(frames[0], (list, tuple)):
        return None
    try:
        return len(frames), *np.shape(frames[0])
    except ValueError:
        return None
