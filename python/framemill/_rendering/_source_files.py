"""The files of modules: which of their values are constants, and whether they were edited after an import."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import hashlib
import inspect
import marshal
import os
import sys
import types
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
# Instructions that end a statement of a module or a class, and those of definitions that call nothing.
ENDS = frozenset({"STORE_NAME", "DELETE_NAME", "POP_TOP", "RESUME"})
PLAIN_DEFINITION = frozenset({
    "function", "MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE", "STORE_NAME", "LOAD_CONST", "LOAD_NAME", "LOAD_ATTR",
    "BINARY_SUBSCR", "BINARY_OP", "BUILD_TUPLE", "BUILD_CONST_KEY_MAP", "BUILD_MAP",
})  # fmt: skip
# For modules that were found to be edited: their specifications, which a reload replaces, and what was imported.
_edited: dict[str, tuple[Any, list[Any]]] = {}


@dataclass(frozen=True)
class Import:
    """A name that a module imports from another.

    Attributes
    ----------
    module : str
        The other module, with its leading dots.
    name : str
        The name there; "*" for all.
    alias : str
        The name in the module.
    """

    module: str
    name: str
    alias: str


@dataclass(frozen=True)
class SourceFile:
    """What the source of a module shows.

    Attributes
    ----------
    digest : str or None
        The digest of the file without comments and docstrings; None if it is not Python.
    constants : frozenset of str
        The qualified names of variables and attributes of classes that are set once, and of parameters, to values that
        are the same in each process.
    state : frozenset of str
        Variables, also of functions and objects, that functions set.
    changed : frozenset of str
        Variables and attributes whose items may be changed.
    imports : tuple of Import
        What it imports from other modules by name.
    used : frozenset of (str, str)
        What its statements use: a module, or an empty text for its own variables, and the name there.
    """

    digest: str | None = None
    constants: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    imports: tuple[Import, ...] = ()
    used: frozenset[tuple[str, str]] = frozenset()


def source_file(path: str | None) -> SourceFile:
    """Read the source of a module."""
    try:
        status = os.stat(path or "")
    except (OSError, ValueError):
        return SourceFile()
    return _read(str(path), status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=256)
def _read(path: str, _time: int, _size: int) -> SourceFile:
    try:
        content = Path(path).read_bytes()
    except OSError:
        return SourceFile()
    tree = _parsed(content)
    if tree is None:
        return SourceFile()
    nodes = list(ast.walk(tree))
    state = {name for node in nodes if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
    state |= {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_set(node) and not _is_of_self(node)
    }
    outside = list(_in_scope(tree.body))
    imports = tuple(
        Import("." * node.level + (node.module or ""), alias.name, alias.asname or alias.name)
        for node in outside
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )
    modules = {
        alias.asname or alias.name: alias.name
        for node in outside
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    same = {*vars(builtins)} | {alias for alias, name in modules.items() if name in SAME_EVERYWHERE}
    same |= {one.alias for one in imports if one.module in SAME_EVERYWHERE}
    constants = frozenset(_constants(tree.body, "", same, state))
    changed, used = frozenset(_changed(nodes)), frozenset(_used(outside, modules))
    return SourceFile(code_digest(content), constants, frozenset(state), changed, imports, used)


def _used(outside: list[ast.AST], modules: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return what statements use: a module, or an empty text for this one, and the name there."""
    for node in outside:
        if isinstance(node, ast.Name) and not _is_set(node):
            yield "", node.id
        elif isinstance(node, ast.Attribute) and (name := ast.unparse(node.value)) in modules:
            yield modules[name], node.attr


def code_digest(content: bytes) -> str | None:
    """Return the digest of a source without comments and docstrings; None if it is not Python, or nested too deeply."""
    tree = _parsed(content)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                first.value.value = None
    try:
        return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    except RecursionError:
        return None


