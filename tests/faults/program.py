"""Runs the program under test, and checks the files that it leaves."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

WIDTH, HEIGHT, FRAMES = 64, 48, 45
RAW = ["-f", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "30"]
OLD = b"what was there before" * 100
# A run that takes longer counts as hanging.
SECONDS = 30
PROGRAM = Path(os.environ.get("FRAMEMILL", Path(__file__).parents[2] / "target" / "debug" / "framemill"))


def frames(count: int = FRAMES) -> bytes:
    """Return raw frames of noise, each of which takes about 2 kB in a movie."""
    return np.random.default_rng(count).integers(0, 256, count * WIDTH * HEIGHT * 3, np.uint8).tobytes()


@dataclass
class Ended:
    """The exit status and the error messages of a run."""

    code: int
    errors: str


@dataclass
class Scene:
    """A folder with an input and an old movie, in which a run writes its movie."""

    folder: Path
    output: str
    more: list[str] = field(default_factory=list)

    @property
    def movie(self) -> Path:
        return self.folder / self.output

    def command(self) -> list[str]:
        return [str(PROGRAM), "encode", "in.raw", *RAW, "-q", *self.more, "-o", self.output]

    def run(self, wrapper: list[str] | None = None) -> Ended:
        code, errors = ended([*(wrapper or []), *self.command()], self.folder)
        return Ended(code, errors.decode(errors="replace"))

    def is_old(self) -> bool:
        """Return whether the movie is still the one from before the run."""
        return self.movie.read_bytes() == OLD

    def left(self) -> list[str]:
        """Return the names of the new files in the folder, except the movie."""
        return sorted(set(os.listdir(self.folder)) - {"in.raw", self.output})

    def check_whole(self, count: int = FRAMES) -> None:
        """Check that the movie has all frames, and that they decode."""
        seen = decoded_frames(self.movie)
        assert seen == count, f"{seen} of {count} frames"

    def check_parts(self, at_least: int = 0) -> None:
        """Check that each part file can be recovered, or is reported to have no frames."""
        for name in self.left():
            if name.endswith(".part"):
                check_recovers(self.folder / name, at_least)


def ended(command: list[str], folder: Path) -> tuple[int, bytes]:
    """Run a command, and return its exit status and error output. Kills it and its children if it hangs."""
    child = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        _, errors = child.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise AssertionError(f"it did not end within {SECONDS} s") from None
    return child.returncode, errors


@contextmanager
def scene(output: str, more: list[str] | None = None, count: int = FRAMES) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory(prefix="framemill-faults-") as folder:
        made = Scene(Path(folder), output, more or [])
        (made.folder / "in.raw").write_bytes(frames(count))
        made.movie.write_bytes(OLD)
        yield made


def decoded_frames(movie: Path) -> int:
    """Return the number of frames that the ffmpeg program decodes, which must report no errors."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(movie), "-f", "framecrc", "-"]
    ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0 and not ran.stderr, f"{movie.name}: {ran.stderr.decode(errors='replace')}"
    return sum(not line.startswith(b"#") for line in ran.stdout.splitlines())


def check_recovers(part: Path, at_least: int = 0) -> int:
    """Recover a movie from a part file, and return the number of frames.

    Returns 0 if the program reports that the part file has no complete frame.
    """
    movie = part.with_name("recovered" + (".avi" if ".avi" in part.name else ".mkv" if ".mkv" in part.name else ".mp4"))
    command = [str(PROGRAM), "recover", str(part), "-o", str(movie)]
    ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    if ran.returncode == 1:
        assert at_least == 0 and b"no complete frame" in ran.stderr, ran.stderr
        return 0
    assert ran.returncode == 0, (ran.returncode, ran.stderr)
    seen = decoded_frames(movie)
    movie.unlink()
    assert seen >= at_least, f"{seen} frames instead of at least {at_least}"
    assert f"{seen} frames".encode() in ran.stderr, ran.stderr
    return seen


def end(child: "subprocess.Popen[bytes]", wanted: signal.Signals) -> None:
    """Send a signal to a process, unless it has ended."""
    if child.poll() is None:
        child.send_signal(wanted)
