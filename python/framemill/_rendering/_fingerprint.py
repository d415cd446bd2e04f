"""A short text for everything that decides the bytes of a segment: segments with the same fingerprint are the same.

A value that cannot be compared gets a fingerprint that no other run has: a segment is made again rather than used
wrongly.
"""

from __future__ import annotations

import contextlib
import copyreg
import functools
import hashlib
import importlib
import inspect
import json
import os
import pickle
import sys
import threading
import types
import typing
import uuid
import weakref
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from .. import _native
from ._code import (
    Found,
    attributes_set_in,
    imports_in,
    is_generated,
    lists_attributes,
    looks_up,
    modules_named_in,
    names_beside_changes_in,
    names_in,
    outer_variables_set_in,
    variables_in,
    words_in,
)
from ._modules import (
    compiled_path,
    imported_module,
    is_compiled_class,
    is_found_by_name,
    is_installed_class,
    is_installed_path,
    is_instance_of,
    is_method_found_by_name,
    is_user_module,
    origin_of,
    path_of,
    source_digest,
)
from ._settings import matplotlib_settings

# Packages whose releases may draw other pixels.
DRAWING = ("matplotlib", "numpy", "pillow")
# Python's own data about a class, and data that other attributes contain.
NO_ATTRIBUTES = (
    "__doc__", "__dict__", "__weakref__", "__module__", "__firstlineno__", "__static_attributes__",
    "__dataclass_fields__", "__dataclass_params__", "__slotnames__", "__abstractmethods__", "_abc_impl",
    "__annotations_cache__", "__pydantic_core_schema__",
)  # fmt: skip
# Containers that have nothing but what they contain.
CONTAINERS = (
    list, tuple, dict, MappingProxyType, set, frozenset,
    np.ndarray, np.ma.MaskedArray, np.memmap, np.matrix, np.recarray,
)  # fmt: skip
# Attributes of descriptors that are not in their dictionaries.
OF_DESCRIPTORS = ("fget", "fset", "fdel", "__func__", "__doc__")
# Attributes of objects that call functions: what they call, and with which arguments.
CALLED = ("func", "args", "keywords", "pyfunc", "otypes", "excluded", "signature")
PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Names of variables and functions by which code reads the command line.
READING_ARGUMENTS = frozenset({"argv", "orig_argv", "parse_args", "parse_known_args"})
# The variable through which annotations see the attributes of their class, which are described with the class.
CLASS_ATTRIBUTES = "__classdict__"
# Functions with attributes that only the user set.
WITH_ATTRIBUTES = (functools._lru_cache_wrapper, functools.partial)
# What decides the result of a function of a library that `ctypes` loaded.
OF_LIBRARY_FUNCTIONS = ("__name__", "restype", "argtypes", "errcheck", "_objects")
# Objects of pydantic that contain addresses, and nothing but what annotations and methods say.
MADE_OF_ANNOTATIONS = ("SchemaValidator", "SchemaSerializer")
WEAK = (weakref.WeakKeyDictionary, weakref.WeakValueDictionary, weakref.WeakSet)
# What compiled classes and slots have instead of functions, and parameters of types: a name decides what they are.
MEMBERS = (
    types.MemberDescriptorType, types.GetSetDescriptorType,
    types.MethodDescriptorType, types.ClassMethodDescriptorType, types.WrapperDescriptorType,
    typing.TypeVar, typing.ParamSpec, typing.TypeVarTuple,
)  # fmt: skip
# Objects that do not decide a frame: locks, and the environment, which differs between sessions.
WITHOUT_CONTENT = (type(threading.Lock()), type(threading.RLock()), type(os.environ))


class Fingerprint(NamedTuple):
    """A fingerprint, and the type of the first object that cannot be compared with another run; None if all can."""

    text: str
    unknown: str | None


@functools.cache
def versions() -> dict[str, Any]:
    """Return the versions of installed packages that decide the bytes of a segment."""
    installed = {name: _version(name) for name in ("framemill", *DRAWING)}
    return {**installed, "python": list(sys.version_info[:2]), "build": list(_native.build())}


