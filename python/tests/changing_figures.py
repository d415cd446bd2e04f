"""Figures in which more changes than what moves, or that layers cannot be right for; as those of `figures`."""

import matplotlib.pyplot as plt
import numpy as np
from figures import X, lines


def changing_title():
    figure, update_lines = lines()

    def update(frame):
        figure.axes[0].set_title(f"frame {frame // 3}")
        return update_lines(frame)

    return figure, update


def changing_limits():
    figure, update_lines = lines()

    def update(frame):
        if frame % 4 == 0:
            figure.axes[0].set_ylim(-1 - frame, 2)
        return update_lines(frame)

    return figure, update


def axes_in_space():
    figure, axes = plt.subplots(subplot_kw={"projection": "3d"})
    (line,) = axes.plot(np.sin(X), np.cos(X), X)

    def update(frame):
        line.set_data_3d(np.sin(X + frame), np.cos(X + frame), X)
        return (line,)

    return figure, update


def turning_view():
    figure, axes = plt.subplots(subplot_kw={"projection": "3d"})
    axes.plot(np.sin(X), np.cos(X), X)

    def update(frame):
        axes.view_init(azim=10 * frame)
        return ()

    return figure, update


def new_artists():
    figure, axes = plt.subplots()
    axes.set(xlim=(0, 12), ylim=(-1, 1))
    drawn = []

    def update(frame):
        drawn.extend(axes.plot([frame, frame + 1], [-1, 1], linewidth=3))
        return drawn

    return figure, update


def removed_artists():
    figure, axes = plt.subplots()
    drawn = axes.plot(X, np.array([np.sin(X + phase) for phase in range(10)]).T)

    def update(frame):
        if frame > 1 and len(drawn) > 1:
            drawn.pop().remove()
        return drawn

    return figure, update


def animated_in_a_container():
    figure, axes = plt.subplots()
    bars = axes.bar(range(5), range(5))

    def update(frame):
        for number, bar in enumerate(bars):
            bar.set_height((number + frame) % 5)
        return list(bars)

    return figure, update


def path_effects():
    from matplotlib import patheffects

    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X), path_effects=[patheffects.withStroke(linewidth=7, foreground="r")])

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def filtered():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X), linewidth=6)

    def blurred(image, dpi):
        mean = sum(np.roll(image, shift, axis=0) for shift in range(-3, 4)) / 7
        return mean, 0, 0

    line.set_agg_filter(blurred)
    axes.plot(X, np.cos(X), linewidth=4)

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def rasterized():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X), rasterized=True)
    axes.set_rasterization_zorder(1)

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


# Something else changes too, or drawing in layers cannot be right: whatever is done, the picture must be.
OTHERS = [
    changing_title, changing_limits, axes_in_space, turning_view, new_artists, removed_artists,
    animated_in_a_container, path_effects, filtered, rasterized,
]  # fmt: skip
