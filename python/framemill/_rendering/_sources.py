"""The user's modules, which workers import from their files: they must get what the calling process has."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError
from ._code import Found
from ._description import FILLED, described
from ._modules import is_installed_path, path_of, source_digest
from ._source_files import SourceFile, is_edited, source_file


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
    state : frozenset of str
        Variables of functions and classes that do not count, because code sets them.
    python : str
        The version of Python, which compiles functions.
    """

    digest: str | None
    is_edited: bool
    values: Mapping[str, str]
    state: frozenset[str]
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
    for name, used in _with_origins(found.used_names).items():
        module = sys.modules.get(name)
        if module is not None and _is_imported_from_file(module):
            digest, file = _file_of(module)
            state = frozenset(found.set_names) | file.state
            compared = [each for each in sorted(used) if _must_match(module, each, found, file)]
            values = {each: _digest(module, each, state) for each in compared}
            sources[name] = Source(digest, is_edited(module), values, state, sys.version)
    return sources


def _with_origins(used_names: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the names that are used of each module, and those that it imports from others."""
    used: dict[str, set[str]] = {}
    waiting = [(module, name) for module, names in used_names.items() for name in names]
    while waiting:
        module_name, name = waiting.pop()
        if name in used.setdefault(module_name, set()):
            continue
        used[module_name].add(name)
        module = sys.modules.get(module_name)
        if module is None or not _is_imported_from_file(module):
            continue
        _, file = _file_of(module)
        if name in file.imports:
            origin, original = file.imports[name]
            # The file may have been edited, and import what does not exist.
            with contextlib.suppress(ImportError):
                waiting.append((importlib.util.resolve_name(origin, module.__package__ or None), original))
    return used


def _file_of(module: types.ModuleType) -> tuple[str | None, SourceFile]:
    """Return the digest of a module's file, and what it shows."""
    path = path_of(module)
    assert path is not None
    digest = source_digest(path)
    return digest, source_file(path, digest)


def check_sources(expected: Mapping[str, Source]) -> None:
    """Check that a worker has the modules of the calling process.

    Raises
    ------
    SettingsError
        It has others.
    """
    is_already_checked = expected in _checked
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
        if not is_already_checked and source.python == sys.version:
            _check_values(module, source)
    if not is_already_checked:
        _checked.append(expected)
        del _checked[:-MAX_CHECKED]


def _check_values(module: types.ModuleType, source: Source) -> None:
    path = path_of(module)
    for each, digest in source.values.items():
        if _digest(module, each, source.state) != digest:
            raise SettingsError(
                f"workers have another {module.__name__}.{each} than this process: {path} was changed after the import,"
                f" or {each} was set by other code. Restart this process and the workers, or pass {each} to draw"
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


def _digest(module: types.ModuleType, name: str, state: frozenset[str]) -> str:
    """Return the digest of the object with this name in a module."""
    value = _value(module, name)
    text = repr(described(value, state) or type(value).__qualname__)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _must_match(module: types.ModuleType, name: str, found: Found, file: SourceFile) -> bool:
    """Return whether the object with this name in a module must be the same in each worker.

    These are functions, classes, and constants, unless code was found that changes them.
    """
    value = _value(module, name)
    is_looked_up = any(vars(module) is known for known in found.variables)
    is_set_by_name = "setattr" in found.names and name in found.words
    if value is MISSING or is_looked_up or is_set_by_name or name in file.state:
        return False
    if name not in file.constants:
        description = described(value, frozenset(found.set_names) | file.state)
        return description is not None and description[0] != "constant"
    is_filled = isinstance(value, FILLED) and (not value or name in found.changed_names | file.changed)
    return name not in found.set_names and not is_filled
