#!/usr/bin/env bash
# Measures the time to make a movie of one 96 × 96 frame, from the start of the program to its end: for the static
# framemill, for framemill with the system's FFmpeg, and for the ffmpeg program. They take turns. Prints the medians and
# quartiles.
#
#   bash benches/startup.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/static.sh
cargo build --release --quiet
exec python3 - "${1:-200}" <<'END'
import os
import statistics
import subprocess
import sys
import tempfile
import time

ENCODE = "encode -q -f bgra -s 96x96 -r 30 frame -o movie.mp4"
PROGRAMS = {
    "framemill in one file": f"{os.getcwd()}/target/static/framemill {ENCODE}",
    "framemill, system's FFmpeg": f"{os.getcwd()}/target/release/framemill {ENCODE}",
    "ffmpeg": "ffmpeg -v error -nostdin -y -f rawvideo -pixel_format bgra -video_size 96x96 -framerate 30"
    " -i frame -pix_fmt yuv420p movie.mp4",
}

for kind, parent in [("disk", "target"), ("memory", "/dev/shm")]:
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        with open(f"{directory}/frame", "wb") as frame:
            frame.write(bytes(96 * 96 * 4))
        times = {name: [] for name in PROGRAMS}
        for _ in range(int(sys.argv[1])):
            for name, command in PROGRAMS.items():
                start = time.perf_counter()
                subprocess.run(command.split(), cwd=directory, check=True)
                times[name].append((time.perf_counter() - start) * 1e3)
        for name, milliseconds in times.items():
            low, median, high = statistics.quantiles(milliseconds, n=4)
            print(f"{name:<27} to {kind:<7} {median:6.1f} ms  ({low:.1f} to {high:.1f})")
END
