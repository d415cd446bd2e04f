"""Makes a movie from frames in memory with one of the Python packages, and prints time and memory as JSON.

    python feed.py WAY FRAMES WIDTHxHEIGHT PRESET OUTPUT

The time starts after the frames are loaded and the modules are imported, and ends when the movie is closed.
"""

import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

FPS = 30
CRF = 23


def by_framemill(frames: np.ndarray, preset: str, output: str) -> None:
    import framemill

    with framemill.VideoWriter(output, FPS, crf=CRF, preset=preset) as video:
        for frame in frames:
            # BGR to RGB as a view, without a copy.
            video.write(frame[..., 2::-1])


def by_ffmpeg_pipe(frames: np.ndarray, preset: str, output: str) -> None:
    _, height, width, _ = frames.shape
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgra"]
    command += ["-s", f"{width}x{height}", "-r", str(FPS), "-i", "-"]
    command += ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", preset, "-crf", str(CRF), output]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        for frame in frames:
            ffmpeg.stdin.write(frame)
    if ffmpeg.returncode != 0:
        raise SystemExit(f"ffmpeg ended with {ffmpeg.returncode}")


def by_pyav(frames: np.ndarray, preset: str, output: str) -> None:
    import av

    _, height, width, _ = frames.shape
    with av.open(output, "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": preset, "crf": str(CRF)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgra")))
        container.mux(stream.encode())


def by_imageio(frames: np.ndarray, preset: str, output: str) -> None:
    import imageio_ffmpeg

    _, height, width, _ = frames.shape
    writer = imageio_ffmpeg.write_frames(
        output,
        (width, height),
        pix_fmt_in="bgra",
        fps=FPS,
        codec="libx264",
        # The default quality would set another crf, and the default block size of 16 would rescale 1080 rows.
        quality=None,
        macro_block_size=2,
        output_params=["-preset", preset, "-crf", str(CRF)],
    )
    writer.send(None)
    for frame in frames:
        writer.send(frame)
    writer.close()


def by_opencv(frames: np.ndarray, _preset: str, output: str) -> None:
    import cv2

    _, height, width, _ = frames.shape
    writer = cv2.VideoWriter(output, cv2.VideoWriter.fourcc(*"mp4v"), FPS, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()


# To add a way, add a function here, and an entry in `ways.py` with the module that it needs.
FEEDERS: dict[str, tuple[str | None, Callable[[np.ndarray, str, str], None]]] = {
    "framemill": ("framemill", by_framemill),
    "ffmpeg-pipe": (None, by_ffmpeg_pipe),
    "pyav": ("av", by_pyav),
    "imageio": ("imageio_ffmpeg", by_imageio),
    "opencv": ("cv2", by_opencv),
}


def read(path: Path, size: str, way: str) -> np.ndarray:
    width, height = map(int, size.split("x"))
    frames = np.fromfile(path, np.uint8).reshape(-1, height, width, 4)
    # OpenCV only accepts BGR, so its users draw in BGR.
    return np.ascontiguousarray(frames[..., :3]) if way == "opencv" else frames


def cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(way: str, path: str, size: str, preset: str, output: str) -> None:
    module, feed = FEEDERS[way]
    if module:
        importlib.import_module(module)
    frames = read(Path(path), size, way)
    cpu_before, before = cpu_seconds(), time.perf_counter()
    feed(frames, preset, output)
    seconds, cpu = time.perf_counter() - before, cpu_seconds() - cpu_before
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "held_bytes": frames.nbytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
