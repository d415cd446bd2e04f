"""Decides whether a module, a class or a function is the user's own, Python's, or an installed package's."""

from __future__ import annotations

import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import types
from pathlib import Path
from typing import Any

# The folders of Python's own modules, and the names of the folders of installed packages.
STANDARD = tuple(path + os.sep for path in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")))
PACKAGES = {"site-packages", "dist-packages"}
# Origins of modules without a file.
NO_FILES = ("built-in", "frozen")
# `Py_TPFLAGS_HEAPTYPE`: a class that is made while Python runs.
HEAP_TYPE = 1 << 9


def imported_module(name: str) -> types.ModuleType | None:
    """Return a module; None if it is installed and not imported yet, or cannot be imported.

    A user's own module is imported if needed.
    """
    if name in sys.modules:
        return sys.modules[name]
    try:
        package = importlib.util.find_spec(name.partition(".")[0])
        if package is None or package.origin in NO_FILES:
            return None
        places = [package.origin, *(package.submodule_search_locations or ())]
        return None if any(map(is_installed_path, places)) else importlib.import_module(name)
    except (Exception, SystemExit):
        # The module may raise anything, and end the program.
        return None


def origin_of(name: str) -> str | None:
    """Return the file of a module, or of the package that it is in, without importing it. None if there is none."""
    try:
        package = importlib.util.find_spec(name.partition(".")[0])
    except Exception:
        return None
    return package.origin if package is not None and package.has_location else None


def is_instance_of(module: str, name: str, value: object) -> bool:
    """Return whether a value is of a class of a module that may not be imported."""
    return module in sys.modules and isinstance(value, getattr(sys.modules[module], name))


def is_found_by_name(function: types.FunctionType) -> bool:
    """Return whether an installed module has this very function under its name."""
    module = sys.modules.get(function.__module__)
    return _found(module, function.__qualname__) is function and not is_user_module(sys.modules[function.__module__])


def _found(module: types.ModuleType | None, qualified_name: str) -> Any:
    """Return what a module has under a qualified name; None if nothing."""
    found: Any = module
    for name in qualified_name.split("."):
        found = getattr(found, name, None)
    return found


def is_method_found_by_name(method: types.MethodType) -> bool:
    """Return whether an installed module has this very bound method under its name."""
    module = sys.modules.get(getattr(method.__func__, "__module__", None) or "")
    return module is not None and vars(module).get(method.__name__) is method and not is_user_module(module)


def is_user_module(module: types.ModuleType) -> bool:
    """Return whether a module is the user's own."""
    # A namespace package has folders instead of a file.
    path = path_of(module) or next(iter(_attributes(module).get("__path__", ())), None)
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    is_installed = is_installed_path(path) if path else origin in NO_FILES
    return module.__name__ == "__main__" or not is_installed


def is_installed_class(kind: type) -> bool:
    """Return whether a class belongs to Python or to a package."""
    module = sys.modules.get(kind.__module__)
    if module is not None and is_user_module(module):
        return False
    # Classes that code makes while it runs may have no module, or seem to be of the module that made them: `abc`,
    # `types`. Those that functions of packages define cannot be found either.
    is_local = module is not None and "<locals>" in kind.__qualname__
    return is_local or not kind.__flags__ & HEAP_TYPE or _found(module, kind.__qualname__) is kind


def path_of(module: types.ModuleType) -> str | None:
    return _attributes(module).get("__file__")


def _attributes(module: types.ModuleType) -> dict[str, Any]:
    """Return the attributes of a module, which code may have replaced by an object without a dictionary."""
    return getattr(module, "__dict__", {})


def is_installed_path(path: str | None) -> bool:
    """Return whether a file belongs to Python or to a package, which their releases identify."""
    if path is None:
        return False
    return path.startswith(("<frozen", *STANDARD)) or not PACKAGES.isdisjoint(Path(path).parts)


def is_compiled_class(kind: type) -> bool:
    """Return whether a user's class is compiled, so that its objects may have more than attributes."""
    return compiled_path(kind) is not None or not (kind.__dictoffset__ or "__slots__" in vars(kind))


def compiled_path(value: object) -> str | None:
    """Return the path of the user's extension module that defines a class or a function. None if there is none."""
    module = getattr(value, "__self__", None)
    if not isinstance(module, types.ModuleType):
        module = sys.modules.get(str(getattr(value, "__module__", None)))
    path = path_of(module) if isinstance(module, types.ModuleType) else None
    is_compiled = str(path).endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))
    return path if is_compiled and not is_installed_path(path) else None


def source_digest(path: str | None) -> str | None:
    """Return the digest of a user's own module or library."""
    if path is None or is_installed_path(path):
        return None
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None
