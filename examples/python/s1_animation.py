"""Saves a Matplotlib animation of images. Only the name of the writer differs from code for Matplotlib's ffmpeg writer.

    python s1_animation.py [FRAMES]    makes demo.mp4
"""

import sys

import framemill.matplotlib  # noqa: F401, registers the writer
import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib import animation


def main(frames: int) -> None:
    random = np.random.default_rng(1)
    figure = plt.figure(figsize=(5, 5))
    axes = figure.add_subplot()
    axes.set_aspect("equal")
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)
    image = axes.imshow(random.random((300, 300)), cmap="gray", interpolation="nearest", vmin=0, vmax=1)
    figure.tight_layout()

    def update(_frame):
        image.set_data(random.random((300, 300)))
        return (image,)

    ani = animation.FuncAnimation(figure, update, frames, interval=30)
    writer = animation.writers["framemill"](fps=30)
    ani.save("demo.mp4", writer=writer, dpi=100)
    print(writer.stats)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
