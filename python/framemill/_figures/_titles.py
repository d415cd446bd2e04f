"""Places titles that change."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from matplotlib import cbook
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.transforms import BboxBase

from ._parts import Part


class Titles:
    """Places the titles of axes as drawing does, without measuring again what did not change.

    Before axes are drawn, their titles move above the ticks and labels at the top, also those of twins and insets.

    Parameters
    ----------
    axes : iterable of axes
        Axes whose titles change.
    moving : set of artists
        What is drawn in each frame. Axes among them are measured each time.
    renderer : RendererAgg
        The renderer that measures ticks and labels.
    """

    def __init__(self, axes: Iterable[Axes], moving: set[Part], renderer: Any) -> None:
        self._axes: list[Any] = list(axes)
        self._renderer = renderer
        near = {other for each in self._axes for other in near_axes(each)} - moving
        self._boxes: dict[Axis, BboxBase | None] = {
            axis: axis.get_tightbbox(renderer) for other in near for axis in (other.xaxis, other.yaxis)
        }

    def place(self) -> None:
        """Place the titles."""
        if not self._axes:
            return
        with ExitStack() as stack:
            for axis, box in self._boxes.items():
                measured = lambda *_args, box=box, **_kwargs: box  # noqa: E731
                stack.enter_context(cbook._setattr_cm(axis, get_tightbbox=measured))
            for axes in self._axes:
                axes._update_title_position(self._renderer)


def near_axes(axes: Any) -> set[Any]:
    """Return the axes whose ticks and labels the titles of `axes` avoid."""
    near = {axes, *axes.child_axes, *axes._twinned_axes.get_siblings(axes)}
    aligned = axes.figure._align_label_groups.get("title")
    return near if aligned is None else near.union(aligned.get_siblings(axes))
