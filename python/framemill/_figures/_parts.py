"""The parts of a figure, and which of them may be in a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import OffsetBox
from matplotlib.patches import Patch
from matplotlib.projections.polar import PolarAxes
from matplotlib.spines import Spine
from matplotlib.table import Table
from matplotlib.text import Text
from matplotlib.ticker import Formatter, FuncFormatter, Locator
from matplotlib.transforms import BboxBase, Transform

from ._origin import replaced_method
from ._watching import IGNORED_ON_ARTISTS, is_user_ticker, is_watchable, matplotlib_class, names_in_code, parts_of

# An artist, axes or figure that is watched separately.
Part: TypeAlias = Artist

# Axes whose artists can be drawn one by one, because they draw nothing else. Other axes are drawn as a whole.
SEPARABLE = (Axes, PolarAxes)
# Modules of the classes that may be in a layer: what they draw depends on their own attributes, and on nothing that
# moves while something else is drawn.
LAYERED = tuple(
    f"matplotlib.{module}"
    for module in ("axis", "collections", "contour", "image", "legend", "lines", "patches", "quiver", "spines", "text")
)
NOT_LAYERED = ("QuiverKey",)
# Artists of these classes never draw outside their clip box.
CLIPPED = (Line2D, Patch, Collection, AxesImage)
# The attributes that hold the coordinate systems of annotations.
COORDINATES = ("xycoords", "_textcoords", "boxcoords", "anncoords", "_xycoords")
# Artists that are drawn by drawing their parts.
COMPOSED = (Legend, OffsetBox, Table)


class Parts:
    """The parts of a figure, each with a number: 0 is the figure with its subfigures, then come axes, then artists."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.axes: list[Axes] = []
        self.subfigures: list[FigureBase] = []
        self.figures: list[Any] = [figure]
        # The artists that figures and axes draw one after the other, and axes that are drawn as a whole only.
        self.leaves: list[Artist] = []
        # Axis, spines and patches, each with its axes or figure: a change of one counts as a change of the other.
        self._fixtures: dict[Artist, Artist] = {}
        self._axes_of: dict[Artist, Axes | None] = {}
        self._visit(figure, None)
        self.all: list[Part] = [figure, *self.axes]
        self.all += [leaf for leaf in self.leaves if leaf not in self._fixtures and not isinstance(leaf, Axes)]
        self.numbers = {part: number for number, part in enumerate(self.all)}

    def _visit(self, container: Artist, axes: Axes | None) -> None:
        patch: Any = getattr(container, "patch", None)
        for child in container.get_children():
            if child in self._axes_of:
                continue
            self._axes_of[child] = axes
            if isinstance(child, FigureBase):
                self.subfigures.append(child)
                self.figures.append(child)
                self._visit(child, None)
            elif isinstance(child, Axes):
                self.axes.append(child)
                if has_separable_artists(child):
                    self._visit(child, child)
                else:
                    self.leaves.append(child)
            else:
                self.leaves.append(child)
                if isinstance(child, (Axis, Spine)) or child is patch:
                    self._fixtures[child] = self.figure if axes is None else axes

    def axes_of(self, part: Part) -> Axes | None:
        """Return the axes that draw a part; None if a figure does."""
        return self._axes_of.get(part)

    def is_fixture(self, leaf: Artist) -> bool:
        """Return whether a leaf is an axis, a spine or a background.

        It counts as its axes or figure, and is never drawn alone in each frame, because that changes others.
        """
        return leaf in self._fixtures

    def is_patch(self, leaf: Artist) -> bool:
        """Return whether a leaf is the background of axes or a figure."""
        return self.is_fixture(leaf) and not isinstance(leaf, (Axis, Spine))

    def is_inside(self, part: Part, axes: set[Axes]) -> bool:
        """Return whether any of `axes` draws a part, directly or through inset axes."""
        drawing = self.axes_of(part)
        return drawing is not None and (drawing in axes or self.is_inside(drawing, axes))

    def titles(self, axes: Axes) -> list[Text]:
        """Return the three titles of axes."""
        untyped: Any = axes
        return [untyped.title, untyped._left_title, untyped._right_title]

    def name(self, part: Part) -> str:
        """Return what messages call a part."""
        if part is self.figure:
            return "the figure"
        if isinstance(part, FigureBase):
            return "a subfigure"
        if isinstance(part, Axes):
            return f"axes {self.axes.index(part)}"
        axes = self.axes_of(part)
        return f"{_with_article(type(part).__name__)} of {'the figure' if axes is None else self.name(axes)}"


def _with_article(name: str) -> str:
    return f"an {name}" if name[0] in "AEIO" else f"a {name}"


def has_separable_artists(axes: Axes) -> bool:
    """Return whether the artists of axes can be drawn one by one."""
    return matplotlib_class(type(axes)) in SEPARABLE and "draw" not in vars(axes)


def may_be_layered(leaf: Artist) -> bool:
    """Return whether a leaf's class may be in a layer."""
    kind = matplotlib_class(type(leaf))
    if kind is None or kind.__name__ in NOT_LAYERED or leaf.get_agg_filter() is not None:
        return False
    if isinstance(leaf, Axes):
        return True
    return kind.__module__ in LAYERED and not has_best_location(leaf)


def has_best_location(leaf: Artist) -> bool:
    """Return whether a leaf is a legend that searches for the best place whenever it is drawn."""
    return isinstance(leaf, Legend) and getattr(leaf, "_loc_real", None) == 0


def clip_box(leaf: Artist) -> BboxBase | None:
    """Return a box in pixels, from the bottom left, outside of which a leaf cannot draw; None if unknown."""
    kind = matplotlib_class(type(leaf))
    if kind is None or not issubclass(kind, CLIPPED) or not leaf.get_clip_on():
        return None
    return None if leaf.get_agg_filter() or leaf.get_path_effects() else leaf.get_clip_box()


