"""Tests which functions and items `render` treats as the same movie."""

import abc
import collections
import contextlib
import ctypes
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import importlib
import inspect
import io
import numbers
import operator
import os
import random
import shutil
import subprocess
import sys
import threading
import types
import weakref
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import toolz
from framemill._rendering._fingerprint import fingerprint, found_in
from matplotlib import colors, ticker


def of(value):
    """Return the fingerprint of a function that refers to a value."""
    return fingerprint(lambda item: (item, value)).text


class Shade(enum.Enum):
    DARK = 1
    LIGHT = 2


@dataclass
class Config:
    shade: object


class Angle(float):
    pass


class Metres(np.ndarray):
    """An array with a unit, like those of other packages."""

    __module__ = "numpy"

    def __new__(cls, values, unit):
        made = np.asarray(values).view(cls)
        made.unit = unit
        return made

    def __reduce__(self):
        return Metres, (self.tolist(), self.unit)


class Refusing(collections.OrderedDict):
    def __reduce_ex__(self, protocol):
        raise TypeError("cannot be pickled")


class Day(datetime.date):
    pass


class Plain:
    def __init__(self, shade):
        self.shade = shade


def of_script(name, source, **names):
    """Run a script and return a name that it defines."""
    exec(source, names)
    for made in names.values():
        if isinstance(made, type):
            made.__module__ = "__main__"
    return names[name]


def with_method(code):
    return of_script("Drawn", f"class Base:\n    def help(self): return {code}\nclass Drawn(Base):\n    pass")()


def with_property(code):
    return of_script("Drawn", f"class Drawn:\n    @property\n    def shade(self): return {code}")()


def with_class_attribute(value):
    return type("Drawn", (), {"shade": value, "__module__": "__main__"})


def of_a_kind(bases, code, *arguments):
    """Return an object of a class that adds a method to its bases."""
    names = {"collections": collections, "functools": functools, "io": io, "np": np}
    exec(f"class Drawn({bases}):\n    __slots__ = ()\n    def shade(self): return {code}", names)
    return names["Drawn"](*arguments)


def with_slots(code, value):
    drawn = of_script("Drawn", f"class Drawn:\n    __slots__ = ('value',)\n    def shade(self): return {code}")()
    drawn.value = value
    return drawn


def decorated(code, value):
    """Return a function wrapped by a decorator that the user wrote."""
    kind = of_script("Doubled", f"class Doubled:\n    def __call__(self, item): return {code}")
    doubled = functools.update_wrapper(kind(), with_help)
    doubled.value = value
    return doubled


def with_help(item):
    return item


def made_by(code):
    """Return an object that a metaclass creates."""
    names = {}
    exec(f"class Made(type):\n    def shade(self): return {code}\nclass Drawn(metaclass=Made): pass", names)
    return names["Drawn"]()


def in_a_set(value):
    """Return a function that reads a module's list and a set of another function that reads it."""
    module = types.ModuleType("shades")
    module.SHADES = [value]
    one, other = (eval("lambda item: module.SHADES[0]", {"module": module}) for _ in range(2))
    return {one}, other


def lambda_of(code, arguments="item"):
    return eval(f"lambda {arguments}: {code}")


def cached(code):
    return functools.lru_cache(lambda_of(code))


def dispatched(code):
    """Return the result of `singledispatch`, which is a Python function that holds the user's function."""
    chosen = functools.singledispatch(lambda_of("item"))
    chosen.register(int, lambda_of(code))
    return chosen


def with_cached_property(code):
    return type("Drawn", (), {"shade": functools.cached_property(lambda_of(code)), "__module__": "__main__"})


def with_decorator(base, code):
    """Return an object of a class whose method has a decorator."""
    own = f"class Own({base}):\n    def __get__(self, item, kind=None): return {code}\n"
    return of_script("Drawn", own + "class Drawn:\n    @Own\n    def shade(self): pass", functools=functools)()


def singleton_of(code):
    """Return a class that a cache makes a singleton."""
    return functools.cache(of_script("Model", f"class Model:\n    def shade(self): return {code}"))


def curried(code):
    return toolz.curry(of_script("shade", f"def shade(item, other): return {code}"))


def made_by_a_metaclass(how, content):
    """Return an object of a class that seems to belong to `abc` or `types`, depending on the version of Python."""
    if how == "new_class":
        kind = types.new_class("Drawn", (abc.ABC,), exec_body=lambda names: names.update(content))
    elif how == "make_dataclass":
        kind = dataclasses.make_dataclass("Drawn", [], bases=(abc.ABC,), namespace=content)
    else:
        kind = abc.ABCMeta("Drawn", (), content)
    return kind()


def with_metadata(shade):
    field = dataclasses.field(default=1.0, metadata={"shade": shade})
    return dataclasses.make_dataclass("State", [("density", float, field)], namespace={"__module__": "__main__"})


def function_of(body, **variables):
    return of_script("draw", f"def draw(item): return {body}", **variables)


