"""Figures of many kinds, each with an update function, for comparing drawings."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle, Ellipse, Rectangle
from matplotlib.ticker import FuncFormatter

X = np.linspace(0, 6, 200)


def lines():
    figure, axes = plt.subplots()
    (first,) = axes.plot(X, np.sin(X), label="first")
    (second,) = axes.plot(X, np.cos(X), "--", alpha=0.5)
    axes.grid()
    axes.set_title("a title")

    def update(frame):
        first.set_ydata(np.sin(X + frame))
        second.set_ydata(np.cos(X + frame))
        return first, second

    return figure, update


def legend_above():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X), linewidth=8, label="line")
    axes.legend(loc="center", framealpha=0.7)
    axes.annotate("here", (3, 0), (1, 0.5), arrowprops={"arrowstyle": "->"}, zorder=6)

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def best_legend():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X), label="line")
    axes.plot(X, np.cos(X), label="another")
    axes.legend()

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def scatter():
    figure, axes = plt.subplots()
    random = np.random.default_rng(1)
    points = axes.scatter(*random.random((2, 80)), c=random.random(80), s=90, alpha=0.6, edgecolors="k")
    axes.fill_between([0, 1], 0.4, 0.6, color="tab:green", alpha=0.4, zorder=3)

    def update(frame):
        random = np.random.default_rng(frame)
        points.set_offsets(random.random((80, 2)))
        points.set_array(random.random(80))
        points.set_sizes(random.random(80) * 200)
        return (points,)

    return figure, update


def imshow():
    figure, axes = plt.subplots()
    image = axes.imshow(np.random.default_rng(1).random((30, 40)), interpolation="bilinear", vmin=0, vmax=1)
    figure.colorbar(image)
    axes.plot([5, 30], [5, 20], "w-", linewidth=3)

    def update(frame):
        image.set_data(np.random.default_rng(frame).random((30, 40)))
        return (image,)

    return figure, update


def imshow_transparent():
    figure, axes = plt.subplots()
    axes.plot([0, 39], [0, 29], "r", linewidth=5, zorder=-1)
    image = axes.imshow(np.random.default_rng(1).random((30, 40)), alpha=0.5, vmin=0, vmax=1)

    def update(frame):
        image.set_data(np.random.default_rng(frame).random((30, 40)))
        return (image,)

    return figure, update


def several_images():
    figure, axes = plt.subplots()
    images = [
        axes.imshow(np.full((8, 8), level), extent=(left, left + 6, 0, 6), alpha=0.7, vmin=0, vmax=1)
        for left, level in ((0, 0.2), (4, 0.8))
    ]
    axes.set(xlim=(-1, 11), ylim=(-1, 7))

    def update(frame):
        for number, image in enumerate(images):
            image.set_data(np.random.default_rng(frame + number).random((8, 8)))
        return images

    return figure, update


def text():
    figure, axes = plt.subplots()
    label = axes.text(0.5, 0.5, "", ha="center", bbox={"boxstyle": "round", "facecolor": "wheat", "alpha": 0.5})
    formula = axes.text(0.1, 0.1, "", transform=axes.transAxes, fontsize=18)

    def update(frame):
        label.set_text(f"frame {frame}")
        label.set_rotation(20 * frame)
        formula.set_text(rf"$\frac{{{frame}}}{{2}}\alpha$")
        return label, formula

    return figure, update


def twin_axes():
    figure, left = plt.subplots()
    right = left.twinx()
    (one,) = left.plot(X, np.sin(X), "tab:blue", linewidth=6)
    (two,) = right.plot(X, np.exp(X), "tab:red", linewidth=6)
    right.axhspan(100, 200, alpha=0.3, zorder=5)

    def update(frame):
        one.set_ydata(np.sin(X + frame))
        two.set_ydata(np.exp(X - frame / 5))
        return one, two

    return figure, update


def overlapping_axes():
    figure, below = plt.subplots()
    above = figure.add_axes([0.3, 0.3, 0.5, 0.5])
    above.patch.set_alpha(0.5)
    (one,) = below.plot(X, np.sin(X), linewidth=9)
    (two,) = above.plot(X, np.cos(X), "r", linewidth=9)

    def update(frame):
        one.set_ydata(np.sin(X + frame))
        two.set_ydata(np.cos(X + frame))
        return one, two

    return figure, update


def several_axes():
    figure, grid = plt.subplots(2, 3, figsize=(7, 5))
    drawn = [axes.plot(X, np.sin(X * number))[0] for number, axes in enumerate(grid.flat, 1)]

    def update(frame):
        for number, line in enumerate(drawn, 1):
            line.set_ydata(np.sin(X * number + frame))
        return drawn

    return figure, update


def log_axes():
    figure, axes = plt.subplots()
    (line,) = axes.loglog(X[1:], np.exp(X[1:]))
    axes.grid(which="both")
    axes.set_ylim(1e-2, 1e4)

    def update(frame):
        line.set_ydata(np.exp(X[1:] - frame / 3))
        return (line,)

    return figure, update


def polar_axes():
    figure, axes = plt.subplots(subplot_kw={"projection": "polar"})
    (line,) = axes.plot(X, X)

    def update(frame):
        line.set_ydata(X * (1 + np.sin(frame)) / 2)
        return (line,)

    return figure, update


def tight_layout():
    figure, axes = lines_of_layout("tight")
    return figure, axes


def constrained_layout():
    figure, axes = lines_of_layout("constrained")
    return figure, axes


def lines_of_layout(layout):
    figure, grid = plt.subplots(1, 2, layout=layout)
    (line,) = grid[0].plot(X, np.sin(X))
    grid[1].set_ylabel("a label\nof two lines")

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def own_formatter():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:.0%}"))

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def unclipped_patches():
    figure, axes = plt.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10))
    circle = axes.add_patch(Circle((0, 0), 2, color="tab:orange", clip_on=False, alpha=0.6))
    ellipse = axes.add_patch(Ellipse((10, 5), 4, 8, hatch="//", facecolor="none", edgecolor="k", clip_on=False))
    figure.text(0.06, 0.1, "above it all", fontsize=20)

    def update(frame):
        circle.center = (frame, frame / 2)
        ellipse.angle = 10 * frame
        return circle, ellipse

    return figure, update


def clipped_artists():
    figure, axes = plt.subplots()
    window = Circle((3, 0), 1.5, transform=axes.transData)
    (line,) = axes.plot(X, np.sin(X), linewidth=12, clip_path=window)
    bar = axes.add_patch(Rectangle((0, -1), 1, 2, alpha=0.4))

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        bar.set_x(frame / 4)
        return line, bar

    return figure, update


def figure_artists():
    figure, axes = plt.subplots()
    axes.plot(X, np.sin(X))
    label = figure.text(0.5, 0.5, "", fontsize=30, color="tab:red", alpha=0.8)
    line = plt.Line2D([0, 1], [0, 1], transform=figure.transFigure, linewidth=4)
    figure.add_artist(line)

    def update(frame):
        label.set_text(str(frame))
        line.set_ydata([0, frame / 12])
        return label, line

    return figure, update


def subfigures():
    figure = plt.figure(figsize=(7, 4))
    left, right = figure.subfigures(1, 2)
    left.set_facecolor("0.9")
    (one,) = left.subplots().plot(X, np.sin(X))
    (two,) = right.subplots().plot(X, np.sin(X))
    left.suptitle("left")

    def update(frame):
        one.set_ydata(np.sin(X + frame))
        two.set_ydata(np.sin(X - frame))
        return one, two

    return figure, update


def inset_axes():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X))
    inset = axes.inset_axes([0.6, 0.6, 0.35, 0.35])
    (small,) = inset.plot(X, np.cos(X))
    axes.indicate_inset_zoom(inset)

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        small.set_ydata(np.cos(X + frame))
        return line, small

    return figure, update


def quiver_and_collection():
    figure, axes = plt.subplots()
    rows, columns = np.mgrid[:6, :6]
    arrows = axes.quiver(columns, rows, np.cos(rows), np.sin(columns))
    segments = axes.add_collection(LineCollection([[(0, 0), (5, 5)], [(0, 5), (5, 0)]], linewidths=4, alpha=0.5))

    def update(frame):
        arrows.set_UVC(np.cos(rows + frame), np.sin(columns + frame))
        segments.set_segments([[(0, frame / 3), (5, 5)], [(0, 5), (5, frame / 3)]])
        return arrows, segments

    return figure, update


def changing_zorder():
    figure, axes = plt.subplots()
    (one,) = axes.plot(X, np.sin(X), linewidth=12)
    axes.plot(X, np.cos(X), linewidth=12, zorder=2.5)

    def update(frame):
        one.set_zorder(2 + frame % 2)
        one.set_ydata(np.sin(X + frame))
        return (one,)

    return figure, update


def vanishing_artists():
    figure, axes = plt.subplots()
    (line,) = axes.plot(X, np.sin(X))
    mark = axes.axvline(3, color="r")

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        mark.set_visible(frame % 2 == 0)
        return line, mark

    return figure, update


def without_frame():
    figure = plt.figure(frameon=False, figsize=(4, 5))
    axes = figure.add_axes([0, 0, 1, 1])
    axes.axis("off")
    (line,) = axes.plot(X, np.sin(X), linewidth=6)
    axes.plot(X, np.cos(X), alpha=0.5, linewidth=9, zorder=3)

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def transparent_background():
    figure, axes = plt.subplots(facecolor=(1, 0, 0, 0.3))
    axes.set_facecolor((0, 0, 1, 0.3))
    (line,) = axes.plot(X, np.sin(X), linewidth=6)
    axes.legend(["line"], framealpha=0.5, loc="lower left")

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def odd_size():
    figure, axes = plt.subplots(figsize=(3.337, 2.511), dpi=77)
    (line,) = axes.plot(X, np.sin(X))
    label = axes.text(0.3, 0.3, "")

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        label.set_text(f"at {frame}")
        return line, label

    return figure, update


# Only the artists that `update` returns change.
LAYERED = [
    lines, legend_above, best_legend, scatter, imshow, imshow_transparent, several_images, text, twin_axes,
    overlapping_axes, several_axes, log_axes, polar_axes, tight_layout, constrained_layout, unclipped_patches,
    clipped_artists,
    figure_artists, subfigures, inset_axes, quiver_and_collection, changing_zorder, vanishing_artists, without_frame,
    transparent_background, odd_size, own_formatter,
]  # fmt: skip
