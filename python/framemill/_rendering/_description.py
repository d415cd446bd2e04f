"""Describes functions, classes and constants, so that two processes can compare what they have under a name.

A fingerprint describes all that a value refers to. Here, each value is described alone, because what it refers to may
be state that differs between processes, such as a cache.
"""

from __future__ import annotations

import enum
import functools
import sys
import types
from typing import Any

import numpy as np

from ._fingerprint import NO_ATTRIBUTES, PLAIN
from ._modules import is_installed_class, is_installed_path, source_digest
from ._source_files import source_file

# Containers whose items may be changed.
FILLED = (list, dict, set)
# The flag of functions with a docstring, from Python 3.13 on.
HAS_DOCSTRING = 0x400_0000


def described(value: Any, state: frozenset[str]) -> Any:
    """Describe a function, a class or a constant by texts that are equal for equal ones.

    Parameters
    ----------
    state : frozenset of str
        Variables of functions and classes that are left out, because code sets them.

    Returns
    -------
    tuple or None
        It begins with "constant" for constants. None if the value is none of these.
    """
    try:
        return _Describer(state).describe(value)
    except Exception:
        # It contains itself, or refuses to be looked at.
        return None


class _Describer:
    def __init__(self, state: frozenset[str]) -> None:
        self._state = state
        # Functions may refer to themselves.
        self._seen: set[int] = set()

    def describe(self, value: Any) -> Any:
        if (constant := _constant(value)) is not None:
            return "constant", constant
        if id(value) in self._seen:
            return ("again",)
        self._seen.add(id(value))
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, (types.MethodType, staticmethod, classmethod)):
            return "method", self.describe(value.__func__)
        if isinstance(value, property):
            return "property", [self.describe(each) for each in (value.fget, value.fset)]
        if isinstance(value, functools.cached_property):
            return "property", self.describe(value.func)
        if isinstance(value, functools.partial):
            arguments = [*value.args, *(part for pair in sorted(value.keywords.items()) for part in pair)]
            return "partial", self.describe(value.func), list(map(self._part, arguments))
        if isinstance(value, type):
            return None if is_installed_class(value) else self._class(value)
        # Some objects have every attribute, so only one that was set counts.
        wrapped = getattr(value, "__dict__", {}).get("__wrapped__")
        return None if wrapped is None else ("wrapped", self.describe(wrapped))

    def _part(self, value: Any) -> Any:
        """Describe what a function or a class refers to; None for what code may fill."""
        return None if isinstance(value, FILLED) else self.describe(value)

    def _function(self, function: types.FunctionType) -> Any:
        code = function.__code__
        path = code.co_filename
        is_installed = is_installed_path(path)
        state = self._state if is_installed else self._state | source_file(path, source_digest(path)).state
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        kept = [self._content(cell) for name, cell in cells if name not in state]
        if is_installed:
            # Such as what a decorator makes of a user's function.
            return "function", function.__module__, function.__qualname__, kept
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        return "function", code_description(code), list(map(self._part, defaults)), kept

    def _content(self, cell: types.CellType) -> Any:
        try:
            content = cell.cell_contents
        except ValueError:
            # The variable was not set yet.
            return None
        return None if isinstance(content, type) else self._part(content)

    def _class(self, kind: type) -> Any:
        if issubclass(kind, enum.Enum):
            members = [(name, self.describe(member.value)) for name, member in kind.__members__.items()]
            return "enumeration", kind.__qualname__, members
        attributes = {
            name: self._part(value)
            for name, value in sorted(vars(kind).items())
            if name not in NO_ATTRIBUTES and name not in self._state
        }
        return "class", kind.__qualname__, attributes


def code_description(code: types.CodeType) -> Any:
    """Describe code by what it does, wherever it is in the file. Another docstring does not count."""
    constants = code.co_consts
    is_function = not code.co_name.startswith("<")
    # Before Python 3.13, the first constant of a function is its docstring, or None.
    has_docstring = code.co_flags & HAS_DOCSTRING if sys.version_info >= (3, 13) else is_function
    arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & ~HAS_DOCSTRING
    names = code.co_qualname, code.co_names, code.co_varnames, code.co_freevars
    described = list(map(_code_constant, constants[1:] if has_docstring else constants))
    return code.co_code, arguments, names, described


def _code_constant(value: Any) -> Any:
    if isinstance(value, types.CodeType):
        return code_description(value)
    # Another process has the items of a set in another order.
    content = sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)
    return type(value).__name__, content


def _constant(value: Any) -> str | None:
    """Describe a value without state; None if it may have any. An empty container is one to be filled."""
    if type(value) in PLAIN or isinstance(value, np.generic):
        return f"{type(value).__name__} {value!r}"
    if type(value) in (tuple, list, set, frozenset) and (value or type(value) in (tuple, frozenset)):
        parts = [_constant(part) for part in value]
        if None in parts:
            return None
        return f"{type(value).__name__} {sorted(parts) if isinstance(value, (set, frozenset)) else parts}"  # type: ignore[type-var]
    if type(value) is dict and value:
        items = [(_constant(key), _constant(part)) for key, part in value.items()]
        return None if any(None in item for item in items) else f"dict {items}"
    return None