def with_attribute(value):
    function = lambda_of("item")
    function.shade = value
    return function


def with_changed(made, name, value):
    setattr(made, name, value)
    return made


def partial_like(function):
    return functools.update_wrapper(functools.partial(function), function)


def with_state(base, value):
    """Return a class whose method has a decorator that keeps a value."""
    decorator = of_script("Own", f"class Own({base}): pass", functools=functools)(with_help)
    decorator.factor = value
    return with_class_attribute(decorator)


def dataclass_with(docstring):
    namespace = {"__doc__": docstring, "__module__": "__main__"}
    return dataclasses.make_dataclass("State", [("density", float, 1.0)], namespace=namespace)


def hiding(base, method, content):
    """Return a container whose method does not show what it contains."""
    made = type("Hiding", (base,), {method: lambda *_: iter(()), "__module__": "__main__"})
    return np.array(content, object).view(made) if base is np.ndarray else made(content)


# Objects that weak references refer to.
REFERRED = [Plain(1), Plain(2)]


def weakly(kind, value):
    """Return a container with a weak reference to an object that has a value."""
    referred = REFERRED[value - 1]
    contents = {weakref.WeakKeyDictionary: {referred: 1}, weakref.WeakValueDictionary: {"a": referred}}
    return kind(contents.get(kind, [referred]))


def that_catches(code):
    return of_script("draw", f"def draw(item):\n    {code}")


def colors_of(code):
    channel = lambda_of(code)
    return colors.LinearSegmentedColormap("shades", {"red": channel, "green": channel, "blue": channel})


