"""Ends runs early, damages part files, and starts several runs at the same time."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from .program import FRAMES, PROGRAM, SECONDS, Scene, check_recovers, decoded_frames, end, frames, scene

OUTPUTS: list[tuple[str, list[str]]] = [
    ("a.mp4", ["--tune", "zerolatency"]),
    ("a.mp4", []),
    ("a.mkv", ["--tune", "zerolatency"]),
    ("a.avi", ["-c", "xvid"]),
    ("a.mp4", ["--max-size", "60k", "--preset", "ultrafast"]),
]
# The same movie from Python.
PYTHON = """
import sys, numpy, framemill
frames = numpy.frombuffer(open("in.raw", "rb").read(), "u1").reshape(-1, 48, 64, 3)
with framemill.VideoWriter(sys.argv[1], preset="ultrafast", tune="zerolatency") as video:
    for frame in frames:
        video.write(frame)
"""


def _started(made: Scene, chance: random.Random) -> "subprocess.Popen[bytes]":
    python = os.environ.get("FRAMEMILL_PYTHON")
    is_python = python is not None and made.output == "a.mp4" and not made.more[1:2] and chance.random() < 0.3
    command = [python, "-c", PYTHON, made.output] if is_python and python else made.command()
    return subprocess.Popen(command, cwd=made.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill(seed: int, number: int) -> str:
    """Kill a run at a random moment, which may be while it finishes the movie."""
    chance = random.Random(f"kill {seed} {number}")
    output, more = chance.choice(OUTPUTS)
    with scene(output, more, count := chance.choice([FRAMES, 400])) as made:
        child = _started(made, chance)
        time.sleep(chance.random() * (0.1 if count == FRAMES else 0.5))
        end(child, signal.SIGKILL)
        child.communicate(timeout=SECONDS)
        if made.is_old():
            made.check_parts()
        else:
            made.check_whole(count)
        left = [name for name in made.left() if not name.endswith(".part")]
        assert all(name.startswith(".framemill-") for name in left), left
        # The next run must work, and must remove the temporary files of the killed one.
        again = made.run()
        assert again.code == 0, again
        made.check_whole(count)
        left = [name for name in made.left() if not name.endswith(".part")]
        assert not left or output != "a.mp4", left
    return f"{output} {more}"


def signals(seed: int, number: int) -> str:
    """Send one to three signals to a run at random moments."""
    chance = random.Random(f"signals {seed} {number}")
    output, more = chance.choice(OUTPUTS)
    wanted = [chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]) for _ in range(chance.randint(1, 3))]
    with scene(output, more, count := chance.choice([FRAMES, 400])) as made:
        child = subprocess.Popen(made.command(), cwd=made.folder, stderr=subprocess.PIPE)
        for each in wanted:
            time.sleep(chance.random() * (0.05 if count == FRAMES else 0.2))
            end(child, each)
        _, errors = child.communicate(timeout=SECONDS)
        code = child.returncode
        # Until the program handles signals, a signal kills it.
        expected = {0, *(128 + each for each in wanted), *(-each for each in wanted)}
        assert code in expected, (code, errors)
        if not made.is_old():
            seen = decoded_frames(made.movie)
            assert 0 < seen <= count and (code != 0 or seen == count), (code, seen)
        else:
            assert code != 0
            made.check_parts()
        left = [name for name in made.left() if not name.endswith(".part")]
        # Only the third signal stops the program at once, and may leave temporary files.
        assert not left or len(wanted) == 3, left
    return f"{output} {more} {wanted}"


_PARTS: dict[str, bytes] = {}


def _part(output: str) -> bytes:
    """Return the part file that a killed run leaves."""
    if output not in _PARTS:
        with scene(output) as made:
            command = [str(PROGRAM), "encode", "-f", "rgb24", "-s", "64x48", "-r", "30", "-q", "--tune", "zerolatency"]
            child = subprocess.Popen([*command, "-o", output], cwd=made.folder, stdin=subprocess.PIPE)
            assert child.stdin is not None
            child.stdin.write(frames(200))
            child.stdin.flush()
            time.sleep(1.0)
            child.kill()
            child.communicate()
            _PARTS[output] = Path(f"{made.movie}.part").read_bytes()
    return _PARTS[output]


def damage(seed: int, number: int) -> str:
    """Recover a part file that is cut, ends in zeros, or has flipped bits."""
    chance = random.Random(f"damage {seed} {number}")
    output = chance.choice(["a.mp4", "a.mkv"])
    how = chance.choice(["cut", "zeros at the end", "flips"])
    whole = _part(output)
    data = bytearray(whole)
    place = chance.randrange(len(data))
    if how == "cut":
        del data[place:]
    elif how == "zeros at the end":
        data[place:] = bytes(len(data) - place)
    else:
        for _ in range(chance.choice([1, 10])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    with scene(output) as made:
        part = Path(f"{made.movie}.part")
        part.write_bytes(data)
        if how == "flips":
            # The flipped bits may be anywhere, so the result is open. The program must end with a message.
            command = [str(PROGRAM), "recover", str(part), "-o", str(made.movie)]
            ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
            assert ran.returncode in (0, 1) and ran.stderr, (ran.returncode, ran.stderr)
        else:
            # Besides the lost bytes, a damaged fragment and the frames before FFmpeg's first output may be lost.
            least = int(200 * place / len(whole)) - 65
            check_recovers(part, max(0, least) if output == "a.mp4" or how == "cut" else 0)
        assert part.read_bytes() == data
        ran = subprocess.run([str(PROGRAM), "inspect", str(part)], capture_output=True, timeout=SECONDS, check=False)
        assert ran.returncode in (0, 1), (ran.returncode, ran.stderr)
    return f"{output} {how} {place}"


def race(seed: int, number: int) -> str:
    """Write to one name with two recoveries and a run at the same time. The movie must be complete."""
    chance = random.Random(f"race {seed} {number}")
    with scene("a.mp4") as made:
        part = made.folder / "b.mp4.part"
        part.write_bytes(_part("a.mp4"))
        recovering = [str(PROGRAM), "recover", str(part), "-o", "a.mp4"]
        frames_of_part = check_recovers(part, 100)
        children = []
        for command in chance.sample([recovering, recovering, made.command()], 3):
            children.append(subprocess.Popen(command, cwd=made.folder, stderr=subprocess.PIPE))
            time.sleep(chance.random() * 0.02)
        for child in children:
            _, errors = child.communicate(timeout=SECONDS)
            assert child.returncode == 0, errors
        assert decoded_frames(made.movie) in (frames_of_part, FRAMES)
        assert made.left() == ["b.mp4.part"], made.left()
    return "a.mp4"
