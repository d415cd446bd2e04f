"""The files of modules: which of their variables are constants, and whether they were edited after an import."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import inspect
import marshal
import os
import sys
import types
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._modules import path_of

# Names of variables that differ between processes.
VARYING = frozenset({"environ", "argv", "orig_argv", "__file__", "__path__", "__cached__", "__spec__"})
# Modules whose attributes are the same in each process, except for those names.
SAME_EVERYWHERE = sys.stdlib_module_names | {"numpy"}
# Methods that change nothing.
READING_METHODS = frozenset({"get", "items", "keys", "values", "index", "count", "copy"})
# The header of a compiled module: a magic number, flags, and the time and the size of its source.
HEADER_BYTES = 16
JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
# Variables of classes and modules that Python sets from where something is in the file, and docstrings.
NOT_IN_STATEMENTS = frozenset({"__doc__", "__firstlineno__", "__static_attributes__"})
# For modules that were found to be edited: their specifications, which a reload replaces, and what was imported.
_edited: dict[str, tuple[Any, list[Any]]] = {}


@dataclass(frozen=True)
class SourceFile:
    """What the source of a module shows about its variables.

    Attributes
    ----------
    constants : frozenset of str
        Variables that are set once, to values that are the same in each process.
    state : frozenset of str
        Variables, also of functions and objects, that functions set.
    changed : frozenset of str
        Variables whose items may be changed.
    imports : dict
        For each variable that comes from another module: this module, with its leading dots, and the name there.
    """

    constants: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    imports: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@functools.lru_cache(maxsize=64)
def source_file(path: str, _digest: str | None) -> SourceFile:
    """Read the source of a module; its digest must be current."""
    tree = _parsed(path)
    if tree is None:
        return SourceFile()
    nodes = list(ast.walk(tree))
    state = [name for node in nodes if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names]
    state += [
        node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_set(node) and not _is_of_self(node)
    ]
    set_names = Counter(node.id for node in nodes if isinstance(node, ast.Name) and _is_set(node))
    imports = {
        alias.asname or alias.name: ("." * node.level + (node.module or ""), alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    # Statements may use constants that are set before them.
    same = {*vars(builtins)} | {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in SAME_EVERYWHERE
    }
    constants = set()
    for statement in tree.body:
        names = {name for name in _set_by(statement, same) if set_names[name] == 1} - set(state)
        constants |= names
        same |= names
    return SourceFile(frozenset(constants), frozenset(state), frozenset(_changed(nodes)), imports)


def _is_set(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _set_by(statement: ast.stmt, same: set[str]) -> Iterator[str]:
    """Return the names that a statement sets to what is the same in each process, if the names in `same` are."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return
    value = statement.value
    if value is None or any(_may_vary(part, same) for part in ast.walk(value)):
        return
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(part, ast.Name):
                yield part.id


def _may_vary(node: ast.AST, same: set[str]) -> bool:
    if isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda, ast.comprehension)):
        return True
    if isinstance(node, ast.Name):
        return node.id not in same or node.id in VARYING
    return isinstance(node, ast.Attribute) and node.attr in VARYING


def _changed(nodes: list[ast.AST]) -> set[str]:
    """Return the variables that are used in other ways than by reading their items."""
    read = Counter(inner.id for node in nodes if isinstance(inner := _read_by(node), ast.Name))
    used = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return {name for name, count in used.items() if count > read[name]}


def _read_by(node: ast.AST) -> ast.expr | None:
    """Return the expression that a node reads items of; None if it does something else."""
    match node:
        case ast.Subscript(ctx=ast.Load()):
            return node.value
        case ast.Attribute() if node.attr in READING_METHODS:
            return node.value
        case ast.For() | ast.comprehension():
            return node.iter
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return argument
        case ast.Compare(comparators=[other]):
            return other
    return None


def is_edited(module: types.ModuleType) -> bool:
    """Return whether the statements of a module's file differ from those that were imported, as far as it is known.

    Python keeps what it compiled for the import, with the time and the size of the source, until another process
    imports the edited file. Only the names of functions count: those that are used are compared separately.
    """
    path = path_of(module)
    spec, imported = _edited.get(module.__name__, (None, None))
    if path is None:
        return False
    if imported is None or spec is not module.__spec__:
        imported = _imported(module, path)
    if imported is None:
        return False
    try:
        now = _statements(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    if now != imported:
        _edited[module.__name__] = module.__spec__, imported
    return now != imported


def _imported(module: types.ModuleType, path: str) -> list[Any] | None:
    """Return the statements that were imported; None if the file did not change, or if they are not known."""
    compiled = getattr(module.__spec__, "cached", None)
    if compiled is None or sys.dont_write_bytecode or not os.access(os.path.dirname(compiled), os.W_OK):
        # It may have been compiled for an earlier import.
        return None
    try:
        content, source = Path(compiled).read_bytes(), os.stat(path)
        flags, time, size = (int.from_bytes(content[place : place + 4], "little") for place in (4, 8, 12))
        if flags or (time, size) == (int(source.st_mtime) & 0xFFFF_FFFF, source.st_size & 0xFFFF_FFFF):
            return None
        return _statements(marshal.loads(content[HEADER_BYTES:]))
    except (OSError, EOFError, ValueError, TypeError):
        return None


def _statements(code: types.CodeType) -> list[Any]:
    """Describe the code of a module, or of a class in it, without docstrings and the code of functions with a name."""
    described: list[Any] = []
    for step in dis.get_instructions(code):
        if step.opname == "EXTENDED_ARG":
            continue
        if step.opname == "STORE_NAME" and step.argval in NOT_IN_STATEMENTS:
            described.pop()
        elif isinstance(step.argval, types.CodeType):
            is_named = step.argval.co_flags & inspect.CO_OPTIMIZED and not step.argval.co_name.startswith("<")
            described.append(step.argval.co_qualname if is_named else _statements(step.argval))
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
