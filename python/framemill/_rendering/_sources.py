"""The user's modules, which workers import from their files: they must get what the calling process has."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError
from ._code import Found
from ._description import described, may_be_filled
from ._edits import is_edited
from ._modules import imported_module, is_installed_path, path_of
from ._source_files import SourceFile, source_file


@dataclass(frozen=True)
class Source:
    """A module that workers import.

    Attributes
    ----------
    digest : str or None
        The digest of its file.
    code_digest : str or None
        The digest without comments and docstrings.
    is_edited : bool
        Whether its file was edited after it was imported.
    values : dict
        The digests of its functions, classes and constants that decide frames, by their qualified names.
    state : frozenset of str
        Variables of functions and classes that do not count, because code sets them.
    compiler : (str, int)
        The version of Python, and the level of optimization, with which its functions were compiled.
    """

    digest: str | None
    code_digest: str | None
    is_edited: bool
    values: Mapping[str, str]
    state: frozenset[str]
    compiler: tuple[str, int]


# For each module its specification, which a reload replaces, and its file when this process first saw it.
_first_seen: dict[str, tuple[Any, SourceFile]] = {}
COMPILER = sys.version, sys.flags.optimize
# Functions and attributes by which code may set variables by texts.
SETTING_BY_NAME = frozenset({"setattr", "globals", "vars", "locals", "__dict__", "__globals__", "exec", "modules"})
# The value of a name that a module does not have.
MISSING = object()
# The most movies whose sources are remembered.
MAX_CHECKED = 16
# The sources whose values this process has compared. It does so before it draws with them, because drawing may set
# variables of modules.
_checked: list[Mapping[str, Source]] = []


def sources_of(found: Found) -> dict[str, Source]:
    """Return the modules with functions that decide frames, and those from which they take something."""
    used_names = _with_origins(found.used_names)
    files = {name: source_file(path_of(module)) for name in used_names if (module := _file_module(name)) is not None}
    main_file = source_file(path_of(sys.modules["__main__"]))
    state = found.set_names.union(*(file.state for file in files.values()))
    changed = found.changed_names.union(main_file.changed, *(file.changed for file in files.values()))
    if not SETTING_BY_NAME.isdisjoint(found.names):
        state |= found.words
    sources = {}
    for name, file in files.items():
        module = sys.modules[name]
        values = _digests(module, used_names[name], file, state, changed)
        about = file.digest, file.code_digest, is_edited(module), values, frozenset(state), COMPILER
        sources[name] = Source(*about)
    return sources


def _with_origins(used_names: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the names that are used of each module, and those that its statements use or import from others."""
    used: dict[str, set[str]] = {}
    waiting = [(module, name) for module, names in used_names.items() for name in names]
    while waiting:
        module_name, name = waiting.pop()
        is_new = module_name not in used
        if name in used.setdefault(module_name, set()):
            continue
        used[module_name].add(name)
        module = _file_module(module_name)
        if module is None:
            continue
        file = source_file(path_of(module))
        for one in file.imports:
            if one.alias in (name, "*"):
                waiting.append((_resolved(one.module, module), name if one.alias == "*" else one.name))
        if is_new:
            waiting += [_place_of(each, module) for each in file.used]
    return used


def _place_of(dotted: str, module: types.ModuleType) -> tuple[str, str]:
    """Return the module in which a name such as "settings.GAIN" of a module is, and its name there."""
    name, *names = dotted.split(".")
    for next_name in names:
        value = vars(module).get(name)
        if not isinstance(value, types.ModuleType):
            break
        module, name = value, next_name
    return module.__name__, name


def _resolved(name: str, module: types.ModuleType) -> str:
    """Return the absolute name of a module that another one imports; an empty text if there is none."""
    # The file may have been edited, and import what does not exist.
    with contextlib.suppress(ImportError):
        return importlib.util.resolve_name(name, module.__package__ or None)
    return ""


