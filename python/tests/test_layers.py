"""Frames drawn in layers against what `savefig` saves."""

import gc
import io
import pickle
import warnings
import weakref

import matplotlib.pyplot as plt
import numpy as np
import pytest
from changing_figures import OTHERS, SILENT, axes_in_space, changing_title, clip_box_that_grows, colors_of_a_mesh
from figures import LAYERED, X, lines
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


def frames_of(make, is_said):
    """A figure, and a function that makes it the figure of a frame; what moves is animated where that is said."""
    figure, update = make()

    def step(frame):
        for artist in update(frame):
            artist.set_animated(is_said)

    return figure, step


def saved_frames(make, is_said):
    figure, step = frames_of(make, is_said)
    for frame in range(FRAMES):
        step(frame)
        yield saved(figure)


def compare(make, is_said):
    """Draws the frames both ways, each in a figure of its own: savefig leaves traces. How many were layered."""
    figure, step = frames_of(make, is_said)
    layered = LayeredFigure(figure)
    for frame, expected in enumerate(saved_frames(make, is_said)):
        step(frame)
        drawn = layered.draw()
        assert drawn.dtype == np.uint8
        assert (drawn[..., 3] == 255).all()
        assert difference(drawn[..., :3], np.rint(expected)) <= 2, f"frame {frame}"
    layered.close()
    return layered._layered_frames


@pytest.mark.parametrize("make", LAYERED, ids=lambda make: make.__name__)
def test_layers_are_what_savefig_gives(make):
    layered = compare(make, is_said=True)
    # Figures leave their own animated artists out of what savefig saves.
    least = {"changing_zorder": 0, "figure_artists": 0, "constrained_layout": FRAMES - 4, "tight_layout": FRAMES - 4}
    assert layered >= least.get(make.__name__, FRAMES - 2)


@pytest.mark.parametrize("make", LAYERED, ids=lambda make: make.__name__)
def test_layers_of_figures_of_which_nobody_said_what_moves(make):
    layered = compare(make, is_said=False)
    # The first frame, one in which artists change, and from then on layers.
    least = {"changing_zorder": 0, "vanishing_artists": FRAMES - 3}
    assert layered >= least.get(make.__name__, FRAMES - 2)


@pytest.mark.parametrize("is_said", [True, False])
@pytest.mark.parametrize("make", OTHERS, ids=lambda make: make.__name__)
def test_frames_are_what_savefig_gives_where_something_else_changes(make, is_said):
    compare(make, is_said)


@pytest.mark.parametrize("make", SILENT, ids=lambda make: make.__name__)
def test_frames_are_what_savefig_gives_where_artists_change_without_a_word(make):
    compare(make, is_said=False)


@pytest.mark.parametrize("make", [clip_box_that_grows, colors_of_a_mesh], ids=lambda make: make.__name__)
def test_frames_are_what_savefig_gives_where_what_was_not_returned_changes(make):
    compare(make, is_said=True)


def test_meshes_whose_colors_alone_change_are_layered():
    def make():
        figure, axes = plt.subplots()
        mesh = axes.pcolormesh(np.zeros((5, 5)), vmin=0, vmax=20)
        return figure, lambda frame: mesh.set_array(np.full((5, 5), float(frame))) or ()

    assert compare(make, is_said=False) >= FRAMES - 2


@pytest.mark.parametrize("is_said", [True, False])
def test_titles_that_count_are_layered(is_said):
    assert compare(changing_title, is_said) >= FRAMES - 6


@pytest.mark.parametrize("is_said", [True, False])
def test_axes_in_space_are_drawn_in_full(is_said):
    assert compare(axes_in_space, is_said) == 0


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


@pytest.mark.parametrize(
    ("is_said", "expected"),
    [(True, [0, 10, 100, 1_000]), (False, [0, 1, 2, 5, 10, 20, 50, *range(100, 1_101, 100)])],
)
def test_frames_are_compared_now_and_then(monkeypatch, is_said, expected):
    monkeypatch.undo()
    figure, step = frames_of(lines, is_said)
    layered = LayeredFigure(figure)
    compared = []
    monkeypatch.setattr(layered, "_compare", lambda canvas: compared.append(layered._layered_frames) or canvas)
    for frame in range(1_110):
        step(frame)
        layered.draw()
    assert compared == expected


