"""Measures how much faster the program encodes with --jobs than without, from raw frames in memory.

    .venv/bin/python benches/jobs.py [--rounds N] [--jobs 1,2,4] [--formats yuv420p,bgra] [--sizes 640x480]
        [--presets medium] [--program FILE] [--segment-frames N] [--longer TIMES]

Needs NumPy. Each round makes every movie once, so that other programs on the machine slow all of them alike. A row has
the median frames per second without --jobs, and the speed with 1, 2, 4, … jobs as a multiple of it, as the median over
the rounds. By default, there are at most as many jobs as processors. "bound" is the speed of several processes that
encode one movie each, with one thread: as many processes as the largest number of jobs. It is measured for YUV frames
only.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
SIZES = {"640x480": 1500, "1280x720": 800, "1920x1080": 400}
PRESETS = ("ultrafast", "veryfast", "medium")
# The number of different pictures; the movie repeats them.
DRAWN = 100


def draw(width: int, height: int, index: int) -> np.ndarray:
    """Draw a BGRA picture like a renderer's: moving gradients, sharp edges, and a moving disk."""
    y, x = np.ogrid[:height, :width]
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[..., 0] = 128 + 100 * np.sin((x + 3 * index) / 40) * np.cos(y / 60)
    picture[..., 1] = 128 + 100 * np.cos((y - 2 * index) / 50 + x / 90)
    picture[..., 2] = np.where(((x + index) // 48 + y // 48) % 2, 60, 180)
    angle = 2 * np.pi * index / DRAWN
    inside = np.hypot(x - width * (0.5 + 0.3 * np.cos(angle)), y - height * (0.5 + 0.3 * np.sin(angle))) < height / 6
    picture[inside] = (40, 40, 220, 255)
    return picture


def yuv420p(picture: np.ndarray) -> list[np.ndarray]:
    """Return three channels of the picture in the sizes of YUV 4:2:0 planes, without color conversion."""
    return [picture[..., 1].copy(), picture[::2, ::2, 0].copy(), picture[::2, ::2, 2].copy()]


def write_frames(path: Path, size: str, count: int, pixel_format: str) -> None:
    width, height = map(int, size.split("x"))
    pictures = (draw(width, height, index) for index in range(DRAWN))
    frames = [[picture] if pixel_format == "bgra" else yuv420p(picture) for picture in pictures]
    with path.open("wb") as file:
        for index in range(count):
            file.writelines(plane.tobytes() for plane in frames[index % DRAWN])


class Bench:
    def __init__(self, program: Path, segment_frames: int | None, folder: Path) -> None:
        self.program = program
        self.segment_frames = segment_frames
        self.folder = folder

    def command(self, frames: Path, size: str, preset: str, *options: str, output: str = "movie") -> list[str]:
        raw = ["-f", frames.suffix[1:], "-s", size, "-r", "30"]
        movie = str(self.folder / f"{output}.mp4")
        return [str(self.program), "encode", str(frames), *raw, "--preset", preset, "-q", *options, "-o", movie]

    def seconds(self, frames: Path, size: str, preset: str, jobs: int) -> float:
        options = ["--jobs", str(jobs)] if jobs else []
        if jobs and self.segment_frames:
            options += ["--segment-frames", str(self.segment_frames)]
        before = time.perf_counter()
        subprocess.run(self.command(frames, size, preset, *options), check=True)
        return time.perf_counter() - before

    def seconds_per_movie(self, frames: Path, size: str, preset: str, processes: int) -> float:
        """Return the time per movie when this many processes encode one movie each at the same time."""
        before = time.perf_counter()
        commands = [
            self.command(frames, size, preset, "--threads", "1", output=str(index)) for index in range(processes)
        ]
        running = [subprocess.Popen(command) for command in commands]
        if any(process.wait() for process in running):
            sys.exit("a movie failed")
        return (time.perf_counter() - before) / processes


def main() -> None:
    processors = len(os.sched_getaffinity(0))
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--jobs", type=lambda text: [int(jobs) for jobs in text.split(",")])
    arguments.add_argument("--formats", default="yuv420p,bgra")
    arguments.add_argument("--sizes", default=",".join(SIZES))
    arguments.add_argument("--presets", default=",".join(PRESETS))
    arguments.add_argument("--program", type=Path, default=ROOT / "target/release/framemill")
    arguments.add_argument("--segment-frames", type=int)
    arguments.add_argument("--longer", type=int, default=1, help="make the movies this many times as long")
    given = arguments.parse_args()
    counts = given.jobs or [1 << power for power in range(processors.bit_length()) if 1 << power <= processors]
    print(f"{processors} processors")
    columns = [*(f"{f'{count} jobs':>8}" for count in counts), f"{'bound':>8}"]
    print(f"{'frames':>10} {'size':>10} {'preset':>10} {'frames/s':>9}", *columns)
    shared = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        bench = Bench(given.program, given.segment_frames, Path(folder))
        for pixel_format in given.formats.split(","):
            for size in given.sizes.split(","):
                path = Path(folder, f"frames.{pixel_format}")
                count = SIZES[size] * given.longer
                write_frames(path, size, count, pixel_format)
                for preset in given.presets.split(","):
                    rounds = []
                    for _ in range(given.rounds):
                        alone = bench.seconds(path, size, preset, 0)
                        times = [bench.seconds(path, size, preset, jobs) for jobs in counts]
                        if pixel_format == "yuv420p":
                            times.append(bench.seconds_per_movie(path, size, preset, max(counts)))
                        rounds.append((alone, times))
                    speed = count / statistics.median(alone for alone, _ in rounds)
                    ratios = [
                        statistics.median(alone / times[column] for alone, times in rounds)
                        for column in range(len(rounds[0][1]))
                    ]
                    row = " ".join(f"{ratio:8.2f}" for ratio in ratios)
                    print(f"{pixel_format:>10} {size:>10} {preset:>10} {speed:9.1f} {row}", flush=True)
                path.unlink()


if __name__ == "__main__":
    main()
