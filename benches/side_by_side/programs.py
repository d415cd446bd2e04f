"""Locates framemill's programs, and runs the ffmpeg program."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "target" / os.environ.get("BUILT", "release")
FRAMEMILL = str(BUILT / "framemill")
LIBRARY_FEED = str(BUILT / "examples/bench_feed")
PYTHON_FEED = str(Path(__file__).parent / "feed.py")


def ffmpeg(arguments: list[str]) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments], check=True)