@pytest.mark.parametrize("is_said", [True, False])
def test_a_figure_that_is_drawn_twice_is_right_both_times(is_said):
    figure, step = frames_of(lines, is_said)
    before = {artist: artist.stale_callback for artist in figure.findobj()}
    one, other = LayeredFigure(figure), LayeredFigure(figure)
    for frame, expected in enumerate(saved_frames(lines, is_said)):
        step(frame)
        if frame != 7:
            assert difference(one.draw()[..., :3], np.rint(expected)) <= 2
        # It is not asked for each frame.
        if frame % 3:
            assert difference(other.draw()[..., :3], np.rint(expected)) <= 2
    assert one._layered_frames >= FRAMES - 4
    assert other._layered_frames >= FRAMES // 2 - 2
    one.close()
    other.close()
    assert {artist: artist.stale_callback for artist in figure.findobj()} == before


def test_artists_that_come_while_all_changes():
    def make():
        figure, update_lines = lines()

        def update(frame):
            if frame < 4:
                figure.axes[0].set_xlim(0, 6 - frame / 4)
            if frame == 3:
                figure.axes[0].add_patch(plt.Rectangle((1, -0.5), 3, 1, alpha=0.5))
            return update_lines(frame)

        return figure, update

    assert compare(make, is_said=True) >= FRAMES - 5


def test_a_frame_that_cannot_be_drawn_leaves_the_next_ones_right():
    figure, step = frames_of(lines, is_said=False)
    layered = LayeredFigure(figure)
    label = figure.axes[0].text(1, 0.5, "text")
    for frame, expected in enumerate(saved_frames(lines, is_said=False)):
        step(frame)
        label.set_text("$\\frac{$" if frame in (0, 2, 6) else "")
        if frame in (0, 2, 6):
            with pytest.raises(ValueError, match="frac"):
                layered.draw()
        else:
            assert difference(layered.draw()[..., :3], np.rint(expected)) <= 2, f"frame {frame}"


def test_figures_are_given_back_as_they_were():
    figure, step = frames_of(lines, is_said=False)
    # One that is found twice.
    figure.axes[0].add_artist(figure.axes[0].legend())
    step(0)
    figure.canvas.draw()
    before = {artist: artist.stale_callback for artist in figure.findobj()}
    layered = LayeredFigure(figure)
    for frame in range(FRAMES):
        step(frame)
        layered.draw()
    layered.close()
    assert {artist: artist.stale_callback for artist in figure.findobj()} == before


def test_figures_tell_others_of_changes_all_the_while():
    figure, step = frames_of(lines, is_said=False)
    told = []
    figure.stale_callback = lambda _figure, value: told.append(value)
    layered = LayeredFigure(figure)
    step(0)
    layered.draw()
    for frame in range(1, 6):
        told.clear()
        step(frame)
        assert told == [True, True], "one for each line"
        layered.draw()
    layered.close()


def test_pictures_can_be_pickled_while_they_are_drawn():
    figure, step = frames_of(lines, is_said=False)
    layered = LayeredFigure(figure)
    for frame in range(4):
        step(frame)
        drawn = layered.draw()
    assert difference(LayeredFigure(pickle.loads(pickle.dumps(figure))).draw(), drawn) <= 2


def test_nothing_is_kept_of_artists_that_come_and_go():
    figure, axes = plt.subplots()
    layered = LayeredFigure(figure)
    gone = weakref.WeakSet()
    for frame in range(40):
        (line,) = axes.plot(X, np.sin(X + frame))
        for step in range(4):
            line.set_ydata(np.sin(X + step))
            layered.draw()
        gone.add(line)
        line.remove()
        del line
    assert layered._layered_frames > 0
    layered.draw()
    gc.collect()
    # Those that were there when the figure was listened to last.
    assert len(gone) <= 2
    layered.close()


def test_what_becomes_animated_later_moves_from_then_on():
    def make():
        figure, axes = plt.subplots()
        x = np.linspace(0, 1, 50)
        first, second = axes.plot(x, x, x, x / 2)

        def update(frame):
            first.set_ydata(x * frame / 12)
            if frame >= 6:
                second.set_ydata(1 - x * frame / 12)
            return (first,) if frame < 5 else (first, second)

        return figure, update

    assert compare(make, is_said=True) >= FRAMES - 4
