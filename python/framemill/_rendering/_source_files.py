"""The files of modules: which of their values are constants, and whether they were edited after an import."""

from __future__ import annotations

import ast
import builtins
import functools
import hashlib
import os
import sys
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

# Names of variables that differ between processes.
VARYING = frozenset({
    "argv", "environ", "executable", "flags", "modules", "orig_argv", "path",
    "__cached__", "__file__", "__path__", "__spec__",
})  # fmt: skip
# The size of a source in bytes from which it must be data: reading it would take seconds in each worker.
MAX_BYTES = 1_000_000
# Modules whose attributes are the same in each process, except for those names.
SAME_EVERYWHERE = sys.stdlib_module_names | {"numpy"}
# Methods that change nothing.
READING_METHODS = frozenset({"get", "items", "keys", "values", "index", "count", "copy"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)


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
        The digest of the file; None if it cannot be read.
    code_digest : str or None
        The digest without comments and docstrings; None if the file cannot be parsed, or is very large.
    constants : frozenset of str
        The qualified names of variables and attributes of classes that are set once, and of parameters, to values that
        are the same in each process.
    state : frozenset of str
        Variables, also of functions and objects, that functions set.
    changed : frozenset of str
        Variables and attributes whose items may be changed.
    imports : tuple of Import
        What it imports from other modules by name.
    used : frozenset of str
        The variables that it reads when it is imported, such as "GAIN" and "settings.GAIN".
    """

    digest: str | None = None
    code_digest: str | None = None
    constants: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    imports: tuple[Import, ...] = ()
    used: frozenset[str] = frozenset()


def source_file(path: str | None) -> SourceFile:
    """Read the source of a module."""
    try:
        status = os.stat(path or "")
        # A copy may keep the time of an earlier version, but not the time at which it was made.
        return _read(str(path), (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
    except (OSError, ValueError):
        return SourceFile()


@functools.lru_cache(maxsize=256)
def _read(path: str, _version: tuple[int, ...]) -> SourceFile:
    content = Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    tree = _parsed(content)
    if tree is None:
        return SourceFile(digest)
    nodes = list(ast.walk(tree))
    # The bodies of classes run at the import too.
    at_import = list(_in_scope(tree.body, enters_classes=True))
    imports = tuple(
        Import("." * node.level + (node.module or ""), alias.name, alias.asname or alias.name)
        for node in at_import
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )
    state = frozenset(_set_by_functions(nodes))
    constants = frozenset(_constants(tree, _known_at_start(at_import, imports), state))
    used = frozenset(name for node in at_import if (name := _dotted(node)) is not None)
    return SourceFile(digest, _code_digest(tree), constants, state, frozenset(_changed(nodes)), imports, used)


def _code_digest(tree: ast.Module) -> str | None:
    """Return the digest of a source without comments and docstrings. It removes the docstrings from the tree."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and ast.get_docstring(
            node, clean=False
        ):
            del node.body[0]
    try:
        return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    except (RecursionError, ValueError):
        # It is nested too deeply, or has a number with thousands of digits.
        return None


def _in_scope(nodes: Iterable[ast.AST], enters_classes: bool = False) -> Iterator[ast.AST]:
    """Yield these nodes and the nodes inside them, but not the bodies of functions and classes."""
    waiting = deque(nodes)
    while waiting:
        node = waiting.popleft()
        yield node
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Lambda):
            children = [node.args]
        elif isinstance(node, FUNCTIONS) or (isinstance(node, ast.ClassDef) and not enters_classes):
            inside = {*map(id, node.body)}
            children = [child for child in children if id(child) not in inside]
        elif isinstance(node, ast.comprehension):
            # Its variable is known only inside.
            children = [node.iter, *node.ifs]
        waiting.extend(children)


