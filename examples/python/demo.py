"""Saves an animated plot with framemill, and also with Matplotlib's ffmpeg writer if ffmpeg is installed.

python demo.py MOVIE
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import framemill.matplotlib  # noqa: F401, registers the writer
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import AbstractMovieWriter, FuncAnimation, writers

FRAMES = 200


def animation() -> FuncAnimation:
    """Return an animation of a traveling wave, in which only the line changes."""
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
    x = np.linspace(0, 4 * np.pi, 400)
    (line,) = axes.plot(x, np.sin(x))
    axes.set(title="a wave", xlabel="x", ylabel="y", ylim=(-1.2, 1.2))
    axes.grid(True)

    def update(frame: int) -> tuple[plt.Line2D]:
        line.set_ydata(np.sin(x - frame / 10) * np.cos(frame / 70))
        return (line,)

    return FuncAnimation(figure, update, frames=FRAMES, interval=1000 / 30, blit=True)


def seconds_to_save(path: Path, writer: AbstractMovieWriter) -> float:
    """Draw and encode the animation, and return the time in seconds."""
    wave = animation()
    started = time.perf_counter()
    wave.save(path, writer=writer, dpi=100)
    taken = time.perf_counter() - started
    plt.close("all")
    return taken


def main() -> None:
    movie = Path(sys.argv[1]).resolve()
    writer = writers["framemill"](fps=30)
    ours = seconds_to_save(movie, writer)
    print(writer.stats)
    print(f'\nwriter="framemill": {FRAMES} frames in {ours:.2f} s, {FRAMES / ours:.0f} per second')
    if shutil.which("ffmpeg"):
        with tempfile.TemporaryDirectory() as directory:
            theirs = seconds_to_save(Path(directory) / "wave.mp4", writers["ffmpeg"](fps=30))
        print(f'writer="ffmpeg":    {FRAMES} frames in {theirs:.2f} s, {FRAMES / theirs:.0f} per second')
        print(f"framemill was {theirs / ours:.1f} times as fast")
    print(f"The movie is {movie}")


if __name__ == "__main__":
    main()
