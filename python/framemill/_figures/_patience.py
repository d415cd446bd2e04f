"""Decides when to inspect a figure, and when to make layers, which take the time of several full drawings."""

from __future__ import annotations

# Layers that last for fewer frames than this are not worth making.
WORTHWHILE = 8
# The largest number of frames for which a figure must rest before layers are made again. Also the longest period, in
# frames, between inspections of a figure while everything changes.
MAX_WAIT_FRAMES = 64
# The number of frames in a row that are inspected in each period.
LOOKS = 3


class Patience:
    """Counts frames, and grows when layers do not last."""

    def __init__(self) -> None:
        self._full_in_a_row = self._layered_in_a_row = 0
        # For how many frames the figure must rest before layers are made, and for how many it still must.
        self._needed = self._left = 1

    def drew_in_full(self) -> bool:
        """Record a frame drawn in full. Return whether to inspect the figure: rarely while everything changes."""
        self._full_in_a_row += 1
        period = min(MAX_WAIT_FRAMES, 1 << (self._full_in_a_row.bit_length() - 1))
        return self._full_in_a_row % period < LOOKS

    def drew_layers(self) -> None:
        """Record a frame drawn from layers."""
        self._full_in_a_row = 0
        self._layered_in_a_row += 1

    def is_over(self, rests: bool) -> bool:
        """Record whether the figure changed in a frame. Return whether it has been still long enough."""
        self._left = self._left - 1 if rests else self._needed
        return self._left <= 0

    def begin_layers(self) -> None:
        """Record that there are new layers."""
        self._layered_in_a_row = 0

    def end_layers(self) -> None:
        """Record that the layers are not usable any more."""
        if self._layered_in_a_row < WORTHWHILE:
            self.wait_longer()
        elif self._layered_in_a_row >= MAX_WAIT_FRAMES:
            self._needed = 1
        self._left = self._needed

    def wait_longer(self) -> None:
        """Wait longer, because layers could not be made or did not last."""
        self._needed = min(2 * self._needed, MAX_WAIT_FRAMES)
        self._left = self._needed
