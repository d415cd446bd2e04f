"""Runs the code in the documentation: docstrings, README, pages and examples."""

import doctest
import importlib.util
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import textwrap
import types
import warnings
from pathlib import Path

import framemill
import framemill.matplotlib
import gymnasium
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from reader import decode, difference, frame_count, probe, run

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "python"
README = (ROOT / "README.md").read_text()


@pytest.fixture(autouse=True)
def _in_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def modules():
    names = [module.name for module in pkgutil.iter_modules(framemill.__path__) if module.name != "_native"]
    return ["framemill", *(f"framemill.{name}" for name in names)]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_are_correct(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs={"framemill": framemill, "np": np}).failed == 0


MODULES = ("framemill", "framemill.compat.cv2", "framemill.compat.imageio_ffmpeg", "framemill.gymnasium")
MODULES += ("framemill.imageio", "framemill.xarray")
PUBLIC = [framemill.matplotlib.FrameMillWriter]
for module in map(importlib.import_module, MODULES):
    PUBLIC += [getattr(module, name) for name in module.__all__ if callable(getattr(module, name))]


def functions():
    for public in PUBLIC:
        if inspect.isfunction(public):
            yield public
        for name, member in vars(public).items():
            member = getattr(member, "fget", None) or getattr(member, "__wrapped__", member)
            if inspect.isfunction(member) and not name.startswith("_"):
                yield member


def test_everything_public_is_documented():
    for public in PUBLIC:
        assert inspect.getdoc(public), public
    for function in functions():
        text = inspect.getdoc(function)
        assert text, function
        parameters = [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]
        for name in parameters:
            if name not in ("args", "kwargs"):
                assert re.search(rf"^\**[\w, ]*\b{name}\b", text, re.MULTILINE), (function, name)
        if parameters:
            assert "Parameters\n----------" in text, function


def blocks(text):
    """Return the Python blocks of a page, in order."""
    return [textwrap.dedent(block) for block in re.findall(r"^ *```python\n(.*?)```", text, re.DOTALL | re.MULTILINE)]


def page(name):
    """Read a page of the documentation."""
    return (ROOT / "docs" / name).read_text()


def a_world():
    """Return the names that the code on the pages expects."""
    figure, axes = plt.subplots()
    x = np.linspace(0, 6, 100)
    (line,) = axes.plot(x, np.sin(x))

    def update(frame):
        line.set_ydata(np.sin(x + frame))
        return (line,)

    rgb = np.random.default_rng(1).integers(0, 256, (12, 48, 64, 3), np.uint8)
    return {
        "framemill": framemill,
        "np": np,
        "plt": plt,
        "FuncAnimation": FuncAnimation,
        "figure": figure,
        "line": line,
        "x": x,
        "axes": axes,
        "animation": FuncAnimation(figure, update, frames=12, blit=True),
        "frames": list(rgb),
        "bgr_frames": list(rgb[..., ::-1]),
        "times": [number / 25 for number in range(12)],
    }


def test_the_readmes_python_runs(tmp_path):
    world = a_world()
    shown = blocks(README)
    assert len(shown) == 2
    for block in shown:
        exec(block, world)
    assert {path.name: frame_count(path) for path in tmp_path.iterdir()} == {"demo.mp4": 12, "out.mp4": 12}


def test_the_page_about_python_runs(tmp_path):
    (block,) = blocks(page("python.md"))
    exec(block, a_world())
    assert {path.name: frame_count(path) for path in tmp_path.iterdir()} == {"out.mp4": 12, "short.mp4": 12}


def test_the_example_of_a_resumed_run_works(tmp_path):
    (block,) = blocks(page("guarantees.md"))
    exec(block, a_world())
    assert frame_count(tmp_path / "night.mp4") == 100