PAIRS = [
    (1, 2), (1, 1.0), (1, True), ("a", "b"), (b"a", b"b"), (None, 0), (1 + 2j, 1 - 2j),
    ([1], [2]), ((1,), [1]), ({"a": 1}, {"a": 2}), ({1, 2}, {1, 3}), (range(3), range(4)), (slice(3), slice(4)),
    (np.float32(1), np.float32(2)), (np.int64(1), np.int64(2)), (np.arange(3), np.arange(4)),
    (np.arange(4), np.arange(4).reshape(2, 2)), (np.arange(3), np.arange(3.0)),
    (np.array("2026-01-01", "M8[D]"), np.array("2026-01-02", "M8[D]")),
    (np.array([1, "a"], object), np.array([1, "b"], object)),
    (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[1, 1])), (np.array(5), np.array(6)),
    (pd.Series([1, 2]), pd.Series([1, 3])), (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
    (pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-02")), (datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)),
    (datetime.timedelta(1), datetime.timedelta(2)), (Path("a"), Path("b")), (bytearray(b"a"), bytearray(b"b")),
    (fractions.Fraction(1, 2), fractions.Fraction(1, 3)), (decimal.Decimal(1), decimal.Decimal(2)),
    (types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)), (collections.deque([1]), collections.deque([2])),
    (Shade.DARK, Shade.LIGHT), (Config(1), Config(2)), (Plain(1), Plain(2)), (Plain([Plain(1)]), Plain([Plain(2)])),
    (np.sin, np.cos), (min, max), (operator.itemgetter(1), operator.itemgetter(2)),
    (functools.partial(max, 1), functools.partial(max, 2)), (cached("1"), cached("2")),
    (with_method("1"), with_method("2")), (with_property("1"), with_property("2")),
    (with_class_attribute(1), with_class_attribute(2)), (np.random.default_rng(1), np.random.default_rng(2)),
    (Plain(1).__init__, Plain(2).__init__),
    (with_slots("1", 1), with_slots("1", 2)), (with_slots("1", 1), with_slots("2", 1)),
    (decorated("1", 1), decorated("1", 2)), (decorated("1", 1), decorated("2", 1)),
    (of_a_kind("tuple", "1", [1]), of_a_kind("tuple", "2", [1])),
    (of_a_kind("collections.namedtuple('P', 'x')", "1", 3), of_a_kind("collections.namedtuple('P', 'x')", "2", 3)),
    (of_a_kind("dict", "1", {1: 2}), of_a_kind("dict", "2", {1: 2})),
    (of_a_kind("set", "1", [1]), of_a_kind("set", "2", [1])),
    (of_a_kind("np.ndarray", "1", 0), of_a_kind("np.ndarray", "2", 0)),
    (of_a_kind("float", "1", 0.5), of_a_kind("float", "2", 0.5)), (Angle(1.0), Angle(2.0)),
    (Day(2026, 1, 1), Day(2026, 1, 2)),
    # Functions and objects of the user inside objects of packages.
    (np.vectorize(lambda_of("1")), np.vectorize(lambda_of("2"))),
    (np.vectorize(max, otypes=[float]), np.vectorize(max, otypes=[int])),
    (colors.FuncNorm((lambda_of("1"), abs)), colors.FuncNorm((lambda_of("2"), abs))),
    (ticker.FuncFormatter(lambda_of("1")), ticker.FuncFormatter(lambda_of("2"))), (colors_of("1"), colors_of("2")),
    (collections.deque([Plain(1)]), collections.deque([Plain(2)])),
    (collections.Counter("aa"), collections.Counter("a")), (Metres([1.0], "m"), Metres([1.0], "km")),
    (types.SimpleNamespace(a=with_method("1")), types.SimpleNamespace(a=with_method("2"))),
    (collections.defaultdict(lambda_of("1", "")), collections.defaultdict(lambda_of("2", ""))),
    (collections.UserDict(a=with_method("1")), collections.UserDict(a=with_method("2"))),
    (collections.UserDict(a={1, 2}), collections.UserDict(a={1, 3})),
    (pd.Series([with_method("1")]), pd.Series([with_method("2")])),
    (functools.partial(lambda_of("1")), functools.partial(lambda_of("2"))),
    (contextlib.contextmanager(lambda_of("1")), contextlib.contextmanager(lambda_of("2"))),
    (dispatched("1"), dispatched("2")), (with_cached_property("1"), with_cached_property("2")),
    (with_attribute(1), with_attribute(2)), (types.MethodType(lambda_of("1"), 5), types.MethodType(lambda_of("2"), 5)),
    (made_by("1"), made_by("2")), (in_a_set(1), in_a_set(2)),
    (of_a_kind("collections.deque", "1", [1]), of_a_kind("collections.deque", "1", [2])),
    (of_a_kind("functools.partial", "1", max, 1), of_a_kind("functools.partial", "1", max, 2)),
    (of_a_kind("io.BytesIO", "1", b"1"), of_a_kind("io.BytesIO", "1", b"2")),
    (of_a_kind("collections.defaultdict", "1", int), of_a_kind("collections.defaultdict", "1", float)),
    (np.ma.array([1, 2], mask=[0, 1], fill_value=5), np.ma.array([1, 2], mask=[0, 1], fill_value=6)),
    (lambda_of("a", "a, b"), lambda_of("a", "a, *, b")), (lambda_of("a", "a, b"), lambda_of("a", "a, /, b")),
    (lambda_of("a", "a, b"), lambda_of("a", "a, *b")),
    (with_decorator("property", "1"), with_decorator("property", "2")),
    (with_decorator("staticmethod", "1"), with_decorator("staticmethod", "2")),
    (with_decorator("functools.cached_property", "1"), with_decorator("functools.cached_property", "2")),
    (singleton_of("1"), singleton_of("2")), (curried("1"), curried("2")), (curried("1")(5), curried("1")(6)),
    (toolz.compose(lambda_of("1"), abs), toolz.compose(lambda_of("2"), abs)),
    (toolz.compose(lambda_of("0"), lambda_of("1")), toolz.compose(lambda_of("0"), lambda_of("2"))),
    (toolz.compose(lambda_of("1"), lambda_of("0")), toolz.compose(lambda_of("2"), lambda_of("0"))),
    *((made_by_a_metaclass(how, {"shade": one}), made_by_a_metaclass(how, {"shade": other}))
      for how in ("ABCMeta", "new_class", "make_dataclass")
      for one, other in ((1, 2), (lambda_of("1"), lambda_of("2")))),
    (with_metadata(1), with_metadata(2)),
    (function_of("eval('cutoff + 1')", cutoff=1), function_of("eval('cutoff + 1')", cutoff=2)),
    (function_of("TABLE.query('x < @cutoff')", cutoff=1), function_of("TABLE.query('x < @cutoff')", cutoff=2)),
    (function_of("globals()['SHADE']", SHADE=1), function_of("globals()['SHADE']", SHADE=2)),
    (function_of("sys.modules['m'].SHADE", SHADE=1, sys=sys), function_of("sys.modules['m'].SHADE", SHADE=2, sys=sys)),
    (that_catches("yield item"), that_catches("return item")),
    (that_catches("async def inner(): return item"), that_catches("def inner(): return item")),
    *((with_changed(lambda_of("item"), name, "a"), with_changed(lambda_of("item"), name, "b"))
      for name in ("__name__", "__qualname__", "__doc__")),
    *((with_changed(with_class_attribute(1), name, "a"), with_changed(with_class_attribute(1), name, "b"))
      for name in ("__name__", "__qualname__", "__doc__")),
    (with_changed(lambda_of("item"), "__annotations__", {"item": 1}),
     with_changed(lambda_of("item"), "__annotations__", {"item": 2})),
    (with_changed(cached("1"), "shade", 1), with_changed(cached("1"), "shade", 2)),
    (with_changed(partial_like(with_help), "shade", 1), with_changed(partial_like(with_help), "shade", 2)),
    (dataclass_with("a"), dataclass_with("b")),
    *((with_state(base, 1), with_state(base, 2))
      for base in ("property", "functools.cached_property", "staticmethod", "classmethod")),
    *((weakly(kind, 1), weakly(kind, 2))
      for kind in (weakref.WeakKeyDictionary, weakref.WeakValueDictionary, weakref.WeakSet)),
    (weakref.ref(REFERRED[0]), weakref.ref(REFERRED[1])),
    *((hiding(base, method, [(1, 1)]), hiding(base, method, [(1, 2)])) for base, method in (
        (list, "__iter__"), (tuple, "__iter__"), (set, "__iter__"), (frozenset, "__iter__"), (dict, "items"),
        (np.ndarray, "tolist"),
    )),
    (np.ones((2, 3)), np.ones((2, 3), order="F")), (np.ones((2, 3, 4)), np.ones((2, 4, 3)).swapaxes(1, 2)),
    (np.longdouble(1), np.longdouble(2)),
    (str.upper, str.lower), (str.upper, bytes.upper), (dict.fromkeys, dict.get),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda value: type(value).__name__)
