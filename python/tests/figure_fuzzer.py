"""Generates random figures and random changes from frame to frame.

An `Example` is plain data: the contents of a figure, and the calls of its update function. The figure is built twice
and saved with Matplotlib's writer and with framemill's. Then all frames are compared.
"""

import contextlib
import functools
import io
import warnings
from dataclasses import dataclass, field
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from animations import EXACT, Arrays, read
from framemill._figures._checks import Checks
from framemill.matplotlib import FrameMillWriter
from hypothesis import strategies as st
from matplotlib import patheffects
from matplotlib.animation import FuncAnimation
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredText, AnnotationBbox, TextArea
from matplotlib.patches import Circle, ConnectionPatch, FancyArrowPatch, Rectangle, Shadow
from matplotlib.text import OffsetFrom
from matplotlib.ticker import (
    FixedLocator,
    FormatStrFormatter,
    Formatter,
    FuncFormatter,
    MaxNLocator,
    MultipleLocator,
    StrMethodFormatter,
)
from matplotlib.transforms import Affine2D

FRAMES = 8
X = np.linspace(0, 10, 25)


@dataclass
class Artist:
    """An artist to add to axes: its kind, a seed for its details, and its style."""

    kind: str
    seed: int
    alpha: float | None = None
    zorder: float | None = None


@dataclass
class Axes:
    kind: str
    artists: list[Artist] = field(default_factory=list)


@dataclass
class Call:
    """A change at a frame, and at all later frames if `lasts`, to artist `which` of axes `where`."""

    frame: int
    name: str
    where: int
    which: int
    seed: int
    lasts: bool


@dataclass
class Example:
    axes: list[Axes]
    calls: list[Call]
    layout: str | None = None
    blit: bool = False
    # How many artists `update` returns, and in which frames: in all, or in every second one.
    returned: int = 1
    returned_each: int = 1
    dpi: int | None = None
    size: tuple[float, float] = (2.4, 1.8)
    shares: bool = False
    facecolor: str = "white"
    # Whether a loop grabs the frames, each with its own color, instead of an animation.
    by_hand: bool = False
    # Whether some frames are checked, as in normal use.
    checked: bool = False


# Artists


def _line(axes, random):
    return axes.plot(X, random.random(25) * 8, random.choice(["-", "--", "o", ".-"]), linewidth=random.choice([1, 4]))


def _fill(axes, random):
    return [axes.fill_between(X, random.random(25) * 4, 6)]


def _many_faint(axes, random):
    lines = []
    for level in range(30):
        lines += axes.plot(X, np.full(25, 2 + level / 10), color="C3", alpha=0.03, linewidth=6, zorder=3)
    return lines[:1]


def _scatter(axes, random):
    return [axes.scatter(random.random(12) * 10, random.random(12) * 8, c=random.random(12), s=random.random(12) * 90)]


def _image(axes, random):
    return [axes.imshow(random.random((5, 6)), extent=(0, 10, 0, 8), aspect="auto", vmin=0, vmax=1)]


def _image_equal(axes, random):
    return [axes.imshow(random.random((5, 6)))]


def _image_with_colorbar(axes, random):
    image = axes.imshow(random.random((5, 6)), vmin=0, vmax=1)
    axes.figure.colorbar(image, ax=axes)
    return [image]


def _mesh(axes, random):
    return [axes.pcolormesh(random.random((4, 5)), vmin=0, vmax=1)]


def _contours(axes, random):
    return [axes.contourf(random.random((5, 6)))]


def _labeled_contours(axes, random):
    contours = axes.contour(random.random((5, 6)))
    axes.clabel(contours)
    return [contours]


def _text(axes, random):
    return [axes.text(3, 4, "text", bbox={"facecolor": "w", "alpha": 0.5} if random.random() < 0.5 else None)]


def _annotation(axes, random):
    return [axes.annotate("here", (5, 4), (2, 6), arrowprops={"arrowstyle": "->"})]