def fingerprint(*values: object, found: Found | None = None) -> Fingerprint:
    """Return a fingerprint of values, including functions, and of the installed packages.

    Attributes of the user's modules count if code or texts name them, and all do if code lists attributes. `found` is
    what `found_in` found in items that `values` are called with, and what is found in `values` is added to it: each may
    name attributes of modules that the other refers to.

    For functions, it covers the code, the defaults, and what they refer to by name: variables, functions, classes, and
    modules that are not installed. It does not cover files that they read.
    """
    seen = _Describer(found or Found())
    try:
        parts = [seen.describe(value) for value in values]
        described = repr([parts, seen.attributes_of_modules(), seen.settings(), seen.arguments()])
        unknown = seen.unknown
    except RecursionError:
        described, unknown = uuid.uuid4().hex, "nested too deeply"
    about = json.dumps([versions(), described], sort_keys=True)
    return Fingerprint(hashlib.sha256(about.encode()).hexdigest()[:16], unknown)


def found_in(items: Iterable[Any]) -> Found:
    """Return the names that items may look up, and the modules in which they may look them up."""
    found = Found()
    for item in items:
        # A describer keeps what it describes, and items may be as large as frames.
        with contextlib.suppress(RecursionError):
            # The fingerprint of an item that is nested too deeply is one that no other run has.
            _Describer(found).describe(item)
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_untyped(part: Any) -> bool:
    """Return whether this is a library's function as `ctypes` makes it and keeps it when it is first used."""
    if not is_instance_of("ctypes", "_CFuncPtr", part):
        return False
    return part.argtypes is None and part.errcheck is None and part.restype is part._restype_