def test_the_fingerprint_depends_on_what_a_function_refers_to(one, other):
    assert of(one) == of(one)
    assert of(one) != of(other)


@pytest.mark.parametrize("code", ["item + 1", "item * 2", "abs(item)", "min(item, 3)", "[item for _ in range(2)]"])
def test_the_fingerprint_depends_on_the_code_of_a_function(code):
    assert fingerprint(eval(f"lambda item: {code}")) == fingerprint(eval(f"lambda item: {code}"))
    assert fingerprint(eval(f"lambda item: {code}")) != fingerprint(eval("lambda item: item"))


def test_objects_that_cannot_be_compared_are_never_equal():
    with Path(__file__).open() as file:
        first, second = fingerprint(lambda: file), fingerprint(lambda: file)
        assert first.text != second.text
        assert first.unknown == "_io.TextIOWrapper"
        for holder in ({frozenset({file})}, [file], {"a": file}, Plain(file), types.SimpleNamespace(file=file)):
            assert fingerprint(holder).unknown == "_io.TextIOWrapper"
    assert fingerprint([Refusing()]).unknown.endswith("Refusing")
    assert fingerprint(plt.figure()).unknown == "matplotlib.figure.Figure"
    one, other = Plain(set()), Plain(set())
    one.shade.add(other)
    other.shade.add(one)
    assert fingerprint({one, other}).unknown.endswith("Plain")
    nested = []
    for _ in range(5_000):
        nested = [nested]
    assert fingerprint(nested).unknown == "nested too deeply"


