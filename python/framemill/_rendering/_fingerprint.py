"""What decides the bytes of a segment, as a short text: segments of two runs with the same one are the same."""

from __future__ import annotations

import functools
import hashlib
import json
import pickle
import types
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from .. import _native
from .._errors import FrameTypeError

# Whose releases draw other pixels.
DRAWING = ("matplotlib", "numpy", "pillow")
PLAIN = (type(None), bool, int, float, complex, str, bytes)


def fingerprint(options: dict[str, Any], *functions: object) -> str:
    """A fingerprint of a movie's options, of the functions that draw it, and of what is installed.

    Of functions it covers the code, the default values, and the numbers, texts, arrays and functions that they refer
    to by name. Of objects of other classes, and of files that they read, it knows nothing.
    """
    seen = _Seen()
    about = {
        "versions": {name: _version(name) for name in ("framemill", *DRAWING)},
        "build": _native.build(),
        "options": sorted((name, repr(value)) for name, value in options.items()),
        "functions": [seen.digest(function) for function in functions],
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def items_digest(items: Any, is_sent: bool) -> str | None:
    """A fingerprint of what `draw` is called with; None where it has none, and is not sent to other processes."""
    try:
        return hashlib.sha256(pickle.dumps(list(items), protocol=4)).hexdigest()[:16]
    except Exception as error:
        if not is_sent:
            return None
        raise FrameTypeError(f"frames cannot be sent to other processes: {error}") from error


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


class _Seen:
    """Digests values, each object once."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        # So that no other object gets the address of one that was seen.
        self._kept: list[object] = []

    def digest(self, value: object) -> str:
        return hashlib.sha256(repr(self._described(value)).encode()).hexdigest()

    def _described(self, value: Any) -> Any:
        if isinstance(value, PLAIN):
            return type(value).__name__, repr(value)
        if id(value) in self._numbers:
            return "again", self._numbers[id(value)]
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                return "array", self._described(value.tolist())
            content = hashlib.sha256(np.ascontiguousarray(value).data).hexdigest()
            return "array", value.shape, value.dtype.str, content
        if isinstance(value, (list, tuple)):
            return type(value).__name__, [self._described(item) for item in value]
        if isinstance(value, dict):
            return "dict", [(self._described(key), self._described(item)) for key, item in value.items()]
        if isinstance(value, functools.partial):
            return "partial", self._described((value.func, value.args, value.keywords))
        if isinstance(value, types.MethodType):
            return "method", self._described(value.__func__), self._described(value.__self__)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.CodeType):
            return self._code(value)
        if isinstance(value, (set, frozenset)):
            return "set", sorted(map(repr, value))
        if isinstance(value, types.ModuleType):
            return "module", value.__name__, _own_source(value)
        if isinstance(value, type):
            methods = {name: part for name, part in vars(value).items() if isinstance(part, types.FunctionType)}
            return "class", value.__module__, value.__qualname__, self._described(methods)
        attributes = getattr(value, "__dict__", None)
        call = vars(type(value)).get("__call__")
        if isinstance(call, types.FunctionType):
            # An object that is called as a function: what it holds is its closure.
            return "callable", self._described(call), self._described(attributes)
        return "object", type(value).__module__, type(value).__qualname__

    def _function(self, function: types.FunctionType) -> Any:
        code = function.__code__
        if _is_installed(code.co_filename):
            return "function", function.__module__, function.__qualname__
        names = sorted(_names(code))
        used = {name: function.__globals__[name] for name in names if name in function.__globals__}
        cells = [_content(cell) for cell in function.__closure__ or ()]
        parts = (code, function.__defaults__, function.__kwdefaults__, cells, used)
        return "function", [self._described(part) for part in parts]

    def _code(self, code: types.CodeType) -> Any:
        constants = [self._described(constant) for constant in code.co_consts]
        return code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars


def _names(code: types.CodeType) -> set[str]:
    """The names that code, and the code inside it, may look up."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _is_installed(path: str) -> bool:
    """Whether a file is of Python or of a package: those are known by their releases."""
    return any(part in path for part in ("site-packages", "dist-packages", "/lib/python3")) or path.startswith(
        "<frozen"
    )


def _own_source(module: types.ModuleType) -> str | None:
    """The digest of a user's own module."""
    path = getattr(module, "__file__", None)
    if path is None or _is_installed(path):
        return None
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        # The variable was not set yet.
        return None
