"""Tests that random figures with random changes are drawn as Matplotlib's writer draws them.

`make test` runs the same examples each time; `make fuzz-figures EXAMPLES=4000` runs new ones.
"""

import gc
import os

import pytest
from figure_fuzzer import Artist, Axes, Call, Example, difference, examples
from hypothesis import HealthCheck, Phase, given, seed, settings

# The parts run in parallel.
PARTS = 4
# So few take about five minutes on two processors.
EXAMPLES = int(os.environ.get("FRAMEMILL_FUZZ_EXAMPLES", 80))
SEED = int(os.environ.get("FRAMEMILL_FUZZ_SEED", 1))

USUAL = {
    "layout": None, "blit": False, "returned": 0, "returned_each": 1, "dpi": None, "size": (2.4, 1.8), "shares": False,
    "facecolor": "white", "by_hand": False, "checked": False,
}  # fmt: skip
# Examples that were once drawn wrong. The name describes the fault.
FOUND = {
    # The grid of a polar plot is blended onto a uniform fill, where one color is three levels off.
    "overlay_inexact_on_one_color": Example(
        axes=[
            Axes(
                kind="polar",
                artists=[
                    Artist(kind="fill", seed=0, alpha=None, zorder=None),
                    Artist(kind="line", seed=0, alpha=0.7, zorder=None),
                ],
            )
        ],
        calls=[Call(frame=0, name="data", where=3, which=0, seed=0, lasts=True)],
        **USUAL,
    ),
    # Axes with an inset become visible and get another aspect. The lines to the inset depend on its new place.
    "lines_to_an_inset_in_axes_with_another_aspect": Example(
        axes=[
            Axes(kind="inset", artists=[Artist(kind="segments", seed=379, alpha=None, zorder=None)]),
            Axes(kind="plain", artists=[]),
        ],
        calls=[
            Call(frame=0, name="data", where=0, which=0, seed=828, lasts=False),
            Call(frame=0, name="frame", where=0, which=0, seed=800, lasts=True),
        ],
        **USUAL,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_examples_that_were_wrong_once_are_drawn_as_by_matplotlib(name):
    most, frame, drawing = difference(FOUND[name])
    assert most <= 2, f"{most} levels in frame {frame}: {drawing}"


# If Matplotlib cannot draw the first frame of an example, its animation warns when it is freed.
@pytest.mark.filterwarnings("ignore:Animation was deleted without rendering anything")
@pytest.mark.parametrize("part", range(PARTS))
def test_random_figures_are_drawn_as_by_matplotlib(part):
    drawn = []

    @settings(
        max_examples=EXAMPLES // PARTS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @seed(SEED * PARTS + part)
    @given(examples)
    def is_drawn_alike(example):
        most, frame, drawing = difference(example)
        # If Matplotlib cannot draw the example, there are no frames to compare.
        assert most is None or most <= 2, f"{most} levels in frame {frame}: {drawing}"
        drawn.append(drawing)

    is_drawn_alike()
    gc.collect()
    assert len(drawn) == EXAMPLES // PARTS
    # The examples must test both layers and full drawings.
    assert sum(drawing.layered for drawing in drawn if drawing) > len(drawn)
    assert sum(drawing.full for drawing in drawn if drawing) > len(drawn)