def _set_by_functions(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield the variables and attributes that functions set, as far as it is known."""
    for node in nodes:
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, ast.Attribute) and _is_set(node):
            is_of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
            if not is_of_self:
                yield node.attr


def _known_at_start(at_import: list[ast.AST], imports: tuple[Import, ...]) -> set[str]:
    """Return builtin and imported names that are the same in each process."""
    modules = {
        alias.asname or alias.name
        for node in at_import
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in SAME_EVERYWHERE
    }
    imported = {one.alias for one in imports if one.module in SAME_EVERYWHERE and one.name not in VARYING}
    return {*vars(builtins), *modules, *imported}


def _constants(tree: ast.Module, known: set[str], state: Set[str]) -> set[str]:
    """Return the qualified names of variables, attributes and parameters that are the same in each process.

    Parameters
    ----------
    known : set of str
        Names that are the same in each process at the start.
    state : set of str
        Names that functions set.
    """
    bindings = list(_bindings_of_variables(tree.body, "", known, state))
    counts = Counter(name for name, _ in bindings)
    # Names that are set twice, and two functions with one name, cannot be distinguished.
    return {name for name, is_constant in bindings if is_constant and counts[name] == 1}


def _bindings_of_variables(
    body: list[ast.stmt], prefix: str, known: set[str], state: Set[str]
) -> Iterator[tuple[str, bool]]:
    """Yield the qualified names that a module or a class sets, and whether each is set to a constant."""
    nodes = list(_in_scope(body))
    counts = Counter(name for node in nodes for name in _names_bound_by(node))
    last_star = max((node.lineno for node in nodes if isinstance(node, ast.ImportFrom) and _is_star(node)), default=0)
    # A variable hides a builtin function, or a variable of the module around a class.
    imported = {name for node in nodes if isinstance(node, IMPORTS) for name in _names_bound_by(node)}
    known = known - {name for name, count in counts.items() if name not in imported or count > 1}
    constants: set[str] = set()
    for statement in body:
        # Statements may use constants that are set before them.
        names = set(_set_to_constants_by(statement, known)) - state
        names = {name for name in names if counts[name] == 1 and statement.lineno > last_star}
        constants |= names
        known |= names
    yield from ((prefix + name, name in constants) for name in counts)
    yield from _bindings_in_definitions(nodes, prefix, known, state)


def _bindings_in_definitions(
    nodes: list[ast.AST], prefix: str, known: set[str], state: Set[str]
) -> Iterator[tuple[str, bool]]:
    """Yield the names that classes set, and the parameters of functions that have a default."""
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield from _bindings_of_variables(node.body, f"{prefix}{node.name}.", known, state)
        elif isinstance(node, (*FUNCTIONS, ast.Lambda)):
            name = prefix + getattr(node, "name", "<lambda>")
            yield from (
                (f"{name}.{parameter}", not _may_vary(default, known)) for parameter, default in _defaults_of(node.args)
            )
        if isinstance(node, FUNCTIONS):
            # The variables of a function depend on its arguments.
            yield from _bindings_in_definitions(list(_in_scope(node.body)), f"{name}.<locals>.", set(), state)


def _defaults_of(parameters: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    # Parameters without a default come first.
    positional = [*parameters.posonlyargs, *parameters.args][::-1]
    yield from ((name.arg, default) for name, default in zip(positional, parameters.defaults[::-1], strict=False))
    for name, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if default is not None:
            yield name.arg, default


def _names_bound_by(node: ast.AST) -> list[str]:
    """Return the variables that a node sets."""
    match node:
        case ast.Name() if _is_set(node):
            return [node.id]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
    return []


def _is_star(node: ast.ImportFrom) -> bool:
    return node.names[0].name == "*"


def _is_set(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _dotted(node: ast.AST) -> str | None:
    """Return the text of `a` or `a.b.c`, if a node reads it; None for other expressions."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *names[::-1]]) if isinstance(node, ast.Name) and not _is_set(node) else None


def _set_to_constants_by(statement: ast.stmt, known: set[str]) -> Iterator[str]:
    """Yield the names that a statement sets to what is the same in each process."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return
    if statement.value is None or _may_vary(statement.value, known):
        return
    for target in targets:
        for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
            if isinstance(part, ast.Name):
                yield part.id


def _may_vary(value: ast.expr, known: set[str]) -> bool:
    return any(_node_varies(node, known) for node in ast.walk(value))


def _node_varies(node: ast.AST, known: set[str]) -> bool:
    # Unpacked sets have their items in any order.
    if isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda, ast.comprehension, ast.Starred)):
        return True
    if isinstance(node, ast.Name):
        return node.id not in known or node.id in VARYING
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


def _parsed(source: bytes) -> ast.Module | None:
    if len(source) > MAX_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            # The import has shown them. Python 3.11 deprecates what later versions call a wrong syntax.
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
