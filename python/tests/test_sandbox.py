"""Tests that framemill starts no program and needs none: movies are made while a filter forbids new processes."""

import os
import subprocess
import sys

import framemill
import pytest
from reader import frame_count

# Forbids this process to start others, with a kernel filter for execve, execveat, fork, vfork, and clone except for
# threads. A filter cannot read the flags of clone3; without clone3, the C library uses clone.
FORBID = """
import ctypes, errno, struct
EXECVE, EXECVEAT, FORK, VFORK, CLONE, CLONE3 = 59, 322, 57, 58, 56, 435
LOAD, EQUAL, HAS, RETURN = 0x20, 0x15, 0x45, 0x06
CLONE_THREAD = 0x10000
ALLOW, NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | errno.ENOSYS
REFUSE, KILL = 0x00050000 | errno.EPERM, 0x80000000

def forbid(refusal):
    # LOAD reads the number of the system call, at 0, or its first argument, at 16. Jumps count steps ahead.
    steps = [
        (LOAD, 0, 0, 0),
        (EQUAL, 8, 0, EXECVE),
        (EQUAL, 7, 0, EXECVEAT),
        (EQUAL, 6, 0, FORK),
        (EQUAL, 5, 0, VFORK),
        (EQUAL, 5, 0, CLONE3),
        (EQUAL, 0, 2, CLONE),
        (LOAD, 0, 0, 16),
        (HAS, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, refusal),
        (RETURN, 0, 0, NO_SUCH_CALL),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
"""

# Checks that every way to start a process is refused. From then on, an attempt kills this process.
ENTER = """
import os, subprocess
forbid(REFUSE)
for start in (lambda: subprocess.run([sys.executable]), lambda: os.posix_spawn(sys.executable, ["x"], {}), os.fork):
    try:
        start()
    except OSError as error:
        print("refused:", type(error).__name__)
forbid(KILL)
"""

# Matplotlib searches for the system's fonts once, by starting a program.
LOOK_UP = "import matplotlib.font_manager"

FIGURE = """
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
import framemill.matplotlib

figure, axes = plt.subplots()
(line,) = axes.plot(np.zeros(50))

def update(frame):
    line.set_ydata(np.sin(np.linspace(0, 6, 50) + frame))
    return (line,)

FuncAnimation(figure, update, frames=20, blit=True).save("m.mp4", writer="framemill")
with framemill.VideoWriter("n.mp4", fps=25) as video:
    for shade in range(20):
        video.write(np.full((64, 64), shade, np.uint8))
print("movies:", video.stats.packets.size)
"""


# The default container of each codec.
CODECS = {
    "h264": "mp4",
    "h264-rgb": "mp4",
    "hevc": "mp4",
    "av1": "mp4",
    "vp9": "webm",
    "mpeg4": "mp4",
    "xvid": "avi",
    "mjpeg": "mov",
    "prores": "mov",
    "ffv1": "mkv",
    "png": "mov",
    "qtrle": "mov",
}
KEEP_ALPHA = ("vp9", "prores", "ffv1", "png", "qtrle")

# Noise, so that each encoder uses all of its threads.
MOVIE = """
import numpy as np
import framemill

noise = np.random.default_rng(1).integers(0, 256, (20, 64, 80, 4), np.uint8)
print("movie:", framemill.write_video(NAME, noise, codec=CODEC, alpha=ALPHA, threads=3, progress=False).frames)
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64",
    reason="needs the system calls of x86_64 Linux",
)


def run_in_sandbox(directory, script, before=""):
    """Run a script that cannot start processes, and return the lines that it prints."""
    script = "\n".join(["import sys", before, FORBID, ENTER, script])
    environment = {"HOME": str(directory), "MPLCONFIGDIR": str(directory), "PATH": ""}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    refused, printed = run.stdout.splitlines()[:3], run.stdout.splitlines()[3:]
    assert refused == ["refused: PermissionError"] * 3
    return printed


def test_movies_are_made_without_starting_a_program(tmp_path):
    assert run_in_sandbox(tmp_path, FIGURE, LOOK_UP) == ["movies: 20"]
    assert (tmp_path / "m.mp4").stat().st_size > 1_000


@pytest.mark.parametrize("codec", CODECS)
def test_each_codec_makes_movies_without_starting_a_program(tmp_path, codec):
    name = f"m.{CODECS[codec]}"
    try:
        framemill.VideoWriter(tmp_path / name, codec=codec)
    except framemill.SettingsError as error:
        # tests/sandbox.rs tests all codecs, with the system's FFmpeg.
        assert codec in {"hevc", "av1", "vp9"}, error
        pytest.skip(f"{error}")
    alpha = "keep" if codec in KEEP_ALPHA else "composite"
    values = {"NAME": name, "CODEC": codec, "ALPHA": alpha}
    script = MOVIE
    for word, value in values.items():
        script = script.replace(word, repr(value))
    assert run_in_sandbox(tmp_path, script) == ["movie: 20"]
    assert frame_count(tmp_path / name) == 20
