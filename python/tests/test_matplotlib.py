"""Tests Matplotlib's `Animation.save` with `writer="framemill"`."""

import base64
import itertools
import os
import re
import subprocess
import sys
import threading

import framemill
import framemill.matplotlib
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from animations import EXACT, FRAMES, Arrays, animation
from changing_figures import changing_title, new_artists
from figures import imshow, lines
from framemill.matplotlib import FrameMillWriter
from matplotlib.animation import ArtistAnimation, FuncAnimation, writers
from reader import decode, difference, frame_count, packets, probe


@pytest.mark.parametrize("blit", [True, False])
@pytest.mark.parametrize("make", [lines, imshow, changing_title, new_artists], ids=lambda make: make.__name__)
def test_movies_equal_those_of_ffmpegwriter(movie, make, blit):
    """The ffmpeg program decodes the movies. `test_layers` tests all kinds of figures."""
    expected = Arrays(fps=10)
    animation(make, blit).save(os.devnull, writer=expected)
    animation(make, blit).save(movie, writer=FrameMillWriter(fps=10, **EXACT))
    decoded = decode(movie)
    assert decoded.shape[0] == FRAMES
    for frame, (seen, saved) in enumerate(zip(decoded, expected.frames, strict=True)):
        height, width = saved.shape[:2]
        assert difference(seen[:height, :width], saved) <= 2, f"frame {frame}"


@pytest.mark.parametrize("blit", [True, False])
def test_the_writer_is_found_by_its_name(movie, blit):
    seen = []
    ani = animation(lines, blit, interval=40)
    ani.save(movie, writer="framemill", dpi=50, progress_callback=lambda frame, total: seen.append((frame, total)))
    probed = probe(movie)
    assert (probed["width"], probed["height"], probed["nb_read_frames"]) == (320, 240, str(FRAMES))
    assert (probed["avg_frame_rate"], probed["pix_fmt"], probed["color_space"]) == ("25/1", "yuv420p", "bt709")
    assert seen == [(frame, FRAMES) for frame in range(FRAMES)]
    assert os.listdir(movie.parent) == ["movie.mp4"]


def test_the_writer_is_in_the_registry():
    assert "framemill" in writers.list()
    assert writers["framemill"] is FrameMillWriter
    assert writers.is_available("framemill")


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("import framemill.matplotlib", True),
        ("import matplotlib.animation, framemill", True),
        ("import framemill, matplotlib.animation", False),
        ("import framemill, matplotlib.animation, framemill.matplotlib", True),
    ],
)
def test_when_the_writer_is_registered(code, known):
    code += "\nimport matplotlib.animation\nprint('framemill' in matplotlib.animation.writers.list())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{known}\n"


@pytest.mark.parametrize("interval", [33, 50, 1000 / 29.97, 40])
def test_the_interval_sets_the_rate(movie, interval):
    animation(lines, interval=interval).save(movie, writer="framemill")
    rate = probe(movie)["avg_frame_rate"].split("/")
    assert int(rate[0]) / int(rate[1]) == pytest.approx(1000 / interval, rel=1e-4)
    assert len(packets(movie)) == FRAMES


def test_generators_of_unknown_length(movie):
    totals = []
    frames = (number for number in itertools.takewhile(lambda number: number < 37, itertools.count()))
    figure, update = lines()
    ani = FuncAnimation(figure, update, frames=frames, blit=True, save_count=None, cache_frame_data=False)
    ani.save(movie, writer="framemill", progress_callback=lambda _frame, total: totals.append(total))
    assert frame_count(movie) == 37
    assert set(totals) == {None}


def test_animations_of_artists(movie):
    figure, axes = plt.subplots()
    steps = [[*axes.plot([0, 1], [0, step]), axes.text(0.5, 0.5, str(step))] for step in range(6)]
    ArtistAnimation(figure, steps, blit=True).save(movie, writer=FrameMillWriter(fps=5, **EXACT))
    expected = Arrays(fps=5)
    ArtistAnimation(figure, steps, blit=True).save(os.devnull, writer=expected)
    assert difference(decode(movie), np.stack(expected.frames)) <= 2


