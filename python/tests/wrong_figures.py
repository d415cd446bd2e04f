"""Figures that were once drawn wrong. Each name describes the fault."""

import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from figures import X, lines
from matplotlib import patheffects
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, TextArea
from matplotlib.patches import FancyArrowPatch, Rectangle, Shadow
from matplotlib.ticker import FormatStrFormatter, FuncFormatter, MaxNLocator
from matplotlib.transforms import Affine2D

# At this frame, something starts to change.
LATE = 6


def _with_a_follower(follow, begins):
    def make():
        figure, axes = plt.subplots()
        axes.set(xlim=(0, 12), ylim=(0, 12))
        rectangle = axes.add_patch(Rectangle((1, 1), 3, 2))
        follow(axes, rectangle)

        def update(frame):
            rectangle.set_xy((1 + max(0, frame - begins) / 2, 1 + max(0, frame - begins) / 3))
            return (rectangle,)

        return figure, update

    return make


def _annotation(axes, rectangle):
    axes.annotate("hangs on it", xy=(1, 1), xycoords=rectangle, xytext=(20, 20), textcoords="offset points")


def _arrow(axes, rectangle):
    axes.add_patch(FancyArrowPatch((2, 2), (10, 10), patchA=rectangle, mutation_scale=20))


def _shadow(axes, rectangle):
    axes.add_patch(Shadow(rectangle, 0.5, -0.5))


def _box(axes, rectangle):
    axes.add_artist(AnnotationBbox(TextArea("box"), (0.5, 1), xycoords=rectangle, box_alignment=(0.5, 0)))


FOLLOWERS = {
    f"{follow.__name__[1:]}_that_follows_from_{begins}": _with_a_follower(follow, begins)
    for follow in (_annotation, _arrow, _shadow, _box)
    for begins in (0, LATE)
}


def two_artists_with_one_transform():
    figure, axes = plt.subplots()
    lift = Affine2D()
    moved = axes.add_line(Line2D([0, 0.4], [0.1, 0.2], transform=lift + axes.transData))
    axes.add_line(Line2D([0.5, 0.9], [0.1, 0.2], color="C1", transform=lift + axes.transData))

    def update(frame):
        lift.clear().translate(0, 0.06 * frame)
        return (moved,)

    return figure, update


def _laid_out(layout):
    def make():
        figure, grid = plt.subplots(1, 2, layout=layout, figsize=(5, 3))
        image = grid[0].imshow(np.random.default_rng(1).random((20, 30)), vmin=0, vmax=1)
        figure.colorbar(image, label="a label")
        (line,) = grid[1].plot(X, np.sin(X))

        def update(frame):
            image.set_data(np.random.default_rng(frame).random((20, 30)))
            line.set_ydata(np.sin(X + frame))
            return image, line

        return figure, update

    return make


LAYOUTS = {f"{layout}_with_a_color_bar": _laid_out(layout) for layout in ("constrained", "tight", "compressed")}


def tight_layout_with_a_wrapped_title():
    figure, update_lines = lines()
    figure.axes[0].set_title("a title that is so long that it does not fit into one line " * 2, wrap=True)
    figure.set_layout_engine("tight")
    return figure, update_lines


class LaidOutWhenDrawn(Figure):
    def draw(self, renderer):
        if getattr(self, "is_late", False):
            self.tight_layout()
        super().draw(renderer)


def figure_class_that_lays_itself_out():
    figure = plt.figure(FigureClass=LaidOutWhenDrawn)
    axes = figure.subplots()
    (line,) = axes.plot(X, np.sin(X))

    def update(frame):
        figure.is_late = frame >= LATE
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


class TitledWhenDrawn(plt.Axes):
    text = ""

    def draw(self, renderer):
        self.set_title(self.text)
        super().draw(renderer)


def axes_class_that_sets_its_title():
    figure = plt.figure()
    axes = figure.add_axes(TitledWhenDrawn(figure, [0.1, 0.1, 0.8, 0.7]))
    (line,) = axes.plot(X, np.sin(X))

    def update(frame):
        axes.text = f"late {frame}" if frame >= LATE else ""
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def axes_with_a_draw_of_its_own():
    figure, update_lines = lines()
    axes = figure.axes[0]
    drawn, draw = [], axes.draw

    def draw_and_count(renderer):
        drawn.append(renderer)
        axes.set_title(f"drawn {len(drawn)} times")
        draw(renderer)

    axes.draw = draw_and_count
    return figure, update_lines


def _changed_late(change):
    def make():
        figure, update_lines = lines()
        axes = figure.axes[0]
        later = change(figure, axes)

        def update(frame):
            if frame >= LATE:
                later(frame)
            return update_lines(frame)

        return figure, update

    return make


def _texts_cleared(figure, axes):
    figure.text(0.5, 0.5, "a text")
    return lambda _frame: figure.texts.clear()


def _legend_taken_away(figure, axes):
    axes.legend(loc="center")

    def later(_frame):
        axes.legend_ = None

    return later


def _axis_switched_off(figure, axes):
    def later(_frame):
        axes.axison = False

    return later


def _locator_with_other_parameters(figure, axes):
    axes.xaxis.set_major_locator(MaxNLocator(4))
    return lambda frame: axes.xaxis.get_major_locator().set_params(nbins=frame)