def _hanging(axes, random):
    """Add a rectangle and artists that depend on it."""
    rectangle = axes.add_patch(Rectangle((2, 2), 2, 2, zorder=random.choice([1, 2, 5])))
    for _ in range(random.integers(1, 3)):
        follower = random.integers(6)
        if follower == 0:
            axes.annotate("tip", xy=(1, 1), xycoords=rectangle, xytext=(4, 4), textcoords="offset points")
        elif follower == 1:
            axes.add_patch(FancyArrowPatch((8, 7), (3, 3), patchA=None, patchB=rectangle, mutation_scale=12))
        elif follower == 2:
            axes.add_patch(Shadow(rectangle, 0.4, -0.4))
        elif follower == 3:
            axes.add_artist(AnnotationBbox(TextArea("box"), (0.5, 1), xycoords=rectangle, box_alignment=(0, 0)))
        elif follower == 4:
            axes.annotate("far", xy=(9, 7), xytext=OffsetFrom(rectangle, (1, 1)))
        else:
            axes.plot([1, 9], [1, 7], clip_path=rectangle, linewidth=9)
    return [rectangle]


def _sharing_a_transform(axes, random):
    lift = Affine2D()
    first = axes.add_line(Line2D([1, 4], [1, 2], linewidth=4, transform=lift + axes.transData))
    axes.add_line(Line2D([5, 9], [3, 2], linewidth=4, color="C2", transform=lift + axes.transData))
    first.lift = lift
    return [first]


def _circle(axes, random):
    hatch = "/" if random.random() < 0.3 else None
    return [axes.add_patch(Circle((5, 4), 1.5, hatch=hatch, clip_on=bool(random.integers(2))))]


def _bars(axes, random):
    return list(axes.bar(range(5), random.random(5) * 8))


def _quiver(axes, random):
    return [axes.quiver(*np.mgrid[1:9:4j, 1:7:4j], random.random((4, 4)), random.random((4, 4)))]


def _errorbar(axes, random):
    return [axes.errorbar(X[::5], random.random(5) * 8, yerr=1).lines[0]]


def _segments(axes, random):
    return [axes.add_collection(LineCollection(random.random((5, 2, 2)) * 8, linewidths=3))]


def _span(axes, random):
    return [axes.axhspan(2, 4, alpha=0.3)]


def _rule(axes, random):
    return [axes.axvline(5, color="r")]


def _table(axes, random):
    return [axes.table([["1", "2"], ["3", "4"]], loc="center", colWidths=[0.2, 0.2])]


def _anchored(axes, random):
    return [axes.add_artist(AnchoredText("anchored", loc="upper left"))]


def _effects(axes, random):
    effects = [patheffects.withStroke(linewidth=5, foreground="w")]
    (line,) = axes.plot(X, random.random(25) * 8, path_effects=effects)
    return [line]


def _clipped(axes, random):
    (line,) = axes.plot(X, random.random(25) * 8, linewidth=8)
    line.set_clip_path(Circle((5, 4), 3, transform=axes.transData))
    return [line]


def _legend(axes, random):
    axes.plot([0, 1], [0, 1], label="a line")
    return [axes.legend(loc=random.choice(["best", "upper right", "center"]), framealpha=random.choice([0.5, 1]))]


def _marked(axes, random):
    return axes.plot(X, random.random(25) * 8, "s-", markevery=[1, 5, 9])


def _steps(axes, random):
    return [axes.stem(X[::4], random.random(7) * 8).markerline]


ARTISTS = {function.__name__[1:]: function for function in (
    _line, _fill, _many_faint, _scatter, _image, _image_equal, _image_with_colorbar, _mesh, _contours,
    _labeled_contours, _text, _annotation, _hanging, _sharing_a_transform, _circle, _bars, _quiver, _errorbar,
    _segments, _span, _rule, _table, _anchored, _effects, _clipped, _legend, _marked, _steps,
)}  # fmt: skip
AXES = ["plain"] * 8 + ["polar", "3d", "mollweide", "twin", "inset", "secondary", "host", "off", "equal", "log", "date"]


# Changes


def _data(figure, axes, artist, random):
    values = random.random(25) * 8
    for name, value in (
        ("set_ydata", values[: len(artist.get_ydata())] if hasattr(artist, "get_ydata") else None),
        ("set_height", values[0]),
        ("set_array", None),
        ("set_offsets", np.column_stack([values[:12], values[5:17]])),
        ("set_text", f"text {values[0]:.1f}"),
        ("set_segments", random.random((5, 2, 2)) * 8),
        ("set_radius", values[0] / 3),
        ("set_UVC", None),
    ):
        if hasattr(artist, name) and value is not None:
            getattr(artist, name)(value)
            return
    if hasattr(artist, "set_UVC"):
        artist.set_UVC(random.random((4, 4)), random.random((4, 4)))
    elif getattr(artist, "get_array", lambda: None)() is not None:
        artist.set_array(random.random(artist.get_array().shape))
    elif hasattr(artist, "set_data"):
        artist.set_data(random.random((5, 6)))


