"""A short text for everything that decides the bytes of a segment: segments with the same fingerprint are the same.

A value that cannot be compared gets a fingerprint that no other run has: a segment is made again rather than used
wrongly.
"""

from __future__ import annotations

import copyreg
import functools
import hashlib
import inspect
import json
import os
import pickle
import sys
import threading
import types
import uuid
import weakref
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import numpy as np

from .. import _native
from ._code import imports_in, looks_up, names_in, variables_in, words_in
from ._modules import (
    imported_module,
    is_found_by_name,
    is_installed_class,
    is_installed_path,
    is_instance_of,
    is_method_found_by_name,
    is_user_module,
    path_of,
    source_digest,
)

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
# Attributes of objects that call functions: what they call, and with which arguments.
CALLED = ("func", "args", "keywords", "pyfunc", "otypes", "excluded", "signature")
PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Objects that do not decide a frame: locks, weak references to objects that others hold, and the environment, which
# differs between sessions.
WITHOUT_CONTENT = (
    type(threading.Lock()), type(threading.RLock()), type(os.environ),
    weakref.WeakKeyDictionary, weakref.WeakValueDictionary, weakref.WeakSet,
)  # fmt: skip


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
            found.update([item, *words_in(item)])
        elif isinstance(item, (list, tuple, dict, set, frozenset, np.ndarray)) and id(item) not in seen:
            seen.add(id(item))
            kept.append(item)
            if isinstance(item, np.ndarray):
                waiting += item.ravel().tolist() if item.dtype.kind in "UO" else []
            else:
                waiting += [*item, *item.values()] if isinstance(item, dict) else item
        elif not isinstance(item, (type, *PLAIN)) and not is_installed_class(type(item)) and id(item) not in seen:
            seen.add(id(item))
            kept.append(item)
            waiting.append(_attributes(item))
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
        # The variables of code that looks them up by texts, and the words of all texts.
        self._variables: list[dict[str, Any]] = []
        self._words: set[str] = set(names)
        # So that no other object gets the address of one that was seen.
        self._kept: list[object] = []
        # The digests of items of sets, by their addresses; None while an item is being described.
        self._apart: dict[int, str | None] = {}

    def describe(self, value: Any) -> Any:
        """Describe a value by texts and numbers that are equal for equal values."""
        if isinstance(value, str):
            # It may have the names of variables and of attributes of modules.
            self._words.update([value, *words_in(value)])
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
        """Describe the attributes of modules that code and texts name, once all else is described.

        These are the user's own modules, and variables of code that looks them up by texts.
        """
        described: list[Any] = []
        done: set[tuple[int, str]] = set()
        while True:
            # Each attribute may lead to more modules and more code. Sets give modules in any order.
            names = self._names | self._words
            found = {id(known): (known, self._words) for known in self._variables}
            found.update((id(vars(module)), (vars(module), names)) for module in self._modules)
            namespaces = sorted(found.values(), key=lambda each: str(each[0].get("__name__")))
            named = [(known, name) for known, names in namespaces for name in sorted(names & known.keys())]
            new = [(known, name) for known, name in named if (id(known), name) not in done]
            if not new:
                return described
            for known, name in new:
                done.add((id(known), name))
                described.append((str(known.get("__name__")), name, self.describe(known[name])))

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
            apart._kept, apart._modules, apart._apart = self._kept, self._modules, self._apart
            apart._names, apart._words, apart._variables = self._names, self._words, self._variables
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
        if is_installed_class(kind):
            return self._object(value)
        described = self.describe(kind), self.describe(_attributes(value))
        is_extended = any(base not in CONTAINERS and is_installed_class(base) for base in kind.__mro__[1:-1])
        # Attributes come first: some types have no dictionary of them until it is looked at.
        return described, self._reduced(value) if is_extended else None

    def _method(self, method: Any) -> Any:
        if is_method_found_by_name(method):
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
        if is_user_module(module) and all(module is not known for known in self._modules):
            self._modules.append(module)
        return "module", module.__name__, source_digest(path_of(module))

    def _class(self, kind: Any) -> Any:
        if is_installed_class(kind):
            return "class", kind.__module__, kind.__qualname__
        attributes = {name: part for name, part in vars(kind).items() if name not in NO_ATTRIBUTES}
        fields = vars(kind).get("__dataclass_fields__", {})
        if not fields:
            attributes["__doc__"] = kind.__doc__
        metadata = {name: dict(field.metadata) for name, field in fields.items() if field.metadata}
        parts = attributes, metadata, kind.__bases__, type(kind)
        return "class", kind.__qualname__, [self.describe(part) for part in parts]

    def _function(self, function: Any) -> Any:
        name = "function", function.__module__, function.__qualname__
        if is_found_by_name(function):
            return name
        code, known = function.__code__, function.__globals__
        cells = [_content(cell) for cell in function.__closure__ or ()]
        parts = self.describe([cells, function.__defaults__, function.__kwdefaults__, vars(function)])
        if is_installed_path(code.co_filename):
            # Such as what a decorator makes of a user's function.
            return name, code.co_firstlineno, parts
        self._names |= names_in(code)
        if looks_up(code) and all(known is not one for one in self._variables):
            self._variables.append(known)
        used = [(name, self.describe(known[name])) for name in sorted(variables_in(code) & known.keys())]
        imports = sorted(imports_in(code, known.get("__package__")))
        imported = [(name, self._imported(name, items)) for name, items in imports]
        return "function", function.__qualname__, self.describe(code), parts, used, imported

    def _imported(self, name: str, items: Iterable[str]) -> Any:
        module = imported_module(name)
        # Installed modules are the same whether they are imported yet or not.
        if module is None or not is_user_module(module):
            return None
        # What is no attribute of a package yet may be a module in it.
        inner = [imported_module(f"{name}.{item}") for item in items if not hasattr(module, item)]
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
        if is_instance_of("matplotlib.artist", "Artist", value):
            # It has the addresses of objects among its attributes.
            return self._unknown(kind)
        if is_instance_of("matplotlib.cbook", "CallbackRegistry", value):
            return self._without_content(value)
        if not is_installed_class(kind):
            return "object", self._kind(value)
        # Objects such as curried functions refer to their function by its name only.
        names = [name for name in CALLED if inspect.getattr_static(value, name, None) is not None]
        called = [getattr(value, name) for name in names] if callable(value) else []
        wrapped = getattr(value, "__wrapped__", None)
        if isinstance(wrapped, (types.FunctionType, type)):
            return "wrapped", kind.__qualname__, self.describe(wrapped), self.describe(called)
        return "object", kind.__qualname__, self._reduced(value), self.describe(called)

    def _reduced(self, value: Any) -> Any:
        """Describe an object, whose class derives from one of a package, by what pickle would make it of."""
        if is_instance_of("matplotlib.colors", "Colormap", value):
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


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object of a user's class, in its dictionary and its slots."""
    slots = copyreg._slotnames(type(value))  # type: ignore[attr-defined]
    attributes = getattr(value, "__dict__", {})
    return {**attributes, **{name: getattr(value, name) for name in slots if hasattr(value, name)}}


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        # The variable was not set yet.
        return None