def test_several_animations_on_figures_of_one_size(movie):
    first, second = animation(lines), animation(lines)
    first.save(movie, writer="framemill", extra_anim=[second])
    assert frame_count(movie) == FRAMES


def test_saving_calls_update_once_per_frame(movie):
    drawn = []
    figure, update = lines()
    ani = FuncAnimation(figure, lambda frame: drawn.append(frame) or update(frame), frames=FRAMES, blit=True)
    ani.save(movie, writer="framemill")
    assert drawn[-FRAMES:] == list(range(FRAMES))


TAKEN = [
    ({"codec": "mpeg4", "bitrate": 900}, {"codec_name": "mpeg4"}),
    ({"codec": "libx264"}, {"codec_name": "h264"}),
    ({"extra_args": ["-vcodec", "libx264", "-pix_fmt", "yuv444p"]}, {"pix_fmt": "yuv444p"}),
    ({"extra_args": ["-preset", "ultrafast", "-tune", "zerolatency", "-g", "5"]}, {"has_b_frames": 0}),
    ({"extra_args": ["-profile:v", "baseline", "-crf", "30", "-movflags", "+faststart"]}, {"has_b_frames": 0}),
    ({"extra_args": ["-an", "-threads", "1", "-b:v", "500k"]}, {"codec_name": "h264"}),
    ({"fps": 12.5}, {"avg_frame_rate": "25/2"}),
]


@pytest.mark.parametrize(("keywords", "seen"), TAKEN, ids=lambda value: str(value)[:50])
def test_the_arguments_of_ffmpegwriter_are_supported(movie, keywords, seen):
    animation(lines).save(movie, writer="framemill", **keywords)
    probed = probe(movie)
    assert {key: probed[key] for key in seen} == seen


def test_metadata_is_in_the_movie(movie):
    animation(lines).save(movie, writer="framemill", metadata={"title": "Waves", "artist": "Ada", "comment": "blue"})
    assert {"title": "Waves", "artist": "Ada", "comment": "blue"}.items() <= probe(movie)["tags"].items()


def test_rc_parameters_are_kept(movie):
    with mpl.rc_context({"animation.writer": "framemill", "animation.codec": "mpeg4", "animation.bitrate": 700}):
        writer = FrameMillWriter(fps=5)
        animation(lines).save(movie)
    assert writer._options["bitrate"] == 700_000
    assert probe(movie)["codec_name"] == "mpeg4"


REFUSED = [
    ({"extra_args": ["-vf", "hflip"]}, framemill.SettingsError, "extra_args: framemill does not support '-vf'"),
    ({"extra_args": ["-crf"]}, framemill.SettingsError, "'-crf'"),
    ({"extra_args": ["-crf", "good"]}, framemill.SettingsError, "-crf takes a number, and not 'good'"),
    ({"extra_args": ["-preset", "quick"]}, framemill.SettingsError, "quick"),
    ({"codec": "h266"}, framemill.SettingsError, "h266"),
    ({"codec": "mpeg4", "extra_args": ["-crf", "20"]}, framemill.SettingsError, "crf"),
]


@pytest.mark.parametrize(("keywords", "error", "message"), REFUSED, ids=lambda value: str(value)[:50])
def test_unsupported_arguments_are_refused_with_a_reason(movie, keywords, error, message):
    with pytest.raises(error, match=re.escape(message)):
        animation(lines).save(movie, writer="framemill", **keywords)
    assert os.listdir(movie.parent) == []


@pytest.mark.parametrize(
    "savefig_kwargs",
    [{"facecolor": "tab:green"}, {"facecolor": (1, 0, 0, 0.4)}, {"transparent": True}, {"facecolor": "auto"},
     {"pad_inches": 0.3}, {"edgecolor": "k"}, {"bbox_inches": "tight"}],
    ids=str,
)  # fmt: skip
def test_savefig_kwargs_mean_the_same_as_with_other_writers(movie, savefig_kwargs):
    expected = Arrays(fps=10)
    animation(lines).save(os.devnull, writer=expected, savefig_kwargs=savefig_kwargs)
    ani = animation(lines)
    before = ani._fig.get_facecolor()
    ani.save(movie, writer=FrameMillWriter(fps=10, **EXACT), savefig_kwargs=savefig_kwargs)
    assert difference(decode(movie), np.stack(expected.frames)) <= 2
    assert ani._fig.get_facecolor() == before


