"""The rules for watching Matplotlib's objects for changes that drawing would read.

Everything that an artist refers to is watched, except for what is listed here. A value of a type that is not known here
cannot be watched, and whatever refers to it is drawn in each frame.
"""

from __future__ import annotations

import collections
import datetime
import enum
import functools
import pathlib
import re
import types
import weakref
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import cycler
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick, XTick, YTick
from matplotlib.backend_bases import FigureCanvasBase, FigureManagerBase, RendererBase
from matplotlib.cbook import CallbackRegistry
from matplotlib.colorbar import Colorbar
from matplotlib.figure import FigureBase
from matplotlib.ticker import Formatter, FuncFormatter, Locator
from matplotlib.transforms import (
    Affine2D,
    Bbox,
    BboxTransform,
    BboxTransformFrom,
    BboxTransformTo,
    BlendedAffine2D,
    BlendedGenericTransform,
    CompositeAffine2D,
    CompositeGenericTransform,
    ScaledTranslation,
    TransformedBbox,
    TransformNode,
    TransformWrapper,
)

from .. import _native

NOTHING: frozenset[str] = frozenset()


class Rule(NamedTuple):
    """How values of a type are watched.

    Attributes
    ----------
    kind : str
        The kind of the values.
    left_out : set of str
        Attributes that are not watched.
    shallow : set of str
        Attributes of which only the items are compared, by identity.
    of_tick : set of str
        Attributes that are parts of a tick.
    samples : set of str
        Attributes whose arrays may be replaced by equal ones.
    only : tuple of str
        If not empty, the only attributes that are watched.
    """

    kind: str
    left_out: frozenset[str] = NOTHING
    shallow: frozenset[str] = NOTHING
    of_tick: frozenset[str] = NOTHING
    samples: frozenset[str] = NOTHING
    only: tuple[str, ...] = ()


# Values that cannot change.
VALUES = (
    int, float, complex, str, bytes, type(None), enum.Enum, np.generic, np.dtype, datetime.date, datetime.time,
    datetime.timedelta, datetime.tzinfo, Fraction, Decimal, range, slice, type(...), pathlib.PurePath, re.Pattern,
)  # fmt: skip
# Types of objects whose contents drawing never reads.
UNSEEN = (
    type, types.ModuleType, CallbackRegistry, RendererBase, FigureCanvasBase, FigureManagerBase, cycler.Cycler,
    weakref.ref, weakref.WeakValueDictionary, weakref.WeakKeyDictionary, weakref.WeakSet,
)  # fmt: skip
# Attributes that a derived class may define and still draw as its base class does.
HARMLESS = frozenset({
    "__module__", "__doc__", "__init__", "__new__", "__qualname__", "__dict__", "__weakref__", "__annotations__",
    "__firstlineno__", "__static_attributes__", "__parameters__", "__orig_bases__", "__repr__", "__init_subclass__",
    "__class_getitem__", "__abstractmethods__", "_abc_impl", "__slots__",
})  # fmt: skip
# With these a class may answer for any attribute.
REPLACING = ("__getattr__", "__getattribute__", "__setattr__")
FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial, types.BuiltinFunctionType, np.ufunc)
SEQUENCES = (list, tuple, set, frozenset, collections.deque)

