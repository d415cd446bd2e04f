"""When `draw_idle` is called while a movie is made."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure


class Idle:
    """Takes the place of a figure's `canvas.draw_idle`, which without a window draws at once, for a frame that is drawn
    again when it is grabbed. Several writers of one figure may each have one.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    """

    _of_figures: WeakKeyDictionary[Figure, WeakSet[Idle]] = WeakKeyDictionary()

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._was_called = False
        all_of_figure = self._of_figures.setdefault(figure, WeakSet())
        if not all_of_figure:
            canvas: Any = figure.canvas
            # What a window does later, while nothing else is to be done, is no part of the movie.
            draws_at_once = canvas.draw_idle.__func__ is FigureCanvasBase.draw_idle

            def draw_idle(*_args: object, **_kwargs: object) -> None:
                for idle in all_of_figure:
                    idle._was_called = draws_at_once

            canvas.draw_idle = draw_idle
        all_of_figure.add(self)

    def take(self) -> bool:
        """Whether `draw_idle` was called, and would have drawn, since this was asked last."""
        was_called, self._was_called = self._was_called, False
        return was_called

    def close(self) -> None:
        """Give `draw_idle` back, if no other writer has it."""
        all_of_figure = self._of_figures.get(self._figure)
        if all_of_figure is None:
            return
        all_of_figure.discard(self)
        if not all_of_figure:
            del self._of_figures[self._figure]
            vars(self._figure.canvas).pop("draw_idle", None)
