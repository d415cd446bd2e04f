"""Nothing is started, and nothing outside the wheel is needed: the question's script where no program can be run."""

import os
import subprocess
import sys

import pytest

# Forbids execve, execveat, fork and vfork for the rest of the process, by a filter of the kernel's.
FORBID = """
import ctypes, errno, struct
EXECVE, EXECVEAT, FORK, VFORK = 59, 322, 57, 58
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
numbers = (EXECVE, EXECVEAT, FORK, VFORK)
steps = [(LOAD, 0, 0, 0)]
steps += [(EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
"""

SCRIPT = """
import subprocess
try:
    subprocess.run(["true"], check=True)
except OSError as error:
    print("refused:", type(error).__name__)

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


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="the numbers of calls are its")
def test_movies_are_made_where_no_program_can_be_started(tmp_path):
    environment = {"HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path), "PATH": ""}
    run = subprocess.run(
        # What matplotlib looks up once, such as fonts, is looked up before.
        [sys.executable, "-W", "error", "-c", "import matplotlib.font_manager\n" + FORBID + SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["refused: PermissionError", "movies: 20"]
    assert (tmp_path / "m.mp4").stat().st_size > 1_000
