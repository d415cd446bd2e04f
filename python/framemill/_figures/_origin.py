"""Finds methods of Matplotlib's classes that other code replaced."""

from __future__ import annotations

import copyreg
import functools
import operator
import types
import weakref
from collections.abc import Iterable
from typing import Any

from matplotlib.axis import XAxis, XTick, YAxis, YTick
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from ._watching import is_of_matplotlib, wrapped

# Beginnings of the names of methods that drawing calls. Other methods, such as `plot`, make or change artists, and
# those changes are seen.
CALLED_BY_DRAWING = ("draw", "get_", "_")
# Modules of the functions on Matplotlib's classes: Matplotlib's own, and decorators that it uses.
TRUSTED = frozenset({"matplotlib", "mpl_toolkits", "contextlib", "functools", "abc", "builtins"})
# Classes that draw parts of other artists, or draw for them.
IN_MOST_FIGURES = (XAxis, YAxis, XTick, YTick, Line2D, Patch, Text, RendererAgg)


class ClassState:
    """A snapshot of the attributes of Matplotlib's classes: other code may assign to them at any time.

    Parameters
    ----------
    kinds : iterable of types
        Classes, which are recorded with their base classes.
    """

    def __init__(self, kinds: Iterable[type]) -> None:
        self._before = {kind: _recorded(kind) for kind in _classes_of_matplotlib(kinds)}

    def changed(self) -> str | None:
        """Return the name of a class that changed; None if none did."""
        return next((kind.__name__ for kind, values in self._before.items() if not _are_same(values, kind)), None)


def replaced_method(kinds: Iterable[type]) -> str | None:
    """Return a method of Matplotlib's classes that other code replaced, as in `Patch.draw`; None if there is none.

    Parameters
    ----------
    kinds : iterable of types
        Classes, which are inspected with their base classes.
    """
    for kind in _classes_of_matplotlib(kinds):
        known = _known.get(kind)
        if known is None or not _are_same(known[0], kind):
            known = _known[kind] = _recorded(kind), _find_replaced(kind)
        if known[1] is not None:
            return f"{kind.__name__}.{known[1]}"
    return None


# For each class its attributes, and the name of a method that other code replaced.
_known: weakref.WeakKeyDictionary[type, tuple[tuple[Any, ...], str | None]] = weakref.WeakKeyDictionary()


def _classes_of_matplotlib(kinds: Iterable[type]) -> set[type]:
    return {base for kind in (*IN_MOST_FIGURES, *kinds) for base in kind.__mro__ if is_of_matplotlib(base)}


def _recorded(kind: type) -> tuple[Any, ...]:
    # Python adds this attribute to a class when it first copies one of its objects.
    copyreg._slotnames(kind)  # type: ignore[attr-defined]
    return _values(kind)


def _values(kind: type) -> tuple[Any, ...]:
    return tuple(vars(kind).values())


def _are_same(values: tuple[Any, ...], kind: type) -> bool:
    """Return whether a class still has exactly these attributes."""
    now = _values(kind)
    return len(values) == len(now) and all(map(operator.is_, values, now))


def _find_replaced(kind: type) -> str | None:
    return next(
        (
            name
            for name, value in vars(kind).items()
            if name.startswith(CALLED_BY_DRAWING) and name != "__init__" and not _is_of_matplotlib(value)
        ),
        None,
    )


def _is_of_matplotlib(value: Any) -> bool:
    """Return whether the code of a class's attribute is Matplotlib's. An attribute without code counts as that."""
    if isinstance(value, property):
        return all(_is_of_matplotlib(each) for each in (value.fget, value.fset) if each is not None)
    if isinstance(value, (staticmethod, classmethod, types.MethodType)):
        return _is_of_matplotlib(value.__func__)
    if isinstance(value, (functools.partial, functools.partialmethod)):
        return _is_of_matplotlib(value.func)
    if not callable(value) or isinstance(value, type):
        return True
    # `functools.wraps` copies `__module__`, so the globals show where a function was defined.
    return all(_module_of(each).partition(".")[0] in TRUSTED for each in wrapped(value))


def _module_of(function: Any) -> str:
    if isinstance(function, types.FunctionType):
        return str(function.__globals__.get("__name__"))
    return type(function).__module__