def test_objects_that_do_not_affect_a_frame_are_ignored():
    for make in (threading.Lock, threading.RLock):
        assert fingerprint(make()) == fingerprint(make())
    before = of(random.uniform), of(os.environ)
    random.uniform(0, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A_VARIABLE_OF_A_TEST", "1")
        assert (of(random.uniform), of(os.environ)) == before
    shades = plt.get_cmap("magma")
    before = fingerprint(shades)
    shades([0.1, 0.9])
    assert fingerprint(shades) == before
    assert before != fingerprint(plt.get_cmap("viridis"))
    shade = dispatched("1")
    before = fingerprint(shade)
    shade(1)
    assert fingerprint(shade) == before


PADDED = [np.dtype("u1, f8", align=True)]
if np.finfo(np.longdouble).nmant == 63:
    PADDED += [np.dtype(np.longdouble), np.dtype(np.clongdouble)]


@pytest.mark.parametrize("dtype", PADDED, ids=str)
def test_padding_bytes_are_ignored(dtype):
    first, second = np.ones(3, dtype), np.ones(3, dtype)
    between = 1 if dtype.names else 12
    second.view(np.uint8).reshape(3, -1)[:, between] = 77
    assert of(first) == of(second)
    assert of(first[1]) == of(second[1])
    for kind in (np.matrix, np.recarray):
        assert of(first.view(kind)) == of(second.view(kind))
    second[1] = 2
    assert of(first[1]) != of(second[1])
    assert of(first) != of(second)


def test_objects_in_many_sets_are_described_once():
    layer = frozenset(Plain(index) for index in range(10))
    for _ in range(30):
        layer = frozenset(Plain(layer) for _ in range(10))
    assert fingerprint(layer).unknown is None


def test_attributes_and_strings_are_not_variables():
    code = "item.start, item['log'], item.axes[0]"
    assert fingerprint(function_of(code)) == fingerprint(function_of(code, start=1.5, log=threading.Event(), axes=2))


def test_importing_while_drawing_does_not_change_the_fingerprint(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "imported_by_a_test.py").write_text("SHADE = 1")
    (tmp_path / "broken_of_a_test.py").write_text("raise ValueError")

    def draw(item):
        import colorsys

        import broken_of_a_test
        import imported_by_a_test

        return colorsys, imported_by_a_test, broken_of_a_test

    (tmp_path / "ending_of_a_test.py").write_text("raise SystemExit")
    package = tmp_path / "package_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("def run(): return 1")
    (package / "run.py").touch()

    def draw_by_package(item):
        import ending_of_a_test
        from package_of_a_test import run

        return run(), ending_of_a_test

    assert fingerprint(draw_by_package).unknown is None
    assert callable(sys.modules["package_of_a_test"].run)
    del sys.modules["package_of_a_test"]
    sys.modules.pop("colorsys", None)
    before = fingerprint(draw)
    importlib.import_module("colorsys")
    importlib.import_module("imported_by_a_test")
    assert fingerprint(draw) == before
    del sys.modules["imported_by_a_test"]


def test_names_in_items_are_found():
    items = [np.array("a"), ("b", {"c": ["d"]}), np.array([["e", "f"]]), np.arange(3), 5, {"g"}]
    items.append(items)
    assert found_in(items).words == set("abcdefg")


def test_objects_that_refer_to_themselves_are_supported():
    items = [1]
    items.append(items)
    assert fingerprint(items).unknown is None
    for kind in (set, weakref.WeakSet):
        registered = with_class_attribute(kind())
        objects = [registered() for _ in range(3)]
        for made in objects:
            registered.shade.add(made)
        before = fingerprint(registered)
        assert before.unknown is None
        objects[0].level = 1
        assert fingerprint(registered) != before


def test_the_fingerprint_includes_modules_that_are_imported_while_drawing(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shades_of_a_test.py").write_text("SHADE = 1")

    def draw(item):
        import shades_of_a_test

        return shades_of_a_test.SHADE

    before = fingerprint(draw).text
    (tmp_path / "shades_of_a_test.py").write_text("SHADE = 2")
    assert fingerprint(draw).text != before


@pytest.mark.parametrize("how", ["from . import shades", "from .shades import SHADE", "from .. import b_of_a_test"])
def test_the_fingerprint_includes_relative_imports_while_drawing(tmp_path, monkeypatch, how):
    package = tmp_path / "a_of_a_test" / "inner"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "scene.py").write_text(f"def draw(item):\n    {how}")
    imported = package.parent / "b_of_a_test.py" if "b_of" in how else package / "shades.py"
    imported.write_text("SHADE = 1")
    monkeypatch.syspath_prepend(tmp_path)
    draw = importlib.import_module("a_of_a_test.inner.scene").draw
    before = fingerprint(draw)
    imported.write_text("SHADE = 2")
    assert fingerprint(draw) != before
    for name in [name for name in sys.modules if name.startswith("a_of_a_test")]:
        del sys.modules[name]


@pytest.mark.parametrize("how", ["import settings_of_a_test as s", "import tools_of_a_test.settings as s"])
def test_the_fingerprint_includes_module_contents_that_code_names(tmp_path, monkeypatch, how):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "tools_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("from . import settings")
    for path in (tmp_path / "settings_of_a_test.py", package / "settings.py"):
        path.write_text("import sys\nme = sys.modules[__name__]\nSHADE = 1\nOTHER = 1\ndef shade(): return me.SHADE")
    names = {}
    exec(f"{how}\ndef draw(item): return s.me.shade()", names)
    settings, draw = names["s"], names["draw"]
    before = fingerprint(draw)
    assert before.unknown is None
    settings.OTHER = 2
    assert fingerprint(draw) == before
    settings.SHADE = 2
    assert fingerprint(draw) != before


HOLDERS = {
    "an attribute": "class Scene:\n    def __init__(self): self.s = s\n    def draw(self, item): return self.s.SHADE\n"
    "draw = Scene().draw",
    "a list": "modules = [s]\ndef draw(item): return modules[0].SHADE",
    "a default": "def draw(item, s=s): return s.SHADE",
    "a partial": "import functools\ndef shade(s, item): return s.SHADE\ndraw = functools.partial(shade, s)",
    "names": "names = ['SHADE', 'OTHER']\ndef draw(item): return getattr(s, names[0])",
    "a text": "def draw(item): return getattr(s, 'SHADE')",
    "a package without a file": "import folder_of_a_test.inner\ndef draw(item): return folder_of_a_test.inner.SHADE",
    "modules": "import sys\ndef draw(item): return sys.modules['held_by_a_test'].SHADE",
    "__import__": "def draw(item): return __import__('held_by_a_test').SHADE",
    "import_module": "from importlib import import_module\n"
    "def draw(item): return import_module('held_by_a_test').SHADE",
    "an import": "def draw(item):\n    import held_by_a_test\n    return held_by_a_test.SHADE",
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_fingerprint_includes_module_contents_however_they_are_reached(tmp_path, monkeypatch, holder):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "folder_of_a_test").mkdir()
    for path in (tmp_path / "held_by_a_test.py", tmp_path / "folder_of_a_test" / "inner.py"):
        path.write_text("SHADE = 1")
    names = {}
    exec(f"import held_by_a_test as s\n{HOLDERS[holder]}", names)
    before = fingerprint(names["draw"])
    assert before.unknown is None
    assert fingerprint(names["draw"]) == before
    module = sys.modules["folder_of_a_test.inner" if "without" in holder else "held_by_a_test"]
    monkeypatch.setattr(module, "SHADE", 2)
    assert fingerprint(names["draw"]) != before


@pytest.mark.parametrize("how", [
    "import matplotlib", "import matplotlib.pyplot as plt", "from matplotlib import cm",
    "import plots_of_a_test; plots_of_a_test.plt.figure()",
    "import importlib; importlib.import_module('matplotlib.pyplot')",
])  # fmt: skip
def test_the_fingerprint_includes_the_settings_of_matplotlib_if_it_is_imported_while_drawing(
    tmp_path, monkeypatch, how
):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "plots_of_a_test.py").write_text("import matplotlib.pyplot as plt")
    names = {}
    exec(f"def draw(item):\n    {how}", names)
    before = fingerprint(names["draw"])
    assert before == fingerprint(names["draw"])
    assert before.unknown is None
    with mpl.rc_context({"figure.facecolor": "0.2"}):
        assert fingerprint(names["draw"]) != before
        assert fingerprint(lambda_of("item")) == fingerprint(lambda_of("item"))


