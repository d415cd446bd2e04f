"""What `render` takes for the same movie."""

import collections
import datetime
import decimal
import enum
import fractions
import functools
import operator
import subprocess
import sys
import threading
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from framemill._rendering._fingerprint import fingerprint


def of(value):
    """The fingerprint of a function that refers to a value."""
    return fingerprint(lambda item: (item, value)).text


class Shade(enum.Enum):
    DARK = 1
    LIGHT = 2


@dataclass
class Config:
    shade: object


class Angle(float):
    pass


class Day(datetime.date):
    pass


class Plain:
    def __init__(self, shade):
        self.shade = shade


def with_method(code):
    names = {}
    exec(f"class Base:\n    def help(self): return {code}\nclass Drawn(Base):\n    pass", names)
    names["Drawn"].__module__ = names["Base"].__module__ = "__main__"
    return names["Drawn"]()


def with_property(code):
    names = {}
    exec(f"class Drawn:\n    @property\n    def shade(self): return {code}", names)
    names["Drawn"].__module__ = "__main__"
    return names["Drawn"]()


def with_class_attribute(value):
    return type("Drawn", (), {"shade": value, "__module__": "__main__"})


def of_a_kind(bases, code, *arguments):
    """An object of a class that adds a method to its bases."""
    names = {"collections": collections, "np": np}
    exec(f"class Drawn({bases}):\n    __slots__ = ()\n    def shade(self): return {code}", names)
    names["Drawn"].__module__ = "__main__"
    return names["Drawn"](*arguments)


def with_slots(code, value):
    names = {}
    exec(f"class Drawn:\n    __slots__ = ('value',)\n    def shade(self): return {code}", names)
    names["Drawn"].__module__ = "__main__"
    drawn = names["Drawn"]()
    drawn.value = value
    return drawn


def decorated(code, value):
    """A function in an object of a user's own decorator."""
    names = {}
    exec(f"class Doubled:\n    def __call__(self, item): return {code}", names)
    names["Doubled"].__module__ = "__main__"
    doubled = functools.update_wrapper(names["Doubled"](), with_help)
    doubled.value = value
    return doubled


def with_help(item):
    return item


def cached(code):
    return functools.lru_cache(eval(f"lambda item: {code}"))


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
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda value: type(value).__name__)
def test_what_a_function_refers_to_counts(one, other):
    assert of(one) == of(one)
    assert of(one) != of(other)


@pytest.mark.parametrize("code", ["item + 1", "item * 2", "abs(item)", "min(item, 3)", "[item for _ in range(2)]"])
def test_the_code_of_a_function_counts(code):
    assert fingerprint(eval(f"lambda item: {code}")) == fingerprint(eval(f"lambda item: {code}"))
    assert fingerprint(eval(f"lambda item: {code}")) != fingerprint(eval("lambda item: item"))


def test_what_cannot_be_compared_is_never_the_same():
    lock = threading.Lock()
    first, second = fingerprint(lambda: lock), fingerprint(lambda: lock)
    assert first.text != second.text
    assert not first.is_comparable
    for holder in ({frozenset({lock})}, [lock], {"a": lock}, Plain(lock)):
        assert not fingerprint(holder).is_comparable
    nested = []
    for _ in range(5_000):
        nested = [nested]
    assert not fingerprint(nested).is_comparable


def test_what_refers_to_itself_ends():
    items = [1]
    items.append(items)
    assert fingerprint(items).is_comparable


def test_modules_that_are_imported_while_drawing_count(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shades_of_a_test.py").write_text("SHADE = 1")

    def draw(item):
        import shades_of_a_test

        return shades_of_a_test.SHADE

    before = fingerprint(draw).text
    (tmp_path / "shades_of_a_test.py").write_text("SHADE = 2")
    assert fingerprint(draw).text != before


@pytest.mark.parametrize("how", ["import settings_of_a_test as s", "import tools_of_a_test.settings as s"])
def test_what_modules_hold_counts_where_code_names_it(tmp_path, monkeypatch, how):
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
    assert before.is_comparable
    settings.OTHER = 2
    assert fingerprint(draw) == before
    settings.SHADE = 2
    assert fingerprint(draw) != before


def test_a_folder_that_is_named_like_pythons_is_not_installed(tmp_path):
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
import numpy as np, pandas as pd
from pathlib import Path
from framemill._rendering._fingerprint import fingerprint
NAMES, TABLE, CONFIG = {"a", "b", "c", "d", "e"}, pd.DataFrame({"a": [1, 2]}), {"x": Path("y"), "z": np.arange(3)}
class Scene:
    names = frozenset("hello world")
    def draw(self, item):
        return NAMES, TABLE, CONFIG, item, lambda: np.sin(item)
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
    assert "is_comparable=True" in printed.pop()
