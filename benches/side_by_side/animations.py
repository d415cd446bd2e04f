"""Compares framemill's writer with Matplotlib's ffmpeg writer on Matplotlib animations."""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import animate, quality
from .contents import scratch_directory
from .plan import Animation
from .turns import BenchError

WRITERS = ("framemill", "ffmpeg")


def compare(animation: Animation) -> dict:
    """Return the frames per second of each writer, as medians of the rounds. The writers take turns."""
    speeds: dict[str, list[float]] = {name: [] for name in WRITERS}
    file_bytes = {}
    with tempfile.TemporaryDirectory(dir=scratch_directory(1 << 28)) as directory:
        for number in range(animation.rounds):
            for name in WRITERS if number % 2 == 0 else WRITERS[::-1]:
                movie = Path(directory) / f"{name}.mp4"
                frames = animation.frames[name]
                command = [sys.executable, animate.__file__, animation.content, name, animation.preset]
                run = subprocess.run([*command, str(frames), str(movie)], capture_output=True, text=True, check=False)
                if run.returncode != 0:
                    raise BenchError(f"{command} ended with {run.returncode}:\n{run.stderr}")
                if (read := quality.frames(movie)) != frames:
                    raise BenchError(f"{name}: the movie has {read} frames instead of {frames}")
                speeds[name].append(frames / json.loads(run.stdout)["seconds"])
                file_bytes[name] = movie.stat().st_size / frames
    return {
        "content": animation.content,
        "preset": animation.preset,
        "least_ratio": animation.least_ratio,
        "rounds": animation.rounds,
        "writers": {
            name: {
                "frames": animation.frames[name],
                "fps": statistics.median(speeds[name]),
                "bytes_a_frame": file_bytes[name],
            }
            for name in WRITERS
        },
    }
