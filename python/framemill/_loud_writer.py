"""`VideoWriter` behind interfaces in which a writer that is never closed ends its movie."""

from __future__ import annotations

from typing import ClassVar

from ._writer import VideoWriter


class LoudWriter(VideoWriter):
    """A `VideoWriter` whose warning that it was not closed is seen: Python shows no ResourceWarning by default."""

    _forgotten: ClassVar[type[Warning]] = RuntimeWarning
