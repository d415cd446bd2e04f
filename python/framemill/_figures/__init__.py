"""Draws a Matplotlib figure repeatedly, and redraws only what changed.

`Drawer` decides for each frame. It draws in full as Matplotlib's own writer does (`_reference`), or puts the frame
together from layers (`_layers`) where that is known to give the same picture: only when nothing changed that drawing
reads, other than what is redrawn (`_watch`). Some frames are drawn both ways and compared (`_checks`).
"""

from ._drawer import Drawer
from ._record import Drawing
from ._reference import ensure_agg, resolution_of

__all__ = ["Drawer", "Drawing", "ensure_agg", "resolution_of"]
