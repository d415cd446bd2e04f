"""Drawing a figure of matplotlib's in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.typing import NDArray

Canvas: TypeAlias = NDArray[np.uint8]

# Before 3.11 the place of a text depended on fractions of a pixel in the canvas's size.
WHOLE_PIXELS = mpl.__version_info__ >= (3, 11)


class Painter:
    """Draws a figure as `savefig` does, with the artists that are animated."""

    def __init__(self, figure: Figure, background: str | None) -> None:
        self._figure = figure
        self._background = np.array([round(255 * part) for part in to_rgba(background or "white")], np.uint8)

    def shape(self) -> tuple[float, float, float]:
        """Width and height in pixels as matplotlib has them for its own canvas, and dots an inch."""
        canvas: Any = self._figure.canvas
        width, height = canvas.get_width_height(physical=True) if WHOLE_PIXELS else self._figure.bbox.size
        return width, height, self._figure.dpi

    def renderer(self) -> Any:
        """One of the figure's size."""
        return RendererAgg(*self.shape())  # type: ignore[no-untyped-call]

    def draw(self, renderer: Any, ground: Canvas | None = None) -> Canvas:
        """The figure on a colour, the background's when none is given: (height, width, 4) bytes of the renderer's."""
        renderer.clear()
        drawn: Canvas = np.asarray(renderer.buffer_rgba())
        drawn[:] = self._background if ground is None else ground
        canvas: Any = self._figure.canvas
        was_saving, canvas._is_saving = canvas._is_saving, True
        try:
            self._figure.draw(renderer)
        finally:
            canvas._is_saving = was_saving
        return drawn


@contextmanager
def drawing_instead(artists: Iterable[Artist], instead: Callable[[Artist], object]) -> Iterator[None]:
    """Call something instead of drawing artists. An attribute of the instance hides the method, and marks nothing."""
    hidden = [(artist, artist.__dict__.get("draw")) for artist in artists]
    try:
        for artist, _ in hidden:
            artist.__dict__["draw"] = lambda *_args, artist=artist, **_kwargs: instead(artist)
        yield
    finally:
        for artist, before in hidden:
            if before is None:
                artist.__dict__.pop("draw", None)
            else:
                artist.__dict__["draw"] = before