def is_out_of_layouts(leaf: Artist) -> bool:
    """Return whether a layout engine ignores a leaf."""
    untyped: Any = leaf
    return not leaf.get_in_layout() or bool(np.all(untyped._fully_clipped_to_axes()))


def axis_objects_with_user_tickers(axes: Axes) -> list[Axis]:
    """Return the axis objects of axes whose ticks the user's code places or labels."""
    untyped: Any = axes
    return [
        axis
        for axis in untyped._axis_map.values()
        if any(_is_by_user(part) for ticker in (axis.major, axis.minor) for part in (ticker.locator, ticker.formatter))
    ]


def _is_by_user(ticker: Locator | Formatter) -> bool:
    """Return whether a locator or formatter runs the user's code, or depends on something that is not watched."""
    if isinstance(ticker, FuncFormatter) and matplotlib_class(type(ticker)) is not None:
        return parts_of(ticker.func) != []
    return is_user_ticker(type(ticker))


def tick_texts(axis: Axis) -> list[Any]:
    """Return the positions and the labels of an axis's ticks."""
    texts: list[Any] = []
    untyped: Any = axis
    for ticker, places in ((untyped.major, untyped.get_majorticklocs()), (untyped.minor, untyped.get_minorticklocs())):
        texts += [list(places), list(ticker.formatter.format_ticks(places)), ticker.formatter.get_offset()]
    return texts


def full_drawing_reason(figure: Figure) -> str | None:
    """Return why a figure must always be drawn completely; None if there is no reason."""
    if (connected := _user_listener(figure.canvas)) is not None:
        return f"{connected} is connected to draw_event"
    if not isinstance(figure.canvas, FigureCanvasAgg):
        return f"the canvas is a {type(figure.canvas).__name__}, which does not draw with Agg"
    return None


def user_code_reason(figure: Figure) -> str | None:
    """Return which code of the user draws in a figure, or listens to its drawing; None if there is none."""
    if (reason := full_drawing_reason(figure)) is not None:
        return reason
    kinds: set[type] = set()
    for artist in _drawn_by(figure):
        kinds.add(type(artist))
        if "draw" in vars(artist):
            return f"{_with_article(type(artist).__name__)} has a draw method of its own"
        if matplotlib_class(type(artist)) is None:
            return f"{type(artist).__name__} is a class that changes what Matplotlib draws"
        if artist.get_agg_filter() is not None:
            return f"{_with_article(type(artist).__name__)} has an Agg filter"
    replaced = replaced_method(kinds)
    return None if replaced is None else f"other code replaced Matplotlib's {replaced}"


def redraw_obstacle(figure: Figure) -> str | None:
    """Return what may draw differently the second time; None if nothing does.

    This may be the user's code, an artist whose position depends on another artist that finds its place
    when it is drawn, or a norm that takes its limits from what is drawn first.
    """
    engine = figure.get_layout_engine()
    if engine is not None and matplotlib_class(type(engine)) is None:
        return f"{type(engine).__name__} is a layout engine of your own"
    for artist in _drawn_by(figure):
        name = type(artist).__name__
        attributes = vars(artist)
        # Figures and axes have attributes that their classes never use, where users put their own objects.
        known = names_in_code(type(artist)) if isinstance(artist, (FigureBase, Axes)) else attributes.keys()
        for attribute, value in attributes.items():
            if attribute in known and attribute not in IGNORED_ON_ARTISTS and not is_watchable(value):
                return f"{name}.{attribute} runs code that is not Matplotlib's"
        if any(not _is_independent(attributes.get(coordinates)) for coordinates in COORDINATES):
            return f"{_with_article(name)} is attached to something that finds its place when it is drawn"
        untyped: Any = artist
        if isinstance(artist, ScalarMappable) and untyped.get_array() is not None and not untyped.norm.scaled():
            return f"{_with_article(name)} takes the limits of its colors when it is drawn"
    return None


def has_user_tickers(figure: Figure) -> bool:
    """Return whether the user's code places or labels any ticks."""
    return any(isinstance(artist, Axes) and axis_objects_with_user_tickers(artist) for artist in _drawn_by(figure))


def _is_independent(coordinates: Any) -> bool:
    """Return whether coordinates do not depend on another artist."""
    if isinstance(coordinates, tuple):
        return all(_is_independent(each) for each in coordinates)
    return coordinates is None or isinstance(coordinates, (str, Transform))


def has_filters(figure: Figure) -> bool:
    """Return whether an artist has an Agg filter, which needs the pixels of the artist."""
    return any(artist.get_agg_filter() is not None for artist in _drawn_by(figure))


def _drawn_by(container: Artist) -> Iterator[Artist]:
    yield container
    for child in container.get_children():
        if isinstance(child, (FigureBase, Axes)):
            yield from _drawn_by(child)
        elif isinstance(child, COMPOSED):
            yield from child.findobj()
        else:
            yield child


def _user_listener(canvas: FigureCanvasBase) -> str | None:
    listeners = canvas.callbacks.callbacks.get("draw_event", {})
    for reference in list(listeners.values()):
        connected: Any = reference()
        module = getattr(connected, "__module__", "") or ""
        if connected is not None and module.partition(".")[0] != "matplotlib":
            return getattr(connected, "__qualname__", None) or repr(connected)
    return None


def is_plain(figure: Figure) -> bool:
    """Return whether no artist keeps state from an earlier drawing, so that layout is the same at any resolution."""
    return all(
        has_separable_artists(artist)
        if isinstance(artist, Axes)
        else isinstance(artist, FigureBase) or may_be_layered(artist)
        for artist in _drawn_by(figure)
    )
