"""Tests movies in a notebook."""

import base64
import io
import re

import framemill
import numpy as np
import pytest
from movies import NOT_PLAYED, PLAYED, PLAYED_BY_CHROMIUM, encode

# The smallest side of AV1 is 64.
FRAMES = np.random.default_rng(4).integers(0, 256, (6, 64, 80, 3), np.uint8)
FRAMES_WITH_ALPHA = np.concatenate([FRAMES, np.full((6, 64, 80, 1), 128, np.uint8)], axis=3)
REFUSED = PLAYED_BY_CHROMIUM | NOT_PLAYED


def data_of(page):
    kind, data = re.search(r"src='data:([^;]*);base64,([^']*)'", page).groups()
    return kind, base64.b64decode(data)


def test_a_movie_shows_itself(movie):
    framemill.write_video(movie, FRAMES)
    shown = framemill.show(movie, width=320)
    assert repr(shown) == f"<a movie: {movie}>"
    page = shown._repr_html_()
    assert page.startswith("<video controls loop width='320' src=")
    assert data_of(page) == ("video/mp4", movie.read_bytes())


@pytest.mark.parametrize("width", ["50%", "12.5em"])
def test_a_width_may_be_a_length_of_css(movie, width):
    framemill.write_video(movie, FRAMES)
    assert (
        framemill.show(movie, width=width)._repr_html_().startswith(f"<video controls loop style='width: {width}' src=")
    )


WRONG = [
    ({"width": 0}, "width must be a whole number of pixels, from 1 on, or text such as '50%', not 0"),
    ({"width": True}, "width must be .* not True"),
    ({"width": 1.5}, "width must be .* not 1.5"),
    ({"width": "1' onclick='x'"}, "width must be"),
    ({"width": "50%\n"}, "width must be"),
    ({"max_bytes": "5MB"}, "max_bytes must be a number of bytes, as in 5_000_000, not '5MB'"),
    ({"movie": None}, "give the path of a movie, or its VideoWriter, and not NoneType"),
    ({"movie": b"ftyp"}, "and not bytes"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=str)
def test_wrong_arguments_are_refused(movie, arguments, message):
    framemill.write_video(movie, FRAMES)
    with pytest.raises((framemill.SettingsError, framemill.SettingsTypeError), match=message):
        framemill.show(**{"movie": movie, **arguments})


def test_writers_show_their_movie(movie):
    video = framemill.VideoWriter(movie)
    assert video._repr_html_() is None
    video.write(FRAMES[0])
    video.close()
    assert data_of(video._repr_html_())[1] == movie.read_bytes()
    assert data_of(framemill.show(video)._repr_html_())[1] == movie.read_bytes()


def test_a_large_movie_is_named_instead(movie):
    framemill.write_video(movie, FRAMES)
    page = framemill.show(movie, max_bytes=1_000)._repr_html_()
    assert "<video" not in page
    assert "movie.mp4 is 0.0" in page
    assert "<code>max_bytes</code>" in page


def test_a_name_does_not_become_markup(tmp_path):
    movie = tmp_path / "<b>&'.mp4"
    framemill.write_video(movie, FRAMES)
    page = framemill.show(movie, max_bytes=1)._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;" in page


@pytest.mark.parametrize("kind", PLAYED)
def test_each_movie_that_browsers_play_has_its_type(tmp_path, kind):
    name, options = PLAYED[kind]
    encode(tmp_path / name, FRAMES_WITH_ALPHA, **options)
    expected = "video/webm" if name.endswith("webm") else "video/mp4"
    assert data_of(framemill.show(tmp_path / name)._repr_html_()) == (expected, (tmp_path / name).read_bytes())


@pytest.mark.parametrize("kind", REFUSED)
def test_movies_that_not_every_browser_plays_are_refused(tmp_path, kind):
    name, options, called = REFUSED[kind]
    encode(tmp_path / name, FRAMES_WITH_ALPHA, **options)
    message = rf"{name}: not every browser plays {called}; write an \.mp4 .*, or a \.webm with codec vp9"
    with pytest.raises(framemill.InputError, match=message) as caught:
        framemill.show(tmp_path / name)
    assert isinstance(caught.value, ValueError)


def test_a_writer_of_a_movie_that_browsers_do_not_play_shows_its_name(tmp_path):
    video = framemill.VideoWriter(tmp_path / "m.avi", codec="mpeg4")
    video.write(FRAMES[0])
    video.close()
    # Without HTML a notebook displays the repr.
    assert video._repr_html_() is None


def test_files_that_are_not_movies_are_refused(tmp_path):
    with pytest.raises(framemill.InputError, match=r"is not a file: check the path, and close the writer before"):
        framemill.show(tmp_path / "m.mp4")
    (tmp_path / "m.mp4").write_bytes(b"text")
    with pytest.raises(framemill.Error, match=r"m\.mp4"):
        framemill.show(tmp_path / "m.mp4")
    video = framemill.VideoWriter(io.BytesIO())
    video.write(FRAMES[0])
    video.close()
    with pytest.raises(framemill.InputError, match="a file object"):
        framemill.show(video)
    assert video._repr_html_() is None


def test_ipython_displays_movies_and_statistics(movie):
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell.instance()
    shell.user_ns.update(movie=movie, frames=FRAMES)
    shown = shell.run_cell("import framemill\nframemill.write_video(movie, frames)")
    assert shell.display_formatter.format(shown.result)[0]["text/html"].startswith("<table>")
    shown = shell.run_cell("framemill.show(movie)")
    assert shell.display_formatter.format(shown.result)[0]["text/html"].startswith("<video")
    shell.run_cell("from framemill import VideoWriter")
    assert shell.run_cell("video = VideoWriter(movie); video.write(frames[0]); video").success
    formatted = shell.display_formatter.format(shell.user_ns["video"])[0]
    assert "text/html" not in formatted
    shell.user_ns["video"].close()
