"""Tests that workers draw with the same modules as the process that calls `render`."""

import importlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import framemill
import numpy as np
import pytest
from framemill._rendering._description import described
from reader import decode

SOURCE = '''
import numpy as np
SHADE = 50
COUNT = 0
TOTAL = 0

def draw(frame):
    """Draw a frame."""
    global COUNT
    COUNT += 1
    return np.full((64, 64), SHADE + frame, np.uint8)

def edit_and_draw(frame):
    if frame == 4:
        path = __file__
        text = open(path).read()
        open(path, "w").write(text.replace("SHADE = 50", "SHADE = 150"))
    return draw(frame)

def lazy_draw(frame):
    import scene_of_a_user
    scene_of_a_user.COUNT += 1
    return draw(frame)

def count_draw(frame):
    return np.full((64, 64), min(COUNT, 1) + frame, np.uint8)

def draw_if(frame):
    return np.full((64, 64), SHADE + (0 if frame in {"a", "b", "c"} else frame), np.uint8)
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A user's module that was just imported."""
    (tmp_path / "scene_of_a_user.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    module = importlib.import_module("scene_of_a_user")
    yield module
    del sys.modules["scene_of_a_user"]


def pool(method: str, **options: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context(method), **options)


def levels(movie: Path) -> list[int]:
    return [int(frame.flat[0]) for frame in decode(movie, "gray")]


def render(draw: Any, movie: Path, executor: Any, **options: Any) -> list[int]:
    framemill.render(draw, 10, movie, 25, executor=executor, segment=5, codec="ffv1", pixel_format="gray", **options)
    return levels(movie)


EXPECTED = list(range(50, 60))


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_an_unchanged_module_draws_in_workers(module: Any, tmp_path: Path, method: str) -> None:
    # The state of a module may differ from its file.
    module.draw(0)
    with pool(method) as workers:
        assert render(module.draw, tmp_path / "m.mkv", workers) == EXPECTED
        assert render(module.lazy_draw, tmp_path / "l.mkv", workers) == EXPECTED
        assert len(render(module.count_draw, tmp_path / "n.mkv", workers)) == 10


def test_comments_and_docstrings_may_change(module: Any, tmp_path: Path) -> None:
    path = Path(module.__file__)
    path.write_text("# A comment.\n" + SOURCE.replace("Draw a frame.", "Draw a frame, with a shade."))
    with pool("spawn") as workers:
        assert render(module.draw, tmp_path / "m.mkv", workers) == EXPECTED


def test_a_module_that_changes_while_a_movie_is_made_is_an_error(module: Any, tmp_path: Path) -> None:
    movie = tmp_path / "m.mkv"
    with (
        pool("spawn", max_tasks_per_child=1) as workers,
        pytest.raises(framemill.SettingsError, match=r"another version of .*scene_of_a_user\.py than the process"),
    ):
        render(module.edit_and_draw, movie, workers)
    assert not movie.exists()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("SHADE = 50", "SHADE = 150", "SHADE"),
        ("return np.full((64, 64), SHADE + frame", "return np.full((64, 64), SHADE + 2 * frame", "draw"),
    ],
)
def test_a_module_that_was_edited_without_a_reload_is_an_error(
    module: Any, tmp_path: Path, old: str, new: str, name: str
) -> None:
    path = Path(module.__file__)
    path.write_text(SOURCE.replace(old, new))
    with (
        pool("spawn") as workers,
        pytest.raises(framemill.SettingsError, match=rf"another scene_of_a_user\.{name} than this process"),
    ):
        render(module.draw, tmp_path / "m.mkv", workers)
    # These workers have what this process has.
    assert render(module.draw, tmp_path / "m.mkv", None) == EXPECTED
    with ThreadPoolExecutor(2) as threads:
        assert render(module.draw, tmp_path / "m.mkv", threads) == EXPECTED
    with pool("fork") as workers:
        assert render(module.draw, tmp_path / "m.mkv", workers) == EXPECTED
    importlib.reload(module)
    with pool("spawn") as workers:
        assert render(module.draw, tmp_path / "m.mkv", workers) == render(module.draw, tmp_path / "n.mkv", None)


def test_a_constant_that_other_code_sets_is_an_error(module: Any, tmp_path: Path) -> None:
    module.SHADE = 70
    with (
        pool("spawn") as workers,
        pytest.raises(framemill.SettingsError, match=r"another scene_of_a_user\.SHADE than this process"),
    ):
        render(module.draw, tmp_path / "m.mkv", workers)
    assert render(module.draw, tmp_path / "m.mkv", None) == list(range(70, 80))


def test_functions_that_use_a_module_are_checked_too(module: Any, tmp_path: Path) -> None:
    def draw(frame: int) -> Any:
        return np.asarray(module.draw(frame))

    module.SHADE = 70
    with pytest.raises(framemill.SettingsError, match=r"another scene_of_a_user\.SHADE than this process"):
        render(draw, tmp_path / "m.mkv", 1)


def test_an_edited_set_of_constants_is_another_function(module: Any, tmp_path: Path) -> None:
    path = Path(module.__file__)
    path.write_text(SOURCE.replace('{"a", "b", "c"}', '{"a", "b", 4}'))
    with (
        pool("spawn") as workers,
        pytest.raises(framemill.SettingsError, match=r"another scene_of_a_user\.draw_if than this process"),
    ):
        render(module.draw_if, tmp_path / "m.mkv", workers)


def test_variables_that_code_sets_are_no_constants(module: Any, tmp_path: Path) -> None:
    def draw(frame: int) -> Any:
        module.TOTAL += 1
        return np.full((64, 64), min(module.TOTAL, 1) + frame, np.uint8)

    draw(0)
    # This worker starts with the number in the file.
    assert len(render(draw, tmp_path / "m.mkv", 1)) == 10


# Sources of a function `f`, each with a part to edit.
EDITED = {
    "default": ("def f(i, gain=1): return i * gain", "gain=1", "gain=7"),
    "keyword default": ("def f(i, *, gain=1): return i * gain", "gain=1", "gain=7"),
    "list": ("G = [1]\ndef f(i): return i * G[0]", "[1]", "[7]"),
    "dictionary": ("G = {'a': 1}\ndef f(i): return i * G['a']", "1}", "7}"),
    "array": ("import numpy as np\nG = np.array([1])\ndef f(i): return i * G[0]", "[1]", "[7]"),
    "annotated": ("G: int = 1\ndef f(i): return i * G", "= 1", "= 7"),
    "pair": ("G, H = 1, 2\ndef f(i): return i * G", "= 1", "= 7"),
    "computed": ("G = int('1')\ndef f(i): return i * G", "'1'", "'7'"),
    "class attribute": ("class C:\n    gain = 1\ndef f(i): return i * C.gain", "= 1", "= 7"),
    "array of a class": (
        "import numpy as np\nclass C:\n    g = np.ones(1)\ndef f(i): return i * C.g[0]",
        "(1)",
        "(1) * 7",
    ),
    "data class": (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    g: int = 1\ndef f(i): return i * C().g",
        "= 1",
        "= 7",
    ),
    "enumeration": ("import enum\nclass C(enum.Enum):\n    G = 1\ndef f(i): return i * C.G.value", "= 1", "= 7"),
    "property": (
        "class C:\n    @property\n    def g(self): return 1\n    @g.setter\n    def g(self, x): pass\n"
        "def f(i): return i * C().g",
        "return 1",
        "return 7",
    ),
    "lambda": ("g = lambda: 1\ndef f(i): return i * g()", ": 1", ": 7"),
    "argument of a decorator": (
        "def by(n):\n    def by_n(h):\n        return lambda i: n * h(i)\n    return by_n\n@by(1)\ndef f(i): return i",
        "@by(1)",
        "@by(7)",
    ),
    "partial": (
        "from functools import partial\ndef times(n, i): return n * i\nf = partial(times, 1)",
        "times, 1",
        "times, 7",
    ),
    "function in another branch": (
        "import sys\nif sys.argv is None:\n    def f(i): return 0\nelse:\n    def f(i): return 1 * i",
        "1 * i",
        "7 * i",
    ),
    "cached property": (
        "import functools\nclass C:\n    @functools.cached_property\n    def g(self): return 1\n"
        "def f(i): return i * C().g",
        "return 1",
        "return 7",
    ),
    "sum": ("G = sum(i * 1 for i in [1])\ndef f(i): return i * G", "i * 1 for", "i * 7 for"),
    "function defined twice": ("def f(i): return 0\ndef f(i): return 1 * i", "1 * i", "7 * i"),
}


def imported(folder: Path, name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module with this source, as Python does by default."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    sys.modules.pop(name, None)
    (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(folder)
    importlib.invalidate_caches()
    return importlib.import_module(name)


@pytest.mark.parametrize("kind", EDITED)
def test_every_edit_without_a_reload_is_an_error(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, old, new = EDITED[kind]
    module = imported(tmp_path, "edited_by_a_user", source, monkeypatch)
    Path(module.__file__).write_text(source.replace(old, new) + "\n# A comment, so that the size changes.")

    def draw(frame: int) -> Any:
        return np.full((64, 64), int(module.f(frame)), np.uint8)

    for _ in range(2):
        with (
            pool("spawn") as workers,
            pytest.raises(framemill.SettingsError, match=r"(?s)edited_by_a_user.*Re(load|start)"),
        ):
            render(draw, tmp_path / "m.mkv", workers)
    assert render(draw, tmp_path / "m.mkv", None) == list(range(10))


SET_BY_CODE = {
    "number of NumPy": ("G = 1.0", lambda module: setattr(module, "G", np.float64(7))),
    "annotated": ("G: float = 1.0", lambda module: setattr(module, "G", 7.0)),
    "computed": ("import math\nG = math.pi / math.pi", lambda module: setattr(module, "G", 7.0)),
    "chain": ("G = H = 1", lambda module: setattr(module, "G", 7)),
    "array": ("G = 1", lambda module: setattr(module, "G", np.array(7))),
    "attribute of a class": ("class C:\n    gain = 1\nG = 1", lambda module: setattr(module.C, "gain", 7)),
    "default": ("def g(gain=1): return gain\nG = 1", lambda module: setattr(module.g, "__defaults__", (7,))),
    "item": ("G = 1\nL = [1]", lambda module: module.L.__setitem__(0, 7)),
    "lambda": ("g = lambda: 1\nG = 1", lambda module: setattr(module, "g", lambda: 7)),
    "other function of a class": (
        "class C:\n    def one(self): return 1\n    def two(self): return 7\n    z = one\nG = 1",
        lambda module: setattr(module.C, "z", module.C.two),
    ),
    "name of a local variable": ("G = 1\ndef other():\n    G = 3", lambda module: setattr(module, "G", 7)),
    "name of a loop": ("G = 1\nLIST = [G for G in range(3)]", lambda module: setattr(module, "G", 7)),
    "list": ("[G, H] = 1, 2", lambda module: setattr(module, "G", 7)),
    "imported constant": ("from math import pi\nG = pi / pi", lambda module: setattr(module, "G", 7)),
    "beside a call of vars": (
        "G = 1\nclass C: gain = 1\ndef g(): return vars(C)['gain']",
        lambda module: setattr(module, "G", 7),
    ),
    "unpacked": ("G = 1\nL = [1]\nmax(0, *L)", lambda module: module.L.__setitem__(0, 7)),
}


@pytest.mark.parametrize("kind", SET_BY_CODE)
def test_what_other_code_sets_is_an_error(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, change = SET_BY_CODE[kind]
    use = "G" + "".join(
        f" * {used}"
        for name, used in [("C", "C.gain" if "gain" in source else "C().z()"), ("L", "L[0]"), ("g", "g()")]
        if f"{name} =" in source or f"class {name}" in source or f"def {name}" in source
    )
    module = imported(tmp_path, "set_by_a_user", f"{source}\ndef f(i): return int(i * {use})", monkeypatch)
    change(module)

    def draw(frame: int) -> Any:
        return np.full((64, 64), module.f(frame), np.uint8)

    with pool("spawn") as workers, pytest.raises(framemill.SettingsError, match=r"another set_by_a_user\.\w+ than"):
        render(draw, tmp_path / "m.mkv", workers)


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


def test_an_edit_of_a_module_that_is_imported_while_drawing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = imported(tmp_path, "late_of_a_user", "SHADE = 1", monkeypatch)
    Path(module.__file__).write_text("SHADE = 20\n")

    def draw(frame: int) -> Any:
        import late_of_a_user  # type: ignore[import-not-found]

        return np.full((64, 64), late_of_a_user.SHADE + frame, np.uint8)

    with pool("spawn") as workers, pytest.raises(framemill.SettingsError, match=r"another late_of_a_user\.SHADE than"):
        render(draw, tmp_path / "m.mkv", workers)


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


SETTINGS = """
GAIN = 1

def other():
    return 1 * 1

def get():
    return GAIN
"""
STATEMENT = r"workers import .*settings_of_a_user\.py as it is now"
VARIABLE = r"another settings_of_a_user\.GAIN than this process: .*settings_of_a_user\.py was"
FUNCTION = r"another settings_of_a_user\.other than this process: .*settings_of_a_user\.py was"
# Sources of modules that import from `SETTINGS`, each with an edit there and the error.
IMPORTERS = {
    "name": ("from settings_of_a_user import GAIN\ndef f(i): return i * GAIN", "GAIN = 1", VARIABLE),
    "function": ("from settings_of_a_user import other\ndef f(i): return i * other()", "1 * 1", FUNCTION),
    "star": ("from settings_of_a_user import *\ndef f(i): return i * GAIN", "GAIN = 1", VARIABLE),
    "function by star": ("from settings_of_a_user import *\ndef f(i): return i * other()", "1 * 1", FUNCTION),
    "attempt": (
        "try:\n    from settings_of_a_user import GAIN\nexcept ImportError:\n    GAIN = 3\ndef f(i): return i * GAIN",
        "GAIN = 1",
        VARIABLE,
    ),
    "computed": (
        "from settings_of_a_user import GAIN\nTWICE = GAIN * 2\ndef f(i): return i * TWICE // 2",
        "GAIN = 1",
        VARIABLE,
    ),
    "class": (
        "from settings_of_a_user import GAIN\nclass C:\n    gain = GAIN\ndef f(i): return i * C.gain",
        "GAIN = 1",
        VARIABLE,
    ),
    "attribute": (
        "import settings_of_a_user as user\nGAIN = user.GAIN\ndef f(i): return i * GAIN",
        "GAIN = 1",
        VARIABLE,
    ),
    "variable of a function": (
        "import settings_of_a_user as user\nGAIN = user.get()\ndef f(i): return i * GAIN",
        "GAIN = 1",
        STATEMENT,
    ),
    "call": (
        "from settings_of_a_user import other\nGAIN = other()\ndef f(i): return i * GAIN",
        "1 * 1",
        FUNCTION,
    ),
}


@pytest.mark.parametrize("kind", IMPORTERS)
def test_an_edit_of_a_module_from_which_another_imports_is_an_error(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, old, message = IMPORTERS[kind]
    settings = imported(tmp_path, "settings_of_a_user", SETTINGS, monkeypatch)
    module = imported(tmp_path, "importer_of_a_user", source, monkeypatch)
    path = Path(settings.__file__)
    path.write_text(path.read_text().replace(old, old.replace("1", "70", 1)))

    def draw(frame: int) -> Any:
        return np.full((64, 64), module.f(frame), np.uint8)

    with pool("spawn") as workers, pytest.raises(framemill.SettingsError, match=message):
        render(draw, tmp_path / "m.mkv", workers)


def test_an_edit_of_a_module_in_the_same_package_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "package_of_a_user"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "settings.py").write_text("GAIN = 1")
    (folder / "drawing.py").write_text("from . import settings\nGAIN = settings.GAIN\ndef f(i): return i * GAIN")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("package_of_a_user.drawing")
    (folder / "settings.py").write_text("GAIN = 70")

    def draw(frame: int) -> Any:
        return np.full((64, 64), module.f(frame), np.uint8)

    with (
        pool("spawn") as workers,
        pytest.raises(framemill.SettingsError, match=r"package_of_a_user\.settings\.GAIN than"),
    ):
        render(draw, tmp_path / "m.mkv", workers)


def test_other_modules_that_a_module_imports_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = imported(tmp_path, "settings_of_a_user", "GAIN = 1\nOTHER = 1\n", monkeypatch)
    source = "import settings_of_a_user\ndef f(i): return i\ndef other(): return settings_of_a_user.GAIN"
    module = imported(tmp_path, "importer_of_a_user", source, monkeypatch)
    Path(settings.__file__).write_text("GAIN = 7.0\nOTHER = 1\n")

    def draw(frame: int) -> Any:
        return np.full((64, 64), module.f(frame), np.uint8)

    with pool("spawn") as workers:
        assert render(draw, tmp_path / "m.mkv", workers) == list(range(10))


RELOADED = """
from __future__ import annotations
import numpy as np

class Shade:
    def of(self, i: int, gain=1) -> int:
        return i * gain

def f(i):
    return np.full((64, 64), Shade().of(i), np.uint8)
"""

SESSION = """
%load_ext autoreload
%autoreload 2
import os, time, framemill, reloaded_of_a_user as module
PATH = module.__file__
def edit(old, new): source = open(PATH).read(); open(PATH, "w").write(source.replace(old, new))
def later(seconds): os.utime(PATH, (time.time() + seconds,) * 2)
edit("Shade().of(i)", "np.abs(Shade().of(i)) + 100"); later(10)
print("RENDERED", framemill.render(module.f, 10, "a.mkv", executor=1).frames, module.f(1).max())
edit("return i * gain", "return i * gain + 1"); later(20)
print("RENDERED", framemill.render(module.f, 10, "b.mkv", executor=1).frames, module.f(1).max())
edit("def f", "def other(): return 1\\n\\ndef f"); later(30)
print("RENDERED", framemill.render(module.f, 10, "c.mkv", executor=1).frames, module.f(1).max())
"""


def test_modules_that_ipython_reloads_draw_as_in_the_session(tmp_path: Path) -> None:
    (tmp_path / "reloaded_of_a_user.py").write_text(RELOADED)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    output = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"],
        cwd=tmp_path,
        env={**environment, "IPYTHONDIR": str(tmp_path / "ipython")},
        input=SESSION,
        capture_output=True,
        text=True,
        timeout=200,
    )
    lines = [line.partition("RENDERED")[2] for line in output.stdout.splitlines() if "RENDERED" in line]
    assert lines == [" 10 101", " 10 102", " 10 102"], output.stdout + output.stderr


def test_a_call_means_the_same_however_it_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function = "def f(i):\n    try:\n        return np.full((64, 64), i, np.uint8)\n    finally:\n        i + 1"
    source = f"import numpy as np\n{function}"
    module = imported(tmp_path, "compiled_of_a_user", source, monkeypatch)
    # IPython's `%autoreload` compiles a function that was edited without the rest of its module.
    exec(function, vars(module))
    with pool("spawn") as workers:
        assert render(module.f, tmp_path / "m.mkv", workers) == list(range(10))


def test_comments_may_change_between_two_movies_of_a_pool(module: Any, tmp_path: Path) -> None:
    path = Path(module.__file__)
    with pool("spawn") as workers:
        assert render(module.draw, tmp_path / "m.mkv", workers) == EXPECTED
        path.write_text(path.read_text().replace("Draw a frame.", "Draw."))
        assert render(module.draw, tmp_path / "m.mkv", workers) == EXPECTED
        path.write_text(
            path.read_text().replace("SHADE +", "SHADE +  # A comment.\n       ").replace('"""Draw."""', "")
        )
        assert render(module.draw, tmp_path / "m.mkv", workers) == EXPECTED
        path.write_text(path.read_text().replace("SHADE = 50", "SHADE = 90"))
        importlib.reload(module)
        with pytest.raises(framemill.SettingsError, match=r"another version of .*scene_of_a_user\.py than the process"):
            render(module.draw, tmp_path / "m.mkv", workers)


# Edits of a module that change nothing that is used.
HARMLESS = {
    "function": ("def f(i): return i", "def f(i): return i\ndef other(i: int, j=1) -> str: return i"),
    "list": ("def f(i): return i", "def f(i): return i\ndef g(x=[], *, y=-1): return x"),
    "callable": ("def f(i): return i", "def f(i): return i\ndef g(x: 'dict[int, int]', y: dict[str, [int]]): return x"),
    "local class": (
        "def f(i):\n    class A:\n        'A class.'\n    return i",
        "\n\ndef f(i):\n    class A:\n        'A class in a function.'\n    return i",
    ),
    "annotations": ("def f(i): return i", "def f(i: int) -> int: return i"),
    "docstring": ("def f(i): return i", 'def f(i):\n    """Return i."""\n    return i'),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_harmless_edits_are_no_error(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = HARMLESS[kind]
    module = imported(tmp_path, "harmless_of_a_user", f"N = 1\n{before}\n", monkeypatch)
    Path(module.__file__).write_text(f"# Comment.\nN = 1\n{after}\n")

    def draw(frame: int) -> Any:
        return np.full((64, 64), module.f(frame), np.uint8)

    with pool("spawn") as workers:
        assert render(draw, tmp_path / "m.mkv", workers) == list(range(10))