def _move(figure, axes, artist, random):
    x, y = random.random(2) * 7
    if hasattr(artist, "lift"):
        artist.lift.clear().translate(x, y / 2)
    elif hasattr(artist, "set_xy"):
        artist.set_xy((x, y))
    elif hasattr(artist, "center"):
        artist.center = (x, y)
    elif hasattr(artist, "set_position"):
        artist.set_position((x, y))
    elif hasattr(artist, "set_xdata"):
        artist.set_xdata(artist.get_xdata() * 0.9 + x / 20)


def _in_place(figure, axes, artist, random):
    if hasattr(artist, "get_path") and isinstance(artist, Line2D):
        artist.get_xydata()[3:6, 1] = random.random(3) * 8
    elif hasattr(artist, "get_array") and artist.get_array() is not None:
        artist.get_array().flat[0] = random.random()
    elif hasattr(artist, "get_offsets"):
        artist.get_offsets()[0] = random.random(2) * 8
    elif hasattr(artist, "get_fontproperties"):
        artist.get_fontproperties().set_size(6 + 8 * random.random())
    elif hasattr(artist, "get_paths") and len(artist.get_paths()):
        artist.get_paths()[0].vertices[:, 1] += random.random()


def _assigned(figure, axes, artist, random):
    if hasattr(artist, "xyann"):
        artist.xy = tuple(random.random(2) * 8)
    elif hasattr(artist, "get_markevery") and isinstance(artist.get_markevery(), list):
        artist.get_markevery()[0] = int(random.integers(1, 20))
    elif artist.get_path_effects():
        artist.get_path_effects()[0]._gc["linewidth"] = 2 + 9 * random.random()
    elif hasattr(artist, "center"):
        artist.center = tuple(random.random(2) * 8)
    else:
        artist.zorder = random.choice([1, 2.2, 4])


def _color_map(figure, axes, artist, random):
    if hasattr(artist, "cmap"):
        choice = random.integers(4)
        if choice == 0:
            artist.cmap = artist.cmap.copy()
            artist.cmap.set_under("r")
            artist.norm.vmin = 0.4
        elif choice == 1:
            artist.norm.vmax = 0.5 + random.random()
        elif choice == 2:
            artist.set_cmap(random.choice(["gray", "viridis"]))
        else:
            artist.set_clim(0, 0.5 + random.random())


def _remove(figure, axes, artist, random):
    artist.remove()


def _elsewhere(figure, axes, artist, random):
    if isinstance(artist, Line2D) and artist.axes is not None:
        artist.remove()
        other = figure.axes[int(random.integers(len(figure.axes)))]
        other.add_line(Line2D(artist.get_xdata(), artist.get_ydata(), color="C4"))


def _new(figure, axes, artist, random):
    kind = random.choice(["line", "text", "circle", "scatter", "legend", "hanging", "image"])
    ARTISTS[kind](axes, random)


def _cleared(figure, axes, artist, random):
    axes.clear()
    axes.plot(X, random.random(25) * 8)


def _plotted_anew(figure, axes, artist, random):
    axes.clear()
    axes.set(xlim=(0, 10), ylim=(0, 8), title=f"{random.random():.2f}")
    axes.plot(X, random.random(25) * 8)


def _lists(figure, axes, artist, random):
    choice = random.integers(4)
    if choice == 0 and axes.texts:
        axes.texts[0].remove()
    elif choice == 1:
        figure.texts.clear()
    elif choice == 2:
        axes.legend_ = None
    else:
        figure.text(0.1, 0.1, "figure")


def _limits(figure, axes, artist, random):
    axes.set_xlim(-random.random(), 8 + 3 * random.random())


def _upper_limit(figure, axes, artist, random):
    axes.set_ylim(top=6 + 100 * random.random())


def _autoscaled(figure, axes, artist, random):
    axes.relim()
    axes.autoscale()
    axes.autoscale_view()


def _inverted(figure, axes, artist, random):
    axes.invert_yaxis()


