"""Cuts the power: all data that the file system has not written to its disk is lost.

The movie is on a separate file system in a file, which is mounted through a loop device. A shutdown ioctl, which the
kernel's file system tests use too, drops everything in memory, including the journal's open transaction. Mounting the
file system again replays the journal, as after a reboot. This needs root.
"""

import fcntl
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .program import HEIGHT, OLD, PROGRAM, SECONDS, WIDTH, Scene, check_recovers, decoded_frames, end, frames

# EXT4_IOC_SHUTDOWN and EXT4_GOING_FLAGS_NOLOGFLUSH in linux/fs/ext4/ext4.h.
SHUTDOWN, WITHOUT_THE_JOURNAL = 0x8004587D, struct.pack("I", 2)
IMAGE_BYTES = 32 << 20
RATE = 30
# The frames that may be lost: up to a second waits for the fragment to end, the fragment waits for the next sync, and
# the sync takes time. In addition, the encoder's look-ahead, in frames.
LOST_SECONDS = 3.0
LOOK_AHEAD = 65
OUTPUTS: list[tuple[str, list[str], int]] = [
    ("a.mp4", ["--tune", "zerolatency"], 2),
    ("a.mp4", [], LOOK_AHEAD),
    ("a.mp4", ["-c", "mpeg4"], 4),
    ("a.mkv", ["--tune", "zerolatency"], 2),
    ("a.avi", ["-c", "xvid"], 4),
]


def why_not() -> str | None:
    """Return the reason why this campaign cannot run on this machine, or None."""
    if os.geteuid() != 0:
        return "mounting file systems needs root"
    missing = [tool for tool in ("losetup", "mkfs.ext4", "mount") if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    found = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return None if found.returncode == 0 else "there are no loop devices"


def _do(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, (command, ran.stderr)


class Disk:
    """A file system in a file."""

    def __init__(self, folder: Path) -> None:
        self.image, self.root = folder / "image", folder / "root"
        self.root.mkdir()
        with self.image.open("wb") as image:
            image.truncate(IMAGE_BYTES)
        _do("mkfs.ext4", "-q", "-F", str(self.image))
        self.mount()

    def mount(self) -> None:
        _do("mount", "-o", "loop", str(self.image), str(self.root))

    def unmount(self) -> None:
        _do("umount", str(self.root))

    def cut_power(self) -> None:
        root = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(root, SHUTDOWN, WITHOUT_THE_JOURNAL)
        finally:
            os.close(root)


@contextmanager
def _disk() -> Iterator[Disk]:
    with tempfile.TemporaryDirectory(prefix="framemill-faults-") as folder:
        disk = Disk(Path(folder))
        try:
            yield disk
        finally:
            # If a case failed, the file system may still be in use.
            subprocess.run(["umount", "--lazy", str(disk.root)], capture_output=True, check=False)


def _feed(child: "subprocess.Popen[bytes]", seconds: float, live: bool) -> tuple[list[float], float]:
    """Write frames until the power is cut, at the movie's frame rate or all at once.

    Returns the time at which each frame was written, and the time of the power cut.
    """
    assert child.stdin is not None
    started, written = time.monotonic(), []
    each = frames(1)
    while live and time.monotonic() < started + seconds:
        child.stdin.write(each)
        child.stdin.flush()
        written.append(time.monotonic())
        time.sleep(max(0.0, started + len(written) / RATE - time.monotonic()))
    if not live:
        count = 200
        child.stdin.write(frames(count))
        child.stdin.close()
        # About the time that the program needs to finish the movie.
        time.sleep(seconds / 20)
        written = [time.monotonic()] * count
    return written, time.monotonic()


def cut(seed: int, number: int) -> str:
    """Cut the power at a random moment, which may be while the run finishes the movie."""
    chance = random.Random(f"power {seed} {number}")
    output, more, look_ahead = chance.choice(OUTPUTS)
    live = chance.random() < 0.6
    seconds = chance.random() * 7
    with _disk() as disk:
        made = Scene(disk.root, output, more)
        made.movie.write_bytes(OLD)
        os.sync()
        raw = ["-f", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-q", *more]
        child = subprocess.Popen(
            [str(PROGRAM), "encode", "-", *raw, "-o", str(made.movie)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        written, cut_at = _feed(child, seconds, live)
        done = child.poll() == 0
        disk.cut_power()
        end(child, signal.SIGKILL)
        if child.stdin is not None and not child.stdin.closed:
            child.stdin.close()
        child.wait(timeout=SECONDS)
        disk.unmount()
        disk.mount()
        kept = sum(at < cut_at - LOST_SECONDS for at in written) - look_ahead
        seen = _check(made, done, len(written), max(0, kept))
        disk.unmount()
    return f"{output} {more} {'live' if live else 'at once'} {seconds:.2f} s, {len(written)} frames, {seen} left"


def _check(made: Scene, done: bool, count: int, at_least: int) -> int:
    """Check that the movie is the old one or the complete new one, and return the number of new frames.

    If it is the old one, the frames must be in the part file.
    """
    if not made.is_old():
        seen = decoded_frames(made.movie)
        assert seen == count, f"the published movie has {seen} of {count} frames"
        return seen
    assert not done, "the program reported success, but the movie is missing"
    part = Path(f"{made.movie}.part")
    if not part.exists():
        assert at_least == 0, f"no part file, but it should have at least {at_least} of {count} frames"
        return 0
    return check_recovers(part, at_least)
