"""A short text for everything that decides the bytes of a segment: segments with the same fingerprint are the same.

A value that cannot be compared gets a fingerprint that no other run has: a segment is made again rather than used
wrongly.
"""

from __future__ import annotations

import copyreg
import dis
import functools
import hashlib
import importlib
import importlib.util
import inspect
import json
import os
import pickle
import re
import sys
import sysconfig
import threading
import types
import uuid
import weakref
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import _native

# Packages whose releases may draw other pixels.
DRAWING = ("matplotlib", "numpy", "pillow")
# Python's own data about a class, and data that other attributes contain. The docstring of a dataclass has the
# addresses of its defaults.
NO_ATTRIBUTES = (
    "__doc__", "__dict__", "__weakref__", "__module__", "__firstlineno__", "__static_attributes__",
    "__dataclass_fields__", "__dataclass_params__", "__slotnames__", "__abstractmethods__", "_abc_impl",
)  # fmt: skip
# Containers that have nothing but what they contain.
CONTAINERS = (
    list, tuple, dict, types.MappingProxyType, set, frozenset, np.ndarray, np.ma.MaskedArray, np.memmap,
)  # fmt: skip
PLAIN = (type(None), bool, int, float, complex, str, bytes)
# The folders of Python's own modules, and the names of the folders of installed packages.
STANDARD = tuple(path + os.sep for path in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")))
PACKAGES = {"site-packages", "dist-packages"}
# Objects that do not decide a frame: locks, weak references to objects that others hold, and the environment, which
# differs between sessions.
WITHOUT_CONTENT = (
    type(threading.Lock()), type(threading.RLock()), type(os.environ),
    weakref.WeakKeyDictionary, weakref.WeakValueDictionary, weakref.WeakSet,
)  # fmt: skip
# Origins of modules without a file.
NO_FILES = ("built-in", "frozen")
# Instructions that load global variables.
LOADING = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
# Functions and attributes by which code looks up variables by their names.
LOOKING_UP = frozenset({
    "eval", "evaluate", "exec", "f_globals", "globals", "__globals__", "locals", "modules", "query", "sql", "vars",
})  # fmt: skip
# `Py_TPFLAGS_HEAPTYPE`: a class that is made while Python runs.
HEAP_TYPE = 1 << 9


class Fingerprint(NamedTuple):
    """A fingerprint, and the type of the first object that cannot be compared with another run; None if all can."""

    text: str
    unknown: str | None


@functools.cache
def versions() -> dict[str, Any]:
    """Return the versions of installed packages that decide the bytes of a segment."""
    installed = {name: _version(name) for name in ("framemill", *DRAWING)}
    return {**installed, "python": list(sys.version_info[:2]), "build": list(_native.build())}


def fingerprint(*values: object, names: Iterable[str] = ()) -> Fingerprint:
    """Return a fingerprint of values, including functions, and of the installed packages.

    Attributes of the user's modules count if code names them, or if they are among `names`.

    For functions, it covers the code, the defaults, and what they refer to by name: variables, functions, classes, and
    modules that are not installed. It does not cover files that they read.
    """
    seen = _Describer(names)
    try:
        described = repr([[seen.describe(value) for value in values], seen.attributes_of_modules()])
        unknown = seen.unknown
    except RecursionError:
        described, unknown = uuid.uuid4().hex, "nested too deeply"
    about = json.dumps([versions(), described], sort_keys=True)
    return Fingerprint(hashlib.sha256(about.encode()).hexdigest()[:16], unknown)


def texts_in(items: Any) -> set[str]:
    """Return all texts in items, which may be names of attributes."""
    found: set[str] = set()
    # Keeps all containers, so that no other one gets the address of one that was seen.
    kept: list[Any] = []
    seen: set[int] = set()
    waiting = [items]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.add(item)
        elif id(item) not in seen:
            seen.add(id(item))
            kept.append(item)
            if isinstance(item, np.ndarray) and item.dtype.kind in "UO":
                waiting += item.ravel().tolist()
            elif isinstance(item, dict):
                waiting += [*item, *item.values()]
            elif isinstance(item, (list, tuple, set, frozenset)):
                waiting += item
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


class _Describer:
    """Describes values, each object once."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        # The type of the first object that cannot be compared.
        self.unknown: str | None = None
        self._numbers: dict[int, int] = {}
        # The user's own modules, and the names that code looks up.
        self._modules: list[types.ModuleType] = []
        self._names: set[str] = set(names)
        # So that no other object gets the address of one that was seen.
        self._kept: list[object] = []
        # The digests of items of sets, by their addresses; None while an item is being described.
        self._apart: dict[int, str | None] = {}

    def describe(self, value: Any) -> Any:
        """Describe a value by texts and numbers that are equal for equal values."""
        if isinstance(value, str):
            # It may be the name of an attribute of a module.
            self._names.add(value)
        if isinstance(value, PLAIN) and type(value) in PLAIN:
            return type(value).__name__, repr(value)
        if id(value) in self._numbers:
            return "again", self._numbers[id(value)]
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        try:
            for kinds, describe in self._KINDS:
                if isinstance(value, kinds):
                    return describe(self, value)
            return self._object(value)
        except RecursionError:
            raise
        except Exception:
            # Some objects refuse to be looked at.
            return self._unknown(type(value))

    def attributes_of_modules(self) -> Any:
        """Describe the attributes of the user's own modules that code names, once all else is described."""
        described: list[Any] = []
        done: set[tuple[int, str]] = set()
        while True:
            # Each attribute may lead to more modules and more code. Sets give modules in any order.
            modules = sorted(self._modules, key=lambda module: module.__name__)
            named = [(module, name) for module in modules for name in sorted(self._names & vars(module).keys())]
            new = [(module, name) for module, name in named if (id(module), name) not in done]
            if not new:
                return described
            for module, name in new:
                done.add((id(module), name))
                described.append((module.__name__, name, self.describe(vars(module)[name])))

    def _array(self, array: Any) -> Any:
        kind = self._kind(array)
        if isinstance(array, np.ma.MaskedArray):
            parts = array.data, np.ma.getmaskarray(array), array.fill_value
            return kind, [self.describe(part) for part in parts]
        if array.dtype.hasobject:
            return kind, array.shape, self.describe(array.tolist())
        about = kind, array.shape, repr(array.dtype)
        if array.dtype.names is not None:
            # Bytes between the fields are arbitrary.
            return about, [self.describe(array[name]) for name in array.dtype.names]
        if array.dtype.char in "gG":
            # So are some bytes of long doubles.
            return about, [repr(number) for number in array.ravel()]
        content: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8) if array.size else b""
        return about, hashlib.sha256(content).hexdigest()

    def _items(self, items: Any) -> Any:
        return self._kind(items), [self.describe(item) for item in items]

    def _mapping(self, mapping: Any) -> Any:
        return self._kind(mapping), [(self.describe(key), self.describe(item)) for key, item in mapping.items()]

    def _set(self, items: Any) -> Any:
        # Another process has them in another order.
        return self._kind(items), sorted(self._digest_apart(item) for item in items)

    def _digest_apart(self, value: Any) -> str:
        """Describe a value without the numbers of objects that were seen before it, and return the digest."""
        if id(value) not in self._apart:
            self._kept.append(value)
            self._apart[id(value)] = None
            apart = _Describer()
            apart._kept, apart._modules, apart._names = self._kept, self._modules, self._names
            apart._apart = self._apart
            described = repr(apart.describe(value))
            self.unknown = self.unknown or apart.unknown
            self._apart[id(value)] = hashlib.sha256(described.encode()).hexdigest()
        # An item that refers to its own set cannot be compared, because the set has no order.
        return self._apart[id(value)] or repr(self._unknown(type(value)))

    def _kind(self, value: Any) -> Any:
        """Describe the type of a value, and the state that a user's class adds to it."""
        kind = type(value)
        if kind in CONTAINERS:
            return kind.__qualname__
        if _is_installed_class(kind):
            return self._object(value)
        described = self.describe(kind), self.describe(_attributes(value))
        is_extended = any(base not in CONTAINERS and _is_installed_class(base) for base in kind.__mro__[1:-1])
        # Attributes come first: some types have no dictionary of them until it is looked at.
        return described, self._reduced(value) if is_extended else None

    def _method(self, method: Any) -> Any:
        if _is_method_found_by_name(method):
            # Such as `random.uniform`, whose object changes with each call.
            return "method", method.__func__.__module__, method.__name__
        return "method", self.describe(method.__func__), self.describe(method.__self__)

    def _property(self, value: Any) -> Any:
        return "property", self.describe((type(value), value.fget, value.fset, value.fdel))

    def _wrapped(self, value: Any) -> Any:
        return self.describe((type(value), value.__func__))

    def _cached_property(self, value: Any) -> Any:
        return "cached property", self.describe((type(value), value.func))

    def _without_content(self, value: Any) -> Any:
        return type(value).__name__

    def _module(self, module: Any) -> Any:
        if _is_user_module(module) and all(module is not known for known in self._modules):
            self._modules.append(module)
        return "module", module.__name__, _source(_path_of(module))

    def _class(self, kind: Any) -> Any:
        if _is_installed_class(kind):
            return "class", kind.__module__, kind.__qualname__
        attributes = {name: part for name, part in vars(kind).items() if name not in NO_ATTRIBUTES}
        fields = vars(kind).get("__dataclass_fields__", {})
        metadata = {name: dict(field.metadata) for name, field in fields.items() if field.metadata}
        parts = attributes, metadata, kind.__bases__, type(kind)
        return "class", kind.__qualname__, [self.describe(part) for part in parts]

    def _function(self, function: Any) -> Any:
        name = "function", function.__module__, function.__qualname__
        if _is_found_by_name(function):
            return name
        code, known = function.__code__, function.__globals__
        cells = [_content(cell) for cell in function.__closure__ or ()]
        parts = self.describe([cells, function.__defaults__, function.__kwdefaults__, vars(function)])
        if _is_installed_path(code.co_filename):
            # Such as what a decorator makes of a user's function.
            return name, code.co_firstlineno, parts
        self._names |= _names(code)
        used = [(name, self.describe(known[name])) for name in sorted(_variables(code) & known.keys())]
        imports = sorted(_imports(code, known.get("__package__")))
        imported = [(name, self._imported(name, items)) for name, items in imports]
        return "function", function.__qualname__, self.describe(code), parts, used, imported

    def _imported(self, name: str, items: Iterable[str]) -> Any:
        module = _imported_module(name)
        # Installed modules are the same whether they are imported yet or not.
        if module is None or not _is_user_module(module):
            return None
        # What is no attribute of a package yet may be a module in it.
        inner = [_imported_module(f"{name}.{item}") for item in items if not hasattr(module, item)]
        return self.describe(module), [self.describe(each) for each in inner]

    def _code(self, code: Any) -> Any:
        constants = [self.describe(constant) for constant in code.co_consts]
        arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
        names = code.co_names, code.co_varnames, code.co_freevars
        return code.co_code.hex(), code.co_exceptiontable.hex(), constants, arguments, names

    def _member(self, member: Any) -> Any:
        return "member", member.__name__

    def _object(self, value: Any) -> Any:
        kind = type(value)
        if _is_instance_of("matplotlib.artist", "Artist", value):
            # It has the addresses of objects among its attributes.
            return self._unknown(kind)
        if _is_instance_of("matplotlib.cbook", "CallbackRegistry", value):
            return self._without_content(value)
        if not _is_installed_class(kind):
            return "object", self._kind(value)
        wrapped = getattr(value, "__wrapped__", None)
        if isinstance(wrapped, (types.FunctionType, type)):
            return "wrapped", kind.__qualname__, self.describe(wrapped)
        # Objects such as curried functions refer to their function by its name only.
        names = [name for name in ("func", "args", "keywords") if inspect.getattr_static(value, name, None) is not None]
        called = [getattr(value, name) for name in names] if callable(value) else []
        return "object", kind.__qualname__, self._reduced(value), self.describe(called)

    def _reduced(self, value: Any) -> Any:
        """Describe an object, whose class derives from one of a package, by what pickle would make it of."""
        if _is_instance_of("matplotlib.colors", "Colormap", value):
            # Its colors are computed when it is first used.
            value(0.0)
        reduce = copyreg.dispatch_table.get(type(value))
        reduced = value.__reduce_ex__(4) if reduce is None else reduce(value)
        if isinstance(reduced, str):
            # The name of a variable of a module, if it has this very object.
            return pickle.dumps(value, protocol=4).hex()
        # The items of lists and of dictionaries come as iterators.
        return [self.describe(list(part) if isinstance(part, Iterator) else part) for part in reduced]

    def _unknown(self, kind: type) -> Any:
        self.unknown = self.unknown or f"{kind.__module__}.{kind.__qualname__}"
        return "unknown", uuid.uuid4().hex

    _KINDS: Any = (
        (np.ndarray, _array),
        ((list, tuple), _items),
        ((dict, types.MappingProxyType), _mapping),
        ((set, frozenset), _set),
        (types.MethodType, _method),
        (types.FunctionType, _function),
        (types.CodeType, _code),
        (types.ModuleType, _module),
        (property, _property),
        (functools.cached_property, _cached_property),
        (WITHOUT_CONTENT, _without_content),
        ((staticmethod, classmethod), _wrapped),
        ((types.MemberDescriptorType, types.GetSetDescriptorType), _member),
        (type, _class),
    )


