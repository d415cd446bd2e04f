"""Frames drawn in layers against what `savefig` saves."""

import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from changing_figures import OTHERS, axes_in_space
from figures import LAYERED, X, lines
from framemill import _layers
from framemill._layers import LayeredFigure
from reader import difference

FRAMES = 12


@pytest.fixture(autouse=True)
def unchecked(monkeypatch):
    """What layers give, and not what the self-check puts in their place; it is tested by itself."""
    monkeypatch.setattr(LayeredFigure, "_is_checked", lambda _self: False)


def saved(figure):
    """The figure as savefig gives it to an animation's writer, laid over white."""
    buffer = io.BytesIO()
    *color, alpha = figure.get_facecolor()
    figure.savefig(buffer, format="rgba", facecolor=[alpha * part + 1 - alpha for part in color])
    width, height = figure.canvas.get_width_height()
    rgba = np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4).astype(np.float64)
    return rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]


def saved_frames(make):
    figure, update = make()
    for frame in range(FRAMES):
        for artist in update(frame):
            artist.set_animated(True)
        yield saved(figure)


def compare(make):
    """Draws the frames both ways, each in a figure of its own: savefig leaves traces. How many were layered."""
    figure, update = make()
    layered = LayeredFigure(figure)
    for frame, expected in enumerate(saved_frames(make)):
        for artist in update(frame):
            artist.set_animated(True)
        drawn = layered.draw()
        assert drawn.dtype == np.uint8
        assert (drawn[..., 3] == 255).all()
        assert difference(drawn[..., :3], np.rint(expected)) <= 2, f"frame {frame}"
    layered.close()
    return layered._layered_frames


@pytest.mark.parametrize("make", LAYERED, ids=lambda make: make.__name__)
def test_layers_are_what_savefig_gives(make):
    layered = compare(make)
    # Figures leave their own animated artists out of what savefig saves.
    least = {"changing_zorder": 0, "figure_artists": 0, "constrained_layout": FRAMES - 4, "tight_layout": FRAMES - 4}
    assert layered >= least.get(make.__name__, FRAMES - 2)


@pytest.mark.parametrize("make", OTHERS, ids=lambda make: make.__name__)
def test_frames_are_what_savefig_gives_where_something_else_changes(make):
    compare(make)


def test_axes_in_space_are_drawn_in_full():
    assert compare(axes_in_space) == 0


def test_a_figure_drawn_by_others_between_frames():
    figure, update = lines()
    layered = LayeredFigure(figure)
    reference, update_reference = lines()
    for frame in range(FRAMES):
        for artist in (*update(frame), *update_reference(frame)):
            artist.set_animated(True)
        if frame == 5:
            figure.axes[0].set_title("another")
            reference.axes[0].set_title("another")
            # After this the figure does not say any more that it has changed.
            figure.canvas.draw()
        if frame == 8:
            figure.savefig(io.BytesIO(), dpi=30)
        assert difference(layered.draw()[..., :3], np.rint(saved(reference))) <= 2, f"frame {frame}"


def test_the_size_may_change():
    figure, update = lines()
    layered = LayeredFigure(figure)
    for frame in range(FRAMES):
        for artist in update(frame):
            artist.set_animated(True)
        if frame == 5:
            figure.set_dpi(50)
        if frame == 8:
            figure.set_size_inches(3, 3)
        height, width = layered.draw().shape[:2]
        assert (width, height) == figure.canvas.get_width_height()


def test_drawing_marks_nothing_and_changes_nothing():
    figure, update = lines()
    layered = LayeredFigure(figure)
    artists = update(0)
    for artist in artists:
        artist.set_animated(True)
    for _ in range(4):
        layered.draw()
    assert not figure.stale
    assert not figure.canvas.is_saving()
    assert all("draw" not in artist.__dict__ for artist in figure.findobj())
    layered.close()


class Restless(plt.Line2D):
    """Draws itself otherwise each time."""

    drawn = 0

    def draw(self, renderer):
        type(self).drawn += 1
        self._linewidth = 1 + 7 * (self.drawn % 2)
        super().draw(renderer)


def restless():
    figure, axes = plt.subplots()
    line = axes.add_line(Restless(X / 6, np.sin(X)))
    line.set_animated(True)
    return figure, line


def test_what_cannot_be_layered_is_found_out_and_told(monkeypatch):
    monkeypatch.undo()
    figure, line = restless()
    layered = LayeredFigure(figure)
    with pytest.warns(UserWarning, match=r"drawing only what changed differs .*drawn in full"):
        for frame in range(4):
            line.set_ydata(np.sin(X + frame))
            layered.draw()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = layered._layered_frames
        for frame in range(4):
            line.set_ydata(np.sin(X + frame))
            layered.draw()
    assert layered._layered_frames == before


def test_frames_are_compared_now_and_then(monkeypatch):
    monkeypatch.undo()
    figure, update = lines()
    layered = LayeredFigure(figure)
    compared = []
    monkeypatch.setattr(
        layered, "_compare", lambda canvas: compared.append(layered._layered_frames) or canvas, raising=True
    )
    for frame in range(1_110):
        for artist in update(frame):
            artist.set_animated(True)
        layered.draw()
    assert compared == [0, 10, 100, 1_000]
    assert _layers.CHECKED_EACH == 1_000


def test_what_becomes_animated_later_moves_from_then_on():
    figure, axes = plt.subplots()
    x = np.linspace(0, 1, 50)
    first, second = axes.plot(x, x, x, x / 2)
    layered = LayeredFigure(figure)
    for frame in range(12):
        first.set_ydata(x * frame / 12)
        first.set_animated(True)
        if frame >= 5:
            second.set_animated(True)
        if frame >= 6:
            second.set_ydata(1 - x * frame / 12)
        drawn = layered.draw().copy()
        whole = LayeredFigure(figure).draw()
        assert np.abs(drawn.astype(int) - whole).max() <= 2, frame
    layered.close()
