"""The user's modules, which workers import from their files: they must get what the calling process has."""

from __future__ import annotations

import ast
import functools
import importlib.machinery
import sys
import types
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import SettingsError
from ._code import Found
from ._modules import is_installed_path, path_of, source_digest


@dataclass(frozen=True)
class Source:
    """A module that workers import.

    Attributes
    ----------
    digest : str or None
        The digest of its file.
    values : dict
        Its functions and constants that decide frames, by their qualified names, each as a text that is equal for
        equal ones.
    changed : frozenset of str
        Those that differ from the file: the file, or the module in memory, was changed after the import.
    """

    digest: str | None
    values: Mapping[str, str]
    changed: frozenset[str]


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
            # What code sets, such as a counter, is no constant.
            names = [each for each in sorted(used) if each not in found.set_names or callable(_value(module, each))]
            values = {each: text for each in names if (text := _described(module, each)) is not None}
            sources[name] = Source(source_digest(path_of(module)), values, _changed(module, values))
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
        for each in () if is_begun else sorted(source.changed | _changed(module, source.values)):
            if _described(module, each) != source.values[each]:
                raise SettingsError(
                    f"workers have another {name}.{each} than this process: {path} was changed after the import, or"
                    f" {each} was set by other code. Restart this process and the workers, or pass the value to draw"
                )
    if not is_begun:
        _checked.append(expected)
        del _checked[:-MAX_CHECKED]


def _is_imported_from_file(module: types.ModuleType) -> bool:
    """Return whether another process gets the module from its file, as it is there."""
    path = path_of(module)
    # Some loaders change the code that they load, such as the one of pytest.
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    is_plain = type(loader) is importlib.machinery.SourceFileLoader
    return is_plain and path is not None and not is_installed_path(path) and module.__name__ != "__main__"


def _value(module: types.ModuleType, name: str) -> Any:
    """Return what has this qualified name in a module; `MISSING` if nothing."""
    value: Any = module
    try:
        for part in name.split("."):
            value = getattr(value, part)
    except Exception:
        # It is inside a function, or an object raises something else.
        return MISSING
    return value


def _described(module: types.ModuleType, name: str) -> str | None:
    """Describe a function or a constant of a module; None if the module has neither under this name."""
    value = _value(module, name)
    # Some objects have every attribute, so only those that were set count.
    while "__wrapped__" in getattr(value, "__dict__", {}):
        value = value.__wrapped__
    if isinstance(value, types.FunctionType):
        return repr(_code(value.__code__)) if value.__code__.co_filename == path_of(module) else None
    return _constant(value)


def _constant(value: object) -> str | None:
    """Describe a value that a file can state literally; None if it cannot."""
    if isinstance(value, tuple):
        parts = [_constant(part) for part in value]
        return None if None in parts else repr(parts)
    is_plain = type(value) in (type(None), bool, int, float, complex, str, bytes)
    return f"{type(value).__name__} {value!r}" if is_plain else None


def _code(code: types.CodeType) -> Any:
    """Describe code by what it does, wherever it is in the file. Docstrings do not count."""
    constants = code.co_consts
    if constants and isinstance(constants[0], str) and not code.co_name.startswith("<"):
        constants = constants[1:]
    arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_qualname, code.co_names, code.co_varnames, code.co_freevars
    return code.co_code, arguments, names, [_code_constant(constant) for constant in constants]


def _code_constant(value: Any) -> Any:
    """Describe a constant of code."""
    if isinstance(value, types.CodeType):
        return _code(value)
    # Another process has the items of a set in another order.
    content = sorted(map(repr, value)) if isinstance(value, frozenset) else value
    return type(value).__name__, repr(content)


def _changed(module: types.ModuleType, names: Mapping[str, str]) -> frozenset[str]:
    """Return those of the names that the module has otherwise than its file."""
    path = path_of(module)
    assert path is not None
    in_file = _in_file(path, source_digest(path))
    return frozenset(name for name in names if name in in_file and _described(module, name) != in_file[name])


@functools.lru_cache(maxsize=64)
def _in_file(path: str, _digest: str | None) -> dict[str, str]:
    """Return the functions of a file by their qualified names, and the constants that it sets once."""
    try:
        with warnings.catch_warnings():
            # The import has shown them.
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(Path(path).read_bytes())
            code = compile(tree, path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {**_functions(code), **_constants(tree)}


def _functions(code: types.CodeType) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found.setdefault(constant.co_qualname, []).append(repr(_code(constant)))
            for name, text in _functions(constant).items():
                found.setdefault(name, []).append(text)
    # A name may have several functions, as in `if` and `else`.
    return {name: texts[0] for name, texts in found.items() if len(texts) == 1}


def _constants(tree: ast.Module) -> dict[str, str]:
    nodes = list(ast.walk(tree))
    set_names = [node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    set_names += [name for node in nodes if isinstance(node, ast.Global) for name in node.names]
    found = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        try:
            text = _constant(ast.literal_eval(node.value))
        except (ValueError, TypeError):
            continue
        name = node.targets[0].id
        if text is not None and set_names.count(name) == 1:
            found[name] = text
    return found
