"""Matplotlib's settings, which decide what figures look like."""

from __future__ import annotations

import sys
from typing import Any

# Settings of windows, which workers do not have.
OF_WINDOWS = ("backend", "backend_fallback", "interactive", "toolbar")


def matplotlib_settings() -> dict[str, Any] | None:
    """Return the settings of Matplotlib, except for those of windows; None if it is not imported."""
    mpl = sys.modules.get("matplotlib")
    if mpl is None:
        return None
    return {name: value for name, value in dict.items(mpl.rcParams) if name not in OF_WINDOWS}
