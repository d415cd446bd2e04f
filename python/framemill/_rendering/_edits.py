"""Whether the files of modules were edited after the import, by what Python keeps of the import."""

from __future__ import annotations

import inspect
import marshal
import os
import sys
import types
from pathlib import Path
from typing import Any

from ._code import JUMPS, steps_of
from ._description import code_description
from ._modules import path_of

# The header of a compiled module: a magic number, flags, and the time and the size of its source.
HEADER_BYTES = 16
# Instructions that end a statement of a module or a class, and those of definitions that call nothing.
ENDS = frozenset({"STORE_NAME", "STORE_SUBSCR", "DELETE_NAME", "POP_TOP", "RESUME", "SETUP_ANNOTATIONS"})
PLAIN_DEFINITION = frozenset({
    "function", "MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE", "STORE_NAME", "LOAD_CONST", "LOAD_NAME", "LOAD_ATTR",
    "LOAD_SMALL_INT", "BINARY_OP", "BINARY_SLICE", "BINARY_SUBSCR", "UNARY_NEGATIVE", "BUILD_CONST_KEY_MAP",
    "BUILD_LIST", "BUILD_MAP", "BUILD_SET", "BUILD_TUPLE", "LIST_EXTEND", "SET_UPDATE",
})  # fmt: skip
# For modules that were found to be edited: their specifications, which a reload replaces, and what was imported.
_edited: dict[str, tuple[Any, list[Any]]] = {}


def is_edited(module: types.ModuleType) -> bool:
    """Return whether the statements of a module's file differ from those that were imported, as far as it is known.

    Python keeps what it compiled for the import, with the time and the size of the source, until another process
    imports the edited file. Plain definitions of functions do not count: those that are used are compared separately.
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
    """Describe the code of a module, or of a class in it, without docstrings, annotations and plain functions."""
    described: list[Any] = []
    begin = 0
    for step in steps_of(code):
        if isinstance(step.argval, types.CodeType):
            is_named = step.argval.co_flags & inspect.CO_OPTIMIZED and not step.argval.co_name.startswith("<")
            described.append(
                ("function", code_description(step.argval)) if is_named else ("code", _statements(step.argval))
            )
        elif step.opcode in JUMPS:
            described.append((step.opname, ""))
        else:
            content = sorted(map(repr, step.argval)) if isinstance(step.argval, frozenset) else repr(step.argval)
            described.append((step.opname, content))
        if step.opname in ENDS or step.opcode in JUMPS:
            if _has_no_effect(described[begin:]):
                del described[begin:]
            begin = len(described)
    return described


def _has_no_effect(statement: list[Any]) -> bool:
    """Return whether a statement only sets an annotation, or defines a function without calling anything."""
    names = {name for name, _ in statement}
    is_annotation = names == {"SETUP_ANNOTATIONS"} or ("LOAD_NAME", "'__annotations__'") in statement
    # Functions that are used are compared separately. What a decorator makes of one may hide it.
    return is_annotation or ("function" in names and names <= PLAIN_DEFINITION)
