"""Draws docs/plot.gif, the animation in the README, from a movie that framemill encodes.

.venv-tests/bin/python scripts/plot_gif.py
"""

import subprocess
import tempfile
from pathlib import Path

import framemill.matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

FRAMES = 32


def main() -> None:
    figure, axes = plt.subplots(figsize=(4.8, 2.4), layout="tight")
    x = np.linspace(0, 4 * np.pi, 300)
    waves = [axes.plot(x, np.zeros_like(x), lw=2.2, color=color)[0] for color in ("#2a78d6", "#eb6834")]
    axes.set(ylim=(-1.1, 1.1), xlim=(x[0], x[-1]), yticks=(-1, 0, 1))
    axes.grid(alpha=0.3)

    def update(frame: int) -> list[object]:
        phase = 2 * np.pi * frame / FRAMES
        waves[0].set_ydata(np.sin(x - phase) * np.cos(x / 4) ** 2)
        waves[1].set_ydata(np.sin(2 * x + phase) * np.exp(-x / 8))
        return list(waves)

    animation = FuncAnimation(figure, update, frames=FRAMES, blit=True)
    gif = Path(__file__).parents[1] / "docs" / "plot.gif"
    with tempfile.TemporaryDirectory() as folder:
        movie = Path(folder, "plot.mkv")
        writer = framemill.matplotlib.FrameMillWriter(fps=16, codec="h264-rgb", lossless=True)
        animation.save(movie, writer=writer, dpi=100)
        few_colors = "split[a][b];[a]palettegen=max_colors=32[p];[b][p]paletteuse=dither=none"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", movie, "-vf", few_colors, gif], check=True)


if __name__ == "__main__":
    main()
