"""Tests how figures are drawn from frame to frame: redrawn parts, checks, and reports."""

import copy
import functools
import gc
import importlib
import io
import itertools
import os
import pickle
import subprocess
import sys
import warnings
import weakref

import framemill
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from animations import EXACT, FRAMES, Arrays, animation, compare, frames_of
from figures import X, lines
from framemill import _native
from framemill._figures import Drawer
from framemill._figures import _drawer as drawer_module
from framemill._figures._checks import MAX_FRAMES, Checks
from framemill._figures._origin import ClassState, replaced_method
from framemill._figures._reasons import reason_of
from framemill._figures._watching import wrapped
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FuncAnimation
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Circle, Patch
from reader import decode, difference, probe


@pytest.fixture
def unchecked(monkeypatch):
    monkeypatch.setattr(Checks, "is_due", lambda _self: False)


def saved(figure, **options):
    """Save the figure with `savefig`, composited over white."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", **options)
    width, height = figure.canvas.get_width_height()
    rgba = np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4).astype(np.float64)
    return np.rint(rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:])


# Axes that change as a whole


def dashboard(change):
    """Make four axes. One changes, and the lines of the others do not."""

    def make():
        figure, grid = plt.subplots(2, 2, figsize=(6, 4))
        for number, axes in enumerate(grid.flat):
            axes.plot(X, np.sin(X * (1 + number)))
            axes.set_title(f"number {number}")
        return figure, lambda frame: change(figure, grid[0, 1], frame) or ()

    return make


def _scroll(_figure, axes, frame):
    axes.set_xlim(frame / 10, 6 + frame / 10)


def _plot_anew(_figure, axes, frame):
    axes.clear()
    axes.plot(X, np.sin(X + frame))
    axes.set_title(f"frame {frame}")


def _label(_figure, axes, frame):
    axes.set_xlabel(f"frame {frame}")
    axes.tick_params(labelsize=6 + frame % 3)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("change", [_scroll, _plot_anew, _label], ids=lambda change: change.__name__[1:])
def test_axes_that_change_are_drawn_alone(change, monkeypatch):
    # A replaced `draw` would be the user's code, so count the groups that axes open when they are drawn.
    drawn = []
    monkeypatch.setattr(
        RendererBase, "open_group", lambda _renderer, name, gid=None: drawn.append(gid) if name == "axes" else None
    )
    figure, update = dashboard(change)()
    for number, axes in enumerate(figure.axes):
        axes.set_gid(number)
    drawer = Drawer(figure)
    for frame in range(12):
        update(frame)
        drawn.clear()
        drawer.draw(100, {})
    assert drawer.drawing.layered >= 9, drawer.drawing.reasons
    assert drawn == [1]
    monkeypatch.undo()
    assert compare(dashboard(change), False, 12).layered >= 9


@pytest.mark.usefixtures("unchecked")
def test_axes_that_stop_changing_are_kept_in_layers_again(monkeypatch):
    figure, update = dashboard(_scroll)()
    line = figure.axes[0].lines[0]
    drawer = Drawer(figure)
    # Check every tenth frame.
    monkeypatch.setattr(Checks, "is_due", lambda _self: drawer._frame % 10 == 9)
    drawn = []
    for frame in range(50):
        if frame < 20:
            update(frame)
        line.set_ydata(np.sin(X + frame))
        expected = saved(figure) if frame > 45 else None
        canvas, _ = drawer.draw(100, {})
        if expected is not None:
            assert difference(canvas[..., :3], expected) <= 2
        drawn.append(drawer._layers is not None and drawer._layers.has_axes)
    assert any(drawn[:20])
    assert not any(drawn[-5:])


@pytest.mark.usefixtures("unchecked")
def test_a_twin_that_scrolls_moves_its_title():
    def make():
        figure, axes = plt.subplots(1, 2)
        twin = axes[0].twiny()
        twin.plot([0, 1], [0, 1])
        axes[0].set_title("above the ticks")
        axes[1].plot([0, 1])
        return figure, lambda frame: twin.tick_params(labelsize=6 + 2 * frame) or ()

    compare(make, False)


@pytest.mark.usefixtures("unchecked")
def test_labels_that_are_aligned_across_axes_move_together():
    def make():
        figure, axes = plt.subplots(2, 1)
        for each in axes:
            each.set_ylabel("a label")
        figure.align_labels()
        return figure, lambda frame: axes[0].set_ylim(0, 10**frame) and ()

    drawing = compare(make, False)
    assert drawing.layered == 0


@pytest.mark.usefixtures("unchecked")
def test_an_artist_that_connects_axes_follows_the_axes_that_scroll():
    from matplotlib.patches import ConnectionPatch

    def make():
        figure, axes = plt.subplots(1, 2)
        figure.add_artist(ConnectionPatch((1, 1), (1, 1), "data", "data", axesA=axes[0], axesB=axes[1]))
        return figure, lambda frame: axes[0].set_xlim(0, 2 + frame) and ()

    assert compare(make, False).layered >= FRAMES - 4


# The same drawings as with Matplotlib's writer


def test_draw_events_equal_those_of_matplotlibs_writer():
    expected = events_of(Arrays(), "unused.mp4")
    writer = FrameMillWriter(container="mp4")
    assert events_of(writer, io.BytesIO()) == expected
    # Creating the animation draws once more.
    assert len(expected) == 11
    assert writer.drawing.full == 5
    assert "draw_event" in next(iter(writer.drawing.reasons))


def events_of(writer, output):
    figure, update = lines()
    seen = []
    figure.canvas.mpl_connect("draw_event", lambda event: seen.append(event.renderer.dpi))
    FuncAnimation(figure, update, frames=5, blit=True).save(output, writer=writer, dpi=70)
    return seen


@pytest.mark.parametrize("layers", [True, False])
def test_updates_see_the_figures_own_resolution(layers):
    figure, update = lines()
    seen = []

    def reading(frame):
        seen.append((figure.dpi, tuple(figure.get_size_inches()), figure.canvas.get_width_height()))
        return update(frame)

    frames, _ = frames_of(FuncAnimation(figure, reading, frames=6, blit=True), dpi=50, layers=layers)
    assert frames[0].shape == (240, 320, 3)
    assert set(seen) == {(100, (6.4, 4.8), (640, 480))}


def test_layers_can_be_turned_off():
    drawing = compare(lines, True, layers=False)
    assert (drawing.layered, drawing.full, dict(drawing.reasons)) == (0, FRAMES, {"layers=False": FRAMES})


def test_full_drawings_are_bit_for_bit_those_of_savefig():
    def make():
        figure, update_lines = lines()
        return figure, lambda frame: (figure.axes[0].set_xlim(0, 5 + frame / 10), update_lines(frame))[1]

    expected = Arrays()
    animation(make).save("unused.mp4", writer=expected)
    frames, drawing = frames_of(animation(make))
    assert drawing.full == FRAMES
    assert difference(np.stack(frames), np.stack(expected.frames)) == 0


def test_a_figure_on_a_dense_screen_is_written_as_savefig_saves_it(movie):
    figure, _ = lines()
    figure.canvas._set_device_pixel_ratio(2)
    assert figure.canvas.get_width_height(physical=True) == (1280, 960)
    expected = saved(figure)
    with framemill.VideoWriter(movie, **EXACT) as video:
        for _ in range(3):
            video.write(figure)
    assert decode(movie).shape == (3, 480, 640, 3)
    assert difference(decode(movie)[2], expected) <= 2
    assert figure.canvas.device_pixel_ratio == 2


def test_a_figure_without_a_canvas_of_agg_is_drawn_as_savefig_does(movie):
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    FigureCanvasSVG(figure)
    (line,) = figure.subplots().plot([0, 1])
    writer = FrameMillWriter(**EXACT)
    with writer.saving(figure, movie, None):
        for frame in range(3):
            line.set_ydata([0, frame])
            writer.grab_frame()
    FigureCanvasAgg(figure)
    assert difference(decode(movie)[2], saved(figure)) == 0
    assert "FigureCanvasSVG" in next(iter(writer.drawing.reasons))


# Checks


def test_a_failed_check_names_the_frames_that_may_be_wrong(monkeypatch):
    """Layers are wrong from frame 7 on, and frames 5 and 12 are checked."""
    monkeypatch.setattr(drawer_module.Checks, "is_due", lambda _self: drawer._frame in (2, 5, 12))
    # Hide all changes of one line, as if framemill missed them.
    figure, update = lines()
    still = figure.axes[0].plot(X, np.cos(X / 2), linewidth=3)[0]
    drawer = Drawer(figure)
    changed = drawer_module.Watch.changed
    monkeypatch.setattr(
        drawer_module.Watch, "changed", lambda watch: {k: v for k, v in changed(watch).items() if k is not still}
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for frame in range(16):
            update(frame)
            if frame == 7:
                still.set_linewidth(12)
            expected = saved(figure)
            canvas, _ = drawer.draw(100, {})
            if frame < 7 or frame > 11:
                assert difference(canvas[..., :3], expected) <= 2, frame
    (warning,) = caught
    message = "of 255 in frame 12, from which each frame is drawn in full: frames 6 to 11 may be wrong."
    assert message in str(warning.message)
    assert drawer.drawing.doubtful == [(6, 11)]
    assert "frames 6 to 11 may be wrong" in str(drawer.drawing)
    assert drawer.drawing.checked == 3
    assert (drawer.drawing.layered, drawer.drawing.full) == (10, 6)


class InexactOverlay:
    """An overlay with an error of 1 of 255 if it is the first one, else of 255."""

    made = 0

    def __init__(self, drawn, region):
        InexactOverlay.made += 1
        self.error = 1 if InexactOverlay.made == 1 else 255

    def is_empty(self):
        return False

    def errors(self, ground, drawn):
        return np.full(4, self.error, np.uint8)

    def blend(self, canvas):
        raise AssertionError("an overlay with such an error must not be used")


def test_the_sum_of_errors_of_overlays_does_not_wrap_around(monkeypatch):
    monkeypatch.setattr(_native, "Overlay", InexactOverlay)
    figure, axes = plt.subplots()
    moving = [axes.plot(X, np.sin(X), zorder=zorder)[0] for zorder in (3, 5)]
    for zorder in (4, 6):
        axes.plot(X, np.cos(X), zorder=zorder)
    drawer = Drawer(figure)
    for frame in range(6):
        for line in moving:
            line.set_ydata(np.sin(X + frame / 10))
        drawer.draw(100, {})
    assert InexactOverlay.made >= 2
    # The artists above are drawn in each frame, without an overlay.
    assert drawer.drawing.layered > 0


def test_wrong_layers_that_were_not_used_cause_no_warning(monkeypatch):
    monkeypatch.setattr(drawer_module, "ROUNDING", -1)
    figure, update = lines()
    drawer = Drawer(figure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for frame in range(5):
            update(frame)
            drawer.draw(100, {})
    assert drawer.drawing.layered == 0
    assert not drawer.drawing.doubtful
    assert any("layers differed" in reason for reason in drawer.drawing.reasons)


def test_checks_are_spread_at_random_and_never_far_apart():
    checked = []
    for seed in range(20):
        checks = Checks(seed)
        checks.begin()
        for frame in range(2_000):
            checks.layered(0.001)
            if checks.is_due():
                checked.append((seed, frame))
                checks.checked(0.015)
    gaps = [b - a for (seed, a), (other, b) in itertools.pairwise(checked) if seed == other]
    assert max(gaps) <= MAX_FRAMES == 100
    assert len(set(gaps)) > 10
    # If a full drawing is as fast as a frame from layers, about one frame in 20 is checked.
    checks = Checks(1)
    count = 0
    for _ in range(10_000):
        checks.layered(0.01)
        if checks.is_due():
            count += 1
            checks.checked(0.01)
    assert 450 < count < 700


def test_the_first_frame_of_new_layers_is_checked():
    assert compare(lines, True).checked >= 1


# What is reported


def test_the_record_has_the_reasons_for_full_drawings():
    def make():
        figure, update_lines = lines()
        return figure, lambda frame: (figure.axes[0].set_xlim(0, 5 + frame), update_lines(frame))[1]

    drawing = compare(make, True)
    assert drawing.full == FRAMES
    assert drawing.reasons["limits of axes 0 changed"] == FRAMES - 1
    assert str(drawing) == (
        f"0 frames from layers, {FRAMES} in full, 0 checked; mostly in full because limits of axes 0 changed"
        f" ({FRAMES - 1})"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda figure, axes, frame: axes.text(1, 0, "text"), "artists were added to or removed from axes 0"),
        (lambda figure, axes, frame: figure.suptitle(str(frame)), None),
        (lambda figure, axes, frame: axes.set_xlabel(str(frame)), "the x label of axes 0 changed"),
        (lambda figure, axes, frame: axes.set_yticks([0, frame / 10]), "y ticks of axes 0 changed"),
        (lambda figure, axes, frame: axes.set_position([0.1, 0.1, 0.5, 0.5 + frame / 99]), "axes 0 moved"),
        (lambda figure, axes, frame: figure.text(0, 0, "a"), "artists were added to or removed from the figure"),
        (lambda figure, axes, frame: figure.add_axes([0, 0, 0.1, 0.1]), "axes were added or removed"),
        (lambda figure, axes, frame: figure.set_size_inches(3 + frame / 10, 3), "the figure's size changed"),
        (lambda figure, axes, frame: mpl.rcParams.update({"font.size": frame}), "rcParams['font.size'] changed"),
    ],
)  # fmt: skip
def test_reasons_are_readable(change, reason):
    figure, axes = plt.subplots()
    axes.plot(X, np.sin(X))
    drawer = Drawer(figure)
    for frame in range(1, 5):
        change(figure, axes, frame)
        drawer.draw(100, {})
    if reason is None:
        assert drawer.drawing.layered > 0
    else:
        assert reason in drawer.drawing.reasons


def test_the_table_of_statistics_has_a_line_about_drawing(movie):
    writer = FrameMillWriter(fps=10)
    animation(lines).save(movie, writer=writer)
    assert writer.stats.drawing == writer.drawing
    assert f"\ndrawing   {writer.drawing}" in repr(writer.stats)
    assert "<th style='text-align:left'>drawing</th>" in writer.stats._repr_html_()


def test_a_loop_reports_its_drawing_too(tmp_path):
    figure, update = lines()
    with framemill.VideoWriter(tmp_path / "m.mp4") as video:
        for frame in range(8):
            update(frame)
            video.write(figure)
    assert video.stats.drawing.layered >= 5
    with framemill.VideoWriter(tmp_path / "full.mp4", layers=False) as video:
        video.write(figure)
        video.write(figure)
    assert dict(video.stats.drawing.reasons) == {"layers=False": 2}
    with framemill.VideoWriter(tmp_path / "arrays.mp4") as video:
        video.write(np.zeros((48, 64), np.uint8))
    assert video.stats.drawing is None


# The state of the figure


def test_drawing_does_not_change_the_figure():
    figure, update = lines()
    drawer = Drawer(figure)
    for frame in range(5):
        update(frame)
        drawer.draw(77, {"facecolor": "0.5"})
    assert drawer.drawing.layered > 0
    assert (figure.dpi, figure.get_facecolor()) == (100, (1, 1, 1, 1))
    assert not figure.canvas.is_saving()
    assert all("draw" not in vars(artist) for artist in figure.findobj())
    assert figure.stale_callback is plt.figure().stale_callback


def test_a_figure_drawn_by_others_between_frames_is_right():
    figure, update = lines()
    reference, update_reference = lines()
    drawer = Drawer(figure)
    for frame in range(12):
        update(frame)
        update_reference(frame)
        if frame == 5:
            figure.axes[0].set_title("another")
            reference.axes[0].set_title("another")
            figure.canvas.draw()
        if frame == 8:
            figure.savefig(io.BytesIO(), dpi=30)
        canvas, _ = drawer.draw(100, {})
        assert difference(canvas[..., :3], saved(reference)) <= 2, f"frame {frame}"


def test_the_size_may_change():
    figure, update = lines()
    drawer = Drawer(figure)
    for frame in range(12):
        update(frame)
        if frame == 8:
            figure.set_size_inches(3, 3)
        canvas, _ = drawer.draw(50 if frame > 5 else 100, {})
        height, width = canvas.shape[:2]
        inches = figure.get_size_inches() * (50 if frame > 5 else 100)
        assert (width, height) == tuple(inches.astype(int))


def test_a_figure_that_is_drawn_twice_is_right_both_times():
    figure, update = lines()
    one, other = Drawer(figure), Drawer(figure)
    for frame in range(12):
        update(frame)
        expected = saved(figure)
        if frame != 7:
            assert difference(one.draw(100, {})[0][..., :3], expected) <= 2
        # The second drawer does not draw every frame.
        if frame % 3:
            assert difference(other.draw(100, {})[0][..., :3], expected) <= 2


def test_a_frame_that_cannot_be_drawn_leaves_the_next_ones_right():
    figure, update = lines()
    drawer = Drawer(figure)
    label = figure.axes[0].text(1, 0.5, "text")
    for frame in range(12):
        update(frame)
        label.set_text("$\\frac{$" if frame in (0, 2, 6) else "")
        if frame in (0, 2, 6):
            with pytest.raises(ValueError, match="frac"):
                drawer.draw(100, {})
        else:
            canvas, _ = drawer.draw(100, {})
            assert difference(canvas[..., :3], saved(figure)) <= 2, f"frame {frame}"


def test_figures_can_be_pickled_while_they_are_drawn():
    figure, update = lines()
    drawer = Drawer(figure)
    for frame in range(4):
        update(frame)
        canvas, _ = drawer.draw(100, {})
    assert difference(Drawer(pickle.loads(pickle.dumps(figure))).draw(100, {})[0][..., :3], canvas[..., :3]) <= 2


def test_removed_artists_are_freed():
    figure, axes = plt.subplots()
    drawer = Drawer(figure)
    gone = weakref.WeakSet()
    for frame in range(40):
        (line,) = axes.plot(X, np.sin(X + frame))
        for step in range(4):
            line.set_ydata(np.sin(X + step))
            drawer.draw(100, {})
        gone.add(line)
        line.remove()
        del line
    drawer.draw(100, {})
    gc.collect()
    assert len(gone) <= 2


def test_users_may_set_any_attribute_on_their_figures():
    def make():
        figure, update = lines()
        figure.state, figure.axes[0].measured, figure.line = object(), {"a": object()}, figure.axes[0].lines[0]
        return figure, update

    assert compare(make, True).layered >= FRAMES - 3


def test_a_tight_box_does_not_change_the_size_of_frames(movie):
    with mpl.rc_context({"savefig.bbox": "tight"}), framemill.VideoWriter(movie, **EXACT) as video:
        for _ in range(2):
            video.write(lines()[0])
    assert probe(movie)["width"] == 640


def wrong_from_the_start(monkeypatch, figure):
    """Add a line whose changes framemill does not detect, and return it."""
    still = figure.axes[0].plot(X, np.cos(X / 2), linewidth=3)[0]
    changed = drawer_module.Watch.changed
    monkeypatch.setattr(
        drawer_module.Watch, "changed", lambda watch: {k: v for k, v in changed(watch).items() if k is not still}
    )
    return still


@pytest.mark.usefixtures("unchecked")
def test_the_last_frames_are_checked_when_the_movie_ends(monkeypatch, tmp_path):
    figure, update = lines()
    still = wrong_from_the_start(monkeypatch, figure)
    with (
        pytest.warns(UserWarning, match=r"of 255: frames 4 to 11 may be wrong") as caught,
        framemill.VideoWriter(tmp_path / "a.mp4") as video,
    ):
        # The warning counts all frames of the movie; the first two are arrays.
        for _ in range(2):
            video.write(np.zeros(figure.canvas.get_width_height()[::-1], np.uint8))
        for frame in range(10):
            update(frame)
            if frame == 4:
                still.set_linewidth(12)
            video.write(figure)
    assert caught[0].filename == __file__
    assert video.stats.drawing.doubtful == [(4, 11)]
    # The last check does not count as a frame.
    assert video.stats.drawing.layered + video.stats.drawing.full == 10


def test_a_figure_that_changes_after_its_last_frame_causes_no_warning(tmp_path):
    figure, update = lines()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with framemill.VideoWriter(tmp_path / "a.mp4") as video:
            for frame in range(10):
                update(frame)
                video.write(figure)
            figure.axes[0].set_title("another figure now")
            update(99)


def test_a_color_that_is_changed_in_place_is_seen():
    figure, update = lines()
    drawer, color = Drawer(figure), [0.0, 1.0, 1.0]
    for frame in range(8):
        update(frame)
        color[0] = frame / 8
        canvas, _ = drawer.draw(100, {"facecolor": color})
        assert difference(canvas[..., :3], saved(figure, facecolor=color)) <= 2, frame


def test_a_canvas_with_a_replaced_draw_idle_keeps_it(tmp_path):
    figure, update = lines()

    def nothing():
        pass

    figure.canvas.draw_idle = nothing
    FuncAnimation(figure, update, frames=3).save(tmp_path / "a.mp4", writer="framemill")
    assert figure.canvas.draw_idle is nothing


def test_a_writer_that_is_never_finished_leaves_its_figure_usable(tmp_path):
    figure, update = lines()
    writer = FrameMillWriter()
    writer.setup(figure, tmp_path / "a.mp4")
    writer.grab_frame()
    with pytest.warns(ResourceWarning):
        del writer
        gc.collect()
    drawn = []
    figure.canvas.mpl_connect("draw_event", drawn.append)
    figure.canvas.draw_idle()
    assert len(drawn) == 1
    FuncAnimation(figure, update, frames=3).save(tmp_path / "b.mp4", writer="framemill")
    assert "draw_idle" not in vars(figure.canvas)


def test_a_canvas_that_is_replaced_gets_its_draw_idle_back(tmp_path):
    figure, _ = lines()
    before = figure.canvas
    with FrameMillWriter().saving(figure, tmp_path / "a.mp4", 50) as writer:
        writer.grab_frame()
        FigureCanvasAgg(figure)
        writer.grab_frame()
    assert "draw_idle" not in vars(before)
    assert "draw_idle" not in vars(figure.canvas)


def test_a_figure_that_cannot_be_watched_is_drawn_in_full_and_reported(monkeypatch):
    figure, update = lines()

    def refuse(*_arguments):
        raise TypeError("no limits are known")

    monkeypatch.setattr(drawer_module, "Watch", refuse)
    drawer = Drawer(figure)
    for frame in range(5):
        update(frame)
        canvas, _ = drawer.draw(100, {})
        assert difference(canvas[..., :3], saved(figure)) == 0
    assert drawer.drawing.full == 5
    assert "the figure cannot be watched: no limits are known" in drawer.drawing.reasons


WITHOUT_PYPLOT = """
import framemill
from matplotlib.figure import Figure
figure = Figure()
(line,) = figure.subplots().plot([0, 1])
with framemill.VideoWriter("m.mp4") as video:
    for frame in range(6):
        line.set_ydata([0, frame])
        video.write(figure)
