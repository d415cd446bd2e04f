"""With what a figure is drawn: the resolution, and the keywords of `savefig`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba

# Keywords of `savefig` that layers can follow.
FOLLOWED = {"facecolor", "edgecolor", "transparent"}


class Look:
    """The resolution and the colors of a frame.

    Parameters
    ----------
    dpi : float
        Dots an inch.
    savefig_kwargs : mapping
        As for `savefig`, without dpi and format.
    """

    def __init__(self, dpi: float, savefig_kwargs: Mapping[str, Any]) -> None:
        self.dpi, self.savefig_kwargs = dpi, savefig_kwargs
        self._colors = savefig_kwargs.get("facecolor"), savefig_kwargs.get("edgecolor")

    def obstacle(self) -> str | None:
        """What `savefig` is given that layers cannot follow; None where there is nothing."""
        if unknown := self.savefig_kwargs.keys() - FOLLOWED:
            return ", ".join(sorted(unknown))
        transparent = self.savefig_kwargs.get("transparent")
        is_transparent = mpl.rcParams["savefig.transparent"] if transparent is None else transparent
        return "transparent=True" if is_transparent else None

    def is_as(self, other: Look) -> bool:
        """Whether both are the same."""
        pairs = zip(self._colors, other._colors, strict=True)
        return self.dpi == other.dpi and all(one is two or _is_same_color(one, two) for one, two in pairs)


def _is_same_color(color: Any, other: Any) -> bool:
    if color is None or other is None or isinstance(color, str) or isinstance(other, str):
        return bool(np.array_equal(color, other))
    return to_rgba(color) == to_rgba(other)
