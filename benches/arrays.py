"""Measures how fast framemill encodes arrays of different kinds, compared with uint8 RGBA.

The frames are 1080p arrays in memory, and the preset is ultrafast.

    .venv-bench/bin/python benches/arrays.py [ROUNDS [FRAMES]]

Each round writes every kind once, so that other programs on the machine slow all kinds alike. The table has the median
frames per second of each kind, and the median of its speed divided by that of uint8 RGBA in the same round.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import framemill
import numpy as np

HEIGHT, WIDTH = 1080, 1920
# The number of different pictures. They move and have some noise, so that the encoder has work to do.
PICTURES = 6


def pictures() -> np.ndarray:
    random = np.random.default_rng(1)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    frames = np.empty((PICTURES, HEIGHT, WIDTH, 4), np.uint8)
    for number, frame in enumerate(frames):
        for channel in range(3):
            wave = np.sin((x + 8 * number) / (60 + 20 * channel)) + np.cos((y - 5 * number) / (45 + 10 * channel))
            frame[..., channel] = 127 + 55 * wave + random.integers(-3, 4, wave.shape)
        frame[..., 3] = 255
    return frames


def kinds(rgba: np.ndarray, folder: str) -> dict[str, list[np.ndarray]]:
    rgb = np.ascontiguousarray(rgba[..., :3])
    mapped = np.memmap(Path(folder, "frames"), np.uint8, "w+", shape=rgba.shape)
    mapped[:] = rgba
    singles = (rgb / 255).astype(np.float32)
    return {
        "uint8 RGBA": list(rgba),
        "float32 RGB": list(singles),
        "float32 RGBA": list((rgba / 255).astype(np.float32)),
        "float64 RGBA": list(rgba / 255),
        "float64 RGBA, [..., :3]": [frame[..., :3] for frame in rgba / 255],
        "float32 gray": list(singles[..., 0].copy()),
        "uint16 RGB": list(rgb.astype(np.uint16) * 257),
        "uint16 RGBA": list(rgba.astype(np.uint16) * 257),
        "uint16 gray": list(rgb[..., 0].astype(np.uint16) * 257),
        "bool gray": list(rgb[..., 0] > 127),
        "memmap RGBA, [..., :3]": [frame[..., :3] for frame in mapped],
        "RGB, mirrored": [frame[:, ::-1] for frame in rgb],
        "RGBA, mirrored": [frame[:, ::-1] for frame in rgba],
        "RGB, transposed": [np.ascontiguousarray(frame.swapaxes(0, 1)).swapaxes(0, 1) for frame in rgb],
        "RGB, planes": [np.moveaxis(np.ascontiguousarray(np.moveaxis(frame, 2, 0)), 0, 2) for frame in rgb],
    }


def frames_per_second(frames: list[np.ndarray], count: int, folder: str) -> float:
    before = time.perf_counter()
    with framemill.VideoWriter(Path(folder, "movie.mp4"), preset="ultrafast") as video:
        for number in range(count):
            video.write(frames[number % len(frames)])
    return count / (time.perf_counter() - before)


def main(rounds: int = 5, count: int = 120) -> None:
    with tempfile.TemporaryDirectory() as folder:
        frames = kinds(pictures(), folder)
        speeds: dict[str, list[float]] = {kind: [] for kind in frames}
        for _ in range(rounds):
            for kind, of_kind in frames.items():
                speeds[kind].append(frames_per_second(of_kind, count, folder))
    base = next(iter(speeds.values()))
    print(f"{'array':26}{'frames/s':>10}{'/ uint8 RGBA':>20}")
    for kind, of_kind in speeds.items():
        ratio = statistics.median(speed / reference for speed, reference in zip(of_kind, base, strict=True))
        print(f"{kind:26}{statistics.median(of_kind):10.1f}{ratio:20.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
