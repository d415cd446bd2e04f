"""Finds the parts of a figure that changed since a frame was drawn."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import FigureBase

from ._origin import ClassState
from ._parts import Part, Parts, axis_objects_with_user_tickers, clip_box, has_separable_artists, tick_texts
from ._reference import layout_engine
from ._watching import names_in_code, new_state

# Attributes of a background that `savefig` changes while it draws, and then restores.
OF_BACKGROUNDS = ["_stale", "_original_facecolor", "_original_edgecolor"]
# What decides where and how an artist that moves is drawn: below which others, within which pixels, with which effects.
PLACE = ["zorder", "clipbox", "_clipon", "_clippath", "_path_effects", "_agg_filter", "_in_layout", "_animated"]


class Watch:
    """A snapshot of everything that decides how the still parts of a figure are drawn.

    Parameters
    ----------
    parts : Parts
        The parts of the figure.
    moving : collection of artists
        Those that are drawn in each frame, which are not watched: artists, and axes with all that is in them.
    """

    def __init__(self, parts: Parts, moving: Collection[Part] = ()) -> None:
        self._parts = parts
        self._state = new_state()
        self._texts: list[tuple[Axes, Axis, list[Any]]] = []
        whole = {part for part in moving if isinstance(part, Axes)}
        for part, number in parts.numbers.items():
            if part in moving or parts.is_inside(part, whole):
                continue
            if isinstance(part, Axes):
                self._add_axes(part, number)
            elif isinstance(part, FigureBase):
                self._state.add(number, part, parts.name(part), _user_attributes(part))
            else:
                self._state.add(number, part, parts.name(part))
        for figure in parts.subfigures:
            self._state.add(0, figure, "a subfigure", _user_attributes(figure))
        for figure in parts.figures:
            self._state.add(0, figure.patch, f"{parts.name(figure)}.patch", OF_BACKGROUNDS)
        self._aligned = _aligned(parts)
        if layout_engine(parts.figure) is not None:
            self._add_grids()
        self._state.add(0, mpl.rcParams, "rcParams")
        self._add_places(moving)
        self._classes = ClassState({type(part) for part in (*parts.figures, *parts.axes, *parts.leaves)})

    def _add_axes(self, axes: Axes, number: int) -> None:
        # `findobj` may change ticks, so it is called first.
        artists = [] if has_separable_artists(axes) else axes.findobj()
        name = self._parts.name(axes)
        self._state.add(number, axes, name, [*_user_attributes(axes), *_ignored(axes)])
        for artist in artists:
            self._state.add(number, artist, f"{name}: {type(artist).__name__}")
        self._texts += [(axes, axis, tick_texts(axis)) for axis in axis_objects_with_user_tickers(axes)]

    def _add_grids(self) -> None:
        """Watch the grids in which a layout engine places axes."""
        for axes in self._parts.axes:
            if (spec := axes.get_subplotspec()) is not None:
                self._state.add(0, spec, f"{self._parts.name(axes)}.subplotspec")

    def _add_places(self, moving: Collection[Part]) -> None:
        """Watch where the moving parts are drawn. A change there counts as a change of the figure."""
        for part in moving:
            name = self._parts.name(part)
            self._state.add_attributes(0, part, name, PLACE)
            if (box := clip_box(part)) is not None:
                self._state.add(0, box, f"{name}.clipbox")

    def changed(self) -> dict[Part, str]:
        """Return the parts that changed, and the first change of each."""
        all_axes: list[Any] = self._parts.axes
        if any(any(axes._stale_viewlims.values()) for axes in all_axes):
            for axes in all_axes:
                # Stale limits are computed when they are read.
                _ = axes.viewLim
        changed = {self._parts.all[number]: path for number, path in self._state.changed()}
        if _aligned(self._parts) != self._aligned:
            changed.setdefault(self._parts.figure, "the figure's aligned labels")
        if (kind := self._classes.changed()) is not None:
            changed.setdefault(self._parts.figure, f"Matplotlib's class {kind}")
        for axes, axis, texts in self._texts:
            if axes not in changed and tick_texts(axis) != texts:
                untyped: Any = axis
                changed[axes] = f"{self._parts.name(axes)}.{untyped.axis_name}axis.majorTicks"
        return changed

    def unwatchable(self) -> dict[Part, str]:
        """Return the parts that cannot be watched completely, and the reason for each."""
        return {self._parts.all[number]: path for number, path in self._state.unwatchable()}

    def dependents(self) -> set[tuple[Part, Part]]:
        """Return pairs of parts: the first must be drawn again when the second changes."""
        found: set[tuple[Part, Part]] = set()
        for artist, numbers in self._state.shared(Artist):
            if getattr(artist.axes, "patch", None) is artist:
                # The patch that clips all lines of its axes moves only with these axes.
                continue
            main = self._parts.all[self._parts.numbers.get(artist, min(numbers))]
            found |= {(part, main) for part in (self._parts.all[number] for number in numbers) if part is not main}
        # When axes change, all that is in them is drawn with them.
        return {(part, main) for part, main in found if self._parts.axes_of(part) is not main}


def _aligned(parts: Parts) -> list[Any]:
    """Return the groups of axes whose labels and titles are aligned with each other, as ids."""
    groups: list[Any] = []
    for figure in parts.figures:
        for grouper in vars(figure).get("_align_label_groups", {}).values():
            groups += [[id(each) for each in group] for group in grouper]
    return groups


def _user_attributes(container: Artist) -> list[str]:
    """Return attributes of axes or a figure that Matplotlib's code does not use: users may store anything there."""
    return [name for name in vars(container) if name not in names_in_code(type(container))]


def _ignored(axes: Axes) -> list[str]:
    """Return the attributes that do not decide how axes are drawn: data limits, unless they decide the view limits."""
    fits_data = axes.get_aspect() != "auto" and axes.get_adjustable() == "datalim"
    return [] if fits_data else ["dataLim"]