def _inner(code: types.CodeType) -> list[types.CodeType]:
    """Return code, and the code of the functions that are defined in it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return [code, *(part for one in inner for part in _inner(one))]


def _names(code: types.CodeType) -> frozenset[str]:
    """Return the names that code may look up, as variables, as attributes, or by `getattr` with a text."""
    inner = _inner(code)
    texts = (constant for part in inner for constant in part.co_consts if isinstance(constant, str))
    return frozenset(texts).union(*(part.co_names for part in inner))


def _variables(code: types.CodeType) -> set[str]:
    """Return the names that code may look up as global variables, by itself or by functions such as `eval`."""
    inner = _inner(code)
    steps = (step for part in inner for step in dis.get_instructions(part))
    names = {step.argval for step in steps if step.opname in LOADING}
    attributes = {name for part in inner for name in part.co_names}
    if LOOKING_UP.isdisjoint(attributes):
        return names
    texts = (constant for part in inner for constant in part.co_consts if isinstance(constant, str))
    return names.union(attributes, *(re.findall(r"[^\W\d]\w*", text) for text in texts))


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object of a user's class, in its dictionary and its slots."""
    slots = copyreg._slotnames(type(value))  # type: ignore[attr-defined]
    attributes = getattr(value, "__dict__", {})
    return {**attributes, **{name: getattr(value, name) for name in slots if hasattr(value, name)}}


