"""Records how the frames of a movie were drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# The largest number of reasons that are counted separately.
MAX_REASONS = 50
# The most frequent reason is shown if more than one in this many frames was drawn in full.
NOTEWORTHY = 5
OTHER_REASONS = "other reasons"


@dataclass
class Drawing:
    """How the frames of a movie were drawn.

    Attributes
    ----------
    layered : int
        Frames composed from layers: only what changed was drawn.
    full : int
        Frames drawn in full.
    checked : int
        Frames that were drawn both ways and compared. They count as layered if both are alike.
    reasons : collections.Counter
        Why frames were drawn in full, and how many for each reason.
    doubtful : list of (int, int)
        The first and the last frame of each range that may be wrong: it was composed from layers, and a later check
        found a difference.
    """

    layered: int = 0
    full: int = 0
    checked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    doubtful: list[tuple[int, int]] = field(default_factory=list)

    def __str__(self) -> str:
        text = f"{self.layered} frames from layers, {self.full} in full, {self.checked} checked"
        # A few frames are always drawn in full, to see what moves.
        if self.full > (self.layered + self.full) / NOTEWORTHY:
            reason, count = self.reasons.most_common(1)[0]
            text += f"; mostly in full because {reason} ({count})"
        ranges = ", ".join(f"{first} to {last}" for first, last in self.doubtful)
        return f"{text}; frames {ranges} may be wrong" if ranges else text

    def drew_in_full(self, reason: str) -> None:
        """Count a frame that was drawn in full."""
        self.full += 1
        known = reason in self.reasons or len(self.reasons) < MAX_REASONS
        self.reasons[reason if known else OTHER_REASONS] += 1

    def copy(self) -> Drawing:
        """Return a copy of the current counts."""
        return Drawing(self.layered, self.full, self.checked, Counter(self.reasons), list(self.doubtful))
