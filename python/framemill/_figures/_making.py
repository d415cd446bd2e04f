"""Makes layers of a figure in its current state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from ._layers import Layers, NotLayeredError
from ._look import Look
from ._movers import Movers
from ._parts import Part, Parts
from ._reference import saving
from ._titles import Titles
from ._watch import Watch

# Before Matplotlib 3.11, the place of a text depended on fractions of a pixel in the canvas's size.
WHOLE_PIXELS = mpl.__version_info__ >= (3, 11)


def make_layers(parts: Parts, watch: Watch, movers: Movers, look: Look) -> tuple[Layers, Titles]:
    """Make the layers of a figure: draw its still artists.

    Parameters
    ----------
    parts : Parts
        The parts of the figure.
    watch : Watch
        A watch of all parts.
    movers : Movers
        The artists that were seen to change.
    look : Look
        The resolution and the colors to draw with.

    Returns
    -------
    layers : Layers
        The still artists, already drawn.
    titles : Titles
        The titles that are placed in each frame.

    Raises
    ------
    NotLayeredError
        It is not known that layers would be right, and the message is the reason. Or everything changes, and the
        message is empty.
    """
    moving, titled = movers.drawn_in_each_frame(parts, watch)
    whole = {part for part in moving if isinstance(part, Axes)}
    figure: Any = parts.figure
    if any(each.suppressComposite is False for each in parts.figures):
        raise NotLayeredError("images are put together before they are drawn: suppressComposite is False")
    with saving(figure, look.dpi, look.savefig_kwargs), figure._cm_set(layout_engine="none"):
        renderer = _renderer_of(figure)
        order: list[Part] = []
        with _drawing_instead([*parts.leaves, *whole], order.append):
            figure.draw(renderer)
        if all(part in moving or parts.is_patch(part) for part in order):
            raise NotLayeredError("")
        layers = Layers(renderer, order, moving, parts.is_fixture)
        return layers, Titles(titled, moving, renderer)


def _renderer_of(figure: Figure) -> Any:
    canvas: Any = figure.canvas
    width, height = canvas.get_width_height(physical=True) if WHOLE_PIXELS else figure.bbox.size
    return RendererAgg(width, height, figure.dpi)  # type: ignore[no-untyped-call]


@contextmanager
def _drawing_instead(parts: Iterable[Part], instead: Callable[[Part], object]) -> Iterator[None]:
    """Call `instead` for parts instead of drawing them. An instance attribute hides `draw`, and marks nothing stale."""
    hidden = list(dict.fromkeys(parts))
    try:
        for part in hidden:
            part.__dict__["draw"] = lambda *_args, part=part, **_kwargs: instead(part)
        yield
    finally:
        for part in hidden:
            part.__dict__.pop("draw", None)
