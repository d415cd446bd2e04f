"""Frames drawn from layers against what Matplotlib's own writer gets."""

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


@pytest.fixture(autouse=True)
def _small(_figures):
    mpl.rcParams["figure.dpi"] = 50


ANYWAY = {"changing_zorder": 0, "figure_artists": 0, "vanishing_artists": FRAMES - 3}


@pytest.fixture
def unchecked(monkeypatch):
    """What layers give, and not what a check puts in their place."""
    monkeypatch.setattr(Checks, "is_due", lambda _self: False)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("blit", [True, False])
@pytest.mark.parametrize("make", LAYERED, ids=lambda make: make.__name__)
def test_layers_are_what_matplotlib_draws(make, blit):
    drawing = compare(make, blit, FRAMES)
    # The first frame, one in which artists begin to change, and from then on layers.
    # Of a layout engine's two last results each follows the other, one bit apart.
    least = {"tight_layout": 0, "constrained_layout": 0, "without_frame": 0, "best_legend": FRAMES - 3}
    assert drawing.layered >= {**ANYWAY, **least}.get(make.__name__, FRAMES - 2), drawing.reasons
    assert drawing.layered + drawing.full == FRAMES


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("blit", [True, False])
@pytest.mark.parametrize("make", [*OTHERS, *SILENT], ids=lambda make: make.__name__)
def test_frames_are_right_where_something_else_changes(make, blit):
    if make.__name__ == "turning_view" and blit:
        pytest.skip("nothing is returned, which Matplotlib refuses")
    compare(make, blit, FRAMES)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("blit", "dpi"), [(True, None), (False, None), (True, 70)])
@pytest.mark.parametrize("name", ALL)
def test_what_was_wrong_once(name, blit, dpi):
    compare(ALL[name], blit, FRAMES, dpi)


@pytest.mark.parametrize("name", ALL)
def test_what_was_wrong_once_with_checks(name):
    drawing = compare(ALL[name], False, FRAMES)
    assert not drawing.doubtful
