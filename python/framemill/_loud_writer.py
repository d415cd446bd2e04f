"""A `VideoWriter` for the interfaces of imageio and OpenCV, whose own writers finish a movie that nobody closes."""

from __future__ import annotations

from typing import ClassVar

from ._writer import VideoWriter


class LoudWriter(VideoWriter):
    """A `VideoWriter` that warns visibly if it was not closed: Python hides ResourceWarning by default."""

    _forgotten: ClassVar[type[Warning]] = RuntimeWarning