def _scale(figure, axes, artist, random):
    axes.set_xlim(1, 10)
    axes.set_xscale(random.choice(["log", "linear", "symlog"]))


def _title(figure, axes, artist, random):
    text = f"frame {random.integers(100)}" + random.choice(["", "\nof two lines"])
    axes.set_title(text, loc=random.choice(["center", "left"]))


def _labels(figure, axes, artist, random):
    axes.set(xlabel=f"x {random.integers(100)}", ylabel=f"y {random.integers(100)}")


def _figure_title(figure, axes, artist, random):
    figure.suptitle(f"all {random.integers(100)}")


def _ticks(figure, axes, artist, random):
    choice = random.integers(12)
    axis = axes.xaxis if random.random() < 0.5 else axes.yaxis
    if choice == 0:
        axis.set_ticks([1, 3, 5, 7][: random.integers(1, 5)])
    elif choice == 1:
        axes.tick_params(labelsize=4 + 8 * random.random(), direction=random.choice(["in", "out"]))
    elif choice == 2:
        axes.grid(bool(random.integers(2)))
    elif choice == 3:
        axis.set_major_locator(random.choice([MaxNLocator(3), MultipleLocator(2.5), FixedLocator([2, 4])]))
    elif choice == 4 and hasattr(axis.get_major_locator(), "set_params"):
        with contextlib.suppress(TypeError, ValueError):
            axis.get_major_locator().set_params(nbins=int(random.integers(2, 7)))
    elif choice == 5:
        if isinstance(axis.get_major_formatter(), FormatStrFormatter):
            axis.get_major_formatter().fmt = random.choice(["%.1f", "<%.0f>"])
        else:
            axis.set_major_formatter(FormatStrFormatter("%.2f"))
    elif choice == 6:
        labels = axis.get_ticklabels()
        if labels:
            labels[0].set_color(random.choice(["r", "g"]))
    elif choice == 7:
        plt.setp(axis.get_ticklabels(), color=random.choice(["r", "k"]), rotation=random.choice([0, 40]))
    elif choice == 8:
        plt.setp(axis.get_ticklines(), color="r", markeredgewidth=random.choice([1, 3]))
        plt.setp(axis.get_gridlines(), visible=True, linewidth=random.choice([1, 3]))
    elif choice == 9:
        for tick in axis.get_major_ticks():
            tick.set_pad(random.choice([2, 9]))
            tick.tick1line.set_markersize(random.choice([3, 8]))
    elif choice == 10:
        for label in axis.get_ticklabels():
            if label.get_bbox_patch() is None:
                label.set_bbox({"facecolor": "y"})
            label.get_bbox_patch().set_facecolor(random.choice(["r", "g"]))
    else:
        axes.tick_params(top=True, labeltop=True)


def _counting_formatter(figure, axes, artist, random):
    number = random.integers(100)
    if not hasattr(axes, "shown"):
        axes.shown = [number]
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}/{axes.shown[0]}"))
    axes.shown[0] = number


class OwnFormatter(Formatter):
    """A formatter like those that users write, with its state in any attribute."""

    def __init__(self, state):
        self._read = lambda: state["value"]

    def __call__(self, x, pos=None):
        return f"{x:g}/{self._read()}"


class OwnLocator(MaxNLocator):
    def __init__(self, state):
        super().__init__(3)
        self._read = lambda: state["value"]

    def __call__(self):
        return np.linspace(1, 7, 2 + self._read() % 5)


class OwnNorm(Normalize):
    def __call__(self, value, clip=None):
        return super().__call__(value, clip) * 0.9


def _own_code(figure, axes, artist, random):
    """Use code outside Matplotlib, or bound functions."""
    if not hasattr(axes, "state"):
        axes.state, axes.kept = {"value": 0}, StrMethodFormatter("{x:.1f}")
    state, choice = axes.state, random.integers(7)
    if choice == 0:
        axes.xaxis.set_major_formatter(OwnFormatter(state))
    elif choice == 1:
        axes.xaxis.set_major_locator(OwnLocator(state))
    elif choice == 2:
        axes.yaxis.set_major_formatter(FuncFormatter(axes.kept.__call__))
    elif choice == 3:
        axes.kept.fmt = random.choice(["{x:.1f}", "{x:.3f}"])
    elif choice == 4:
        axes.annotate("bound", (1, 0.5), xycoords=artist.get_window_extent, xytext=(4, 4), textcoords="offset points")
    elif choice == 5:
        axes.annotate("partial", (0, 1), xycoords=functools.partial(type(artist).get_window_extent, artist))
    elif hasattr(artist, "set_norm"):
        artist.set_norm(OwnNorm(0, 1))
    state["value"] = int(random.integers(9))


