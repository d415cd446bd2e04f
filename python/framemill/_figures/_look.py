"""How a figure is drawn: the resolution, and the keywords of `savefig`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

# Keywords of `savefig` that layers support, `transparent` only if it is false.
SUPPORTED = {"facecolor", "edgecolor", "transparent"}


class Look:
    """The resolution and the colors of a frame.

    Parameters
    ----------
    dpi : float
        Dots per inch.
    savefig_kwargs : mapping
        As for `savefig`, without dpi and format.
    """

    def __init__(self, dpi: float, savefig_kwargs: Mapping[str, Any]) -> None:
        self.dpi, self.savefig_kwargs = dpi, savefig_kwargs
        self._colors = _color(savefig_kwargs.get("facecolor")), _color(savefig_kwargs.get("edgecolor"))

    def obstacle(self) -> str | None:
        """Return the settings of `savefig` that layers do not support, for a message; None if there are none."""
        if unknown := self.savefig_kwargs.keys() - SUPPORTED:
            return ", ".join(sorted(unknown))
        transparent = self.savefig_kwargs.get("transparent")
        is_transparent = mpl.rcParams["savefig.transparent"] if transparent is None else transparent
        return "transparent=True" if is_transparent else None

    def matches(self, other: Look) -> bool:
        """Return whether both have the same resolution and colors."""
        return self.dpi == other.dpi and self._colors == other._colors


def with_figure_facecolor(figure: Figure, savefig_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of `savefig`, with the figure's own face color where `Animation.save` replaced it.

    `Animation.save` blends the figure's face color with white, which loses its alpha. Any other face color was chosen
    by the caller and stays.
    """
    given = savefig_kwargs.get("facecolor")
    own = to_rgba(figure.get_facecolor())
    over_white = [own[3] * part + 1 - own[3] for part in own[:3]]
    if given is None or not np.allclose(to_rgba(given)[:3], over_white):
        return dict(savefig_kwargs)
    return {**savefig_kwargs, "facecolor": own}


def _color(color: Any) -> Any:
    """Return a copy of a color, because the caller may change a list of its parts."""
    if color is None or isinstance(color, str):
        return color
    return to_rgba(color)
