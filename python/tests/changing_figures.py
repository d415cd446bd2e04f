"""Figures in which other things change than the moving artists, or for which layers cannot be correct."""

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


def assigned_annotation():
    figure, update_lines = lines()
    arrow = figure.axes[0].annotate("here", (3, 0), (1, 0.5), arrowprops={"arrowstyle": "->"})

    def update(frame):
        arrow.xy = (frame / 2, 0)
        return *update_lines(frame), arrow

    return figure, update


def label_of_axis():
    figure, update_lines = lines()
    label = figure.axes[0].set_xlabel("at 0")

    def update(frame):
        label.set_text(f"at {frame // 4}")
        return update_lines(frame)

    return figure, update


def new_legend():
    figure, update_lines = lines()

    def update(frame):
        moved = update_lines(frame)
        moved[0].set_label(f"at {frame // 4}")
        figure.axes[0].legend(loc="upper right")
        return moved

    return figure, update


def changing_figure_text():
    figure, update_lines = lines()
    figure.suptitle("at 0")

    def update(frame):
        figure.suptitle(f"at {frame // 4}")
        return update_lines(frame)

    return figure, update


def legend_text():
    figure, update_lines = lines()
    text = figure.axes[0].legend(loc="upper right").get_texts()[0]

    def update(frame):
        text.set_text(f"at {frame // 4}")
        return update_lines(frame)

    return figure, update