print(video.stats.drawing.layered, video.stats.drawing.reasons)
"""


def test_layers_work_before_a_backend_is_chosen(tmp_path):
    # The placeholder for "no backend yet" in rcParams could not be watched.
    environment = {name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "DISPLAY")}
    command = [sys.executable, "-c", WITHOUT_PYPLOT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout.split()[0]) >= 4, done.stdout


# Methods of Matplotlib's classes that the user replaced


def circle_and_line(frames, when):
    """Make a still circle that a replaced `Patch.draw` colors, and a moving line. Replace it in frame `when`."""
    figure, axes = plt.subplots(figsize=(2, 2), dpi=50)
    axes.add_patch(Circle((0.5, 0.5), 0.2))
    (line,) = axes.plot([0, 1], [0, 0])
    draw, current = Patch.draw, [0]

    @functools.wraps(draw)
    def colored(patch, renderer):
        if isinstance(patch, Circle):
            patch.set_facecolor("br"[current[0] >= frames // 2])
        draw(patch, renderer)

    def update(frame):
        current[0] = frame
        if frame == when:
            Patch.draw = colored
        line.set_ydata([0, frame / frames])
        return ()

    return figure, update


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("when", [0, 7])
def test_a_replaced_method_of_matplotlibs_own_class_is_the_users_code(monkeypatch, when):
    monkeypatch.setattr(Patch, "draw", Patch.draw)
    figure, update = circle_and_line(24, when)
    drawer = Drawer(figure)
    for frame in range(24):
        update(frame)
        expected = saved(figure)
        canvas, _ = drawer.draw(50, {})
        assert difference(canvas[..., :3], expected) <= 2, frame
    drawing = drawer.drawing
    assert drawing.reasons["other code replaced Matplotlib's Patch.draw"] == 24 - when
    assert drawing.layered == max(0, when - 2)


@pytest.mark.parametrize("name", ["plot", "set_title", "arrow3D"])
def test_a_replaced_or_added_method_that_drawing_does_not_call_is_harmless(monkeypatch, name):
    own = getattr(plt.Axes, name, None)
    monkeypatch.setattr(plt.Axes, name, lambda axes, *args, **kwargs: own(axes, *args, **kwargs), raising=False)
    figure, axes = plt.subplots(figsize=(2, 2), dpi=50)
    (line,) = axes.plot([0, 1], [0, 0])
    drawer = Drawer(figure)
    for frame in range(12):
        line.set_ydata([0, frame / 12])
        drawer.draw(50, {})
    assert drawer.drawing.layered == 10, drawer.drawing.reasons


def test_copying_an_artist_changes_no_class():
    if "__slotnames__" in vars(plt.Line2D):
        del plt.Line2D.__slotnames__
    state = ClassState([plt.Line2D])
    copy.copy(plt.Line2D([0, 1], [0, 1]))
    assert state.changed() is None


class Everything:
    """An object with every attribute."""

    def __getattr__(self, name):
        return Everything()


@pytest.mark.parametrize("wraps", [lambda function: function, lambda function: Everything()])
def test_what_a_function_wraps_has_an_end(wraps):
    def function():
        pass

    function.__wrapped__ = wraps(function)
    assert wrapped(function) == [function, *([] if wraps(function) is function else [function.__wrapped__])]


def test_all_methods_of_matplotlibs_classes_are_matplotlibs():
    for module in ("axisartist", "axes_grid1", "mplot3d"):
        importlib.import_module(f"mpl_toolkits.{module}")
    kinds, waiting = set(), [Artist]
    while waiting:
        kind = waiting.pop()
        kinds.add(kind)
        waiting += kind.__subclasses__()
    assert len(kinds) > 100
    assert replaced_method(kinds) is None


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("axes 1.cla._boundaries", "the color bar of axes 1 changed"),
        ("axes 0._theta_offset._mtx", "axes 0 changed"),
        ("axes 0._viewLim._points", "limits of axes 0 changed"),
        ("rcParams['lines.linewidth']", "rcParams['lines.linewidth'] changed"),
        ("the figure._gridspecs[0]", "the figure changed"),
    ],
)
def test_reasons_show_no_private_names(place, reason):
    assert reason_of(place) == reason
