"""Makes one small movie from very many Matplotlib frames, without intermediate files.

    python s0_question.py [FRAMES]    makes question.mp4
"""

import sys

import framemill.matplotlib  # noqa: F401, registers the writer
import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation


def main(frames: int) -> None:
    x = np.linspace(0, 4 * np.pi, 400)
    figure, axes = plt.subplots()
    (line,) = axes.plot(x, np.sin(x))
    axes.set(xlabel="x", ylabel="sin(x − t)", title="A wave that runs")
    axes.grid()

    def update(frame):
        line.set_ydata(np.sin(x - frame / 30))
        return (line,)

    # With blit=True, only the line is redrawn for each frame.
    animation = FuncAnimation(figure, update, frames=frames, blit=True, cache_frame_data=False)
    animation.save("question.mp4", writer="framemill", fps=30, dpi=100)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