def check_sources(expected: Mapping[str, Source]) -> None:
    """Check that a worker has the modules of the calling process.

    Raises
    ------
    SettingsError
        It has others.
    """
    is_already_checked = expected in _checked
    for name, source in expected.items():
        if not is_already_checked:
            # The function to draw with may import it later. If that fails, the function raises the error.
            imported_module(name)
        module = _file_module(name)
        if module is None:
            continue
        if not _has_same_code(module, source):
            raise SettingsError(
                f"a worker has imported another version of {path_of(module)} than the process that makes the movie: the"
                " file was changed meanwhile. Start the movie again, with new workers"
            )
        if not is_already_checked and source.compiler == COMPILER:
            _check_values(module, source)
    if not is_already_checked:
        _checked.append(expected)
        del _checked[:-MAX_CHECKED]


def _has_same_code(module: types.ModuleType, source: Source) -> bool:
    """Return whether this process imported the same code. Comments and docstrings do not count."""
    spec, file = _first_seen.get(module.__name__, (None, SourceFile()))
    if spec is not module.__spec__:
        file = source_file(path_of(module))
        _first_seen[module.__name__] = module.__spec__, file
    return file.digest == source.digest or (file.code_digest is not None and file.code_digest == source.code_digest)


def _check_values(module: types.ModuleType, source: Source) -> None:
    for each, digest in source.values.items():
        value = _value(module, each)
        if _digest(value, described(value, source.state)) != digest:
            where, name = _definition_of(module, each)
            what_else = f"define {name} in the same way in each process" if callable(value) else f"pass {name} to draw"
            raise SettingsError(
                f"workers have another {where.__name__}.{name} than this process: {path_of(where)} was changed after"
                f" the import, or {name} was set by other code. Reload the module with importlib.reload, restart this"
                f" process and the workers, or {what_else}"
            )
    if source.is_edited and not is_edited(module):
        raise SettingsError(
            f"workers import {path_of(module)} as it is now, but this process has an earlier version: it was changed"
            " after the import. Reload it with importlib.reload, or restart this process"
        )


def _definition_of(module: types.ModuleType, name: str) -> tuple[types.ModuleType, str]:
    """Return the module that defines what a module has under a name, and the name there."""
    value = _value(module, name)
    origin = _file_module(str(getattr(value, "__module__", None)))
    if origin is None or origin is module or _value(origin, getattr(value, "__qualname__", "")) is not value:
        return module, name
    return origin, value.__qualname__


def _file_module(name: str) -> types.ModuleType | None:
    """Return a module that another process gets from its file, as it is there; None if it has none."""
    module = sys.modules.get(name)
    path = None if module is None else path_of(module)
    # Some loaders change the code that they load, such as the one of pytest.
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    is_plain = type(loader) is importlib.machinery.SourceFileLoader
    return module if is_plain and name != "__main__" and path and not is_installed_path(path) else None


def _value(module: types.ModuleType, name: str) -> Any:
    """Return what has this qualified name in a module; `MISSING` if nothing."""
    try:
        return functools.reduce(getattr, name.split("."), module)
    except Exception:
        # It is inside a function, or an object raises something else.
        return MISSING


def _digests(
    module: types.ModuleType, names: Set[str], file: SourceFile, state: Set[str], changed: Set[str]
) -> dict[str, str]:
    """Return the digests of what must be the same in each worker, by the names in a module."""
    digests = {}
    for name in sorted(names - state):
        value = _value(module, name)
        description = described(value, state)
        is_compared = _is_constant(value, changed, name) if name in file.constants else _has_code(description)
        if value is not MISSING and is_compared:
            digests[name] = _digest(value, description)
    return digests


def _digest(value: Any, description: Any) -> str:
    text = repr(description or type(value).__qualname__)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _has_code(description: Any) -> bool:
    """Return whether a value is a function or a class."""
    return description is not None and description[0] != "constant"


def _is_constant(value: Any, changed: Set[str], name: str) -> bool:
    """Return whether nothing was found that changes a value that the source sets once."""
    if not may_be_filled(value):
        return True
    # Code may get a list in it by its index, and change that one.
    has_others = any(map(may_be_filled, value.values() if isinstance(value, dict) else value))
    return bool(value) and not has_others and name not in changed
