"""The files of modules: the constants that they set, and whether they were edited after an import."""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import marshal
import os
import sys
import types
import warnings
from pathlib import Path
from typing import Any

from ._modules import path_of

# What an expression may refer to and still have the same value in each process.
VARYING = frozenset({"environ", "argv", "__file__", "__path__", "__cached__", "__spec__"})
# The header of a compiled module: a magic number, flags, and the time and the size of its source.
HEADER_BYTES = 16
JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
# Variables of classes and modules that Python sets from where something is in the file, and docstrings.
NOT_IN_STATEMENTS = frozenset({"__doc__", "__firstlineno__", "__static_attributes__"})
# The specifications of modules that were found to be edited, by their names. A reload replaces them.
_edited: dict[str, Any] = {}


@functools.lru_cache(maxsize=64)
def constants_of(path: str, _digest: str | None) -> frozenset[str]:
    """Return the names that a file sets once, to values that are the same in each process: without calls."""
    tree = _parsed(path)
    if tree is None:
        return frozenset()
    nodes = list(ast.walk(tree))
    set_names = [node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    set_names += [name for node in nodes if isinstance(node, ast.Global) for name in node.names]
    names = [name for node in tree.body for name in _set_by(node)]
    return frozenset(name for name in names if set_names.count(name) == 1)


def _set_by(node: ast.stmt) -> list[str]:
    """Return the names that a statement sets to values without calls."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    else:
        return []
    assert node.value is not None
    if any(_varies(part) for part in ast.walk(node.value)):
        return []
    parts = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [part.id for part in parts if isinstance(part, ast.Name)]


def _varies(node: ast.AST) -> bool:
    name = getattr(node, "id", getattr(node, "attr", None))
    return isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom)) or name in VARYING


def is_edited(module: types.ModuleType) -> bool:
    """Return whether the statements of a module's file differ from those that were imported, as far as it is known.

    Python keeps what it compiled for the import, with the time and the size of the source, until another process
    imports the edited file. Functions are compared separately, so only their names count.
    """
    if module.__name__ in _edited and _edited[module.__name__] is module.__spec__:
        return True
    path, compiled = path_of(module), getattr(module.__spec__, "cached", None)
    if path is None or compiled is None or sys.dont_write_bytecode or not os.access(os.path.dirname(compiled), os.W_OK):
        # It may have been compiled for an earlier import.
        return False
    try:
        content, source = Path(compiled).read_bytes(), os.stat(path)
    except OSError:
        return False
    flags, time, size = (int.from_bytes(content[place : place + 4], "little") for place in (4, 8, 12))
    is_current = (time, size) == (int(source.st_mtime) & 0xFFFF_FFFF, source.st_size & 0xFFFF_FFFF)
    tree = None if flags or is_current else _parsed(path)
    if tree is None:
        return False
    imported: Any = marshal.loads(content[HEADER_BYTES:])
    if _statements(imported) == _statements(compile(tree, path, "exec", dont_inherit=True)):
        return False
    _edited[module.__name__] = module.__spec__
    return True


def _statements(code: types.CodeType) -> list[Any]:
    """Describe the code of a module, or of a class in it, without its docstring and the code of functions."""
    described: list[Any] = []
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME" and step.argval in NOT_IN_STATEMENTS:
            described.pop()
        elif isinstance(step.argval, types.CodeType):
            is_function = step.argval.co_flags & inspect.CO_OPTIMIZED
            described.append(step.argval.co_qualname if is_function else _statements(step.argval))
        elif step.opcode in JUMPS:
            described.append(step.opname)
        else:
            content = sorted(map(repr, step.argval)) if isinstance(step.argval, frozenset) else repr(step.argval)
            described.append((step.opname, content))
    return described


def _parsed(path: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            # The import has shown them.
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
