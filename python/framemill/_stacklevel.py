"""Where a warning points to."""

import sys


def levels_to_the_user() -> int:
    """Return the `stacklevel` at which a warning of the caller points to code outside framemill and Matplotlib."""
    levels, frame = 1, sys._getframe(1)
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in ("framemill", "matplotlib", "contextlib"):
            break
        levels, frame = levels + 1, frame.f_back
    return levels
