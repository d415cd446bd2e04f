"""A short text for everything that decides the bytes of a segment: segments with the same fingerprint are the same.

A value that cannot be compared gets a fingerprint that no other run has: a segment is made again rather than used
wrongly.
"""

from __future__ import annotations

import copyreg
import dis
import functools
import hashlib
import importlib.util
import json
import os
import pickle
import sys
import sysconfig
import types
import uuid
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import _native

# Packages whose releases may draw other pixels.
DRAWING = ("matplotlib", "numpy", "pillow")
# Python's own data about a class, and data that other attributes contain.
NO_ATTRIBUTES = (
    "__dict__", "__weakref__", "__module__", "__doc__", "__firstlineno__", "__static_attributes__",
    "__dataclass_fields__", "__dataclass_params__", "__slotnames__", "__abstractmethods__", "_abc_impl",
)  # fmt: skip
PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Where Python's own modules are, and the folders of installed packages.
STANDARD = tuple(path + os.sep for path in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")))
# `Py_TPFLAGS_HEAPTYPE`: a class that is made while Python runs.
HEAP_TYPE = 1 << 9
PACKAGES = {"site-packages", "dist-packages"}


class Fingerprint(NamedTuple):
    """A fingerprint, and whether another run can have the same one."""

    text: str
    is_comparable: bool


@functools.cache
def versions() -> dict[str, Any]:
    """Return the versions of installed packages that decide the bytes of a segment."""
    installed = {name: _version(name) for name in ("framemill", *DRAWING)}
    return {**installed, "python": list(sys.version_info[:2]), "build": list(_native.build())}


def fingerprint(*values: object) -> Fingerprint:
    """Return a fingerprint of values, including functions, and of the installed packages.

    For functions, it covers the code, the defaults, and what they refer to by name: variables, functions, classes, and
    modules that are not installed. Files that they read it does not know.
    """
    seen = _Seen()
    try:
        described = repr([seen.described(value) for value in values])
    except RecursionError:
        described, seen.is_comparable = uuid.uuid4().hex, False
    about = json.dumps([versions(), described], sort_keys=True)
    return Fingerprint(hashlib.sha256(about.encode()).hexdigest()[:16], seen.is_comparable)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


class _Seen:
    """Describes values, each object once."""

    def __init__(self) -> None:
        self.is_comparable = True
        self._numbers: dict[int, int] = {}
        self._modules: set[tuple[int, frozenset[str]]] = set()
        # So that no other object gets the address of one that was seen.
        self._kept: list[object] = []

    def described(self, value: Any) -> Any:
        """Describe a value by texts and numbers that are equal for equal values."""
        if isinstance(value, PLAIN) and type(value) in PLAIN:
            return type(value).__name__, repr(value)
        if id(value) in self._numbers:
            return "again", self._numbers[id(value)]
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        for kinds, describe in self._KINDS:
            if isinstance(value, kinds):
                return describe(self, value)
        return self._object(value)

    def _array(self, array: Any) -> Any:
        kind = self._kind(array)
        if isinstance(array, np.ma.MaskedArray):
            return kind, self.described(array.data), self.described(np.ma.getmaskarray(array))
        if array.dtype.hasobject:
            return kind, array.shape, self.described(array.tolist())
        content: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8) if array.size else b""
        return kind, array.shape, repr(array.dtype), hashlib.sha256(content).hexdigest()

    def _items(self, items: Any) -> Any:
        return self._kind(items), [self.described(item) for item in items]

    def _mapping(self, mapping: Any) -> Any:
        return self._kind(mapping), [(self.described(key), self.described(item)) for key, item in mapping.items()]

    def _set(self, items: Any) -> Any:
        # Another process has them in another order.
        return self._kind(items), sorted(repr(self._apart(item)) for item in items)

    def _apart(self, value: Any) -> Any:
        """Describe a value without the numbers of objects that were seen before it."""
        apart = _Seen()
        apart._kept = self._kept
        described = apart.described(value)
        self.is_comparable &= apart.is_comparable
        return described

    def _kind(self, value: Any) -> Any:
        """Describe the type of a value, and the attributes that a class of the user's adds to a type of Python's."""
        kind = type(value)
        if _is_installed(_file_of(kind)):
            return kind.__qualname__
        return self.described(kind), self.described(_attributes(value))

    def _partial(self, partial: Any) -> Any:
        return "partial", self.described((partial.func, partial.args, partial.keywords))

    def _method(self, method: Any) -> Any:
        return "method", self.described(method.__func__), self.described(method.__self__)

    def _property(self, value: Any) -> Any:
        return "property", self.described((value.fget, value.fset))

    def _wrapped(self, value: Any) -> Any:
        return type(value).__name__, self.described(value.__func__)

    def _module(self, module: Any) -> Any:
        return "module", module.__name__, _source(getattr(module, "__file__", None))

    def _used(self, value: Any, names: frozenset[str]) -> Any:
        """Describe what code refers to: of a user's own module, also its attributes of these names."""
        if not isinstance(value, types.ModuleType) or _source(getattr(value, "__file__", None)) is None:
            return self.described(value)
        visit = id(value), names
        if visit in self._modules:
            return "module", value.__name__
        self._modules.add(visit)
        attributes = vars(value)
        found = [(name, self._used(attributes[name], names)) for name in sorted(names & attributes.keys())]
        return self._module(value), found

    def _class(self, kind: Any) -> Any:
        if _is_installed(_file_of(kind)):
            return "class", kind.__module__, kind.__qualname__
        attributes = {name: part for name, part in vars(kind).items() if name not in NO_ATTRIBUTES}
        return "class", kind.__qualname__, self.described(attributes), self.described(kind.__bases__)

    def _function(self, function: Any) -> Any:
        code = function.__code__
        if _is_installed(code.co_filename):
            return "function", function.__module__, function.__qualname__
        names, known = _names(code), function.__globals__
        used = [(name, self._used(known[name], names)) for name in sorted(names & known.keys())]
        imported = [(name, self._imported(name, names)) for name in sorted(_imports(code))]
        cells = [self._used(_content(cell), names) for cell in function.__closure__ or ()]
        parts = (code, function.__defaults__, function.__kwdefaults__)
        return "function", [self.described(part) for part in parts], cells, used, imported

    def _imported(self, name: str, names: frozenset[str]) -> Any:
        module = sys.modules.get(name)
        return _source_of_import(name) if module is None else self._used(module, names)

    def _code(self, code: Any) -> Any:
        constants = [self.described(constant) for constant in code.co_consts]
        return code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars

    def _member(self, member: Any) -> Any:
        return "member", member.__name__

    def _object(self, value: Any) -> Any:
        kind = type(value)
        try:
            if not _is_installed(_file_of(kind)):
                # What a type of C adds is among the arguments that pickle would make the object of.
                arguments = value.__reduce_ex__(4)[1] if _is_made_of_c(kind) else ()
                return "object", self._kind(value), self.described(arguments)
            wrapped = getattr(value, "__wrapped__", None)
            if isinstance(wrapped, types.FunctionType):
                return "wrapped", kind.__qualname__, self.described(wrapped)
            return "pickled", kind.__qualname__, hashlib.sha256(pickle.dumps(value, protocol=4)).hexdigest()
        except RecursionError:
            raise
        except Exception:
            self.is_comparable = False
            return "unknown", uuid.uuid4().hex

    _KINDS: Any = (
        (np.ndarray, _array),
        ((list, tuple), _items),
        ((dict, types.MappingProxyType), _mapping),
        ((set, frozenset), _set),
        (functools.partial, _partial),
        (types.MethodType, _method),
        (types.FunctionType, _function),
        (types.CodeType, _code),
        (types.ModuleType, _module),
        (property, _property),
        ((staticmethod, classmethod), _wrapped),
        ((types.MemberDescriptorType, types.GetSetDescriptorType), _member),
        (type, _class),
    )


