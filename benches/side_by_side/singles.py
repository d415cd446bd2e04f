"""Measures memory growth, start-up time, and how long `write` blocks."""

import statistics
import sys
import tempfile
from pathlib import Path

from . import pattern, quality
from .contents import FPS, Clip, scratch_directory
from .programs import FRAMEMILL, LIBRARY_FEED, ROOT
from .turns import BenchError, medians, run_and_measure

# Frames per second to write at each preset: few enough that the encoder keeps up.
OFFERED = {"ultrafast": 30, "veryfast": 30, "medium": 15}
STATIC_FRAMEMILL = ROOT / "target/static/framemill"
STARTUP_SIDE = 96


def memory(frame_counts: tuple[int, ...]) -> dict[str, int]:
    """Return framemill's peak memory with default settings, by the number of 320 × 240 frames from a pipe."""
    with tempfile.TemporaryDirectory(dir=scratch_directory(1 << 28)) as directory:
        movie = Path(directory) / "m.mp4"
        peaks = {}
        for frames in frame_counts:
            source = [sys.executable, pattern.__file__, str(frames)]
            size = f"{pattern.WIDTH}x{pattern.HEIGHT}"
            encode = [FRAMEMILL, "encode", "-q", "-f", "bgra", "-s", size, "-r", str(FPS), "-o", str(movie)]
            peaks[str(frames)] = run_and_measure([source, encode], Path(directory)).peak_bytes
            if (read := quality.frames(movie)) != frames:
                raise BenchError(f"framemill: the movie has {read} frames instead of {frames}")
        return peaks


def startup(runs: int) -> dict[str, float]:
    """Return the median milliseconds to make an MP4 of one small frame, from the program's start to its end."""
    with tempfile.TemporaryDirectory(dir=scratch_directory(1 << 20)) as name:
        directory = Path(name)
        frame, movie = directory / "frame.bgra", directory / "m.mp4"
        frame.write_bytes(bytes(range(256)) * (STARTUP_SIDE * STARTUP_SIDE * 4 // 256))
        size = f"{STARTUP_SIDE}x{STARTUP_SIDE}"
        options = ["encode", "-q", str(frame), "-f", "bgra", "-s", size, "-r", str(FPS), "-o", str(movie)]
        source = ["-f", "rawvideo", "-pix_fmt", "bgra", "-s", size, "-r", str(FPS), "-i", str(frame)]
        encoding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", str(movie)]
        programs = {
            "framemill": [FRAMEMILL, *options],
            "ffmpeg": ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *source, *encoding],
        }
        if STATIC_FRAMEMILL.exists():
            programs["framemill, static"] = [str(STATIC_FRAMEMILL), *options]
        seconds: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(runs):
            for name, command in programs.items():
                seconds[name].append(run_and_measure([command], directory).seconds)
                if quality.frames(movie) != 1:
                    raise BenchError(f"{name} did not make a movie of one frame")
        return {name: 1000 * statistics.median(taken) for name, taken in seconds.items()}


def held(clip: Clip, rounds: int) -> dict[str, dict[str, int]]:
    """Return how long `write` blocks while the encoder keeps up, in nanoseconds by preset."""
    movie = str(clip.directory / "m.mp4")
    command = [LIBRARY_FEED, str(clip.bgra), clip.case.size]
    by_preset = {}
    for preset, offered in OFFERED.items():
        runs = [
            run_and_measure([[*command, preset, movie, str(offered)]], clip.directory, in_process=True)
            for _ in range(rounds)
        ]
        by_preset[preset] = medians([run.write_ns for run in runs if run.write_ns])
    return by_preset