def _grids(figure, axes, artist, random):
    """Change what a layout engine reads to place the axes."""
    grid = axes.get_gridspec()
    if random.random() < 0.5:
        grid.set_width_ratios(1 + 3 * random.random(grid.ncols))
    else:
        grid.set_height_ratios(1 + 3 * random.random(grid.nrows))


def _listener(figure, axes, artist, random):
    figure.canvas.mpl_connect("draw_event", lambda _event: axes.set_title(f"{axes.get_title()}."))


def _style(figure, axes, artist, random):
    choice = random.integers(6)
    if choice == 0:
        artist.set_visible(not artist.get_visible())
    elif choice == 1:
        artist.set_zorder(random.choice([0.5, 2.5, 6]))
    elif choice == 2:
        artist.set_alpha(0.2 + 0.8 * random.random())
    elif choice == 3 and hasattr(artist, "set_linewidth"):
        artist.set_linewidth(1 + 6 * random.random())
    elif choice == 4 and hasattr(artist, "set_color"):
        artist.set_color(random.choice(["r", "g", "k"]))
    else:
        artist.set_clip_on(bool(random.integers(2)))


def _frame(figure, axes, artist, random):
    choice = random.integers(8)
    if choice == 0:
        axes.axison = bool(random.integers(2))
    elif choice == 1:
        axes.set_frame_on(bool(random.integers(2)))
    elif choice == 2:
        axes.set_facecolor(random.choice(["w", "0.8", (1, 0, 0, 0.3)]))
    elif choice == 3:
        axes.set_visible(bool(random.integers(2)))
    elif choice == 4:
        axes.set_axisbelow(random.choice([True, False, "line"]))
    elif choice == 5:
        next(iter(axes.spines.values())).set_color("r")
    elif choice == 6:
        axes.set_aspect(random.choice(["auto", "equal"]), adjustable=random.choice(["box", "datalim"]))
    else:
        axes.set_zorder(random.choice([-1, 0, 3]))


def _place(figure, axes, artist, random):
    choice = random.integers(5)
    if choice == 0:
        axes.set_position([0.2, 0.2, 0.3 + 0.4 * random.random(), 0.6])
    elif choice == 1:
        figure.subplots_adjust(left=0.1 + 0.2 * random.random())
    elif choice == 2:
        figure.tight_layout()
    elif choice == 3:
        figure.set_layout_engine(random.choice(["none", "tight", "constrained"]))
    else:
        figure.set_size_inches(2 + random.random(), 2)


def _figure(figure, axes, artist, random):
    choice = random.integers(9)
    if choice == 0:
        figure.patch.set_facecolor(random.choice(["w", "0.7"]))
    elif choice == 1:
        figure.patch.set(linewidth=random.choice([0, 9]), edgecolor="r")
    elif choice == 2:
        figure.patch.set(hatch=random.choice(["", "/"]), edgecolor="b", linewidth=3)
    elif choice == 3:
        figure.set_frameon(bool(random.integers(2)))
    elif choice == 4:
        figure.align_labels()
    elif choice == 5:
        figure.patch.set_alpha(random.choice([0.5, 1]))
    elif choice == 6:
        figure.add_artist(Line2D([0, 1], [random.random(), 0.5]))
    elif choice == 7 and len(figure.axes) > 1:
        figure.axes[-1].remove()
    elif choice == 8:
        figure.add_axes([0.6, 0.6, 0.3, 0.3])
    else:
        figure.supxlabel(f"{random.integers(9)}")


def _looked_at(figure, axes, artist, random):
    choice = random.integers(5)
    if choice == 4:
        figure.canvas.draw_idle()
        axes.text(1, 1, f"{axes.get_position().x0:.6f}")
    elif choice == 0:
        axes.get_xticklabels()
    elif choice == 1:
        figure.canvas.draw()
    elif choice == 2:
        artist.get_window_extent()
    else:
        figure.savefig(io.BytesIO(), dpi=40)


