"""Tests movies in a browser: which movies play, when each frame is shown, and transparency."""

import browser as chromium
import framemill
import numpy as np
import pytest
from movies import NOT_PLAYED, PLAYED, PLAYED_BY_CHROMIUM, encode

RATE = 24_000 / 1001
FRAMES = 21
BITS, BAR = 6, 16
CHECKERS = "repeating-conic-gradient(#404040 0 25%, #c0c0c0 0 50%) 0 0 / 32px 32px"

PAGE = f"""<!doctype html>
<title>movie</title>
<style>body {{ margin: 0; background: {CHECKERS}; }} video {{ display: block; }}</style>
"""
SCRIPT = """
<script>
FRAMES
const video = document.querySelector("video");
video.muted = true;
video.controls = false;
// Nothing where the movie plays, and otherwise the number of the error.
const loaded = new Promise((resolve) => {
  video.addEventListener("loadeddata", () => resolve(null));
  video.addEventListener("error", () => resolve(video.error.code));
});
</script>
""".replace("FRAMES", chromium.FRAMES)
# Reads the number of the frame that is shown at a time. Each bar in the frame is one bit of the number. Chromium may
# show the previous frame for a moment, so this retries until it reads the expected number.
NUMBER = """
(async () => {
  await seek(video, TIME);
  let number = null;
  for (let look = 0; look < 200 && number !== EXPECTED; look += 1) {
    const context = await drawn(video);
    const isWhite = (bit) => context.getImageData((bit + 0.5) * BAR, 32, 1, 1).data[0] > 128;
    number = BITS.reduce((sum, bit) => sum + (isWhite(bit) << bit), 0);
  }
  return number;
})()
"""


def shown_number(browser, time, expected):
    values = {"TIME": time, "EXPECTED": expected, "BITS": list(range(BITS)), "BAR": BAR}
    script = NUMBER
    for name, value in values.items():
        script = script.replace(name, str(value))
    return browser.evaluate(script)


def open_page(browser, directory, movie_html):
    """Show a movie on a checkered page. Return the error code if the movie does not play."""
    page = directory / "page.html"
    page.write_text(PAGE + movie_html + SCRIPT)
    browser.open(page)
    return browser.evaluate("loaded")


def numbered(number):
    bars = [255 * (number >> bit & 1) for bit in range(BITS)]
    gray = np.array(bars, np.uint8).repeat(BAR)[None, :, None]
    return np.concatenate([gray.repeat(64, axis=0).repeat(3, axis=2), np.full((64, BITS * BAR, 1), 255, np.uint8)], 2)


@pytest.mark.parametrize("kind", PLAYED)
def test_a_notebook_shows_each_frame_at_its_time(browser, tmp_path, kind):
    name, options = PLAYED[kind]
    encode(tmp_path / name, [numbered(number) for number in range(FRAMES)], fps="24000/1001", **options)
    assert open_page(browser, tmp_path, framemill.show(tmp_path / name)._repr_html_()) is None
    seen = browser.evaluate("[video.videoWidth, video.videoHeight, video.duration]")
    # WebM rounds times to milliseconds.
    assert seen == [BITS * BAR, 64, pytest.approx(FRAMES / RATE, abs=0.001)]
    for number in range(FRAMES):
        # Seek to shortly after the frame's start and shortly before its end.
        for part in (0.05, 0.95):
            assert shown_number(browser, (number + part) / RATE, number) == number


@pytest.mark.parametrize("kind", [*PLAYED_BY_CHROMIUM, *NOT_PLAYED])
def test_movies_that_a_notebook_refuses_do_not_play_in_every_browser(browser, tmp_path, kind):
    name, options, _ = (PLAYED_BY_CHROMIUM | NOT_PLAYED)[kind]
    encode(tmp_path / name, [numbered(number) for number in range(FRAMES)], **options)
    # MEDIA_ERR_SRC_NOT_SUPPORTED
    expected = None if kind in PLAYED_BY_CHROMIUM else 4
    assert open_page(browser, tmp_path, f"<video src='{name}'></video>") == expected


COLORS = [(220, 40, 40), (40, 200, 60), (30, 60, 220), (255, 255, 255), (0, 0, 0), (128, 128, 128)]
# Each alpha value, and the tolerance in levels. Chromium shows opaque video up to 12 levels off, as test_colors.py
# measures. Half of this error remains if alpha is one half.
BANDS = ((0, 0), (128, 7), (255, 12))


def banded(height, width):
    """Make columns of colors. The upper third is transparent, the middle half transparent, and the lower opaque."""
    rows = np.arange(height)[:, None, None] * 3 // height
    columns = np.arange(width) * len(COLORS) // width
    colors = np.array(COLORS, np.uint8)[columns][None].repeat(height, axis=0)
    alpha = np.array([alpha for alpha, _ in BANDS], np.uint8)[rows].repeat(width, axis=1)
    return np.concatenate([colors, alpha], axis=2)


@pytest.mark.parametrize(("height", "width"), [(96, 144), (95, 143)], ids=str)
def test_the_page_shows_through_a_transparent_movie(browser, tmp_path, height, width):
    frame = banded(height, width)
    encode(tmp_path / "m.webm", [frame] * 5, codec="vp9", alpha="keep", crf=4)
    assert open_page(browser, tmp_path, framemill.show(tmp_path / "m.webm")._repr_html_()) is None
    # Odd sizes are padded by a column and a row.
    assert browser.evaluate("[video.videoWidth, video.videoHeight]") == [width + width % 2, height + height % 2]
    browser.evaluate("seek(video, 0.1).then(() => drawn(video)).then(() => null)")
    seen = browser.screenshot(width, height).astype(float)
    browser.evaluate("video.style.visibility = 'hidden'")
    behind = browser.screenshot(width, height).astype(float)
    assert {tuple(pixel) for pixel in behind.reshape(-1, 3)} == {(64, 64, 64), (192, 192, 192)}
    opacity = frame[..., 3:] / 255
    error = np.abs(seen - (opacity * frame[..., :3] + (1 - opacity) * behind))
    # Colors mix at the borders of patches, which share chroma samples.
    columns = np.arange(width) * len(COLORS) % width
    inside = (columns > width / 4) & (columns < width * 3 / 4)
    for band, (alpha, tolerance) in enumerate(BANDS):
        rows = slice(height * band // 3 + 4, height * (band + 1) // 3 - 4)
        assert error[rows][:, inside].max() <= tolerance, f"alpha {alpha}"
