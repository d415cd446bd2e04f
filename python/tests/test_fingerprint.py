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
