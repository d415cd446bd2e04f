"""The moving artists of a figure: those seen to change, animated ones, and those that must be drawn with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from ._layers import NotLayeredError
from ._parts import Part, Parts, is_out_of_layouts, may_be_layered
from ._reference import layout_engine
from ._titles import near_axes
from ._watch import Watch


class Movers:
    """The artists that were seen to change from one frame to the next."""

    def __init__(self) -> None:
        # Artists that changed in some frame, and axes that changed as a whole in two frames in a row.
        self.artists: set[Artist] = set()
        self.axes: set[Axes] = set()
        self._axes_before: set[Axes] = set()

    def note(self, changed: Collection[Part], parts: Parts) -> bool:
        """Record what changed since the last frame. Return whether all of it was known to move."""
        axes = {part for part in changed if isinstance(part, Axes)}
        artists = {part for part in changed if not (isinstance(part, Axes) or parts.is_inside(part, axes))}
        artists.discard(parts.figure)
        again = axes & self._axes_before
        all_were_moving = (
            all(part in self.artists or part.get_animated() for part in artists) and axes <= self.axes | again
        )
        self.artists |= artists
        self.axes |= again
        self._axes_before = axes
        return all_were_moving

    def forget_axes(self, axes: Iterable[Axes]) -> None:
        """Record that some axes do not change as a whole any more."""
        self.axes.difference_update(axes)

    def keep(self, parts: Parts) -> None:
        """Forget artists that are not part of the figure any more."""
        self.artists.intersection_update(parts.all)
        self.axes.intersection_update(parts.axes)

    def drawn_in_each_frame(self, parts: Parts, watch: Watch) -> tuple[set[Part], set[Axes]]:
        """Return what would be drawn in each frame if layers were made now.

        Parameters
        ----------
        parts : Parts
            The parts of the figure.
        watch : Watch
            A watch of all parts.

        Returns
        -------
        moving : set of artists
            Artists, and axes that are drawn as a whole.
        titled : set of axes
            Axes whose titles are placed in each frame.

        Raises
        ------
        NotLayeredError
            It is not known that layers would be right. The message is the reason.
        """
        unwatchable, dependents = watch.unwatchable(), watch.dependents()
        if parts.figure in unwatchable:
            raise NotLayeredError(f"{unwatchable[parts.figure]} cannot be watched")
        whole = {part for part in unwatchable if isinstance(part, Axes)} | self.axes
        whole = _with_dependents(parts, whole, dependents)
        moving: set[Part] = set(whole)
        moving |= self.artists
        moving |= {leaf for leaf in parts.leaves if leaf.get_animated() and not parts.is_fixture(leaf)}
        moving |= {leaf for leaf in parts.leaves if not parts.is_fixture(leaf) and not may_be_layered(leaf)}
        moving |= {part for part in unwatchable if part is not parts.figure}
        moving |= {part for part, _ in dependents if part is not parts.figure and not isinstance(part, Axes)}
        titled = {axes for axes in parts.axes if not moving.isdisjoint(parts.titles(axes))}
        # A secondary axis is among the artists that move.
        titled |= {axes for axes in parts.axes if not moving.isdisjoint(near_axes(axes))}
        titled -= whole
        for axes in titled:
            moving.update(parts.titles(axes))
        moving = {part for part in moving if not parts.is_inside(part, whole)}
        titled = {axes for axes in titled if not parts.is_inside(axes, whole)}
        _check_layout(parts, moving)
        return moving, titled


def _with_dependents(parts: Parts, whole: set[Axes], dependents: set[tuple[Part, Part]]) -> set[Axes]:
    """Return axes that change as a whole, and those that change with them."""
    if not whole:
        return whole
    figures = [parts.figure, *parts.subfigures]
    groups = [group for figure in figures for group in figure._align_label_groups.values()]  # type: ignore[attr-defined]
    if any(len(axes) > 1 for group in groups for axes in group):
        raise NotLayeredError("labels are aligned across axes, some of which change as a whole")
    whole, before = set(whole), 0
    while len(whole) > before:
        before = len(whole)
        for part, other in dependents:
            if isinstance(part, Axes) and other in whole:
                whole.add(part)
        for axes in list(whole):
            whole.update(axes.get_shared_x_axes().get_siblings(axes))
            whole.update(axes.get_shared_y_axes().get_siblings(axes))
    return whole.intersection(parts.axes)


def _check_layout(parts: Parts, moving: set[Part]) -> None:
    engine = layout_engine(parts.figure)
    if engine is None:
        return
    for part in moving:
        if isinstance(part, Axes) or not is_out_of_layouts(part):
            raise NotLayeredError(f"the layout may depend on {parts.name(part)}, which changes")
