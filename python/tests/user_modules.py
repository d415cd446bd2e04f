"""Imports modules of a user, and renders movies with them in other processes."""

import importlib
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import framemill
import pytest
from reader import decode


def pool(method: str, **options: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context(method), **options)


def levels(movie: Path) -> list[int]:
    return [int(frame.flat[0]) for frame in decode(movie, "gray")]


def render(draw: Any, movie: Path, executor: Any, **options: Any) -> list[int]:
    framemill.render(draw, 10, movie, 25, executor=executor, segment=5, codec="ffv1", pixel_format="gray", **options)
    return levels(movie)


def imported(folder: Path, name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module with this source, as Python does by default."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    sys.modules.pop(name, None)
    (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(folder)
    importlib.invalidate_caches()
    return importlib.import_module(name)
