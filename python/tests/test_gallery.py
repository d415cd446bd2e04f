"""Tests the movies that `make docs` makes for the website: the pages show them, and a browser plays them."""

import re
from pathlib import Path

import numpy as np
import pytest
from browser import Browser
from reader import probe, run

ROOT = Path(__file__).resolve().parents[2]
MOVIES = ROOT / "target" / "gallery"
# For each movie: frames, frames per second, width.
GALLERY = {
    "line.mp4": (180, 30, 800),
    "scatter.mp4": (150, 30, 720),
    "surface.mp4": (72, 24, 640),
    "globe.mp4": (120, 24, 640),
    "reaction.mp4": (150, 30, 768),
    "dashboard.mp4": (180, 30, 800),
    "cells.mp4": (90, 15, 400),
    "overlay.webm": (120, 30, 480),
    "beats.mp4": (90, 30, 640),
}
TUTORIALS = {
    "pendulum.mp4": (240, 30, 960),
    "balls.mp4": (120, 30, 640),
    "julia.mp4": (120, 30, 480),
    "triangles.mp4": (90, 30, 640),
}
ALL = GALLERY | TUTORIALS


@pytest.fixture(autouse=True)
def _made():
    assert MOVIES.is_dir(), "run `make docs` first: it makes the movies of the website"


def shown(pattern):
    """Return the movies that the pages embed, without the time of the first shown frame."""
    pages = [path.read_text() for path in sorted((ROOT / "docs").glob(pattern))]
    return [name for page in pages for name in re.findall(r'<video [^>]*src="gallery/([a-z0-9.]+)#t=', page)]


def test_each_movie_is_on_a_page_with_its_code_and_its_report():
    assert shown("gallery.md") == list(GALLERY)
    assert sorted(shown("tutorial-*.md")) == sorted(TUTORIALS)
    page = (ROOT / "docs" / "gallery.md").read_text()
    for name in GALLERY:
        stem = name.partition(".")[0]
        assert f"[Report](gallery/{stem}.html)" in page
        assert f'--8<-- "gallery/{stem}.py"' in page
        report = (MOVIES / f"{stem}.html").read_text()
        assert "<title>" in report and name in report
    assert {path.stem for path in (ROOT / "docs" / "gallery").glob("*.py")} == {
        name.partition(".")[0] for name in GALLERY
    }


@pytest.mark.parametrize("name", ALL)
def test_movies_are_small_and_play_in_browsers(name):
    frames, rate, width = ALL[name]
    movie = probe(MOVIES / name)
    assert (int(movie["nb_read_frames"]), movie["avg_frame_rate"], movie["width"]) == (frames, f"{rate}/1", width)
    assert (movie["codec_name"], movie["pix_fmt"]) == ("vp9" if name.endswith("webm") else "h264", "yuv420p")
    assert int(movie["size"]) <= 300_000


def test_the_overlay_is_transparent_outside_the_gauge():
    raw = run(
        "ffmpeg", "-v", "error", "-c:v", "libvpx-vp9", "-i", MOVIES / "overlay.webm", "-frames:v", "1",
        "-f", "rawvideo", "-pix_fmt", "rgba", "-",
    )  # fmt: skip
    alpha = [raw[(row * 480 + column) * 4 + 3] for row, column in ((5, 5), (355, 475), (180, 240))]
    assert alpha[:2] == [0, 0] and alpha[2] > 150


def test_the_two_tones_are_loud_and_quiet_when_the_picture_shows_it():
    raw = run("ffmpeg", "-v", "error", "-i", MOVIES / "beats.mp4", "-f", "f32le", "-ac", "1", "-ar", "48000", "-")
    samples = np.frombuffer(raw, "<f4")

    def loudness(seconds):
        middle = int(48_000 * seconds)
        return np.abs(samples[middle - 480 : middle + 480]).max()

    assert max(loudness(seconds) for seconds in (0.375, 1.125, 1.875, 2.625)) < 0.05
    assert min(loudness(seconds) for seconds in (0.75, 1.5, 2.25)) > 0.4


def test_pictures_move():
    for name, (frames, _, _) in ALL.items():
        two = f"select=eq(n\\,0)+eq(n\\,{frames // 2})"
        output = ("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-")
        raw = np.frombuffer(run("ffmpeg", "-v", "error", "-i", MOVIES / name, "-vf", two, *output), np.uint8)
        first, middle = raw.reshape(2, -1).astype(int)
        assert (abs(first - middle) > 8).mean() > 0.001, name


def test_a_browser_plays_them(tmp_path):
    with Browser(tmp_path) as browser:
        for name, (frames, rate, width) in ALL.items():
            browser.open(MOVIES / name)
            duration, seen = browser.evaluate("""(async () => {
                const video = document.querySelector("video");
                video.muted = true;
                await video.play();
                return [video.duration, video.videoWidth];
            })()""")
            assert (round(duration, 2), seen) == (round(frames / rate, 2), width), name