class _Describer:
    """Describes values, each object once."""

    def __init__(self, found: Found, outside: Mapping[int, int] = MappingProxyType({})) -> None:
        # The type of the first object that cannot be compared.
        self.unknown: str | None = None
        # Objects by their addresses: those that were seen, and for items of sets, those seen before the outermost set.
        self._numbers: dict[int, int] = {}
        self._outside = outside
        self._found = found
        # So that no other object gets the address of one that was seen.
        self._kept: list[object] = []
        # The digests of items of sets, by their addresses; None while an item is being described.
        self._apart: dict[int, str | None] = {}

    def describe(self, value: Any) -> Any:
        """Describe a value by texts and numbers that are equal for equal values."""
        if isinstance(value, str):
            # It may have the names of variables and of attributes of modules.
            self._found.words.update([value, *words_in(value)])
        if isinstance(value, PLAIN) and type(value) in PLAIN:
            # Python refuses to write numbers with thousands of digits, but not their hexadecimal digits.
            return type(value).__name__, hex(value) if type(value) is int else repr(value)
        if id(value) in self._numbers:
            return "again", self._numbers[id(value)]
        if id(value) in self._outside:
            return "outside", self._outside[id(value)]
        self._number(value)
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

    def _number(self, value: object) -> None:
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)

    def attributes_of_modules(self) -> Any:
        """Describe the attributes of modules that code and texts name, once all else is described.

        These are the user's own modules, and variables of code that looks them up by texts.
        """
        described: list[Any] = []
        done: set[tuple[int, str]] = set()
        while True:
            # Each attribute may lead to more modules and more code.
            new = [(known, name) for known, name in self._found.attributes() if (id(known), name) not in done]
            if not new:
                return described
            for known, name in new:
                done.add((id(known), name))
                self._found.note_used(known.get("__name__"), [name])
                described.append((str(known.get("__name__")), name, self.describe(known[name])))

    def settings(self) -> Any:
        """Describe the settings of Matplotlib, which a file may change, if code imports it while it runs."""
        if not self._found.imports_matplotlib:
            return None
        with contextlib.suppress(ImportError):
            importlib.import_module("matplotlib")
        settings = matplotlib_settings() or {}
        return [(name, self.describe(settings[name])) for name in sorted(settings)]

    def arguments(self) -> list[str]:
        """Return the arguments of this process's command line, if code may read them."""
        return [] if READING_ARGUMENTS.isdisjoint(self._found.names) else sys.argv[1:]

    def _array(self, array: Any) -> Any:
        kind = self._container_type(array)
        if isinstance(array, np.ma.MaskedArray):
            parts = array.data, np.ma.getmaskarray(array), array.fill_value
            return kind, [self.describe(part) for part in parts]
        # A subclass may override how its values are read.
        array = array.view(np.ndarray)
        # The user's code may read the values in memory order (`ravel("K")`), so this order counts.
        axes = [axis for axis in range(array.ndim) if array.shape[axis] > 1]
        order = sorted(axes, key=lambda axis: -abs(array.strides[axis]))
        about = kind, array.shape, order, repr(array.dtype)
        if array.dtype.hasobject:
            return about, self.describe(array.tolist())
        if array.dtype.names is not None:
            # Bytes between the fields are arbitrary.
            return about, [self.describe(array[name]) for name in array.dtype.names]
        if array.dtype.char in "gG":
            # Long doubles contain padding bytes.
            return about, [repr(number) for number in array.ravel()]
        if array.dtype.kind == "U":
            self._found.words.update(*map(words_in, array.ravel().tolist()))
        content: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8) if array.size else b""
        return about, hashlib.sha256(content).hexdigest()

    def _scalar(self, value: Any) -> Any:
        kind = type(value)
        if not is_installed_class(kind):
            return self._object(value)
        # Pickle would also keep arbitrary bytes.
        return kind.__qualname__, self.describe(np.asarray(value))

    def _items(self, items: Any) -> Any:
        # The base class shows what a user's class may hide.
        base = list if isinstance(items, list) else tuple
        return self._container_type(items), [self.describe(item) for item in base.__iter__(items)]

    def _mapping(self, mapping: Any) -> Any:
        items = dict.items(mapping) if isinstance(mapping, dict) else mapping.items()
        return self._container_type(mapping), [(self.describe(key), self.describe(item)) for key, item in items]

    def _set(self, items: Any) -> Any:
        base = set if isinstance(items, set) else frozenset
        # Another process has them in another order.
        return self._container_type(items), sorted(self._digest_apart(item) for item in base.__iter__(items))

    def _digest_apart(self, value: Any) -> str:
        """Describe an item of a set without the numbers of objects in the items before it, and return the digest."""
        if id(value) not in self._apart:
            self._kept.append(value)
            self._apart[id(value)] = None
            apart = _Describer(self._found, self._outside or self._numbers)
            apart._kept, apart._apart = self._kept, self._apart
            described = repr(apart.describe(value))
            self.unknown = self.unknown or apart.unknown
            self._apart[id(value)] = hashlib.sha256(described.encode()).hexdigest()
        # Items with sets of each other cannot be compared, because sets have no order.
        return self._apart[id(value)] or repr(self._unknown(type(value)))

    def _container_type(self, value: Any) -> Any:
        """Describe the type of a container, and the state that it has besides its items."""
        kind = type(value)
        if kind in CONTAINERS:
            return kind.__qualname__
        if is_installed_class(kind):
            return self._object(value)
        described = self.describe(kind), self.describe(_attributes(value))
        bases = [base for base in kind.__mro__[:-1] if base not in CONTAINERS]
        has_more = any(is_installed_class(base) or is_compiled_class(base) for base in bases)
        # Attributes come first: some types have no dictionary of them until it is looked at.
        return described, self._reduced(value) if has_more else None

    def _method(self, method: Any) -> Any:
        if is_method_found_by_name(method):
            # Such as `random.uniform`, whose object changes with each call.
            return "method", method.__func__.__module__, method.__name__
        return "method", self.describe(method.__func__), self.describe(method.__self__)

    def _descriptor(self, value: Any) -> Any:
        """Describe what a decorator in a class, such as `property`, makes of a method."""
        parts = [getattr(value, name, None) for name in OF_DESCRIPTORS]
        return "descriptor", self.describe((type(value), parts, _attributes(value)))

    def _weak(self, value: Any) -> Any:
        # Its attributes have weak references, and their subclasses.
        return "weak", self.describe((type(value), _attributes(value)))

    def _weak_reference(self, value: Any) -> Any:
        return "weak reference", self.describe(value())

    def _without_content(self, value: Any) -> Any:
        return type(value).__name__

    def _module(self, module: Any) -> Any:
        known = self._found.modules
        self._notice_matplotlib(module.__name__)
        if is_user_module(module) and all(module is not one for one in known):
            known.append(module)
        return "module", module.__name__, source_digest(path_of(module)), self.describe(type(module))

    def _class(self, kind: Any) -> Any:
        if is_installed_class(kind):
            return "class", kind.__module__, kind.__qualname__
        attributes = {name: part for name, part in vars(kind).items() if name not in NO_ATTRIBUTES}
        if is_generated(getattr(attributes.get("__hash__"), "__code__", None)):
            # It decides no frame, and the one that `attrs` makes contains a number that differs between processes.
            del attributes["__hash__"]
        if not attributes.get("__annotations__", True):
            # Python adds empty annotations when it is asked for them.
            del attributes["__annotations__"]
        fields = vars(kind).get("__dataclass_fields__", {})
        if not fields or not str(kind.__doc__).startswith(f"{kind.__name__}("):
            # A dataclass makes a docstring that has the addresses of its defaults.
            attributes["__doc__"] = kind.__doc__
        metadata = {name: dict(field.metadata) for name, field in fields.items() if field.metadata}
        parts = attributes, metadata, kind.__bases__, type(kind)
        names = kind.__qualname__, kind.__name__
        return "class", names, source_digest(compiled_path(kind)), [self.describe(part) for part in parts]

    def _function(self, function: Any) -> Any:
        names = function.__qualname__, function.__name__
        if is_found_by_name(function):
            return "function", function.__module__, names
        code, known = function.__code__, function.__globals__
        is_installed = is_installed_path(code.co_filename)
        # What a function of a package sets is a state, such as the number of abstract classes in `singledispatch`.
        state = outer_variables_set_in(code) if is_installed else frozenset()
        closure = zip(code.co_freevars, function.__closure__ or (), strict=True)
        cells = [_content(cell) for name, cell in closure if name not in state | {CLASS_ATTRIBUTES}]
        for cell in cells:
            if is_installed and isinstance(cell, WEAK) and id(cell) not in self._numbers:
                # It is a cache, such as the one of `singledispatch`: its content does not count.
                self._number(cell)
        # From Python 3.14 on, a function makes the annotations.
        annotations = getattr(function, "__annotate__", None) or function.__annotations__
        defaults = function.__defaults__, function.__kwdefaults__
        parts = self.describe([cells, defaults, vars(function), annotations, function.__doc__])
        if is_installed:
            # Such as what a decorator makes of a user's function.
            return "function", function.__module__, names, code.co_firstlineno, parts
        self._found.names |= names_in(code)
        self._found.set_names |= attributes_set_in(code)
        self._found.changed_names |= names_beside_changes_in(code)
        self._found.lists_attributes |= lists_attributes(code)
        variables = self._found.variables
        if looks_up(code) and all(known is not one for one in variables):
            variables.append(known)
        used_names = variables_in(code) & known.keys()
        self._found.note_used(known.get("__name__"), used_names)
        self._found.note_used(function.__module__, [function.__qualname__])
        used = [(name, self.describe(known[name])) for name in sorted(used_names)]
        imports = sorted(imports_in(code, known.get("__package__")))
        imported = [(name, self._imported(name, items)) for name, items in imports]
        imported += [(name, self._named_module(name)) for name in sorted(modules_named_in(code))]
        return "function", names, self.describe(code), parts, used, imported

    def _imported(self, name: str, items: Iterable[str]) -> Any:
        self._notice_matplotlib(name)
        module = imported_module(name)
        # Installed modules are the same whether they are imported yet or not.
        if module is None or not is_user_module(module):
            return None
        # What is no attribute of a package yet may be a module in it.
        inner = [imported_module(f"{name}.{item}") for item in items if not hasattr(module, item)]
        return self.describe(module), [self.describe(each) for each in inner]

    def _named_module(self, name: str) -> Any:
        """Describe a module that code may get by its name. A text may be another word, so it is not imported."""
        if name in sys.modules:
            return self._imported(name, ())
        self._notice_matplotlib(name)
        return source_digest(origin_of(name))

    def _notice_matplotlib(self, name: str) -> None:
        self._found.imports_matplotlib |= name.partition(".")[0] == "matplotlib"

    def _code(self, code: Any) -> Any:
        constants = [self.describe(constant) for constant in code.co_consts]
        arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
        names = code.co_names, code.co_varnames, code.co_freevars
        return code.co_code.hex(), code.co_exceptiontable.hex(), constants, arguments, names

    def _member(self, member: Any) -> Any:
        return "member", member.__name__, self.describe(getattr(member, "__objclass__", None))

    def _object(self, value: Any) -> Any:
        kind = type(value)
        if is_instance_of("matplotlib.artist", "Artist", value):
            # It has the addresses of objects among its attributes.
            return self._unknown(kind)
        if is_instance_of("matplotlib.cbook", "CallbackRegistry", value):
            return self._without_content(value)
        if any(is_instance_of("pydantic_core", name, value) for name in MADE_OF_ANNOTATIONS):
            return self._without_content(value)
        if is_instance_of("ctypes", "CDLL", value):
            return self._library(value)
        if is_instance_of("ctypes", "_CFuncPtr", value):
            return "library function", [self.describe(getattr(value, name)) for name in OF_LIBRARY_FUNCTIONS]
        compiled = source_digest(compiled_path(value)) if callable(value) else None
        if not is_installed_class(kind):
            return "object", self._container_type(value), compiled
        # Objects such as curried functions refer to their function by its name only.
        names = [name for name in CALLED if inspect.getattr_static(value, name, None) is not None]
        called = [getattr(value, name) for name in names] if callable(value) else []
        wrapped = getattr(value, "__wrapped__", None)
        if isinstance(wrapped, (types.FunctionType, type)):
            called.append(vars(value) if isinstance(value, WITH_ATTRIBUTES) else _functions_of(value))
            return "wrapped", kind.__qualname__, self.describe(wrapped), self.describe(called)
        return "object", kind.__qualname__, self._reduced(value), self.describe(called), compiled

    def _library(self, library: Any) -> Any:
        """Describe a library that `ctypes` loaded, whose handle is an address."""
        own = {name: part for name, part in vars(library).items() if name not in ("_handle", "_FuncPtr")}
        attributes = {name: part for name, part in own.items() if not _is_untyped(part)}
        path = library._name
        digest = source_digest(path)
        is_system = path is None or os.path.basename(path) == path
        if digest is None and not is_system and not is_installed_path(path):
            return self._unknown(type(library))
        return "library", digest, self.describe(attributes)

    def _reduced(self, value: Any) -> Any:
        """Describe an object, whose class is compiled or from a package, by what pickle would make it of."""
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
        ((dict, MappingProxyType), _mapping),
        ((set, frozenset), _set),
        (types.MethodType, _method),
        (types.FunctionType, _function),
        (types.CodeType, _code),
        (types.ModuleType, _module),
        (np.generic, _scalar),
        ((property, functools.cached_property, staticmethod, classmethod), _descriptor),
        (WEAK, _weak),
        (weakref.ref, _weak_reference),
        (WITHOUT_CONTENT, _without_content),
        (MEMBERS, _member),
        (type, _class),
    )


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object of a user's class, in its dictionary and its slots."""
    slots = copyreg._slotnames(type(value))  # type: ignore[attr-defined]
    attributes = getattr(value, "__dict__", {})
    return {**attributes, **{name: getattr(value, name) for name in slots if hasattr(value, name)}}


def _functions_of(value: Any) -> dict[str, Any]:
    """Return the attributes of an object that are functions, or lists of them, such as the steps of `compose`."""
    attributes = _attributes(value).items()
    return {
        name: part for name, part in attributes if any(map(callable, part if type(part) in (list, tuple) else [part]))
    }


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        # The variable was not set yet.
        return None
