"""The user's modules, which workers import from their files: they must get what the calling process has."""

from __future__ import annotations

import functools
import hashlib
import importlib.machinery
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError
from ._code import Found
from ._description import described
from ._modules import is_installed_path, path_of, source_digest
from ._source_files import constants_of, is_edited


@dataclass(frozen=True)
class Source:
    """A module that workers import.

    Attributes
    ----------
    digest : str or None
        The digest of its file.
    is_edited : bool
        Whether its file was edited after it was imported.
    values : dict
        The digests of its functions, classes and constants that decide frames, by their qualified names.
    set_names : frozenset of str
        Attributes that code sets, which do not count in classes.
    python : str
        The version of Python, which compiles functions.
    """

    digest: str | None
    is_edited: bool
    values: Mapping[str, str]
    set_names: frozenset[str]
    python: str


# For each module its specification, which a reload replaces, and the digest of its file when this process first saw it.
_first_digests: dict[str, tuple[Any, str | None]] = {}
# The value of a name that a module does not have.
MISSING = object()
# The most movies whose sources are remembered.
MAX_CHECKED = 16
# The sources that this process had when it began to draw with them. Drawing may set variables of modules.
_checked: list[Mapping[str, Source]] = []


def sources_of(found: Found) -> dict[str, Source]:
    """Return the modules with functions that decide frames."""
    sources = {}
    for name, used in found.used_names.items():
        module = sys.modules.get(name)
        if module is not None and _is_imported_from_file(module):
            set_names = frozenset(found.set_names)
            compared = [each for each in sorted(used) if _is_compared(module, each, found)]
            values = {each: _digest(module, each, set_names) for each in compared}
            sources[name] = Source(source_digest(path_of(module)), is_edited(module), values, set_names, sys.version)
    return sources


def check_sources(expected: Mapping[str, Source]) -> None:
    """Check that a worker has the modules of the calling process.

    Raises
    ------
    SettingsError
        It has others.
    """
    is_begun = expected in _checked
    for name, source in expected.items():
        module = sys.modules.get(name)
        if module is None or not _is_imported_from_file(module):
            continue
        path = path_of(module)
        spec, _ = _first_digests.get(name, (None, None))
        if spec is not module.__spec__:
            _first_digests[name] = module.__spec__, source_digest(path)
        if _first_digests[name][1] != source.digest:
            raise SettingsError(
                f"a worker has imported another version of {path} than the process that makes the movie: do not change"
                " modules while a movie is made; start it again, with new workers"
            )
        if not is_begun and source.python == sys.version:
            _check_values(module, source)
    if not is_begun:
        _checked.append(expected)
        del _checked[:-MAX_CHECKED]


def _check_values(module: types.ModuleType, source: Source) -> None:
    path = path_of(module)
    for each, digest in source.values.items():
        if _digest(module, each, source.set_names) != digest:
            raise SettingsError(
                f"workers have another {module.__name__}.{each} than this process: {path} was changed after the import,"
                f" or {each} was set by other code. Restart this process and the workers, or pass the value to draw"
            )
    if source.is_edited and not is_edited(module):
        raise SettingsError(
            f"workers import {path} as it is now, but this process has an earlier version: it was changed after the"
            " import. Reload it, or restart this process"
        )


def _is_imported_from_file(module: types.ModuleType) -> bool:
    """Return whether another process gets the module from its file, as it is there."""
    path = path_of(module)
    # Some loaders change the code that they load, such as the one of pytest.
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    is_plain = type(loader) is importlib.machinery.SourceFileLoader
    return is_plain and path is not None and not is_installed_path(path) and module.__name__ != "__main__"


def _value(module: types.ModuleType, name: str) -> Any:
    """Return what has this qualified name in a module; `MISSING` if nothing."""
    try:
        return functools.reduce(getattr, name.split("."), module)
    except Exception:
        # It is inside a function, or an object raises something else.
        return MISSING


def _digest(module: types.ModuleType, name: str, set_names: frozenset[str]) -> str:
    """Return the digest of what has this name in a module."""
    value = _value(module, name)
    text = repr(described(value, set_names) or type(value).__qualname__)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_compared(module: types.ModuleType, name: str, found: Found) -> bool:
    """Return whether what has this name in a module must be the same in each worker.

    These are functions, classes, and constants: what a module sets once, to the same value in each process, and what no
    code was found to change.
    """
    value = _value(module, name)
    description = None if value is MISSING else described(value, frozenset(found.set_names))
    if description is not None and description[0] != "constant":
        return True
    is_changed = any(vars(module) is known for known in found.variables) or name in found.set_names
    if value is MISSING or "." in name or is_changed:
        return False
    path = path_of(module)
    assert path is not None
    is_filled = isinstance(value, (list, dict, set)) and (not value or name in found.changed_names)
    return name in constants_of(path, source_digest(path)) and not is_filled
