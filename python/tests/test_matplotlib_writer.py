"""Tests `FrameMillWriter` without an animation, `video.write(figure)`, and the state of the figure afterwards."""

import io
import os
import re

import framemill
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from animations import EXACT, FRAMES, Arrays, animation
from figures import lines
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import FuncAnimation
from reader import decode, difference, frame_count, probe


@pytest.mark.parametrize("name", ["dpi", "bbox_inches", "format"])
def test_grab_frame_refuses_options_that_would_change_the_size(movie, name):
    figure, _ = lines()
    writer = FrameMillWriter()
    with writer.saving(figure, movie, None):
        writer.grab_frame()
        with pytest.raises(TypeError, match=rf"grab_frame got an unexpected keyword argument '{name}'"):
            writer.grab_frame(**{name: 50})
    assert frame_count(movie) == 1


def test_an_exception_of_the_user_publishes_nothing_and_restores_the_figure(movie):
    figure, update = lines()
    dpi, facecolor, size = figure.dpi, figure.get_facecolor(), figure.get_size_inches().tolist()

    def failing(frame):
        if frame == 5:
            raise LookupError("the simulation diverged")
        return update(frame)

    ani = FuncAnimation(figure, failing, frames=FRAMES, blit=True)
    with pytest.raises(LookupError, match="diverged") as caught:
        ani.save(movie, writer="framemill", dpi=37, savefig_kwargs={"facecolor": "red"})
    assert os.listdir(movie.parent) == ["movie.mp4.part"]
    assert "framemill.recover" in caught.value.__notes__[0]
    assert (figure.dpi, figure.get_facecolor(), figure.get_size_inches().tolist()) == (dpi, facecolor, size)
    assert "draw_idle" not in figure.canvas.__dict__
    ani = FuncAnimation(figure, update, frames=FRAMES, blit=True)
    ani.save(movie, writer="framemill")
    assert frame_count(movie) == FRAMES


def test_a_figure_is_unchanged_afterwards(movie):
    ani = animation(lines)
    figure = ani._fig
    dpi, facecolor = figure.dpi, figure.get_facecolor()
    ani.save(movie, writer="framemill", dpi=200, savefig_kwargs={"facecolor": "0.5"})
    assert (figure.dpi, figure.get_facecolor()) == (dpi, facecolor)
    assert "draw_idle" not in figure.canvas.__dict__
    assert all("draw" not in artist.__dict__ for artist in figure.findobj())
    assert figure.canvas.manager is plt.get_current_fig_manager()
    listeners = figure.canvas.callbacks.callbacks.get("draw_event", {})
    assert not any("LayeredFigure" in repr(reference()) for reference in listeners.values())


def test_saving_by_hand(movie):
    figure, update = lines()
    writer = FrameMillWriter(fps=15, metadata={"title": "By hand"}, crf=20, preset="fast")
    assert writer.stats is None
    with writer.saving(figure, movie, 80) as same:
        assert same is writer
        for frame in range(FRAMES):
            update(frame)
            writer.grab_frame()
            assert writer.stats.frames == frame + 1
    probed = probe(movie)
    assert (probed["width"], probed["nb_read_frames"], probed["tags"]["title"]) == (512, str(FRAMES), "By hand")
    assert writer.stats.frames == FRAMES
    assert "<video" in writer._repr_html_()


def test_setup_and_finish_by_hand(movie):
    figure, update = lines()
    writer = FrameMillWriter(fps=15)
    with pytest.raises(framemill.SettingsError, match="there is no movie yet: call setup"):
        writer.grab_frame()
    writer.setup(figure, movie)
    with pytest.raises(framemill.SettingsError, match="has a movie open already"):
        writer.setup(figure, movie)
    for frame in range(FRAMES):
        update(frame)
        writer.grab_frame()
    writer.finish()
    assert frame_count(movie) == FRAMES
    # A writer can make several movies in turn.
    writer.setup(figure, movie.with_name("second.mp4"), dpi=50)
    writer.grab_frame()
    writer.finish()
    assert frame_count(movie.with_name("second.mp4")) == 1


