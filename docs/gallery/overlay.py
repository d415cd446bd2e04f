"""A gauge without a background, to be laid over another movie: raw RGBA frames on standard output."""

import sys

import matplotlib.pyplot as plt
import numpy as np

FRAMES, START, SWEEP = 120, 220, 260

figure = plt.figure(figsize=(4.8, 3.6), facecolor="none")
axes = figure.add_axes((0, 0, 1, 1))
axes.set(xlim=(-1.68, 1.68), ylim=(-1.26, 1.26), facecolor="none", aspect="equal")
axes.axis("off")


def arc(share, **look):
    angles = np.radians(START - np.linspace(0, SWEEP * share, 120))
    return axes.plot(np.cos(angles), np.sin(angles), solid_capstyle="round", **look)[0]


axes.add_patch(plt.Circle((0, 0), 1.22, color="#0c1322", alpha=0.72, lw=0))
arc(1, lw=15, color="#2a3650")
for share in np.linspace(0, 1, 14):
    angle = np.radians(START - SWEEP * share)
    axes.plot(*np.outer([np.cos(angle), np.sin(angle)], [0.74, 0.82]), color="#8fa3c4", lw=1.6)
halo, bar = arc(0, lw=22, color="#36cfc9", alpha=0.25), arc(0, lw=15, color="#36cfc9")
number = axes.text(0, 0.05, "", color="white", fontsize=42, weight="bold", ha="center", va="center")
axes.text(0, -0.36, "km/h", color="#8fa3c4", fontsize=13, ha="center", va="center")

for frame in range(FRAMES):
    share = 0.5 - 0.42 * np.cos(2 * np.pi * frame / FRAMES) + 0.02 * np.sin(14 * np.pi * frame / FRAMES)
    angles = np.radians(START - np.linspace(0, SWEEP * share, 120))
    for line in (halo, bar):
        line.set_data(np.cos(angles), np.sin(angles))
        line.set_color(plt.matplotlib.colormaps["cool"](share))
    number.set_text(f"{260 * share:.0f}")
    figure.canvas.draw()
    sys.stdout.buffer.write(figure.canvas.buffer_rgba())