def _imports(code: types.CodeType, package: str | None) -> set[tuple[str, tuple[str, ...]]]:
    """Return the modules that code of a package imports while it runs, each with the names that it takes from it."""
    found = set()
    for part in _inner(code):
        steps = [step for step in dis.get_instructions(part) if step.opname != "EXTENDED_ARG"]
        for place, step in enumerate(steps):
            if step.opname != "IMPORT_NAME":
                continue
            level, items = steps[place - 2].argval, steps[place - 1].argval
            try:
                name = importlib.util.resolve_name("." * level + step.argval, package)
            except ImportError:
                # The import will fail in the same way.
                continue
            found.add((name, tuple(items or ())))
    return found


def _imported_module(name: str) -> types.ModuleType | None:
    """Return a module. A user's own module is imported if it is not yet. None if it cannot be imported."""
    if name in sys.modules:
        return sys.modules[name]
    try:
        package = importlib.util.find_spec(name.partition(".")[0])
        if package is None or package.origin in NO_FILES:
            return None
        places = [package.origin, *(package.submodule_search_locations or ())]
        return None if any(map(_is_installed_path, places)) else importlib.import_module(name)
    except (Exception, SystemExit):
        # The module may raise anything, and end the program.
        return None


def _is_instance_of(module: str, name: str, value: object) -> bool:
    """Return whether a value is of a class of a module that may not be imported."""
    return module in sys.modules and isinstance(value, getattr(sys.modules[module], name))


