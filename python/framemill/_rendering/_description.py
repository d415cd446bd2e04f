"""Describes functions, classes and constants, so that two processes can compare what they have under a name.

A fingerprint describes all that a value refers to. Here, each value is described alone, because what it refers to may
be state that differs between processes, such as a cache.
"""

from __future__ import annotations
import __future__

import dis
import enum
import functools
import sys
import types
from bisect import bisect_left
from collections.abc import Set
from operator import itemgetter
from typing import Any

import numpy as np

from ._code import JUMPS, is_generated, steps_of
from ._fingerprint import NO_ATTRIBUTES, PLAIN
from ._modules import is_installed_class, is_installed_path, path_of
from ._source_files import SourceFile, source_file

# Containers whose items may be changed.
FILLED = (list, dict, set)
# Flags of code that do not change what it does: that a function has a docstring, from Python 3.13 on, and that
# annotations are texts.
WITHOUT_MEANING = 0x400_0000 | __future__.annotations.compiler_flag
# The class around a method that IPython's `%autoreload` compiles again.
IPYTHON_CLASS = "__autoreload_class__"
# Instructions that do the same as others.
SAME_STEPS = {"LOAD_METHOD": "LOAD_ATTR"}
# Attributes of classes that Python sets, also when it is asked for annotations.
SET_BY_PYTHON = frozenset({*NO_ATTRIBUTES, "__annotations__", "__annotate_func__"})


def described(value: Any, state: Set[str]) -> Any:
    """Describe a function, a class or a constant by texts that are equal for equal ones.

    The constants in functions and classes count only if the source sets them to a fixed value: others, such as the time
    of the import, may differ between processes.

    Parameters
    ----------
    state : set of str
        Variables of classes that are left out, because code sets them.

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


def may_be_filled(value: Any) -> bool:
    """Return whether a value is or contains a list, a dictionary or a set, whose items code may change."""
    return isinstance(value, FILLED) or (type(value) is tuple and any(map(may_be_filled, value)))


class _Describer:
    def __init__(self, state: Set[str]) -> None:
        self._state = state
        # Functions may refer to themselves. Objects have numbers, by their addresses.
        self._seen: dict[int, int] = {}

    def describe(self, value: Any) -> Any:
        if (constant := _constant(value)) is not None:
            return "constant", constant
        if id(value) in self._seen:
            return "again", self._seen[id(value)]
        self._seen[id(value)] = len(self._seen)
        description = self._by_kind(value)
        if description is None:
            # Another process may not have it, so it has no number.
            del self._seen[id(value)]
        return description

    def _by_kind(self, value: Any) -> Any:
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
            return "partial", self.describe(value.func), list(map(self._function_or_class, arguments))
        if isinstance(value, type):
            return None if is_installed_class(value) else self._class(value)
        # Some objects have every attribute, so only one that was set counts.
        wrapped = getattr(value, "__dict__", {}).get("__wrapped__")
        return None if wrapped is None else ("wrapped", self.describe(wrapped))

    def _function_or_class(self, value: Any) -> Any:
        """Describe a function or a class that another one refers to; None for anything else."""
        description = None if may_be_filled(value) else self.describe(value)
        return None if description is None or description[0] == "constant" else description

    def _attribute_or_default(self, value: Any, name: str, file: SourceFile) -> Any:
        """Describe an attribute or a default; None for what code may fill, and what a file does not show."""
        is_shown = name in file.constants and not may_be_filled(value)
        return self.describe(value) if is_shown else self._function_or_class(value)

    def _function(self, function: types.FunctionType) -> Any:
        code = function.__code__
        file = source_file(code.co_filename)
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        kept = [self._content(cell) for name, cell in cells if name not in file.state]
        if is_installed_path(code.co_filename) or is_generated(code):
            # Such as what a decorator makes of a user's function. Generated code may contain addresses.
            wrapped = getattr(function, "__wrapped__", None)
            parts = [part for part in (self._function_or_class(wrapped), *kept) if part is not None]
            return ("function", function.__module__, function.__qualname__, parts) if parts else None
        names = code.co_varnames[: code.co_argcount]
        values = function.__defaults__ or ()
        defaults = [*zip(names[len(names) - len(values) :], values, strict=True)]
        defaults += sorted((function.__kwdefaults__ or {}).items())
        own_name = function.__qualname__ if code.co_qualname.startswith(IPYTHON_CLASS) else code.co_qualname
        parts = [self._attribute_or_default(value, f"{own_name}.{name}", file) for name, value in defaults]
        return "function", code_description(code), parts, kept

    def _content(self, cell: types.CellType) -> Any:
        try:
            content = cell.cell_contents
        except ValueError:
            # The variable was not set yet.
            return None
        return None if isinstance(content, type) else self._function_or_class(content)

    def _class(self, kind: type) -> Any:
        module = sys.modules.get(kind.__module__)
        file = source_file(None if module is None else path_of(module))
        if issubclass(kind, enum.Enum):
            values = [(name, member.value) for name, member in kind.__members__.items()]
        else:
            left_out = SET_BY_PYTHON | self._state
            own = [each for each in vars(kind).items() if each[0] not in left_out and not _is_inherited(kind, *each)]
            values = sorted(own, key=itemgetter(0))
        parts = [
            (name, self._attribute_or_default(value, f"{kind.__qualname__}.{name}", file)) for name, value in values
        ]
        # Other attributes may be added when the class is used.
        return "class", kind.__qualname__, [part for part in parts if part[1] is not None]


def _is_inherited(kind: type, name: str, value: object) -> bool:
    """Return whether an attribute of a class is that of a base: `typing` copies methods when a class is first used."""
    return any(vars(base).get(name) is value for base in kind.__mro__[1:])


def code_description(code: types.CodeType) -> Any:
    """Describe code by what it does, wherever it is in the file, without its docstring.

    Python compiles a call of `module.function` in two ways, according to whether the import is in the same source.
    """
    steps = steps_of(code)
    offsets = [step.offset for step in steps]
    described = []
    for step in steps:
        argument = step.arg if step.argval is None else step.argval
        if step.opcode in JUMPS:
            argument = bisect_left(offsets, step.argval)
        elif step.opcode in dis.hasconst:
            argument = _code_constant(step.argval)
        described.append((SAME_STEPS.get(step.opname, step.opname), argument))
    handlers = [
        (*(bisect_left(offsets, offset) for offset in (entry.start, entry.end, entry.target)), entry.depth, entry.lasti)
        for entry in dis.Bytecode(code).exception_entries  # type: ignore[attr-defined]
    ]
    arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & ~WITHOUT_MEANING
    return code.co_name, arguments, code.co_varnames, code.co_freevars, described, handlers


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
