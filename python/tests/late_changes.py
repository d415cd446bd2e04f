"""Changes that framemill once missed. A line moves in every frame, and the change starts at a later frame."""

import functools

import matplotlib.pyplot as plt
import numpy as np
from figures import X
from matplotlib.image import BboxImage
from matplotlib.patches import BoxStyle
from matplotlib.text import Text
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator, StrMethodFormatter
from matplotlib.transforms import Affine2D, Bbox, ScaledTranslation

# The frame at which the change starts.
LATE = 6


def _late(change, **options):
    def make():
        figure, axes = plt.subplots(figsize=(3, 2), **options)
        (line,) = axes.plot(X, np.sin(X))
        late = change(figure, axes)

        def update(frame):
            line.set_ydata(np.sin(X + frame))
            if frame == LATE:
                late()
            return (line,)

        return figure, update

    return make


def _now(change):
    """Make a change that needs no preparation."""
    return lambda figure, axes: lambda: change(figure, axes)


def _subfigure(figure, _axes):
    inner = figure.subfigures(1, 2)[1]
    inner.subplots()
    return lambda: inner.set_facecolor("y")


def _label_box(_figure, axes):
    label = axes.xaxis.get_major_ticks()[1].label1
    label.set_bbox({"facecolor": "w"})
    return lambda: label.get_bbox_patch().set_facecolor("r")


def _label_shift(figure, axes):
    offset = Affine2D().translate(0, 0)
    for label in axes.xaxis.get_majorticklabels():
        label.set_transform(label.get_transform() + offset)
    return lambda: offset.translate(6, 0)


def _formatter(_figure, axes):
    state = {"unit": 1}

    class InUnits(Formatter):
        def __call__(self, x, pos=None):
            return f"{x:g}/{state['unit']}"

    axes.xaxis.set_major_formatter(InUnits())
    return lambda: state.update(unit=9)


def _locator(_figure, axes):
    state = {"bins": 3}

    class Bins(MaxNLocator):
        def __call__(self):
            return np.linspace(0, 6, state["bins"])

    axes.xaxis.set_major_locator(Bins())
    return lambda: state.update(bins=6)


def _property(_figure, axes):
    state = {"format": "{x:.1f}"}

    class Changing(StrMethodFormatter):
        fmt = property(lambda self: state["format"], lambda self, value: None)

    axes.xaxis.set_major_formatter(Changing(""))
    return lambda: state.update(format="{x:.3f}")


def _box_style(_figure, axes):
    state = {"pad": 1}

    class Breathing(BoxStyle.Square):
        def __call__(self, x0, y0, width, height, mutation_size):
            return super().__call__(x0, y0, width, height, mutation_size * state["pad"])

    axes.text(3, 0, "boxed").set_bbox({"boxstyle": Breathing()})
    return lambda: state.update(pad=3)


def _bound_formatter(_figure, axes):
    inner = StrMethodFormatter("{x:.1f}")
    axes.xaxis.set_major_formatter(FuncFormatter(inner.__call__))

    def change():
        inner.fmt = "{x:.3f}"

    return change


def _bound_coordinates(_figure, axes):
    first = axes.annotate("one", (1, 0))
    axes.annotate("two", (1, 0.5), xycoords=first.get_window_extent, xytext=(9, 9), textcoords="offset points")
    return lambda: first.set_position((3, 0.5))


def _partial_coordinates(_figure, axes):
    first = axes.text(1, 0, "one")
    axes.annotate("two", (1, 1), xycoords=functools.partial(Text.get_window_extent, first))
    return lambda: first.set_position((3, 0.5))


def _image_in_a_text(_figure, axes):
    text = axes.text(1, 0, "a text", fontsize=20)
    image = axes.add_artist(BboxImage(text.get_window_extent))
    image.set_data(np.arange(16.0).reshape(4, 4))
    return lambda: text.set_position((3, 0))


def _partial_scale(_figure, axes):
    factor = np.array([1.0])
    functions = functools.partial(np.multiply, factor), functools.partial(np.multiply, 1)
    axes.set_yscale("function", functions=functions)

    def change():
        factor[0] = 3
        axes.transScale.invalidate()

    return change


def _aligned(figure, axes):
    figure.subplots_adjust(hspace=0.8)
    other = figure.add_axes((0.7, 0.1, 0.2, 0.2))
    other.set(ylabel="b", ylim=(0, 1000))
    axes.set_ylabel("a")
    return lambda: figure.align_ylabels([axes, other])


def _categories(_figure, axes):
    axes.plot(["a", "b", "c"], [1, 2, 3])
    mapping = axes.xaxis.units._mapping

    def change():
        swapped = {"b": mapping["a"], "a": mapping["b"], "c": mapping["c"]}
        mapping.clear()
        mapping.update(swapped)

    return change


def _strided_matrix(_figure, axes):
    whole = np.eye(6)
    transform = Affine2D()
    transform.set_matrix(whole[::2, ::2])
    axes.text(0.2, 0.5, "moves", transform=transform + axes.transAxes)

    def change():
        whole[0, 4] = 0.4
        transform.invalidate()

    return change


def _transposed_matrix(_figure, axes):
    matrix = Affine2D().rotate_deg(30).get_matrix()
    transform = Affine2D(matrix)
    axes.text(0.2, 0.2, "turns", transform=transform + axes.transAxes)
    return lambda: transform.set_matrix(matrix.T)