def rows():
    table = page("python.md")
    return [re.findall(r"`([^`]*)`", line) for line in table.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("number", range(len(rows())))
def test_the_code_next_to_that_of_other_packages_runs(tmp_path, number):
    """Run the right side of each row, and check the frames of its movie."""
    world = a_world()
    framemill.write_video("in.mp4", world["frames"])
    _, code = rows()[number]
    with plt.rc_context():
        if code.startswith("video."):
            with framemill.VideoWriter("m.mkv", fps=25, codec="h264-rgb", lossless=True) as video:
                for index, frame in enumerate(world["frames"]):
                    names = {"video": video, "frame": frame, "bgr": frame[..., ::-1], "i": index, "index": index}
                    exec(code, {**world, **names, "t": world["times"][index]})
            assert difference(decode(tmp_path / "m.mkv"), np.stack(world["frames"])) == 0
        else:
            video = eval(code, world)
            if isinstance(video, framemill.VideoWriter):
                for frame in world["frames"]:
                    video.write(frame)
                video.close()
    made = [path for path in tmp_path.iterdir() if path.name != "in.mp4"]
    assert [frame_count(path) for path in made] in ([12], [])


def test_the_page_for_users_of_matplotlib_runs(tmp_path):
    world = a_world()
    for block in blocks(page("matplotlib.md")):
        exec(block, world)
        if "print(writer.drawing)\n# " in block:
            printed = [line.removeprefix("# ") for line in block.splitlines() if line.startswith("# ")]
            assert printed == [str(world["writer"].drawing), str(world["writer"].drawing.reasons)]
    counts = {path.name: frame_count(path) for path in tmp_path.iterdir()}
    assert counts == {
        "demo.mp4": 12, "wave.mp4": 12, "by_hand.mp4": 20, "loop.mp4": 20, "layered.mp4": 100, "scrolling.mp4": 20,
        "overlay.mkv": 20,
    }  # fmt: skip
    assert "<video" in world["page"]


def test_the_page_about_many_machines_runs(tmp_path):
    world = a_world()
    for block in blocks(page("many-machines.md")):
        exec(block, world)
    counts = {path.name: frame_count(path) for path in tmp_path.iterdir()}
    assert counts == {"waves.mp4": 100, "moved.mp4": 100, "animated.mp4": 100}


def test_the_page_about_sound_runs(tmp_path):
    seconds, pieces = 10, 1_600
    samples = np.sin(np.arange(seconds * 48_000) / 20).astype(np.float32)
    run("ffmpeg", "-v", "error", "-f", "f32le", "-ar", "48000", "-i", "-", "music.flac", data=samples.tobytes())
    shades = [np.full((48, 64), number % 256, np.uint8) for number in range(30 * seconds)]
    scene = zip(shades, np.stack([samples, samples], 1).reshape(-1, pieces, 2), strict=True)
    world = {**a_world(), "frames": shades, "samples": samples, "draw": lambda number: shades[number], "scene": scene}
    (block,) = blocks(page("sound.md"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(block, world)
    shown = run("ffprobe", "-v", "error", "-show_streams", "-of", "json", "movie.mp4")
    streams = json.loads(shown)["streams"]
    assert [(stream["codec_type"], stream.get("channels")) for stream in streams] == [("video", None), ("audio", 2)]
    assert frame_count("movie.mp4") == 300


def sections():
    """Split the page about other libraries at its headings."""
    parts = re.split(r"^## (.*)$", page("adapters.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


ADAPTERS = {
    "PyTorch": {"batch.mp4": 90},
    "imageio, PyVista, napari": {"noise.mp4": 12, "loop.mp4": 12, "older.mp4": 12},
    "xarray": {"plots.mp4": 12, "pixels.mp4": 12},
    "Gymnasium": {"videos/rl-video-episode-0.mp4": 11, "videos/rl-video-episode-2.mp4": 11},
    "OpenCV scripts": {"opencv.mp4": 12},
    "imageio-ffmpeg scripts": {"sent.mp4": 12},
}


class Walk(gymnasium.Env):
    """An environment that draws pictures without other packages."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 25}  # noqa: RUF012
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Discrete(1000)

    def __init__(self, render_mode):
        self.render_mode, self.at = render_mode, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at = 0
        return self.at, {}

    def step(self, action):
        self.at += 1
        return self.at, 1.0, self.at == 10, False, {}

    def render(self):
        return np.full((48, 64, 3), 20 * self.at, np.uint8)


gymnasium.register("Walk-v0", Walk)


@pytest.mark.parametrize("library", sections())
def test_the_page_about_other_libraries_runs(tmp_path, library):
    world = a_world()
    # PyTorch is too large to install for one example, so NumPy makes an array of the same shape.
    world["torch"] = types.SimpleNamespace(rand=lambda *shape: np.random.default_rng(1).random(shape, np.float32))
    for block in blocks(sections()[library]):
        exec(block, world)
    assert {str(path.relative_to(tmp_path)): frame_count(path) for path in tmp_path.rglob("*.m*")} == ADAPTERS[library]


def test_the_packages_own_readme_runs(tmp_path):
    world = a_world()
    for block in blocks((ROOT / "python" / "README.md").read_text()):
        exec(block, world)
    assert {path.name for path in tmp_path.iterdir()} == {"sweep.mp4", "demo.mp4"}


RECIPES = [
    ("s0_question.py", ["500"], "question.mp4", {"codec_name": "h264", "nb_read_frames": "500", "width": 640}),
    ("s1_animation.py", ["60"], "demo.mp4", {"codec_name": "h264", "nb_read_frames": "60", "width": 500}),
    ("s2_png_pictures.py", [], "test.avi", {"codec_name": "mpeg4", "nb_read_frames": "10", "avg_frame_rate": "1/1"}),
    ("s3_bgra_arrays.py", [], "output.avi", {"codec_name": "mpeg4", "nb_read_frames": "25", "avg_frame_rate": "10/1"}),
    ("s4_argb_canvas.py", [], "mpeg4.mp4", {"codec_name": "mpeg4", "nb_read_frames": "90", "height": 500}),
    ("s4_argb_canvas.py", [], "h264.mp4", {"codec_name": "h264", "nb_read_frames": "90", "pix_fmt": "yuv420p"}),
    ("s5_jpeg_pictures.py", [], "test.avi", {"codec_tag_string": "XVID", "nb_read_frames": "10"}),
]


@pytest.mark.parametrize(("script", "arguments", "movie", "seen"), RECIPES, ids=lambda value: str(value)[:20])
def test_recipes_make_their_movies(tmp_path, script, arguments, movie, seen):
    command = [sys.executable, "-W", "error", EXAMPLES / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": ""})
    assert done.returncode == 0, done.stderr
    probed = probe(tmp_path / movie)
    assert {key: probed[key] for key in seen} == seen


def test_the_arrays_of_s3_keep_their_colors(tmp_path):
    subprocess.run([sys.executable, EXAMPLES / "s3_bgra_arrays.py"], check=True, capture_output=True)
    rows, columns = np.mgrid[:120, :160]
    for frame, seen in enumerate(decode(tmp_path / "output.avi")):
        expected = np.stack([255 - columns, (rows + 4 * frame) % 256, columns], axis=2)
        assert np.abs(seen.astype(np.int16) - expected).mean() < 6


def test_the_canvas_of_s4_shows_its_background(tmp_path):
    subprocess.run([sys.executable, EXAMPLES / "s4_argb_canvas.py"], check=True, capture_output=True)
    assert difference(decode(tmp_path / "h264.mp4")[:, 2, 2], [[0xFF, 0xF8, 0xE0]]) <= 3
    assert difference(decode(tmp_path / "mpeg4.mp4")[:, 2, 2], [[255, 255, 255]]) <= 3


def test_examples_are_short():
    for script in EXAMPLES.glob("s*.py"):
        assert len(script.read_text().splitlines()) < 80


def test_the_guides_run(tmp_path):
    for name in ("colors.md", "quality.md", "transparency.md"):
        for block in blocks(page(name)):
            exec(block, a_world())
    seen = {path.name: probe(path) for path in tmp_path.iterdir()}
    assert {name: int(movie["nb_read_frames"]) for name, movie in seen.items()} == {
        "sharp.mp4": 12, "exact.mkv": 12, "smooth.mp4": 30, "mail.mp4": 60, "measured.mp4": 12, "ring.mkv": 30,
    }  # fmt: skip
    formats = {name: seen[name]["pix_fmt"] for name in ("sharp.mp4", "smooth.mp4", "ring.mkv")}
    assert formats == {"sharp.mp4": "yuv444p", "smooth.mp4": "yuv420p10le", "ring.mkv": "gbrap16le"}
    assert difference(decode(tmp_path / "exact.mkv"), np.stack(a_world()["frames"])) == 0
    assert (tmp_path / "mail.mp4").stat().st_size <= 300_000


def test_the_page_about_codecs_shows_the_measured_values():
    spec = importlib.util.spec_from_file_location("codecs_bench", ROOT / "benches" / "codecs.py")
    bench = importlib.util.module_from_spec(spec)
    sys.modules["codecs_bench"] = bench
    spec.loader.exec_module(bench)
    assert bench.table(json.loads((ROOT / "benches" / "codecs.json").read_text())) in page("codecs.md")


def messages():
    """Return each snippet of the troubleshooting page with the message that follows it."""
    text = page("troubleshooting.md")
    return re.findall(r"^```python\n((?:(?!^```).*\n)*)```\n```text\n(.*)\n```", text, re.MULTILINE)


def test_the_page_about_troubleshooting_has_a_message_for_each_snippet():
    assert len(messages()) == len(blocks(page("troubleshooting.md"))) == 25


@pytest.mark.parametrize("number", range(len(messages())))
def test_messages_that_troubleshooting_explains_are_real(tmp_path, number):
    code, message = messages()[number]
    world = {"framemill": framemill, "np": np}
    with pytest.raises(framemill.Error) as raised:
        exec(code, world)
    if "video" in world:
        world["video"].abort()
    seen = f"framemill.{type(raised.value).__name__}: {raised.value}"
    assert seen.replace(str(tmp_path), "/home/you") == message