@pytest.mark.parametrize("parameters", [{"savefig.bbox": "tight"}, {"savefig.dpi": 40}, {"savefig.facecolor": "0.8"}])
def test_rc_parameters_of_savefig(movie, parameters):
    with mpl.rc_context(parameters):
        expected = Arrays(fps=10)
        animation(lines).save(os.devnull, writer=expected)
        animation(lines).save(movie, writer=FrameMillWriter(fps=10, **EXACT))
    assert difference(decode(movie), np.stack(expected.frames)) <= 2


def test_to_html5_video_is_a_movie_that_plays(tmp_path):
    with mpl.rc_context({"animation.writer": "framemill"}):
        page = animation(lines, interval=50).to_html5_video()
    data = re.search(r'src="data:video/mp4;base64,([^"]*)"', page).group(1)
    (tmp_path / "m.m4v").write_bytes(base64.b64decode(data))
    probed = probe(tmp_path / "m.m4v")
    assert (probed["nb_read_frames"], probed["codec_name"], probed["pix_fmt"]) == (str(FRAMES), "h264", "yuv420p")


def test_a_size_that_changes_during_saving_is_reset(movie):
    figure, update = lines()

    def resizing(frame):
        if frame == 4:
            figure.set_size_inches(3, 3)
        return update(frame)

    FuncAnimation(figure, resizing, frames=FRAMES, blit=True).save(movie, writer="framemill")
    assert (probe(movie)["width"], frame_count(movie)) == (640, FRAMES)


def test_ctrl_c_keeps_the_movie_so_far(movie):
    figure, update = lines()

    def interrupted(frame):
        if frame == 7:
            raise KeyboardInterrupt
        return update(frame)

    with pytest.raises(KeyboardInterrupt):
        FuncAnimation(figure, interrupted, frames=FRAMES, blit=True).save(movie, writer="framemill")
    assert frame_count(movie) == 7
    assert "draw_idle" not in figure.canvas.__dict__


def test_a_missing_directory_is_an_error_at_once(tmp_path):
    with pytest.raises(OSError, match=r"[Nn]o such file"):
        animation(lines).save(tmp_path / "nowhere" / "m.mp4", writer="framemill")


def test_animations_in_threads(tmp_path):
    """Each thread has its own figure and does not use pyplot."""
    from matplotlib.figure import Figure

    def work(number):
        figure = Figure(figsize=(3, 2), dpi=50)
        (line,) = figure.subplots().plot([0, 1])

        def update(frame):
            line.set_ydata([0, frame / 10])
            return (line,)

        FuncAnimation(figure, update, frames=20, blit=False).save(tmp_path / f"{number}.mp4", writer="framemill")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [frame_count(tmp_path / f"{number}.mp4") for number in range(3)] == [20] * 3


def test_a_face_color_applies_to_one_frame(tmp_path):
    figure, _axes = plt.subplots()
    figure.set_facecolor("white")
    writer = framemill.matplotlib.FrameMillWriter(fps=10, crf=1, pixel_format="yuv444p")
    with writer.saving(figure, tmp_path / "m.mp4", dpi=50):
        for color in ({"facecolor": "black"}, {}, {"facecolor": "black"}, {}):
            writer.grab_frame(**color)
    corners = [int(frame[0, 0, 0]) for frame in decode(tmp_path / "m.mp4")]
    assert corners[0] < 20 and corners[2] < 20 and corners[1] > 230 and corners[3] > 230, corners
    assert figure.get_facecolor() == (1, 1, 1, 1)


def test_ffmpeg_options_with_another_meaning_are_refused(tmp_path):
    writer = framemill.matplotlib.FrameMillWriter
    for arguments, message in [
        ({"extra_args": ["-q:v", "5"]}, "for h264 use -crf"),
        ({"extra_args": ["-movflags", "frag_keyframe"]}, "of -movflags framemill does"),
        ({"bitrate": 2_000, "crf": 18}, "give one of bitrate and crf"),
    ]:
        with pytest.raises(framemill.SettingsError, match=message):
            writer(**arguments)
    assert writer(codec="mpeg4", extra_args=["-q:v", "5"])._options["qp"] == 5