def _inner(code: types.CodeType) -> list[types.CodeType]:
    """Return code, and the code of the functions that are defined in it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return [code, *(part for one in inner for part in _inner(one))]


def _names(code: types.CodeType) -> frozenset[str]:
    """Return the names that code may look up, as variables or as attributes."""
    return frozenset(name for part in _inner(code) for name in part.co_names)


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object of a user's class, in its dictionary and its slots."""
    slots = copyreg._slotnames(type(value))  # type: ignore[attr-defined]
    attributes = getattr(value, "__dict__", {})
    return {**attributes, **{name: getattr(value, name) for name in slots if hasattr(value, name)}}


def _is_made_of_c(kind: type) -> bool:
    """Return whether a class derives from a type that is written in C, besides `object`, which may hold data."""
    return any(base is not object and not base.__flags__ & HEAP_TYPE for base in kind.__mro__)


def _imports(code: types.CodeType) -> set[str]:
    """Return the modules that code imports while it runs."""
    instructions = (instruction for part in _inner(code) for instruction in dis.get_instructions(part))
    return {str(instruction.argval) for instruction in instructions if instruction.opname == "IMPORT_NAME"}


def _source_of_import(name: str) -> str | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return None if spec is None else _source(spec.origin)


def _file_of(kind: type) -> str | None:
    module = sys.modules.get(kind.__module__)
    if kind.__module__ == "__main__":
        return None
    # Builtin modules have no file; Python's release identifies them.
    return getattr(module, "__file__", None) or "<frozen>"


def _is_installed(path: str | None) -> bool:
    """Return whether a file belongs to Python or to a package, which their releases identify."""
    if path is None:
        return False
    return path.startswith(("<frozen", *STANDARD)) or not PACKAGES.isdisjoint(Path(path).parts)


def _source(path: str | None) -> str | None:
    """Return the digest of a user's own module."""
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
