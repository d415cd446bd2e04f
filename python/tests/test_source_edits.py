"""Tests that workers and the calling process have the same version of modules whose files are edited."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import framemill
import numpy as np
import pytest
from user_modules import imported, pool, render

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
