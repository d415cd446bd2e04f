"""Draws a wave packet that moves and fades, and writes each frame's raw ARGB pixels to standard output.

    python moving_plot.py | framemill encode -f argb -s 640x480 -r 30 -o demo.mp4
"""

import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

FRAMES = 300
FPS = 30
SPEED = 1.8  # of the packet, per second
DECAY = 0.16  # of its height, per second


def main() -> None:
    x = np.linspace(-2, 20, 1200)
    figure, axes = plt.subplots(figsize=(6.4, 4.8), dpi=100)
    (wave,) = axes.plot(x, np.zeros_like(x), color="tab:blue", linewidth=1.8, label="wave")
    (envelope,) = axes.plot(x, np.zeros_like(x), color="tab:red", linewidth=1.2, linestyle="--", label="envelope")
    (center_mark,) = axes.plot([0], [0], "o", color="tab:orange", markersize=8, label="center")
    axes.set(xlim=(-2, 20), ylim=(-1.1, 1.1), xlabel="position", ylabel="displacement")
    axes.grid(alpha=0.4)
    axes.legend(loc="upper right")
    figure.tight_layout(rect=(0, 0, 1, 0.96))

    for frame in range(FRAMES):
        time = frame / FPS
        center = SPEED * time
        height = np.exp(-DECAY * time) * np.exp(-(((x - center) / 1.5) ** 2))
        wave.set_ydata(height * np.cos(6 * (x - center) + 2 * time))
        envelope.set_ydata(height)
        center_mark.set_data([center], [height.max()])
        axes.set_title(f"A damped wave packet, t = {time:4.1f} s")

        figure.canvas.draw()
        sys.stdout.buffer.write(figure.canvas.tostring_argb())


if __name__ == "__main__":
    main()
