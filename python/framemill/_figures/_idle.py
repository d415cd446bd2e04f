"""Handles calls of `draw_idle` while a movie is made."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

# The module whose calls of `draw_idle` are deferred, because each frame is drawn again when it is grabbed.
ANIMATION = "matplotlib.animation"


class DeferredDrawIdle:
    """Replaces a figure's `canvas.draw_idle` for calls of an animation.

    Without a window, `draw_idle` draws at once. An animation calls it after each update, and then grabs the frame,
    which draws it again. So the drawing by `draw_idle` is deferred until the frame is grabbed. Calls from other code
    draw at once. Several writers of one figure may each have a `DeferredDrawIdle`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    """

    _of_canvases: WeakKeyDictionary[FigureCanvasBase, WeakSet[DeferredDrawIdle]] = WeakKeyDictionary()

    def __init__(self, figure: Figure) -> None:
        self._canvas: Any = figure.canvas
        self._called = False
        all_of_canvas = self._of_canvases.setdefault(self._canvas, WeakSet())
        all_of_canvas.add(self)
        if not isinstance(vars(self._canvas).get("draw_idle"), _Deferred) and _draws_at_once(self._canvas):
            vars(self._canvas)["draw_idle"] = _Deferred(self._canvas.draw_idle, all_of_canvas)

    def take_was_called(self) -> bool:
        """Return whether an animation called `draw_idle`, and would have drawn, since the last call."""
        called, self._called = self._called, False
        return called

    def defer(self) -> None:
        """Record that an animation called `draw_idle`."""
        self._called = True

    def close(self) -> None:
        """Restore `draw_idle` when the last writer of the canvas closes."""
        all_of_canvas = self._of_canvases.get(self._canvas)
        if all_of_canvas is not None:
            all_of_canvas.discard(self)
        if not all_of_canvas and isinstance(vars(self._canvas).get("draw_idle"), _Deferred):
            del self._canvas.draw_idle


class _Deferred:
    """The replacement of a canvas's `draw_idle`."""

    def __init__(self, draw_idle: Callable[..., Any], writers: WeakSet[DeferredDrawIdle]) -> None:
        self._draw_idle = draw_idle
        self._writers = writers

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        if self._writers and sys._getframe(1).f_globals.get("__name__") == ANIMATION:
            for writer in self._writers:
                writer.defer()
        else:
            self._draw_idle(*args, **kwargs)


def _draws_at_once(canvas: Any) -> bool:
    """Return whether the canvas has Matplotlib's default `draw_idle`, which draws immediately.

    Canvases in a window draw later.
    """
    return getattr(canvas.draw_idle, "__func__", None) is FigureCanvasBase.draw_idle