def _settings(figure, axes, artist, random):
    name, values = [
        ("axes.linewidth", [0.8, 2]),
        ("path.simplify", [True, False]),
        ("axes.unicode_minus", [True, False]),
        ("text.antialiased", [True, False]),
        ("hatch.linewidth", [1, 3]),
    ][random.integers(5)]
    mpl.rcParams[name] = values[random.integers(2)]


def _resolution(figure, axes, artist, random):
    """Add artists that read the figure's resolution."""
    axes.text(4, 3, f"{figure.dpi:g}", fontsize=figure.dpi / 8)


UPDATES = {function.__name__[1:]: function for function in (
    _data, _move, _in_place, _assigned, _color_map, _remove, _elsewhere, _new, _cleared, _plotted_anew, _lists, _limits,
    _upper_limit, _autoscaled, _inverted, _scale, _title, _labels, _figure_title, _ticks, _counting_formatter, _style,
    _frame, _place, _figure, _looked_at, _settings, _resolution, _own_code, _grids, _listener,
)}  # fmt: skip
# Changes that usually continue in all later frames, so that layers are useful.
USUAL = ["data"] * 6 + ["move"] * 4 + ["title"] * 2 + ["limits"] * 2

SEEDS = st.integers(0, 999)
artists = st.builds(
    Artist,
    kind=st.sampled_from(["line", "line", "scatter", "image", "text", "circle", "hanging", *ARTISTS]),
    seed=SEEDS,
    alpha=st.sampled_from([None, None, 0.3, 0.7]),
    zorder=st.sampled_from([None, None, None, 0.5, 2.4, 5]),
)
axes = st.builds(Axes, kind=st.sampled_from(AXES), artists=st.lists(artists, min_size=1, max_size=3))
calls = st.builds(
    Call,
    frame=st.integers(0, FRAMES - 1),
    name=st.one_of(st.sampled_from(USUAL), st.sampled_from(list(UPDATES))),
    where=st.integers(0, 3),
    which=st.integers(0, 3),
    seed=SEEDS,
    lasts=st.booleans(),
)
usual_calls = st.builds(
    Call, frame=st.integers(0, 3), name=st.sampled_from(USUAL), where=st.integers(0, 3), which=st.integers(0, 3),
    seed=SEEDS, lasts=st.just(True),
)  # fmt: skip
examples = st.builds(
    Example,
    axes=st.one_of(*(st.lists(axes, min_size=1, max_size=most) for most in (1, 1, 2, 2, 4))),
    calls=st.tuples(st.lists(usual_calls, max_size=2), st.lists(calls, max_size=3)).map(lambda two: [*two[0], *two[1]]),
    layout=st.sampled_from([None, None, None, None, "tight", "constrained", "compressed"]),
    blit=st.booleans(),
    returned=st.integers(0, 3),
    returned_each=st.integers(1, 2),
    dpi=st.sampled_from([None, None, None, 50, 83]),
    size=st.sampled_from([(2.4, 1.8), (2, 2), (3.01, 1.77)]),
    shares=st.booleans(),
    facecolor=st.sampled_from(["white", "white", "0.9", "none"]),
    by_hand=st.sampled_from([False, False, False, True]),
    checked=st.sampled_from([False, False, True]),
)  # fmt: skip


def _axes(figure, kind, place, shared):
    rows, columns, number = place
    projection = kind if kind in ("polar", "3d", "mollweide") else None
    if kind == "host":
        from mpl_toolkits.axes_grid1 import host_subplot

        axes = host_subplot(rows, columns, number, figure=figure)
        axes.twinx().plot([0, 1], [0, 40])
        return axes
    same = shared if projection is None and shared is not None and type(shared) is plt.Axes else None
    axes = figure.add_subplot(rows, columns, number, projection=projection, sharex=same)
    if kind == "twin":
        axes.twinx().plot([0, 10], [0, 50], "C1")
    elif kind == "inset":
        inset = axes.inset_axes([0.6, 0.6, 0.35, 0.35])
        inset.plot(X, np.sin(X))
        axes.indicate_inset_zoom(inset)
    elif kind == "secondary":
        axes.secondary_xaxis("top", functions=(lambda x: x * 2, lambda x: x / 2))
    elif kind == "off":
        axes.axis("off")
    elif kind == "equal":
        axes.set_aspect("equal", adjustable="datalim")
    elif kind == "log":
        axes.set(yscale="log", ylim=(0.1, 10))
    elif kind == "date":
        axes.xaxis_date()
    return axes


