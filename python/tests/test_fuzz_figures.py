"""Random figures, changed at random from frame to frame, are drawn as Matplotlib's own writer draws them.

`make test` runs the same examples each time; `make fuzz-figures EXAMPLES=4000` runs new ones.
"""

import os

import pytest
from figure_fuzzer import difference, examples
from hypothesis import HealthCheck, Phase, given, seed, settings

# Parts run side by side.
PARTS = 4
EXAMPLES = int(os.environ.get("FRAMEMILL_FUZZ_EXAMPLES", 300))
SEED = int(os.environ.get("FRAMEMILL_FUZZ_SEED", 1))


@pytest.mark.parametrize("part", range(PARTS))
def test_random_figures_are_what_matplotlib_draws(part):
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
        # What Matplotlib itself cannot draw has no frames to compare.
        assert most is None or most <= 2, f"{most} levels in frame {frame}: {drawing}"
        drawn.append(drawing)

    is_drawn_alike()
    assert len(drawn) == EXAMPLES // PARTS
    # Both ways of drawing are tested.
    assert sum(drawing.layered for drawing in drawn if drawing) > len(drawn)
    assert sum(drawing.full for drawing in drawn if drawing) > len(drawn)
