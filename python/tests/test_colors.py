"""Compares how a browser shows a chart from framemill and the same chart from an exact conversion."""

import browser as chromium
import framemill
import numpy as np
import pytest
from movies import PLAYED, encode
from PIL import Image
from reader import run

HEIGHT, WIDTH = 1080, 1920
ACROSS, DOWN = 8, 6
LEVELS = (0, 128, 255)
COLORS = [(r, g, b) for r in LEVELS for g in LEVELS for b in LEVELS]
COLORS += [(round(step * 255 / 20),) * 3 for step in range(21)]
GRAYS = [(round(step * 255 / 47),) * 3 for step in range(48)]
CHARTS = {"colors": COLORS, "grays": GRAYS}
FRAMES = 4


def chart(colors, height=HEIGHT, width=WIDTH):
    patches = np.array(colors, np.uint8).reshape(DOWN, ACROSS, 3)
    return np.ascontiguousarray(patches.repeat(height // DOWN, axis=0).repeat(width // ACROSS, axis=1))


def exact_movie(path, colors, bits):
    """Encode the chart with BT.709 computed in floats and rounded once. 8 bits are lossless, 10 bits nearly so."""
    r, g, b = np.moveaxis(chart(colors).astype(np.float64) / 255, 2, 0)
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    # Patches consist of whole 2 x 2 blocks, so any pixel of a block is its mean.
    cb, cr = ((b - luma) / 1.8556)[::2, ::2], ((r - luma) / 1.5748)[::2, ::2]
    planes = (16 + 219 * luma, 128 + 224 * cb, 128 + 224 * cr)
    pixel_format, sample = {8: ("yuv420p", "u1"), 10: ("yuv420p10le", "<u2")}[bits]
    frame = b"".join(np.rint(plane * 2 ** (bits - 8)).astype(sample).tobytes() for plane in planes)
    tags = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv:chromaloc=1"
    run(
        "ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{WIDTH}x{HEIGHT}", "-r", "30",
        "-i", "-", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "0", "-pix_fmt", pixel_format,
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
        "-x264-params", tags, "-movflags", "+faststart", path,
        data=frame * FRAMES,
    )  # fmt: skip


SHOWN = """
(async () => {
  FRAMES
  const video = document.createElement("video");
  video.muted = true;
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error(video.error.message));
    video.src = SOURCE;
  });
  await seek(video, 0.05);
  const context = await drawn(video);
  const seen = [];
  for (let row = 0; row < DOWN; row += 1) {
    for (let column = 0; column < ACROSS; column += 1) {
      const x = (column + 0.5) * video.videoWidth / ACROSS, y = (row + 0.5) * video.videoHeight / DOWN;
      seen.push([...context.getImageData(x, y, 1, 1).data.slice(0, 3)]);
    }
  }
  return seen;
})()
""".replace("FRAMES", chromium.FRAMES)


def shown(browser, movie):
    """Return the color of each patch in a browser."""
    page = movie.with_suffix(".html")
    page.write_text("<!doctype html><title>chart</title>")
    browser.open(page)
    script = SHOWN.replace("SOURCE", f'"{movie.name}"').replace("DOWN", str(DOWN)).replace("ACROSS", str(ACROSS))
    return np.array(browser.evaluate(script), np.int64)


@pytest.fixture(scope="module")
def exact(browser, tmp_path_factory):
    directory = tmp_path_factory.mktemp("exact")
    seen = {}
    for bits in (8, 10):
        for name, colors in CHARTS.items():
            movie = directory / f"{name}-{bits}.mp4"
            exact_movie(movie, colors, bits)
            seen[name, bits] = shown(browser, movie)
        # The browser's own error is this small, so the comparison is meaningful.
        assert np.abs(seen["grays", bits] - GRAYS).max() <= 2
        assert np.abs(seen["colors", bits] - COLORS).max() <= 13
    return seen


def with_alpha(rgb):
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def half_transparent(rgb):
    """Return pixels with an alpha of 128 or more that give the chart when composited over white."""
    alpha = np.full((*rgb.shape[:2], 1), 128.0)
    # Colors that a half transparent pixel cannot give are opaque.
    over = 255 - (255 - rgb.astype(np.float64)) * 255 / alpha
    possible = (over >= 0).all(axis=2, keepdims=True)
    rgba = np.where(possible, np.concatenate([over, alpha], axis=2), with_alpha(rgb))
    return np.rint(rgba).astype(np.uint8)


INPUTS = {
    "rgb": ("colors", lambda rgb: rgb),
    "bgr view": ("colors", lambda rgb: np.ascontiguousarray(rgb[..., ::-1])[..., ::-1]),
    "rgba": ("colors", with_alpha),
    "transparent rgba": ("colors", half_transparent),
    "abgr view": ("colors", lambda rgb: np.ascontiguousarray(with_alpha(rgb)[..., ::-1])[..., ::-1]),
    "rgb of rgba": ("colors", lambda rgb: with_alpha(rgb)[..., :3]),
    "upside down": ("colors", lambda rgb: np.ascontiguousarray(rgb[::-1])[::-1]),
    "float": ("colors", lambda rgb: rgb / np.float32(255)),
    "PIL image": ("colors", Image.fromarray),
    "uint16": ("colors", lambda rgb: rgb.astype(np.uint16) * 257),
    "gray": ("grays", lambda rgb: rgb[..., 0]),
    "gray float": ("grays", lambda rgb: rgb[..., 0] / 255),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_a_browser_shows_the_colors_of_an_exact_conversion(browser, exact, movie, kind):
    colors, of_chart = INPUTS[kind]
    frame = of_chart(chart(CHARTS[colors]))
    framemill.write_video(movie, [frame] * FRAMES, preset="ultrafast", crf=1)
    # swscale dithers 16-bit samples by less than one level of YUV.
    assert np.abs(shown(browser, movie) - exact[colors, 8]).max() <= (2 if kind == "uint16" else 1)


# Browsers treat a small movie without color tags as BT.601. They treat a large one as BT.709 in any case.
SMALL = (144, 192)
# At this quality, encoding does not change the colors visibly.
FINE = {"h264": {"preset": "ultrafast", "crf": 1}, "vp9": {"cpu_used": 5, "crf": 1}, "av1": {"preset": 10, "crf": 1}}


@pytest.mark.parametrize("kind", PLAYED)
def test_a_browser_shows_the_colors_of_an_exact_conversion_in_each_codec(browser, exact, tmp_path, kind):
    name, options = PLAYED[kind]
    bits = 10 if "10 bits" in kind else 8
    for colors, patches in CHARTS.items():
        encode(tmp_path / name, [with_alpha(chart(patches, *SMALL))] * FRAMES, **options, **FINE[options["codec"]])
        assert np.abs(shown(browser, tmp_path / name) - exact[colors, bits]).max() <= 1


def test_a_browser_shows_the_colors_of_a_figure(browser, exact, movie):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(19.2, 10.8), dpi=100)
    axes = figure.add_axes([0, 0, 1, 1])
    axes.axis("off")
    axes.imshow(np.array(COLORS, np.uint8).reshape(DOWN, ACROSS, 3), aspect="auto", interpolation="nearest")
    framemill.write_video(movie, [figure] * FRAMES, preset="ultrafast", crf=1)
    assert np.abs(shown(browser, movie) - exact["colors", 8]).max() <= 1


def test_a_browser_plays_the_movie_of_a_notebook(browser, movie):
    framemill.write_video(movie, [chart(COLORS)] * FRAMES, preset="ultrafast")
    page = movie.with_suffix(".html")
    page.write_text(f"<!doctype html>{framemill.show(movie)._repr_html_()}")
    browser.open(page)
    played = """
    (async () => {
      const video = document.querySelector("video");
      video.muted = true;
      await video.play();
      return [video.videoWidth, video.videoHeight, video.duration, video.error];
    })()
    """
    assert browser.evaluate(played) == [WIDTH, HEIGHT, pytest.approx(FRAMES / 30, abs=1e-5), None]