def test_animated_artists_are_drawn_by_hand_too(movie):
    figure, update = lines()
    expected, writer = Arrays(), FrameMillWriter(**EXACT)
    with expected.saving(figure, os.devnull, None), writer.saving(figure, movie, None):
        for frame in range(FRAMES):
            for artist in update(frame):
                artist.set_animated(True)
            expected.grab_frame()
            writer.grab_frame()
    assert difference(decode(movie), np.stack(expected.frames)) <= 2


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_two_writers_at_once_on_one_figure(tmp_path, first_ends_first):
    figure, update = lines()
    before = figure.dpi, figure.get_facecolor()
    large, small = FrameMillWriter(**EXACT), FrameMillWriter(**EXACT)
    large.setup(figure, tmp_path / "large.mp4", 100)
    small.setup(figure, tmp_path / "small.mp4", 50)
    expected = Arrays()
    expected.setup(figure, os.devnull, 50)
    for frame in range(FRAMES):
        update(frame)
        large.grab_frame()
        small.grab_frame(facecolor="0.9")
        expected.grab_frame(facecolor="0.9")
    for writer in (large, small) if first_ends_first else (small, large):
        assert "draw_idle" in figure.canvas.__dict__
        writer.finish()
    assert decode(tmp_path / "large.mp4").shape == (FRAMES, 480, 640, 3)
    assert difference(decode(tmp_path / "small.mp4"), np.stack(expected.frames)) <= 2
    assert (figure.dpi, figure.get_facecolor()) == before
    assert "draw_idle" not in figure.canvas.__dict__


def test_statistics_after_saving(movie):
    writer = FrameMillWriter(fps=10, quality=True)
    animation(lines).save(movie, writer=writer)
    assert writer.stats.frames == FRAMES
    assert (writer.stats.packets["psnr"] > 30).all()


def test_frames_of_a_loop_equal_those_of_savefig(movie):
    """Test `video.write(figure)` with animated artists and without."""
    figure, update = lines()
    expected = Arrays()
    expected.setup(figure, os.devnull)
    with framemill.VideoWriter(movie, **EXACT) as video:
        for frame in range(FRAMES):
            for artist in update(frame):
                artist.set_animated(frame > 3)
            video.write(figure)
            expected.grab_frame()
    assert difference(decode(movie), np.stack(expected.frames)) <= 2


@pytest.mark.parametrize("layers", [True, False])
def test_a_transparent_figure_stays_transparent_if_alpha_is_kept(movie, layers):
    figure, axes = plt.subplots(figsize=(2, 1.5), dpi=50, facecolor="none")
    axes.set_facecolor("none")
    (line,) = axes.plot([0, 1], [0, 0])

    def update(frame):
        line.set_ydata([0, frame / 5])
        return (line,)

    path = movie.with_suffix(".mkv")
    writer = FrameMillWriter(fps=10, codec="ffv1", alpha="keep", layers=layers)
    FuncAnimation(figure, update, frames=3, init_func=lambda: (line,)).save(path, writer=writer)
    seen = decode(path, "rgba")
    assert seen.shape == (3, 75, 100, 4)
    for number, frame in enumerate(seen):
        update(number)
        saved = io.BytesIO()
        figure.savefig(saved, format="rgba", facecolor="none")
        expected = np.frombuffer(saved.getvalue(), np.uint8).reshape(frame.shape)
        assert (expected[..., 3] == 0).mean() > 0.5
        assert difference(frame, expected) == 0


def test_arguments_have_the_order_of_matplotlibs_writer():
    writer = FrameMillWriter(10, "mpeg4", 500, ["-g", "5"], {"title": "A wave"})
    assert writer.fps == 10
    assert writer._options == {"codec": "mpeg4", "bitrate": 500_000, "gop": 5, "metadata": {"title": "A wave"}}
    with pytest.raises(TypeError, match="takes from 1 to 6 positional arguments"):
        FrameMillWriter(10, "mpeg4", 500, [], {}, False)


