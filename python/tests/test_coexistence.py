"""Tests other packages with FFmpeg in the same process, and Python's strictest settings."""

import itertools
import subprocess
import sys
import textwrap

import pytest
from reader import frame_count

# Each package writes or reads a movie with its own libavcodec.
ACTIONS = {
    "framemill": """
import framemill
with framemill.VideoWriter(folder + "/framemill.mp4") as video:
    for frame in frames:
        video.write(frame)
assert len(video.stats.packets) == 12
""",
    "av": """
import av
with av.open(folder + "/av.mp4", "w") as container:
    stream = container.add_stream("libx264", rate=25)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for frame in frames:
        container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
    container.mux(stream.encode())
with av.open(folder + "/av.mp4") as container:
    assert sum(1 for _ in container.decode(video=0)) == 12
""",
    "cv2": """
import cv2
writer = cv2.VideoWriter(folder + "/cv2.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
assert writer.isOpened()
for frame in frames:
    writer.write(frame)
writer.release()
reader = cv2.VideoCapture(folder + "/cv2.mp4")
assert reader.isOpened() and reader.read()[0]
""",
}


def run(code, *arguments, options=()):
    command = [sys.executable, *options, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("order", list(itertools.permutations(ACTIONS)), ids="-".join)
def test_packages_with_their_own_ffmpeg_work_in_one_process(tmp_path, order):
    for package in order:
        pytest.importorskip(package)
    code = "import sys, numpy\nfolder = sys.argv[1]\n"
    code += "frames = list(numpy.random.default_rng(1).integers(0, 256, (12, 48, 64, 3), 'u1'))\n"
    # Import all packages, then use them in turn, twice.
    code += "".join(f"import {package}\n" for package in order) + 2 * "".join(ACTIONS[package] for package in order)
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [frame_count(tmp_path / f"{package}.mp4") for package in order] == [12] * 3


def test_frames_from_pyav_are_written_by_framemill(tmp_path):
    code = """
    import av, framemill, numpy, sys
    source, target = sys.argv[1] + "/a.mp4", sys.argv[1] + "/b.mp4"
    framemill.write_video(source, numpy.random.default_rng(1).integers(0, 256, (30, 48, 64, 3), "u1"))
    with av.open(source) as container, framemill.VideoWriter(target) as video:
        for frame in container.decode(video=0):
            video.write(frame.to_ndarray(format="rgb24"))
    """
    pytest.importorskip("av")
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert frame_count(tmp_path / "b.mp4") == 30


EVERYTHING = """
import sys
import framemill, framemill.matplotlib
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

folder = sys.argv[1]
stats = framemill.write_video(folder + "/a.mp4", np.zeros((9, 48, 64, 3), "u1"), quality=True)
repr(stats), stats._repr_html_(), stats.plot(), stats.to_dict(), framemill.show(folder + "/a.mp4")._repr_html_()
framemill.write_video(folder + "/b.mkv", np.zeros((9, 48, 64), "f4"), codec="ffv1")
figure, axes = plt.subplots()
(line,) = axes.plot(np.zeros(50))

def update(frame):
    line.set_ydata(np.sin(np.linspace(0, 6, 50) + frame))
    return (line,)

FuncAnimation(figure, update, frames=20, blit=True).save(folder + "/c.mp4", writer="framemill")
with framemill.VideoWriter(folder + "/d.mp4") as video:
    video.write(figure)
"""


@pytest.mark.parametrize("options", [["-W", "error"], ["-W", "error", "-X", "dev"], ["-bb", "-W", "error"], ["-OO"]])
def test_strictest_settings_of_python_report_nothing(tmp_path, options):
    done = run(EVERYTHING, tmp_path, options=options)
    assert (done.returncode, done.stderr) == (0, "")
    assert frame_count(tmp_path / "c.mp4") == 20


@pytest.mark.parametrize("absent", ["matplotlib", "PIL", "tqdm", "IPython", "pandas"])
def test_only_numpy_is_needed(tmp_path, absent):
    code = f"""
    import sys
    sys.modules[{absent!r}] = None
    import framemill, numpy as np
    stats = framemill.write_video(sys.argv[1] + "/a.mp4", np.zeros((9, 48, 64, 3), "u1"))
    repr(stats), framemill.show(sys.argv[1] + "/a.mp4")._repr_html_()
    """
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr


def test_importing_loads_only_what_is_needed():
    code = """
    import sys, framemill
    heavy = {"matplotlib", "PIL", "tqdm", "IPython", "pandas"} & {name.partition(".")[0] for name in sys.modules}
    print(sorted(heavy))
    """
    assert run(code).stdout == "[]\n"
