"""Progress bars of tqdm, if it is installed."""

from __future__ import annotations

import sys
from typing import Any


def is_seen() -> bool:
    """Return whether a bar can be drawn, on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return False
    try:
        import tqdm  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        return False
    return True


def bar(wanted: bool, total: int | None = None, initial: int = 0) -> Any:
    """Make a bar that counts frames, starting at `initial`; None if no bar is wanted."""
    if not wanted:
        return None
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]
    except ImportError:
        raise ImportError("progress=True needs tqdm: pip install tqdm") from None
    return tqdm(total=total, initial=initial, unit=" frames")
