"""Draws a figure in full, as Matplotlib's own writer does.

While `Animation.save` runs, Matplotlib draws each frame twice: `draw_idle` draws at once if there is no window, at the
figure's resolution, and `savefig` draws again at the movie's resolution. With a layout engine, `savefig` also runs an
additional layout pass before it draws. Only the last drawing is seen, but each of them may move things.

`Reference` does the same, but skips two steps if they cannot change the result: the first drawing, if every artist is
Matplotlib's and draws the same each time, and a layout pass, if the pass before it moved nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from typing import Any, TypeAlias, cast

import matplotlib as mpl
import numpy as np
from matplotlib import cbook
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from numpy.typing import NDArray

from ._parts import has_filters

Pixels: TypeAlias = NDArray[np.uint8]


class _PixelFile(io.RawIOBase):
    """A file that keeps the pixels that `savefig` writes into it, without a copy."""

    canvas: Pixels

    def writable(self) -> bool:
        return True

    def write(self, pixels: Any) -> int:
        self.canvas = np.asarray(pixels)
        return self.canvas.nbytes


class Reference:
    """Draws a figure in full.

    Attributes
    ----------
    moved : bool
        Whether the layout engine moved anything in the last drawing.
    """

    def __init__(self, figure: Figure) -> None:
        self.moved = False
        self._figure = figure

    def draw(
        self, dpi: float, savefig_kwargs: Mapping[str, Any], *, draw_idle_called: bool, draws_once: bool
    ) -> Pixels:
        """Draw the figure as it is now.

        Parameters
        ----------
        dpi : float
            Dots per inch.
        savefig_kwargs : mapping
            As for `savefig`, without dpi and format.
        draw_idle_called : bool
            Whether `draw_idle` was called since the last frame. Matplotlib's own writer would have drawn at that call.
        draws_once : bool
            Whether everything in the figure draws itself the same each time.

        Returns
        -------
        numpy.ndarray
            (height, width, 4) bytes of RGBA. The next drawing overwrites them.
        """
        engine = layout_engine(self._figure)
        if engine is None:
            self.moved = False
            return self._draw(dpi, savefig_kwargs, draw_idle_called and not draws_once)
        before = _positions(self._figure)
        try:
            if not draws_once:
                return self._draw(dpi, savefig_kwargs, draw_idle_called)
            moves_nothing = draw_idle_called and not self._lay_out(engine) and dpi == self._figure.dpi
            if not moves_nothing:
                with saving(self._figure, dpi, savefig_kwargs):
                    self._lay_out(engine)
            with self._figure._cm_set(layout_engine="none"):  # type: ignore[attr-defined]
                return self._save(dpi, savefig_kwargs)
        finally:
            self.moved = before != _positions(self._figure)

    def _draw(self, dpi: float, savefig_kwargs: Mapping[str, Any], draws_idle: bool) -> Pixels:
        if draws_idle:
            self.draw_idle()
        return self._save(dpi, savefig_kwargs)

    def draw_idle(self) -> None:
        """Do what `draw_idle` does on a canvas without a window, except for the pixels, which are not needed."""
        canvas: Any = self._figure.canvas
        if not isinstance(canvas, FigureCanvasAgg):
            type(canvas).draw_idle(canvas)
            return
        renderer: Any = canvas.get_renderer()  # type: ignore[no-untyped-call]
        with nullcontext() if has_filters(self._figure) else renderer._draw_disabled():
            renderer.clear()
            self._figure.draw(renderer)

    def _save(self, dpi: float, savefig_kwargs: Mapping[str, Any]) -> Pixels:
        pixels = _PixelFile()
        # A tight box would give each frame a size of its own.
        tight = mpl.rcParams["savefig.bbox"] is not None
        with mpl.rc_context({"savefig.bbox": None}) if tight else nullcontext():
            self._figure.savefig(cast("Any", pixels), format="rgba", dpi=dpi, **savefig_kwargs)
        return pixels.canvas

    def _lay_out(self, engine: Any) -> bool:
        """Run a layout pass, as drawing does first. Return whether it moved anything."""
        figure: Any = self._figure
        before = _positions(figure)
        figure._get_draw_artists(figure._get_renderer())
        if figure.axes:
            # Matplotlib ignores this error, too.
            with suppress(ValueError):
                engine.execute(figure)
        return before != _positions(figure)


def fit_axes(figure: Any) -> None:
    """Fit all axes into their places, as drawing a figure does first.

    Artists that are drawn before an inset, such as its connecting lines, depend on its place.
    """
    figure._get_draw_artists(figure._get_renderer())
    for part in figure.subfigs:
        fit_axes(part)


def ensure_agg(figure: Figure) -> Callable[[], None]:
    """Give a figure that was made without pyplot a canvas that draws with Agg, as `savefig` does for each frame.

    Returns
    -------
    callable
        Gives the figure its own canvas back.
    """
    own = figure.canvas
    if type(own) is not FigureCanvasBase:
        return lambda: None
    canvas = FigureCanvasAgg(figure)

    def give_back() -> None:
        if figure.canvas is canvas:
            figure.set_canvas(own)

    return give_back


def resolution_of(figure: Figure) -> float:
    """Return the dots per inch that `savefig` uses for a figure by default."""
    dpi = mpl.rcParams["savefig.dpi"]
    return float(getattr(figure, "_original_dpi", figure.dpi) if dpi == "figure" else dpi)


def layout_engine(figure: Figure) -> Any:
    """Return the layout engine that may move something; None if there is none."""
    engine = figure.get_layout_engine()
    return None if isinstance(engine, PlaceHolderLayoutEngine) else engine


@contextmanager
def saving(figure: Figure, dpi: float, savefig_kwargs: Mapping[str, Any]) -> Iterator[None]:
    """Put the figure in the state that `savefig` sets while it draws, except for the layout engine."""
    canvas: Any = figure.canvas
    with ExitStack() as stack:
        # Without a manager, no window is resized.
        stack.enter_context(cbook._setattr_cm(canvas, manager=None))
        stack.enter_context(cbook._setattr_cm(figure, dpi=dpi))
        stack.enter_context(cbook._setattr_cm(canvas, _device_pixel_ratio=1, _is_saving=True))
        settings: Any = mpl.rcParams
        for name in ("facecolor", "edgecolor"):
            color = savefig_kwargs.get(name)
            color = settings[f"savefig.{name}"] if color is None else color
            if not (isinstance(color, str) and color == "auto"):
                stack.enter_context(figure._cm_set(**{name: color}))  # type: ignore[attr-defined]
        yield


def _positions(figure: Figure) -> list[float]:
    """Return the positions that a layout engine sets. A tiny shift can round a text to another pixel."""
    places = list(vars(figure.subplotpars).values())
    for axes in figure.axes:
        places += [*axes.get_position(original=True).bounds, *axes.get_position().bounds]
    return places