@pytest.mark.parametrize("how", ["sys.modules['cfg_of_a_test']", "importlib.import_module('cfg_of_a_test')"])
def test_the_fingerprint_includes_the_source_of_a_module_that_is_not_imported_yet(tmp_path, monkeypatch, how):
    monkeypatch.syspath_prepend(tmp_path)
    source = tmp_path / "cfg_of_a_test.py"
    draw = function_of(f"{how}.SHADE", sys=sys, importlib=importlib)
    before = fingerprint(draw)
    source.write_text("raise ValueError('imported')\nSHADE = 1")
    importlib.invalidate_caches()
    one = fingerprint(draw)
    source.write_text("raise ValueError('imported')\nSHADE = 2")
    other = fingerprint(draw)
    assert len({before, one, other}) == 3
    assert "cfg_of_a_test" not in sys.modules


def test_a_user_folder_named_like_pythons_is_fingerprinted(tmp_path):
    folder = tmp_path / "lib" / "python3-plots"
    folder.mkdir(parents=True)

    def draw(shade):
        (folder / "plots.py").write_text(f"def draw(item): return {shade}")
        names = {}
        exec(compile((folder / "plots.py").read_text(), folder / "plots.py", "exec"), names)
        return names["draw"]

    assert fingerprint(draw(1)) != fingerprint(draw(2))


