"""A user's program for `mypy --strict`, which is never run: correct calls pass, and wrong calls are errors."""

import io
from fractions import Fraction
from pathlib import Path

import framemill
import framemill.imageio
import framemill.matplotlib
import gymnasium
import numpy as np
import xarray
from framemill.compat import cv2
from framemill.compat.imageio_ffmpeg import write_frames
from framemill.gymnasium import RecordVideo
from framemill.matplotlib import FrameMillWriter
from framemill.xarray import Movies
from matplotlib.figure import Figure
from numpy.typing import NDArray


def movie(path: Path, frames: list[NDArray[np.uint8]], figure: Figure) -> framemill.Stats:
    with framemill.VideoWriter(path, fps=Fraction(30000, 1001), crf=18, preset="fast", size=(64, 48)) as video:
        for number, frame in enumerate(frames):
            video.write(frame)
            video.write(frame[::-1], t=number / 30 + 0.01)
        video.write(figure)
        video.hold(0.5)
    packets: NDArray[np.void] = video.stats.packets
    plot: Figure = video.stats.plot()
    totals: dict[str, object] = video.stats.to_dict()
    print(packets["bytes"].sum(), plot, totals, video.closed)
    return video.stats


def others(frames: NDArray[np.uint8], figure: Figure) -> None:
    buffer = io.BytesIO()
    stats = framemill.write_video(buffer, frames, fps="24000/1001", codec="mpeg4", bitrate="4M", progress=False)
    shown = framemill.show("m.mp4", width=320)
    path, count = framemill.recover("m.mp4.part")
    print(stats, shown, path.suffix, count + 1, framemill.build_info()["license"], framemill.__version__)
    writer = FrameMillWriter(fps=29.97, metadata={"title": "x"}, crf=20, quality=True)
    with writer.saving(figure, "m.mp4", dpi=100):
        writer.grab_frame()
    if writer.stats is not None:
        print(writer.stats.packets)


def adapters(env: gymnasium.Env[int, int], array: xarray.DataArray, frames: NDArray[np.uint8]) -> framemill.Stats:
    recorded: RecordVideo[int, int] = RecordVideo(env, Path("videos"), video_length=100, fps="24000/1001", crf=18)
    observation: int = recorded.reset()[0]
    out = cv2.VideoWriter("m.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 30.0, (64, 48), crf=18)
    sent = write_frames("m.mp4", (64, 48), fps=30, bitrate="192k")
    for frame in frames:
        if out.write(frame):
            sent.send(frame)
    framemill.imageio.prefer()
    framemill.write_video("m.mp4", frames, layout="TCHW")
    print(observation)
    return Movies(array).movie("m.mp4", "time", vmin=0, labels=False, scale=2, preset="fast")


def wrong(frames: NDArray[np.uint8]) -> None:
    # Strict checking reports unused ignores, so each of these lines must be an error.
    framemill.VideoWriter("m.mp4", prest="fast")  # type: ignore[call-arg]
    framemill.VideoWriter("m.mp4", crf="18")  # type: ignore[arg-type]
    framemill.VideoWriter(7)  # type: ignore[arg-type]
    framemill.write_video("m.mp4", frames, odd="stretch")  # type: ignore[arg-type]
    FrameMillWriter(fps=5, codek="mpeg4")  # type: ignore[call-arg]
    framemill.write_video("m.mp4", frames, layout="CHW")  # type: ignore[arg-type]
    cv2.VideoWriter("m.mp4", "mp4v", 30, (64, 48))  # type: ignore[arg-type]
    framemill.show(b"m.mp4")  # type: ignore[arg-type]
