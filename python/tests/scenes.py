"""Drawing functions for the tests of `render`. Workers import this module; they cannot import test modules."""

import os
import signal
from pathlib import Path

import numpy as np


def noise(frame):
    """Draw a different picture for each frame."""
    return np.random.default_rng(frame).integers(0, 256, (48, 64, 3), np.uint8)


class CountedNoise:
    """Draws like `noise`, and creates a file for each drawn frame."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def __call__(self, frame):
        (self.folder / f"{frame}-{os.urandom(6).hex()}").touch()
        return noise(frame)

    def drawn(self):
        """Return the drawn frames, with repetitions."""
        return sorted(int(path.name.partition("-")[0]) for path in self.folder.iterdir())


class KilledOnce(CountedNoise):
    """Draws like `CountedNoise`, but kills its process the first time that it draws one frame."""

    def __init__(self, folder, frame, always=False):
        super().__init__(folder)
        self.frame, self.always = frame, always

    def __call__(self, frame):
        is_first = frame not in self.drawn()
        picture = super().__call__(frame)
        if frame == self.frame and (is_first or self.always):
            os.kill(os.getpid(), signal.SIGKILL)
        return picture


def line_figure():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.92, 1.44))
    axes = figure.subplots()
    axes.plot(np.arange(50), np.zeros(50))
    axes.set(xlim=(0, 50), ylim=(-1, 1), title="a line")
    axes.grid()
    return figure


def move_line(figure, frame):
    figure.axes[0].lines[0].set_ydata(np.sin(np.arange(50) / 5 + frame / 7))


def line_animation(blit=True, remembers=False, frames=60):
    import matplotlib.pyplot as plt
    from matplotlib.animation import FuncAnimation

    figure, axes = plt.subplots(figsize=(1.92, 1.44))
    (line,) = axes.plot([], [])
    axes.set(xlim=(0, 50), ylim=(-1, 1))
    seen = []

    def update(frame):
        seen.append(np.sin(frame / 5))
        line.set_data(range(len(seen)), seen) if remembers else line.set_data(
            np.arange(50), np.sin(np.arange(50) / 5 + frame / 7)
        )
        return (line,)

    return FuncAnimation(figure, update, frames, blit=blit, interval=40)


def remembering_animation():
    return line_animation(remembers=True)
