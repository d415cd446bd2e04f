"""A drop falls into water: a surface in three dimensions, seen from all sides."""

import framemill
import matplotlib.pyplot as plt
import numpy as np

# Drawn with twice the pixels and made smaller, edges are smooth.
FRAMES = 72

figure = plt.figure(figsize=(6.4, 4), dpi=200, facecolor="#f5f7fb")
axes = figure.add_axes((0, -0.22, 1, 1.44), projection="3d", computed_zorder=False)
x, y = np.meshgrid(np.linspace(-9, 9, 80), np.linspace(-9, 9, 80))
distance = np.hypot(x, y)

with framemill.VideoWriter("surface.mp4", fps=24, crf=24, preset="slow", scale=(640, 400)) as video:
    for frame in range(FRAMES):
        turn = frame / FRAMES
        height = np.cos(distance * 1.5 - 8 * np.pi * turn) * np.exp(-distance / 5)
        axes.clear()
        axes.set(xlim=(-8, 8), ylim=(-8, 8), zlim=(-1.5, 1.8), box_aspect=(1, 1, 0.42), facecolor="none")
        axes.axis("off")
        axes.plot_surface(
            x, y, height, cmap="viridis", vmin=-0.7, vmax=0.9, rcount=80, ccount=80, lw=0, antialiased=False
        )
        axes.view_init(elev=32, azim=90 * turn)
        video.write(figure)
