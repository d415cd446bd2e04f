"""Shared fixtures: a movie's path, a browser, and figures without windows. The tests use the installed package."""

import signal
from pathlib import Path

import framemill
import matplotlib as mpl
import pytest
from browser import Browser

mpl.use("Agg")

SOURCE = Path(__file__).resolve().parents[1]


def pytest_sessionstart():
    """Refuse to test the source folder, because users install the wheel."""
    if SOURCE / "framemill" in Path(framemill.__file__).resolve().parents:
        raise pytest.UsageError("this is the source folder's framemill: install the wheel, and run from elsewhere")
    # Shells ignore Ctrl-C in background jobs, and processes that these start would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def movie(tmp_path):
    return tmp_path / "movie.mp4"


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(autouse=True)
def _figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")
    mpl.rcdefaults()
    mpl.use("Agg")