def _in_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Return the nodes that run where these nodes are, without those inside functions and classes."""
    waiting = deque(nodes)
    while waiting:
        node = waiting.popleft()
        yield node
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Lambda):
            children = [node.args]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inside = {*map(id, node.body)}
            children = [child for child in children if id(child) not in inside]
        elif isinstance(node, ast.comprehension):
            # Its variable is known only inside.
            children = [node.iter, *node.ifs]
        waiting.extend(children)


def _constants(body: list[ast.stmt], prefix: str, same: set[str], state: set[str]) -> Iterator[str]:
    """Return the qualified names of the constants in the body of a module, a class or a function.

    The names in `same` have the same value in each process.
    """
    outside = list(_in_scope(body))
    set_names = Counter(node.id for node in outside if isinstance(node, ast.Name) and _is_set(node))
    is_function = prefix.endswith("<locals>.")
    # The variables of a function depend on its arguments.
    same = set() if is_function else set(same)
    for statement in [] if is_function else body:
        # Statements may use constants that are set before them.
        names = {name for name in _set_by(statement, same) if set_names[name] == 1} - state
        yield from (prefix + name for name in names)
        same |= names
    for node in outside:
        match node:
            case ast.ClassDef():
                yield from _constants(node.body, f"{prefix}{node.name}.", same, state)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                name = prefix + node.name
                yield from (f"{name}.{parameter}" for parameter in _constant_parameters(node.args, same))
                yield from _constants(node.body, f"{name}.<locals>.", same, state)
            case ast.Lambda():
                yield from (f"{prefix}<lambda>.{parameter}" for parameter in _constant_parameters(node.args, same))


def _constant_parameters(parameters: ast.arguments, same: set[str]) -> Iterator[str]:
    """Return the parameters whose defaults are the same in each process."""
    # Parameters without a default come first.
    positional = [*parameters.posonlyargs, *parameters.args][::-1]
    pairs = [*zip(positional, parameters.defaults[::-1]), *zip(parameters.kwonlyargs, parameters.kw_defaults)]  # noqa: B905
    return (name.arg for name, default in pairs if default is not None and not _may_vary(default, same))


def _is_set(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _set_by(statement: ast.stmt, same: set[str]) -> Iterator[str]:
    """Return the names that a statement sets to what is the same in each process."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return
    if statement.value is None or _may_vary(statement.value, same):
        return
    for target in targets:
        for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
            if isinstance(part, ast.Name):
                yield part.id


def _may_vary(value: ast.expr, same: set[str]) -> bool:
    return any(_varies(node, same) for node in ast.walk(value))


def _varies(node: ast.AST, same: set[str]) -> bool:
    if isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda, ast.comprehension)):
        return True
    if isinstance(node, ast.Name):
        return node.id not in same or node.id in VARYING
    return isinstance(node, ast.Attribute) and node.attr in VARYING


def _changed(nodes: list[ast.AST]) -> set[str]:
    """Return the variables and attributes that are used in other ways than by reading their items."""
    read = Counter(_loaded_name(inner) for node in nodes if (inner := _read_by(node)) is not None)
    used = Counter(map(_loaded_name, nodes))
    return {name for name, count in used.items() if name is not None and count > read[name]}


def _loaded_name(node: ast.AST) -> str | None:
    if isinstance(node, (ast.Name, ast.Attribute)) and not _is_set(node):
        return node.id if isinstance(node, ast.Name) else node.attr
    return None


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
        case ast.Starred() | ast.keyword(arg=None):
            return node.value
    return None


def is_edited(module: types.ModuleType) -> bool:
    """Return whether the statements of a module's file differ from those that were imported, as far as it is known.

    Python keeps what it compiled for the import, with the time and the size of the source, until another process
    imports the edited file. Only the names of functions count: those that are used are compared separately.
    """
    path = path_of(module)
    if path is None or _is_reloaded_by_ipython(module, path):
        return False
    spec, imported = _edited.get(module.__name__, (None, None))
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


def _is_reloaded_by_ipython(module: types.ModuleType, path: str) -> bool:
    """Return whether IPython's `%autoreload` has replaced the functions of a module by those of its file."""
    if "IPython.extensions.autoreload" not in sys.modules:
        return False
    try:
        shell = sys.modules["IPython"].get_ipython()
        reloader = shell.magics_manager.registry["AutoreloadMagics"]._reloader
        return bool(reloader.enabled and reloader.modules_mtimes[module.__name__] == os.stat(path).st_mtime)
    except Exception:
        # It is off, or another version of IPython.
        return False


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
    """Describe the code of a module, or of a class in it, without docstrings and plain definitions of functions."""
    described: list[Any] = []
    begin = 0
    for step in dis.get_instructions(code):
        if step.opname in ("EXTENDED_ARG", "NOP"):
            continue
        if step.opname == "STORE_NAME" and step.argval in NOT_IN_STATEMENTS:
            described.pop()
        elif isinstance(step.argval, types.CodeType):
            is_named = step.argval.co_flags & inspect.CO_OPTIMIZED and not step.argval.co_name.startswith("<")
            described.append(("function", "") if is_named else ("code", _statements(step.argval)))
        elif step.opcode in JUMPS:
            described.append((step.opname, ""))
        else:
            content = sorted(map(repr, step.argval)) if isinstance(step.argval, frozenset) else repr(step.argval)
            described.append((step.opname, content))
        if step.opname in ENDS or step.opcode in JUMPS:
            names = {name for name, _ in described[begin:]}
            if "function" in names and names <= PLAIN_DEFINITION:
                # Functions that are used are compared separately.
                del described[begin:]
            begin = len(described)
    return described


def _parsed(source: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            # The import has shown them.
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