def test_arguments_of_rcparams_apply_unless_others_are_given(movie):
    mpl.rcParams["animation.ffmpeg_args"] = ["-vcodec", "mpeg4", "-g", "3"]
    animation(lines).save(movie, writer="framemill")
    assert probe(movie)["codec_name"] == "mpeg4"
    assert FrameMillWriter()._options["gop"] == 3
    assert "gop" not in FrameMillWriter(extra_args=[])._options
    mpl.rcParams["animation.ffmpeg_args"] = ["-vf", "hflip"]
    with pytest.raises(
        framemill.SettingsError, match=r"rcParams\[\"animation.ffmpeg_args\"\]: .* does not support '-vf'"
    ):
        FrameMillWriter()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": -10}, 'frame rate "-10/1" is not valid'),
        ({"codec": "zzz"}, 'unknown codec "zzz"; known names: h264'),
        ({"crf": 99}, "crf=99 is out of range: h264 takes 0 to 51"),
        ({"codec": "mpeg4", "fourcc": "DIVX", "qp": 99}, "qp=99 is out of range: mpeg4 takes 1 to 31"),
        ({"container": "webm"}, "webm cannot hold h264"),
        ({"extra_args": ["-crf"]}, "extra_args: -crf needs a value, as in ['-crf', '18']"),
        ({"extra_args": ["-movflags"]}, "extra_args: -movflags needs a value"),
    ],
)
def test_a_wrong_value_is_an_error_when_the_writer_is_made(options, message):
    with pytest.raises(framemill.SettingsError, match=re.escape(message)):
        FrameMillWriter(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crff": 4}, "there is no option 'crff'; did you mean 'crf'?"),
        ({"output": "x"}, "there is no option 'output'"),
        ({"codec": {"title": "x"}}, "codec must be a string"),
        ({"bitrate": "500k"}, "bitrate must be a number of kilobits per second, as in 500, not '500k'"),
        ({"extra_args": 5}, "extra_args must be a list, as in ['-crf', '18'], not 5"),
        ({"extra_args": "-crf 18"}, "extra_args must be a list, as in ['-crf', '18'], not '-crf 18'"),
        ({"extra_args": ["-crf", None]}, "extra_args must be a list, as in ['-crf', '18'], not ['-crf', None]"),
        ({"metadata": "x"}, "metadata must be a dictionary, as in {'title': 'A wave'}, not 'x'"),
    ],
)
def test_a_wrong_type_is_an_error_when_the_writer_is_made(options, message):
    with pytest.raises(framemill.SettingsTypeError, match=re.escape(message)):
        FrameMillWriter(**options)


@pytest.mark.parametrize(
    "options", [{"codec": "qtrle"}, {"codec": "mpeg4", "fourcc": "DIVX"}, {"codec": "png", "alpha": "keep"}]
)
def test_options_that_only_some_containers_support_are_accepted(options):
    assert FrameMillWriter(**options)._options == options


def test_metadata_that_matplotlib_suggests_is_stored_or_left_out_with_a_warning(movie):
    metadata = {"title": "A wave", "subject": "waves", "srcform": "arrays", "genre": "physics"}
    message = "the movie will not contain the metadata subject and srcform: mp4 does not store it"
    with pytest.warns(UserWarning, match=message) as caught:
        animation(lines).save(movie, writer=FrameMillWriter(metadata=metadata))
    assert caught[0].filename == __file__
    tags = probe(movie)["tags"]
    assert (tags["title"], tags["genre"]) == ("A wave", "physics")
    assert not {"subject", "srcform"} & tags.keys()
    path = movie.with_suffix(".mkv")
    animation(lines).save(path, writer=FrameMillWriter(metadata=metadata))
    tags = {name.lower(): value for name, value in probe(path)["tags"].items()}
    assert (tags["subject"], tags["srcform"]) == ("waves", "arrays")
    with pytest.raises(framemill.SettingsError, match='unknown metadata "mood"; known names: title'):
        animation(lines).save(movie, writer=FrameMillWriter(metadata={"mood": "calm"}))
