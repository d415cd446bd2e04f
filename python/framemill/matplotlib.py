"""Movies of Matplotlib animations: `animation.save("m.mp4", writer="framemill")`.

Importing this module registers the writer. For each frame, the writer redraws only the parts that changed, if that is
known to give the same picture; see `framemill._figures`. `render` saves an animation whose frames are drawn by many
workers.

>>> import framemill.matplotlib
>>> animation.save("demo.mp4", writer="framemill", dpi=100)  # doctest: +SKIP
"""

from __future__ import annotations

from matplotlib.animation import writers

from ._animation_writer import FrameMillWriter
from ._figures import Drawing
from ._rendering._animation import render

__all__ = ["Drawing", "FrameMillWriter", "render"]

writers.register("framemill")(FrameMillWriter)
