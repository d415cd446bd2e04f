"""How the frames a second grow with --jobs: the program on raw frames from memory, beside itself without --jobs.

    python3 benches/jobs.py [ROUNDS [MOST_JOBS]]

Each round makes every movie once, so that a machine that others use too slows all of them alike. A row has the median
frames a second without --jobs, and how many times as many 1, 2, 4, … jobs make, as the median over rounds. There are
as many jobs at most as this machine has processors, or MOST_JOBS.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "target/release/framemill"
SIZES = {"640x480": 900, "1280x720": 400, "1920x1080": 200}
PRESETS = ("ultrafast", "veryfast", "medium")


def frames(folder: str, size: str, count: int) -> Path:
    """Raw YUV frames of a picture that moves."""
    path = Path(folder, f"{size}.yuv")
    source = f"testsrc2=size={size}:rate=30"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", str(count), "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-f", "rawvideo", str(path)], check=True)
    return path


def seconds(path: Path, size: str, preset: str, jobs: int) -> float:
    command = [PROGRAM, "encode", path, "-f", "yuv420p", "-s", size, "-r", "30", "--preset", preset, "-q"]
    if jobs:
        command += ["--jobs", str(jobs), "--segment-frames", "25"]
    before = time.perf_counter()
    subprocess.run([*command, "-o", path.with_suffix(".mp4")], check=True)
    return time.perf_counter() - before


def main(rounds: int = 3, most: int = len(os.sched_getaffinity(0))) -> None:
    counts = [1 << power for power in range(most.bit_length()) if 1 << power <= most]
    print(f"{len(os.sched_getaffinity(0))} processors")
    print(f"{'size':>10} {'preset':>10} {'frames a second':>16}", *(f"{f'{count} jobs':>8}" for count in counts))
    shared = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        for size, count in SIZES.items():
            path = frames(folder, size, count)
            for preset in PRESETS:
                times = [[seconds(path, size, preset, jobs) for jobs in (0, *counts)] for _ in range(rounds)]
                speed = statistics.median(count / one[0] for one in times)
                ratios = [
                    statistics.median(one[0] / one[place] for one in times) for place in range(1, len(counts) + 1)
                ]
                print(f"{size:>10} {preset:>10} {speed:16.1f}", *(f"{ratio:8.2f}" for ratio in ratios), flush=True)
            path.unlink()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
