"""Compares frames drawn from layers with those of Matplotlib's writer."""

import os

import matplotlib as mpl
import pytest
from animations import compare
from changing_figures import OTHERS, SILENT
from figures import LAYERED
from framemill._figures._checks import Checks
from late_changes import MISSED
from wrong_figures import FOUND

FRAMES = 12
ALL = {**FOUND, **MISSED}
# `make fuzz-figures` runs all tests; otherwise, each figure has each value of blit and of dpi once.
IS_CAMPAIGN = "FRAMEMILL_FUZZ_EXAMPLES" in os.environ
BLIT_AND_DPI = [(True, None), (False, 70)] + ([(False, None), (True, 70)] if IS_CAMPAIGN else [])
CHECKED = list(ALL) if IS_CAMPAIGN else list(ALL)[::3]


@pytest.fixture(autouse=True)
def _small(_figures):
    mpl.rcParams["figure.dpi"] = 50


ANYWAY = {"changing_zorder": 0, "figure_artists": 0, "vanishing_artists": FRAMES - 3}


@pytest.fixture
def unchecked(monkeypatch):
    """Turn off checks, so that a check never replaces a frame from layers."""
    monkeypatch.setattr(Checks, "is_due", lambda _self: False)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("blit", [True, False])
@pytest.mark.parametrize("make", LAYERED, ids=lambda make: make.__name__)
def test_layers_equal_the_drawings_of_matplotlib(make, blit):
    drawing = compare(make, blit, FRAMES)
    # Two frames are drawn in full: the first one, and the one in which artists start to change. A layout engine may
    # alternate between two results that differ in one bit, so these figures may never use layers.
    least = {"tight_layout": 0, "constrained_layout": 0, "without_frame": 0, "best_legend": FRAMES - 3}
    assert drawing.layered >= {**ANYWAY, **least}.get(make.__name__, FRAMES - 2), drawing.reasons
    assert drawing.layered + drawing.full == FRAMES


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("blit", [True, False])
@pytest.mark.parametrize("make", [*OTHERS, *SILENT], ids=lambda make: make.__name__)
def test_frames_are_correct_if_other_things_change(make, blit):
    if make.__name__ == "turning_view" and blit:
        pytest.skip("update returns nothing, which Matplotlib refuses with blit")
    compare(make, blit, FRAMES)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("blit", "dpi"), BLIT_AND_DPI)
@pytest.mark.parametrize("name", ALL)
def test_figures_that_were_wrong_once(name, blit, dpi):
    compare(ALL[name], blit, FRAMES, dpi)


@pytest.mark.parametrize("name", CHECKED)
def test_figures_that_were_wrong_once_with_checks(name):
    drawing = compare(ALL[name], False, FRAMES)
    assert not drawing.doubtful