# Attributes that drawing does not read: what an artist belongs to (which is watched separately), what events and
# picking use, and what is computed again from other attributes.
IGNORED_ON_ARTISTS = frozenset({
    "axes", "figure", "_axes", "_figure", "_parent_figure", "parent", "_callbacks", "callbacks", "stale_callback",
    "_remove_method", "_mouseover", "_picker", "pickradius", "_pickradius", "_gid", "_url", "_urls", "_sticky_edges",
    "_renderer", "colorbar", "_contour_generator", "_draggable",
    # Lines and images keep what they draw in other attributes; these are read when `_invalidx` and such are set.
    "_xorig", "_yorig", "_imcache",
})  # fmt: skip
# Also attributes whose changes mark artists as stale, and those are watched.
IGNORED_ON_CONTAINERS = IGNORED_ON_ARTISTS | {"_stale", "units", "_converter", "converter", "_converter_is_explicit"}
IGNORED_ON_AXES = IGNORED_ON_CONTAINERS | {
    "_get_lines", "_get_patches_for_fill", "_axobservers", "_colorbars", "_colorbar", "_subplotspec",
    "fmt_xdata", "fmt_ydata", "_navigate", "_navigate_mode", "_pan_start", "_current_image", "_gci",
    "_mouseover_set", "ignore_existing_data_limits", "containers", "_sharex", "_sharey", "_twinned_axes",
    "_forward_navigation_events", "_projection_init",
    # Watched through the transforms of the titles.
    "titleOffsetTrans",
}  # fmt: skip
IGNORED_ON_FIGURES = IGNORED_ON_CONTAINERS | {
    "canvas", "_canvas_callbacks", "_axobservers", "_button_pick_id", "_scroll_pick_id", "_render_lock", "number",
    "_original_dpi", "_axstack",
}  # fmt: skip
# Artists that are watched separately, and lists of such artists.
WATCHED_SEPARATELY = frozenset({
    "_children", "child_axes", "_localaxes", "artists", "lines", "patches", "texts", "images", "legends", "subfigs",
    "legend_", "title", "_left_title", "_right_title", "_suptitle", "_supxlabel", "_supylabel", "parasites",
    "_align_label_groups", "_parent_axes",
})  # fmt: skip
# The parts of a tick, and what an axis writes to them, and to the tick, whenever it is drawn: see also `free_side`.
PARTS_OF_TICKS = frozenset({"tick1line", "tick2line", "gridline", "label1", "label2"})
WRITTEN_BY_AXES = frozenset({
    "_stale", "_loc", "_text", "_x", "_y", "_xy", "_path", "_transformed_path", "_invalidx", "_invalidy", "_subslice",
    "_x_filled",
})  # fmt: skip
# The attributes that define transforms and boxes; their other attributes are computed from these.
SOURCES: dict[type, tuple[str, ...]] = {
    Affine2D: ("_mtx",),
    Bbox: ("_points",),
    CompositeGenericTransform: ("_a", "_b"),
    CompositeAffine2D: ("_a", "_b"),
    BlendedGenericTransform: ("_x", "_y"),
    BlendedAffine2D: ("_x", "_y"),
    TransformWrapper: ("_child",),
    TransformedBbox: ("_bbox", "_transform"),
    BboxTransform: ("_boxin", "_boxout"),
    BboxTransformTo: ("_boxout",),
    BboxTransformFrom: ("_boxin",),
    ScaledTranslation: ("_t", "_scale_trans"),
}
# Attributes of other transforms that are not watched: their dependents, and stored results.
IGNORED_ON_TRANSFORMS = frozenset({
    "_parents", "_invalid", "_inverted", "_affine", "_shorthand_name", "_transformed_path", "_transformed_points",
    "_mtx", "_points",
})  # fmt: skip
IGNORED_ON_COLORBARS = frozenset({
    "mappable", "ax", "solids", "solids_patches", "lines", "dividers", "outline", "_extend_patches", "_colorbar_info",
    "_interactive_funcs",
})  # fmt: skip
# For objects of Matplotlib that are neither artists, transforms nor color bars.
IGNORED_ON_OTHER_OBJECTS = frozenset(
    {"_callbacks", "callbacks", "colorbar", "axis", "axes", "figure", "fig", "_figure"}
)


def is_of_matplotlib(kind: type) -> bool:
    """Return whether a class is defined in Matplotlib, instead of derived from one there."""
    return kind.__module__.partition(".")[0] in ("matplotlib", "mpl_toolkits")


def matplotlib_class(kind: type) -> type | None:
    """Return the Matplotlib class whose code draws objects of `kind`: `kind` itself, or a base class, if the classes
    derived from it replace none of its attributes. None if there is no such class.
    """
    if kind not in _matplotlib_classes:
        _matplotlib_classes[kind] = _find_matplotlib_class(kind)
    return _matplotlib_classes[kind]


_matplotlib_classes: weakref.WeakKeyDictionary[type, type | None] = weakref.WeakKeyDictionary()


def _find_matplotlib_class(kind: type) -> type | None:
    base = next((base for base in kind.__mro__ if is_of_matplotlib(base)), None)
    if base is None:
        return None
    derived = kind.__mro__[: kind.__mro__.index(base)]
    own = {name: value for each in derived for name, value in vars(each).items() if name not in HARMLESS}
    # A property hides the attribute of an instance, whose name its class does not know.
    is_replaced = any(hasattr(base, name) or hasattr(type(value), "__set__") for name, value in own.items())
    return None if is_replaced or not own.keys().isdisjoint(REPLACING) else base


def names_in_code(kind: type) -> frozenset[str]:
    """Return all names in the code of a class and of its base classes."""
    if kind not in _names_in_code:
        _names_in_code[kind] = _find_names_in_code(kind)
    return _names_in_code[kind]


_names_in_code: weakref.WeakKeyDictionary[type, frozenset[str]] = weakref.WeakKeyDictionary()


def _find_names_in_code(kind: type) -> frozenset[str]:
    codes: list[types.CodeType] = []
    for base in kind.__mro__:
        for value in vars(base).values():
            for function in (value, *(getattr(value, name, None) for name in ("fget", "fset", "__func__"))):
                codes += [each.__code__ for each in wrapped(function) if hasattr(each, "__code__")]
    names: set[str] = set()
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [value for value in code.co_consts if isinstance(value, types.CodeType)]
    return frozenset(names)