def test_another_process_has_the_same_fingerprints(tmp_path):
    (tmp_path / "script.py").write_text("""
import collections, contextlib, ctypes, dataclasses, functools, logging, types, typing, weakref
import matplotlib.pyplot as plt, numpy as np, pandas as pd
from matplotlib import colors, ticker
from pathlib import Path
import attrs, pydantic
from framemill._rendering._fingerprint import fingerprint
NAMES, TABLE, CONFIG = {"a", "b", "c", "d", "e"}, pd.DataFrame({"a": [1, 2]}), {"x": Path("y"), "z": np.arange(3)}
HELD = (
    colors.FuncNorm((np.sqrt, np.square)), colors.Normalize(0, 1), plt.get_cmap("magma"), ticker.FuncFormatter(print),
    np.vectorize(lambda x: x), collections.defaultdict(list, {"a": {"b", "c"}}), functools.cache(lambda x: x),
    contextlib.contextmanager(lambda: NAMES), types.SimpleNamespace(names=NAMES), np.random.default_rng(1),
    logging.getLogger("a"), pd.Timestamp("2026-01-01"), np.float32(1), np.longdouble(1), ctypes.CDLL(None),
    ctypes.CDLL(None).abs, typing.TypeVar("T"), weakref.WeakSet(map(logging.getLogger, "abcdef")),
)
modules = [types.ModuleType(name) for name in "abcdef"]
for module in modules:
    module.SHADES = [module.__name__]
SHADES = {eval("lambda: module.SHADES", {"module": module}) for module in modules}
@dataclasses.dataclass
class Style:
    # The docstring has the order of the set, and the address of the function.
    shown: frozenset = frozenset({"axes", "grid", "legend", "title"})
    shade: object = lambda x: x
@attrs.frozen
class Line:
    width: int = 1
class Axes(pydantic.BaseModel):
    level: int = 2
@pydantic.validate_call
def shade(axes: Axes, level: int = 3):
    return level
class Scene:
    style, line, axes, shade = Style(), Line(), Axes(), shade
    names = frozenset("hello world")
    def draw(self, item):
        return NAMES, TABLE, CONFIG, HELD, SHADES, item, lambda: np.sin(item)
print(fingerprint(Scene().draw, NAMES, "a text"))
""")
    printed = {
        subprocess.run(
            [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (1, 2, 3)
    }  # fmt: skip
    assert len(printed) == 1
    assert "unknown=None" in printed.pop()


def test_the_fingerprint_includes_compiled_modules_and_libraries(tmp_path, monkeypatch):
    name = "_imagingmath"
    file = tmp_path / Path(importlib.util.find_spec(f"PIL.{name}").origin).name
    shutil.copy(importlib.util.find_spec(f"PIL.{name}").origin, file)
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    kind = type("Compiled", (), {"__module__": name})
    library = ctypes.CDLL(str(file))
    function = next(filter(inspect.isbuiltin, vars(module).values()))
    held = [function, kind, kind(), library, getattr(library, f"PyInit_{name}")]
    before = [fingerprint(value) for value in held]
    assert [fingerprint(value) for value in held] == before
    assert {each.unknown for each in before} == {None}
    with file.open("ab") as changed:
        changed.write(b"changed")
    assert not set(before) & {fingerprint(value) for value in held}
    file.unlink()
    assert fingerprint(library).unknown == "ctypes.CDLL"


def test_the_fingerprint_includes_what_objects_of_compiled_classes_contain(monkeypatch):
    # As if the user had made the module.
    monkeypatch.setitem(sys.modules, "decimal", types.ModuleType("decimal"))
    one, other = decimal.Decimal(1), decimal.Decimal(2)
    assert fingerprint(one) == fingerprint(one)
    assert fingerprint(one).unknown is None
    assert fingerprint(one) != fingerprint(other)


def test_a_library_that_was_used_has_the_same_fingerprint():
    library = ctypes.CDLL(None)
    before = fingerprint(library)
    assert library.abs(-1) == 1
    assert fingerprint(library) == before
    library.abs.argtypes = [ctypes.c_long]
    assert fingerprint(library) != before


def test_the_fingerprint_includes_the_types_of_a_librarys_functions():
    function = ctypes.CDLL(None).abs
    before = fingerprint(function)
    assert before.unknown is None
    function.restype = ctypes.c_double
    assert fingerprint(function) != before


def imported(name, source):
    """Return the variables of a script that is run as a module."""
    module = types.ModuleType(name)
    exec(compile(source, f"/scripts/{name}.py", "exec"), vars(module))
    return module


LOOKUPS = {
    "a variable by an item": ("LEVEL = {0}\ndef draw(name): return globals()[name]", ["LEVEL"]),
    "a function by an item": ("def bars(): return {0}\ndef draw(name): return globals()[name]()", ["bars"]),
    "a variable by another": ("LEVEL = {0}\nKEY = 'LEVEL'\ndef draw(item): return globals()[KEY]", [0]),
    "variables by a tuple": ("A = {0}\nB = 1\ndef draw(item): return [globals()[name] for name in ('A', 'B')]", [0]),
    "an expression in a variable": ("A = {0}\nTEXT = 'A + 1'\ndef draw(item): return eval(TEXT)", [0]),
    "an expression as an item": ("A = {0}\ndef draw(item): return eval(item)", ["A + 1"]),
    "an attribute of the module by an item": (
        "import sys\nLEVEL = {0}\ndef draw(name): return getattr(sys.modules[__name__], name)", ["LEVEL"],
    ),
    "a partial with the name of its function": (
        "import functools\ndef shade(item, level): return level\n"
        "draw = functools.update_wrapper(functools.partial(shade, level={0}), shade)", [0],
    ),
    "a class that is made at run time": (
        "import types\nA = types.new_class('A', (), {{}}, lambda names: names.update(level={0}))\n"
        "def draw(item): return A.level", [0],
    ),
    "a dataclass that is made at run time": (
        "import dataclasses\nA = dataclasses.make_dataclass('A', [('level', int, {0})])\n"
        "def draw(item): return A().level", [0],
    ),
    "a docstring of a class": ("class A:\n    '{0}'\ndef draw(item): return A.__doc__", [0]),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKUPS)
def test_the_fingerprint_includes_what_is_looked_up_by_texts(name):
    source, items = LOOKUPS[name]

    def found(level):
        return fingerprint(imported("script", source.format(level)).draw, found=found_in(items))

    assert found(10) == found(10)
    assert found(10).unknown is None
    assert found(10).text != found(200).text


def test_texts_do_not_name_variables_of_code_that_looks_nothing_up():
    source = "level = {0}\ndef draw(item): return f'level {{item}}'"
    one, other = (fingerprint(imported("script", source.format(level)).draw) for level in (10, 200))
    assert one == other


def found_at_each_level(folder, changed, script):
    """Return the fingerprints of a script's `draw` with two versions of a file of the package `shades`."""
    (folder / "shades").mkdir()
    for name in ("__init__.py", "sub.py"):
        (folder / "shades" / name).write_text("")
    found = []
    for level in (10, 200):
        (folder / "shades" / changed).write_text(f"LEVEL = {level}\n")
        importlib.invalidate_caches()
        for name in [name for name in sys.modules if name.partition(".")[0] == "shades"]:
            del sys.modules[name]
        found.append(fingerprint(imported("script", script).draw).text)
    return found


def test_a_package_is_found_when_its_module_is_imported_while_drawing(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    script = "def draw(item):\n    import shades.sub\n    return shades.LEVEL"
    one, other = found_at_each_level(tmp_path, "__init__.py", script)
    assert one != other


@pytest.mark.parametrize("text", ["sub.LEVEL", "{0.sub.LEVEL}"])
def test_names_with_dots_in_texts_are_found(tmp_path, monkeypatch, text):
    monkeypatch.syspath_prepend(tmp_path)
    script = f"import shades.sub\nTEXT = {text!r}\ndef draw(item): return TEXT, shades"
    one, other = found_at_each_level(tmp_path, "sub.py", script)
    assert one != other


def test_names_in_objects_among_the_items_are_found():
    class Shaded:
        def __init__(self):
            self.name = "LEVEL"

    assert "LEVEL" in found_in([Shaded()]).words


READERS = {
    "vars": "def draw(item): return vars(cfg)",
    "dir": "def draw(item): return [getattr(cfg, name) for name in dir(cfg)]",
    "a dictionary": "def draw(item): return cfg.__dict__[item]",
    "getmembers": "import inspect\ndef draw(item): return inspect.getmembers(cfg)",
    "a function for any object": "def values(made): return vars(made).values()\ndef draw(item): return values(cfg)",
    "a function of the module": "cfg.__getattr__ = lambda name: cfg.SHADE\ndef draw(item): return cfg.shade",
    "a class of the module": "class Kind(types.ModuleType):\n    @property\n    def shade(self): return self.SHADE\n"
    "cfg.__class__ = Kind\ndef draw(item): return cfg.shade",
}


@pytest.mark.parametrize("how", READERS)
def test_the_fingerprint_includes_attributes_of_modules_that_code_does_not_name(how):
    names = {"cfg": imported("cfg", "SHADE = 1"), "types": types, "__name__": "__main__"}
    exec(READERS[how], names)
    before = fingerprint(names["draw"])
    assert before.unknown is None
    assert fingerprint(names["draw"]) == before
    names["cfg"].SHADE = 2
    assert fingerprint(names["draw"]) != before


# Items, and what a frame makes of an item.
MOVIES = {
    "a module": ("cfg", "item.SHADE"),
    "a module that reads another one": ("scene", "item.shade()"),
    "a function": ("lambda module: module.SHADE", "item(cfg)"),
    "a function that looks up attributes": ("lambda name: getattr(cfg, name)", "item('SHADE')"),
    "a function that looks up variables": ("lambda name: globals()[name].SHADE", "item('cfg')"),
    "a namespace": ("types.SimpleNamespace(name='SHADE')", "getattr(cfg, item.name)"),
    "a deque": ("collections.deque(['SHADE'])", "getattr(cfg, item[0])"),
    "an attribute of a class": ("with_class_attribute('SHADE')()", "getattr(cfg, item.shade)"),
    "an attribute of a list": ("named", "getattr(cfg, item.name)"),
    "an array": ("np.array(['SHADE'])", "getattr(cfg, item[0])"),
}


@pytest.mark.parametrize("what", MOVIES)
def test_names_and_modules_of_items_and_of_draw_belong_together(what):
    item, code = MOVIES[what]
    cfg = imported("cfg", "SHADE = 1")
    scene = imported("scene", "def shade(): return cfg.SHADE")
    scene.cfg = cfg
    named = type("Named", (list,), {"__module__": "__main__"})()
    named.name = "SHADE"
    names = {"cfg": cfg, "scene": scene, "named": named}
    items = [eval(item, {**globals(), **names})]

    def movie():
        draw = eval(f"lambda item: {code}", names)
        return fingerprint(draw, found=found_in(items)), fingerprint(items)

    before = movie()
    assert movie() == before
    cfg.SHADE = 2
    assert movie() != before


def test_the_command_line_counts_if_code_reads_it(monkeypatch):
    def draw(frame):
        return frame * int(sys.argv[1])

    def of_arguments(function, *arguments):
        monkeypatch.setattr(sys, "argv", ["draw.py", *arguments])
        return fingerprint(function).text

    assert of_arguments(draw, "1") != of_arguments(draw, "7")
    assert of_arguments(abs, "1") == of_arguments(abs, "7")


def test_a_new_abstract_class_is_no_change_of_a_singledispatch():
    chosen = functools.singledispatch(lambda_of("item"))
    chosen.register(numbers.Number, lambda_of("item + 1"))
    before = fingerprint(chosen)
    # It invalidates the cache of `singledispatch`.
    collections.abc.Sequence.register(type("Items", (), {}))
    assert fingerprint(chosen) == before


def test_a_number_may_have_thousands_of_digits():
    numbers_of_digits = [fingerprint(lambda: 0, 1 << bits).text for bits in (20_000, 20_001)]
    assert len(set(numbers_of_digits)) == 2
