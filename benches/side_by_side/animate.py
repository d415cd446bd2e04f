"""Saves a Matplotlib animation with one writer, and prints the time in seconds as JSON.

    python animate.py CONTENT WRITER PRESET FRAMES OUTPUT

The time starts after the figure is created, and ends when the movie is finished.
"""

import json
import sys
import time
from collections.abc import Callable

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, FuncAnimation
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

FPS = 30
DPI = 100


def line_figure() -> tuple[Figure, Callable[[int], tuple[Line2D]]]:
    """Return a figure of 640 × 480 with one line of 400 points, a grid and a title, and its update function."""
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
    x = np.linspace(0, 4 * np.pi, 400)
    (curve,) = axes.plot(x, np.sin(x))
    axes.set(title="a wave", ylim=(-1.2, 1.2))
    axes.grid(True)

    def update(frame: int) -> tuple[Line2D]:
        curve.set_ydata(np.sin(x + frame / 20))
        return (curve,)

    return figure, update


def line(frames: int, blit: bool) -> FuncAnimation:
    """Animate the line."""
    figure, update = line_figure()
    return FuncAnimation(figure, update, frames=frames, blit=blit, cache_frame_data=False)


def title(frames: int) -> FuncAnimation:
    """Animate the line, with the number of the frame in the title."""
    figure, update = line_figure()

    def counting(frame: int) -> None:
        update(frame)
        figure.axes[0].set_title(f"frame {frame}")

    return FuncAnimation(figure, counting, frames=frames, cache_frame_data=False)


def scrolling(frames: int) -> FuncAnimation:
    """Animate the limits of the axes, so that each frame must be drawn completely."""
    figure, _ = line_figure()

    def update(frame: int) -> None:
        figure.axes[0].set_xlim(frame / 20, 12 + frame / 20)

    return FuncAnimation(figure, update, frames=frames, cache_frame_data=False)


def dashboard(frames: int) -> FuncAnimation:
    """Animate a figure of 800 × 600 with four axes of one line each, one of which scrolls."""
    figure, grid = plt.subplots(2, 2, figsize=(8, 6))
    x = np.linspace(0, 40 * np.pi, 4_000)
    for number, axes in enumerate(grid.flat, 1):
        axes.plot(x, np.sin(x * number / 4))
        axes.set(title=f"number {number}", xlim=(0, 12), ylim=(-1.2, 1.2))
        axes.grid(True)

    def update(frame: int) -> None:
        grid[0, 1].set_xlim(frame / 20, 12 + frame / 20)

    return FuncAnimation(figure, update, frames=frames, cache_frame_data=False)


def noise(frames: int) -> FuncAnimation:
    """Animate a matrix of random numbers in a figure of 500 × 500, as in a well-known question about encoding plots."""
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.set_aspect("equal")
    axes.get_xaxis().set_visible(False)
    axes.get_yaxis().set_visible(False)
    random = np.random.default_rng(1)
    image = axes.imshow(random.random((300, 300)), cmap="gray", interpolation="nearest")
    image.set_clim([0, 1])
    figure.set_size_inches([5, 5])
    figure.tight_layout()

    def update(_frame: int) -> AxesImage:
        image.set_data(random.random((300, 300)))
        return image

    return FuncAnimation(figure, update, frames, interval=30, cache_frame_data=False)


CONTENTS = {
    "line, blit": lambda frames: line(frames, blit=True),
    "line": lambda frames: line(frames, blit=False),
    "line, title": title,
    "dashboard, one scrolls": dashboard,
    "scrolling": scrolling,
    "imshow": noise,
}


def writer(name: str, preset: str) -> AbstractMovieWriter:
    if name == "ffmpeg":
        # medium is x264's default.
        return FFMpegWriter(FPS, extra_args=["-preset", preset] if preset != "medium" else None)
    from framemill.matplotlib import FrameMillWriter

    return FrameMillWriter(FPS, **({"preset": preset} if preset != "medium" else {}))


def main(content: str, name: str, preset: str, frames: str, output: str) -> None:
    animation, movie_writer = CONTENTS[content](int(frames)), writer(name, preset)
    before = time.perf_counter()
    animation.save(output, writer=movie_writer, dpi=DPI)
    print(json.dumps({"seconds": time.perf_counter() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
