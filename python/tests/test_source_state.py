"""Tests that state of modules, and values that differ between processes, are no error in workers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from framemill._rendering._description import described
from user_modules import imported, pool, render

# Values and state that differ between processes and decides no frame.
INNOCENT = """
import contextlib, enum, functools, heapq, itertools, numbers, os, random, threading, time, uuid
import state_of_a_user
from os import environ as env
from state_of_a_user import COUNTER, active
from sys import argv as args
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
import attrs
import numpy as np
from beartype import beartype

START, PROCESS, CACHE, SEEN, COUNTS = time.time(), os.getpid(), {}, [], {"calls": 0}
LOCK = threading.Lock()
CALLS = 0
TAG = f"{START}"
HERE = os.getcwd()
FONT = HERE + "/font.ttf"
BUMPED, QUEUE, LEFT = {"c": 0}, [1], {1, 2}
CYCLE = {"a": 1}
CYCLE["self"] = CYCLE
_table = None
OPTIONS = {"gain": 1}

# Libraries generate code for these, with numbers and addresses that differ between processes.
@attrs.frozen
class Style:
    level: int = 1

@beartype
def styled(i: int, style: Style) -> int:
    return i * style.level

class Drawable(Protocol):
    def value(self, i): ...

class Base:
    def __init__(self):
        self.gain = 1

class Circle(Drawable, Base):
    def value(self, i):
        return self.gain * i

def counted(function):
    calls = 0
    memory = {}
    def wrapper(*args):
        nonlocal calls
        calls += 1
        memory[args] = calls
        return function(*args)
    return wrapper

def bump(counts):
    counts["c"] += 1

def table():
    global _table
    if _table is None:
        _table = lambda i: i
    return _table

def remembering(i, _cache={}):
    _cache[i] = i
    return i

collecting = functools.partial(lambda seen, i: seen.append(i) or i, [])

def siblings():
    last = 0
    def put(i):
        nonlocal last
        last = i
    def get():
        return last
    return put, get

put, get = siblings()

class Scene:
    made = 0
    shade = 0
    names = []
    identifiers = itertools.count()
    def __init__(self):
        Scene.made += 1
        self.GAIN = 5
    @functools.cached_property
    def gain(self):
        return 1

GAIN = 1

@dataclass
class Point:
    x: int = 1
    tags: list = field(default_factory=list)

class Pair(NamedTuple):
    a: int = 1

class Color(enum.Flag):
    RED = enum.auto()

class Kind(enum.Enum):
    RUN = str(os.getpid())

class Log:
    created, path = time.time(), f"run-{START}.log"
    names = tuple({"a", "b", "c"})
    def write(self, text, start=time.time(), *, process=os.getpid()):
        return Kind.RUN.value + self.path

@dataclass
class Run:
    started: float = time.time()

def timer():
    begin = time.time()
    return lambda: time.time() - begin

id = os.getpid()
uuid = uuid.uuid4().hex
TAGGED = "x" + uuid
NAME, FIRST = f"run {id}", f"{PROCESS}"
ARGUMENTS, LETTERS = args[1:], [*{"a", "b", "c", "d", "e"}]
VERSION = 0
try:
    from state_of_a_user import VERSION
except ImportError:
    pass

class Named:
    START = os.getpid()
    text = f"{START}"

early = lambda i, t=time.time(): i
late = lambda i, t=0: i
NESTED, ROWS = {"run": {"id": 0}}, [[0], [1]]
NESTED["run"]["id"] = id
for row in ROWS:
    row.append(id)
DEEP = "a".strip()%s

elapsed = timer()
later = functools.partial(lambda start, i: i, time.time())
ITEMS = ([0], {"n": 0})

@functools.singledispatch
def by_kind(i):
    return i

@by_kind.register
def _(i: numbers.Number):
    return i

@contextlib.contextmanager
def quiet():
    yield

@functools.lru_cache
def cached(i):
    return i

@functools.singledispatch
def dispatched(i):
    return i

@counted
def f(i):
    globals()["CALLS"] += 1
    CACHE[i], COUNTS["calls"] = i, COUNTS["calls"] + 1
    SEEN.append((START, PROCESS, TAG, FONT, CYCLE["a"]))
    bump(BUMPED)
    heapq.heappush(QUEUE, i)
    LEFT.difference_update([1])
    put(i)
    assert get() == i == table()(i) == remembering(i) == collecting(i)
    ITEMS[0][0] += 1
    bump(COUNTER)
    state_of_a_user.count(state_of_a_user.CALLS)
    random.shuffle(state_of_a_user.ORDER)
    setattr(Scene, "shade", i)
    SEEN.append(TAGGED)
    SEEN.append((NAME, FIRST, ARGUMENTS, LETTERS, VERSION, Named.text, NESTED["run"]["id"], ROWS[0], DEEP, env["HOME"]))
    assert early(i) == late(i)
    state_of_a_user.active = later
    Log().write(str(Run().started + elapsed()))
    Scene.__annotations__
    with LOCK, quiet():
        scene = Scene()
        i = by_kind(later(i))
        i = Circle().value(styled(i, Style()))
        return dispatched(cached(i)) * scene.gain * Point().x * Pair().a * OPTIONS["gain"] * GAIN * Color.RED.value
"""


STATE = """
import os
VERSION = os.getpid()
COUNTER, CALLS, ORDER = {"c": 0}, {"n": 0}, [1, 2, 3, 4, 5]

def active(start, i):
    return i

def count(calls):
    calls["n"] += 1
"""


class Single:
    """Its objects may be added to it when it is used."""

    def one(self) -> int:
        return 1

    same_as_one = one


def test_an_object_that_a_class_keeps_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    before = described(Single, frozenset())
    monkeypatch.setattr(Single, "a_single", object(), raising=False)
    assert described(Single, frozenset()) == before is not None


def test_state_of_modules_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(tmp_path, "state_of_a_user", STATE, monkeypatch)
    module = imported(tmp_path, "innocent_of_a_user", INNOCENT.replace("%s", ".strip()" * 200), monkeypatch)

    def draw(frame: int) -> Any:
        return np.full((64, 64), module.f(frame), np.uint8)

    for number in range(5):
        draw(number)
    with pool("spawn") as workers:
        for _ in range(2):
            assert render(draw, tmp_path / "m.mkv", workers) == list(range(10))
            draw(3)