def wrapped(function: Any) -> list[Any]:
    """Return a function, and those that it wraps."""
    functions: list[Any] = []
    while function is not None and all(function is not known for known in functions):
        functions.append(function)
        # Some objects have every attribute, so only one that was set counts.
        function = getattr(function, "__dict__", {}).get("__wrapped__")
    return functions


def rule_of(kind: type) -> Rule:
    """Return how values of a type are watched."""
    # A plain `object()` is only equal to itself. rcParams has one as the value for "no backend yet".
    if kind is object or issubclass(kind, VALUES):
        return Rule("value")
    if issubclass(kind, UNSEEN):
        return Rule("identity")
    if issubclass(kind, FUNCTIONS):
        return Rule("function")
    if kind is np.ndarray or kind is np.ma.MaskedArray:
        return Rule("array")
    if issubclass(kind, SEQUENCES):
        return Rule("sequence")
    if issubclass(kind, dict):
        return Rule("mapping")
    if is_user_ticker(kind):
        # The ticks and labels that they make are compared instead.
        return Rule("identity")
    base = matplotlib_class(kind)
    return Rule("unwatchable") if base is None else _rule_of_object(base)


def is_user_ticker(kind: type) -> bool:
    """Return whether a class is a locator or a formatter that runs the user's code."""
    return issubclass(kind, (Locator, Formatter)) and (
        matplotlib_class(kind) is None or issubclass(kind, FuncFormatter)
    )


def _rule_of_object(kind: type) -> Rule:
    if issubclass(kind, FigureBase):
        # The visible attributes of their backgrounds are watched separately.
        return Rule("object", IGNORED_ON_FIGURES, WATCHED_SEPARATELY | {"patch"})
    if issubclass(kind, Axes):
        return Rule("object", IGNORED_ON_AXES, WATCHED_SEPARATELY)
    if issubclass(kind, Tick):
        return Rule("object", IGNORED_ON_CONTAINERS | WRITTEN_BY_AXES, of_tick=PARTS_OF_TICKS)
    if issubclass(kind, Axis):
        return Rule("object", IGNORED_ON_CONTAINERS)
    if issubclass(kind, Artist):
        return Rule("object", IGNORED_ON_ARTISTS)
    for base, sources in SOURCES.items():
        if issubclass(kind, base):
            return Rule("object", samples=frozenset({"_mtx", "_points"}), only=sources)
    if issubclass(kind, TransformNode):
        return Rule("object", IGNORED_ON_TRANSFORMS)
    if issubclass(kind, Colorbar):
        return Rule("object", IGNORED_ON_OTHER_OBJECTS | IGNORED_ON_COLORBARS)
    if issubclass(kind, Formatter):
        return Rule("object", IGNORED_ON_OTHER_OBJECTS | {"locs", "_locs"})
    return Rule("object", IGNORED_ON_OTHER_OBJECTS)


def parts_of(function: Any) -> list[Any] | None:
    """Return what a function reads besides its arguments; None if unknown."""
    if isinstance(function, functools.partial):
        return [function.func, function.args, function.keywords]
    if isinstance(function, types.MethodType):
        return [function.__func__, function.__self__]
    if isinstance(function, types.BuiltinFunctionType):
        owner = function.__self__
        return [] if owner is None or isinstance(owner, types.ModuleType) else [owner]
    if isinstance(function, np.ufunc):
        # Other ufuncs may call any Python function.
        return [] if getattr(np, function.__name__, None) is function else None
    if (function.__module__ or "").partition(".")[0] not in ("matplotlib", "mpl_toolkits", "numpy"):
        return None
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return [*cells, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]


def free_side(tick: Any) -> str:
    """Return the coordinate of a tick's parts that its axis does not write, "x" or "y"; "" if it writes both."""
    # Axes with three dimensions write both to all ticks.
    if hasattr(tick.axes, "get_proj"):
        return ""
    return "y" if isinstance(tick, XTick) else "x" if isinstance(tick, YTick) else ""


def is_watchable(value: Any) -> bool:
    """Return whether a value, and its items or a function's parts, can be watched. Attributes are not inspected."""
    if isinstance(value, (list, tuple)):
        return all(is_watchable(item) for item in value)
    kind = _kind_of(type(value))
    if kind == "function":
        parts = parts_of(value)
        return parts is not None and all(is_watchable(part) for part in parts if callable(part))
    return kind != "unwatchable"


def _kind_of(kind: type) -> str:
    if kind not in _kinds:
        _kinds[kind] = rule_of(kind).kind
    return _kinds[kind]


_kinds: weakref.WeakKeyDictionary[type, str] = weakref.WeakKeyDictionary()


def new_state() -> _native.State:
    """Return a state that watches values by these rules."""
    return _native.State(rule_of, parts_of, free_side, WRITTEN_BY_AXES)