def _strided_clip_box(_figure, axes):
    points = np.zeros((4, 2))
    points[::2] = [[20, 20], [60, 60]]
    box = Bbox(points[::2])
    (line,) = axes.plot(X, np.cos(X), linewidth=9)
    line.set_clip_box(box)

    def change():
        points[2] = 120
        box.invalidate()

    return change


def _listener(figure, axes):
    text = axes.text(1, 0, "nobody drew")
    return lambda: figure.canvas.mpl_connect("draw_event", lambda _event: text.set_text(f"{text.get_text()}!"))


def _laid_out(layout):
    def make():
        figure = plt.figure(figsize=(5, 5), layout=layout)
        grid = figure.add_gridspec(1, 2)
        axes, other = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
        for each in (axes, other):
            each.set(xticks=[], yticks=[])
        (line,) = axes.plot(X, np.sin(X))

        def update(frame):
            line.set_ydata(np.sin(X + frame))
            if frame == LATE:
                grid.set_width_ratios([1, 2])
            return (line,)

        return figure, update

    return make


def _tick_label_colors(_figure, axes):
    plt.setp(axes.get_xticklabels(), color="r")


def _tick_lines(_figure, axes):
    plt.setp(axes.get_xticklines(), color="r", markeredgewidth=3)


def _tick_pads(_figure, axes):
    for tick in axes.xaxis.get_major_ticks():
        tick.set_pad(10)
        tick.tick1line.set_markersize(9)


def _tick_rotation(_figure, _axes):
    plt.xticks(rotation=40)


def _patch_edge(figure, _axes):
    figure.patch.set(linewidth=12, edgecolor="r")


def _patch_hatch(figure, _axes):
    figure.patch.set(hatch="/", edgecolor="b", linewidth=6)


def _patch_visibility(figure, _axes):
    figure.set_frameon(False)


def _shifted_labels(figure, axes):
    shift = ScaledTranslation(0, 0, figure.dpi_scale_trans)
    label = axes.yaxis.get_major_ticks()[2].label1
    label.set_transform(label.get_transform() + shift)

    def change():
        shift._t = (0.2, 0)
        shift.invalidate()

    return change


def images_put_together():
    figure, axes = plt.subplots(figsize=(3, 2))
    figure.suppressComposite = False
    axes.imshow(np.arange(12.0).reshape(3, 4), extent=(0, 6, -1, 1), aspect="auto", alpha=0.7)
    axes.imshow(np.arange(20.0).reshape(4, 5), extent=(1, 5, -1, 1), aspect="auto", alpha=0.5)
    (line,) = axes.plot(X, np.sin(X))

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def an_annotation_of_a_label_that_is_drawn_later():
    figure, (axes, other) = plt.subplots(1, 2, figsize=(4, 2))
    other.set_xlabel("label")
    arrow = {"arrowstyle": "->"}
    place = {"xycoords": other.xaxis.label, "xytext": (0.5, 0.5), "textcoords": "axes fraction"}
    axes.annotate("x", (0.5, 0.5), arrowprops=arrow, **place)

    def update(frame):
        other.tick_params(labelsize=5 + frame, axis="x")
        return (other.xaxis,)

    return figure, update


def nothing_below_many_faint_points():
    figure = plt.figure(figsize=(3, 2), frameon=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.scatter(*np.random.default_rng(3).random((2, 800)) * 6, alpha=0.03, s=60)
    (line,) = axes.plot(X, np.sin(X), alpha=0.5, linewidth=5)

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


def idle_drawing_that_the_update_needs():
    figure, axes = plt.subplots(figsize=(3, 2), layout="constrained")
    (line,) = axes.plot(X, np.sin(X))
    text = figure.text(0.1, 0.5, "")

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        axes.set_ylabel("label\n" * (1 + frame % 3))
        figure.canvas.draw_idle()
        text.set_x(axes.get_position().x0)
        return line, text

    return figure, update


def engine_that_counts():
    from matplotlib.layout_engine import LayoutEngine

    class Counting(LayoutEngine):
        _adjust_compatible = _colorbar_gridspec = True
        passes = 0

        def execute(self, fig):
            self.passes += 1
            fig.axes[0].set_title(f"{self.passes} passes")

    figure, axes = plt.subplots(figsize=(3, 2))
    figure.set_layout_engine(Counting())
    (line,) = axes.plot(X, np.sin(X))

    def update(frame):
        line.set_ydata(np.sin(X + frame))
        return (line,)

    return figure, update


MISSED = {
    **{
        f"late{change.__name__}": _late(_now(change))
        for change in (
            _tick_label_colors, _tick_lines, _tick_pads, _tick_rotation, _patch_edge, _patch_hatch, _patch_visibility,
        )
    },
    **{
        f"late{change.__name__}": _late(change)
        for change in (
            _subfigure, _label_box, _label_shift, _formatter, _locator, _property, _box_style, _bound_formatter,
            _bound_coordinates, _partial_coordinates, _image_in_a_text, _partial_scale, _aligned, _categories,
            _strided_matrix, _transposed_matrix, _strided_clip_box, _listener, _shifted_labels,
        )
    },
    **{f"late_ratios_of_{layout}": _laid_out(layout) for layout in ("constrained", "tight", "compressed")},
    **{
        make.__name__: make
        for make in (
            images_put_together, an_annotation_of_a_label_that_is_drawn_later, nothing_below_many_faint_points,
            idle_drawing_that_the_update_needs, engine_that_counts,
        )
    },
}  # fmt: skip