def ticks_of_another_place():
    figure, update_lines = lines()

    def update(frame):
        figure.axes[0].set_xticks([0, frame // 4 + 1, 7])
        return update_lines(frame)

    return figure, update


def title_with_a_fraction():
    figure, update_lines = lines()
    left = figure.axes[0].set_title("left", loc="left")

    def update(frame):
        figure.axes[0].set_title(rf"$\frac{{{frame}}}{{\frac{{1}}{{2}}}}$" if frame % 5 > 1 else f"{frame}")
        left.set_color("r" if frame > 6 else "k")
        return update_lines(frame)

    return figure, update


def text_in_a_layout():
    figure, axes = plt.subplots(layout="constrained")
    (line,) = axes.plot(X, np.sin(X))

    def update(frame):
        axes.set_title("a\n" * (frame // 4))
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def offsets_written_into():
    figure, update_lines = lines()
    points = figure.axes[0].scatter([1.0, 2.0], [0.5, 0.5], s=300)

    def update(frame):
        if frame > 5:
            points.get_offsets()[:] += 0.05
            # If artists are animated, code must mark the figure as stale.
            points.stale = True
        return update_lines(frame)

    return figure, update


def transform_turned():
    from matplotlib.transforms import Affine2D

    figure, update_lines = lines()
    axes = figure.axes[0]
    turn = Affine2D()
    bar = axes.add_patch(plt.Rectangle((2, 0), 2, 0.3, transform=turn + axes.transData))

    def update(frame):
        if frame > 5:
            turn.rotate_deg_around(3, 0, 9)
            bar.stale = True
        return update_lines(frame)

    return figure, update


# Other things change too, or layers cannot be correct. The picture must be correct in any case.
OTHERS = [
    changing_title, changing_limits, axes_in_space, turning_view, new_artists, removed_artists,
    animated_in_a_container, path_effects, filtered, rasterized, assigned_annotation, label_of_axis, legend_text,
    new_legend, changing_figure_text, ticks_of_another_place, title_with_a_fraction, text_in_a_layout,
    offsets_written_into, transform_turned,
]  # fmt: skip


def silent_offsets():
    figure, update_lines = lines()
    points = figure.axes[0].scatter([1.0, 2.0], [0.5, 0.5], s=300)

    def update(frame):
        if frame > 5:
            points.get_offsets()[:] += 0.05
        return update_lines(frame)

    return figure, update


def silent_transform():
    from matplotlib.transforms import Affine2D

    figure, update_lines = lines()
    axes = figure.axes[0]
    turn = Affine2D()
    axes.add_patch(plt.Rectangle((2, 0), 2, 0.3, transform=turn + axes.transData))

    def update(frame):
        if frame > 5:
            turn.rotate_deg_around(3, 0, 9)
        return update_lines(frame)

    return figure, update


def silent_attribute():
    figure, update_lines = lines()
    text = figure.axes[0].text(1, 0, "text")

    def update(frame):
        text.zorder = 9
        text._text = f"text {frame // 4}"
        return update_lines(frame)

    return figure, update


def silent_table():
    figure, update_lines = lines()
    table = figure.axes[0].table([["0"]], loc="center", bbox=[0.3, 0.3, 0.2, 0.2])

    def update(frame):
        table[0, 0].get_text().set_text(str(frame // 4))
        return update_lines(frame)

    return figure, update


def silent_box():
    figure, update_lines = lines()
    text = figure.axes[0].text(1, 0, "text", bbox={"facecolor": "w"})

    def update(frame):
        text.get_bbox_patch().set_facecolor("wr"[frame // 4 % 2])
        return update_lines(frame)

    return figure, update


def silent_vertices():
    figure, update_lines = lines()
    area = figure.axes[0].fill_between(X, 0, 0.5, alpha=0.4)

    def update(frame):
        area.get_paths()[0].vertices[:, 1] += frame // 6 * 0.01
        return update_lines(frame)

    return figure, update


def silent_clip_path():
    from matplotlib.patches import Circle

    figure, axes = plt.subplots()
    image = axes.imshow(np.random.default_rng(1).random((30, 40)))
    window = Circle((10, 10), 8, transform=axes.transData)
    image.set_clip_path(window)

    def update(frame):
        window.center = (10 + frame // 4, 10)
        axes.set_title(str(frame))
        return (image,)

    return figure, update


def silent_shadow():
    from matplotlib.patches import Circle, Shadow

    figure, axes = plt.subplots()
    axes.set(xlim=(0, 12), ylim=(0, 12))
    circle = axes.add_patch(Circle((2, 6), 2))
    axes.add_patch(Shadow(circle, 0.5, -0.5))

    def update(frame):
        circle.center = (frame, 6)
        return (circle,)

    return figure, update


def silent_transform_on_log_axes():
    from matplotlib.transforms import Affine2D

    figure, update_lines = lines()
    axes = figure.axes[0]
    axes.set(xscale="log", xlim=(0.1, 10))
    lift = Affine2D()
    axes.plot([0.2, 9], [0, 0], transform=lift + axes.transData)

    def update(frame):
        lift.translate(0, 0.05 * (frame // 5))
        return update_lines(frame)

    return figure, update


def silent_mask():
    figure, update_lines = lines()
    points = figure.axes[0].scatter(np.ma.array([1.0, 2.0, 3.0], mask=[1, 0, 0]), [0.5, 0.5, 0.5], s=300)

    def update(frame):
        if frame == 6:
            points.get_offsets()[1] = np.ma.masked
        return update_lines(frame)

    return figure, update


def silent_anchored_text():
    from matplotlib.offsetbox import AnchoredText

    figure, update_lines = lines()
    text = figure.axes[0].add_artist(AnchoredText("text", loc="center"))

    def update(frame):
        text.patch.set_facecolor("wr"[frame // 6])
        return update_lines(frame)

    return figure, update


def silent_font():
    figure, update_lines = lines()
    text = figure.axes[0].text(1, 0, "text")

    def update(frame):
        text.get_fontproperties().set_size(10 + frame // 4)
        return update_lines(frame)

    return figure, update


def clip_box_that_grows():
    from matplotlib.transforms import Bbox, TransformedBbox

    figure, update_lines = lines()
    axes = figure.axes[0]
    window = Bbox([[0, -1], [1, 1]])
    for line in axes.lines:
        line.set_clip_box(TransformedBbox(window, axes.transData))

    def update(frame):
        window.x1 = 1 + 0.4 * (frame if frame < 8 else 16 - frame)
        return update_lines(frame)

    return figure, update


def colors_of_a_mesh():
    figure, update_lines = lines()
    mesh = figure.axes[0].pcolormesh(np.zeros((5, 5)), vmin=0, vmax=20)

    def update(frame):
        mesh.set_array(np.full((5, 5), frame // 4 * 5.0))
        return update_lines(frame)

    return figure, update


# Matplotlib does not notice these changes, but its next drawing shows them.
SILENT = [
    silent_offsets, silent_transform, silent_attribute, silent_table, silent_box, silent_vertices, silent_clip_path,
    silent_shadow, silent_transform_on_log_axes, silent_mask, silent_anchored_text, silent_font, clip_box_that_grows,
    colors_of_a_mesh,
]  # fmt: skip