def _formatter_with_another_format(figure, axes):
    axes.yaxis.set_major_formatter(FormatStrFormatter("%.1f"))

    def later(frame):
        axes.yaxis.get_major_formatter().fmt = f"<{frame}: %.2f>"

    return later


def _formatter_that_reads_a_variable(figure, axes):
    shown = [0]
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g} at {shown[0]}"))
    return lambda frame: shown.__setitem__(0, frame)


def _color_map_with_another_under(figure, axes):
    values = np.linspace(0, 1, 60).reshape(6, 10)
    image = axes.imshow(values, extent=(0, 6, -1, 1), vmin=0.5, cmap=mpl.colormaps["gray"].copy())

    def later(_frame):
        with warnings.catch_warnings():
            # This call is deprecated, but still works.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            image.cmap.set_under("r")

    return later


def _norm_with_another_range(figure, axes):
    image = axes.imshow(np.linspace(0, 1, 60).reshape(6, 10), extent=(0, 6, -1, 1))

    def later(_frame):
        image.norm.vmax = 0.6

    return later


def _tick_labels_that_move(figure, axes):
    def later(frame):
        for label in axes.get_xticklabels():
            label.set_y(-frame / 100)
        for label in axes.get_yticklabels():
            label.set_x(-frame / 100)

    return later


def _grid_that_ends(figure, axes):
    axes.grid(True)

    def later(frame):
        for tick in axes.xaxis.get_major_ticks():
            tick.gridline.set_ydata([0, frame / 12])
        for tick in axes.yaxis.get_major_ticks():
            tick.tick1line.set_xdata([frame / 12])

    return later


def _secondary_axis_below_the_title(figure, axes):
    secondary = axes.secondary_xaxis("top")
    axes.set_title("a title above the secondary axis")
    return lambda frame: secondary.set_xlabel("degrees\n" * (frame - LATE + 1))


def _list_of_marks(figure, axes):
    marks = [10, 50]
    axes.plot(X, np.cos(X), "s", markevery=marks)
    return lambda frame: marks.__setitem__(0, 10 * frame)


def _list_of_effects(figure, axes):
    effects = [patheffects.withStroke(linewidth=5, foreground="r")]
    axes.plot(X, np.cos(X), path_effects=effects)
    return lambda _frame: effects.__setitem__(0, patheffects.withStroke(linewidth=15, foreground="g"))


CHANGED_LATE = {
    change.__name__[1:]: _changed_late(change)
    for change in (
        _texts_cleared, _legend_taken_away, _axis_switched_off, _locator_with_other_parameters,
        _formatter_with_another_format, _formatter_that_reads_a_variable, _color_map_with_another_under,
        _norm_with_another_range, _tick_labels_that_move, _grid_that_ends, _secondary_axis_below_the_title,
        _list_of_marks, _list_of_effects,
    )
}  # fmt: skip


def _faint(count, alpha):
    def make():
        figure, axes = plt.subplots()
        (line,) = axes.plot(X, np.sin(X), "k", linewidth=20)
        for shift in np.linspace(-0.2, 0.2, count):
            axes.plot(X, np.cos(X) / 9 + shift / 9, color="tab:red", alpha=alpha, linewidth=12, zorder=4)

        def update(frame):
            line.set_ydata(np.sin(X + frame))
            return (line,)

        return figure, update

    return make


FAINT = {f"{count}_lines_of_{alpha}": _faint(count, alpha) for count, alpha in ((300, 0.01), (100, 0.05), (30, 0.2))}


def host_with_parasites():
    from mpl_toolkits.axes_grid1 import host_subplot

    figure = plt.figure()
    host = host_subplot(111, figure=figure)
    parasite = host.twinx()
    (line,) = host.plot(X, np.sin(X))
    (other,) = parasite.plot(X, 50 * np.cos(X), "r")
    parasite.set_ylabel("another scale")

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        other.set_ydata(50 * np.cos(X + frame))
        return line, other

    return figure, update


def update_that_reads_the_resolution():
    figure, axes = plt.subplots(figsize=(4, 3))
    contours = axes.contour(np.hypot(*np.mgrid[-3:3:30j, -3:3:30j]))
    drawn = []

    def update(frame):
        while drawn:
            text = drawn.pop()
            if text in axes.texts:
                text.remove()
        drawn.extend(contours.axes.clabel(contours, levels=contours.levels[1 : 3 + frame % 3]))
        drawn.append(axes.text(3, 3, f"{figure.dpi:g}", fontsize=figure.dpi / 10))
        return drawn

    return figure, update


def artist_of_another_figure():
    figure, update_lines = lines()
    _other, axes = plt.subplots()
    (stranger,) = axes.plot([0, 1])

    def update(frame):
        update_lines(frame // 3)
        return (stranger,)

    return figure, update


FOUND = {
    **FOLLOWERS,
    **LAYOUTS,
    **CHANGED_LATE,
    **FAINT,
    **{
        make.__name__: make
        for make in (
            two_artists_with_one_transform, tight_layout_with_a_wrapped_title, figure_class_that_lays_itself_out,
            axes_class_that_sets_its_title, axes_with_a_draw_of_its_own, host_with_parasites,
            update_that_reads_the_resolution, artist_of_another_figure,
        )
    },
}  # fmt: skip