def _is_found_by_name(function: types.FunctionType) -> bool:
    """Return whether an installed module has this very function under its name."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is function and not _is_user_module(sys.modules[function.__module__])


def _is_method_found_by_name(method: types.MethodType) -> bool:
    """Return whether an installed module has this very bound method under its name."""
    module = sys.modules.get(getattr(method.__func__, "__module__", None) or "")
    return module is not None and vars(module).get(method.__name__) is method and not _is_user_module(module)


def _is_user_module(module: types.ModuleType) -> bool:
    """Return whether a module is the user's own."""
    # A namespace package has folders instead of a file.
    path = _path_of(module) or next(iter(vars(module).get("__path__", ())), None)
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    is_installed = _is_installed_path(path) if path else origin in NO_FILES
    return module.__name__ == "__main__" or not is_installed


def _is_installed_class(kind: type) -> bool:
    """Return whether a class belongs to Python or to a package."""
    module = sys.modules.get(kind.__module__)
    if module is None or kind.__module__ == "builtins":
        # Classes that user code makes while it runs may have no module, or seem to be Python's.
        return not kind.__flags__ & HEAP_TYPE
    return not _is_user_module(module)


def _path_of(module: types.ModuleType) -> str | None:
    return vars(module).get("__file__")


def _is_installed_path(path: str | None) -> bool:
    """Return whether a file belongs to Python or to a package, which their releases identify."""
    if path is None:
        return False
    return path.startswith(("<frozen", *STANDARD)) or not PACKAGES.isdisjoint(Path(path).parts)


def _source(path: str | None) -> str | None:
    """Return the digest of a user's own module."""
    if path is None or _is_installed_path(path):
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
