"""A galaxy turns: the stars in the middle are the fastest."""

import matplotlib.pyplot as plt
import numpy as np
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FuncAnimation
from matplotlib.patches import Ellipse

FRAMES, STARS = 150, 1400

random = np.random.default_rng(4)
radius = random.gamma(2.6, 0.16, STARS)
# Two arms that wind outward, and stars that stray from them.
angle = 3.2 * np.log(radius + 0.1) + np.pi * random.integers(0, 2, STARS) + random.normal(0, 0.28, STARS)
speed = 0.55 / (radius + 0.25)
size = random.pareto(2.5, STARS).clip(0, 6) * 4 + 2.5

figure = plt.figure(figsize=(7.2, 4.5), facecolor="#070912")
axes = figure.add_axes((0, 0, 1, 1))
axes.set(xlim=(-1.6, 1.6), ylim=(-1, 1), facecolor="#070912")
axes.axis("off")
for glow in np.linspace(0.5, 0.05, 14):
    axes.add_patch(Ellipse((0, 0), 3 * glow, 1.35 * glow, angle=17, color="#ffb36b", alpha=0.022, lw=0))
stars = axes.scatter(radius, radius, s=size, c=radius, cmap="RdYlBu", vmin=0.05, vmax=0.95, lw=0, alpha=0.9)


def update(frame):
    turned = angle - speed * frame / 30
    x, y = radius * np.cos(turned), 0.45 * radius * np.sin(turned)
    # The disk is tilted.
    stars.set_offsets(np.column_stack([0.95 * x - 0.3 * y, 0.3 * x + 0.95 * y]) * 1.5)
    return (stars,)


animation = FuncAnimation(figure, update, frames=FRAMES, blit=True)
animation.save("scatter.mp4", writer=FrameMillWriter(fps=30, crf=28, preset="slow"))
