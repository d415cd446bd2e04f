"""Tests that workers draw with the same modules as the process that calls `render`."""

import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import framemill
import numpy as np
import pytest
from user_modules import imported, pool, render

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