def build(example):
    """Build the figure, and return it with its update function."""
    figure = plt.figure(figsize=example.size, dpi=60, layout=example.layout, facecolor=example.facecolor)
    count = len(example.axes)
    rows, columns = (1, count) if count < 3 else (2, 2)
    shown, first = [], None
    for number, wanted in enumerate(example.axes, 1):
        axes = _axes(figure, wanted.kind, (rows, columns, number), first if example.shares else None)
        first = axes if first is None else first
        made = []
        for artist in wanted.artists:
            with contextlib.suppress(*REFUSED):
                made += ARTISTS[artist.kind](axes, np.random.default_rng(artist.seed))
                if artist.alpha is not None:
                    made[-1].set_alpha(artist.alpha)
                if artist.zorder is not None:
                    made[-1].set_zorder(artist.zorder)
        shown.append((axes, made))
    if count > 1 and len(example.calls) % 3 == 0:
        figure.add_artist(ConnectionPatch((1, 1), (3, 3), "data", "data", axesA=shown[0][0], axesB=shown[1][0]))
    done = []

    def update(frame):
        for number, call in enumerate(example.calls):
            if call.frame == frame or (call.lasts and call.frame <= frame):
                axes, made = shown[call.where % len(shown)]
                artist = made[call.which % len(made)] if made else axes.patch
                with contextlib.suppress(*REFUSED):
                    UPDATES[call.name](figure, axes, artist, np.random.default_rng([call.seed, frame, number]))
        done.append(frame)
        returned = [artist for _, made in shown for artist in made if artist.axes is not None]
        return returned[: example.returned] if frame % example.returned_each == 0 else []

    return figure, update


# Exceptions that Matplotlib raises for calls that make no sense for an artist.
REFUSED = (ValueError, TypeError, AttributeError, NotImplementedError, IndexError, KeyError, RuntimeError)


def save(example, writer, output):
    """Save the animation, close the figure and restore the default settings."""
    mpl.rcdefaults()
    mpl.use("Agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, update = build(example)
        try:
            if example.by_hand:
                save_by_hand(example, figure, update, writer, output)
            else:
                animation = FuncAnimation(
                    figure, update, frames=FRAMES, blit=example.blit, init_func=lambda: (), cache_frame_data=False
                )
                animation.save(output, writer=writer, dpi=example.dpi)
        finally:
            plt.close(figure)
            mpl.rcdefaults()
            mpl.use("Agg")


def save_by_hand(example, figure, update, writer, output):
    color = [1.0, 0.9, 0.8]
    with writer.saving(figure, output, example.dpi or 60):
        for frame in range(FRAMES):
            update(frame)
            color[0] = 1.0 if frame < 5 else 0.5
            writer.grab_frame(**({"facecolor": color} if example.blit else {}))


def frames_of_matplotlib(example):
    writer = Arrays()
    save(example, writer, "unused.mp4")
    return writer.frames


def frames_of_framemill(example, **options):
    """Return the frames that PyAV decodes, and the record of how they were drawn."""
    movie = io.BytesIO()
    writer = FrameMillWriter(fps=5, container="mp4", preset="ultrafast", **EXACT, **options)
    save(example, writer, movie)
    return read(movie), writer.drawing


def difference(example, **options):
    """Return the largest difference, its frame, and framemill's drawing record; None if Matplotlib cannot draw."""
    try:
        expected = frames_of_matplotlib(example)
    except Exception as error:
        return None, repr(error), None
    random = np.random.default_rng(len(example.calls))
    is_due = (lambda _self: random.random() < 0.3) if example.checked else (lambda _self: False)
    with mock.patch.object(Checks, "is_due", is_due):
        frames, drawing = frames_of_framemill(example, **options)
    assert not drawing.doubtful, f"{drawing}: {drawing.doubtful}"
    assert len(frames) == len(expected) == FRAMES
    differences = []
    for seen, wanted in zip(frames, expected, strict=True):
        height, width = wanted.shape[:2]
        differences.append(int(np.abs(seen[:height, :width].astype(int) - wanted).max(initial=0)))
    worst = int(np.argmax(differences))
    return differences[worst], worst, drawing
