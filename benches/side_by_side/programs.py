"""Where framemill's programs are, and the ffmpeg program as a tool."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRAMEMILL = str(ROOT / "target/release/framemill")
LIBRARY_FEED = str(ROOT / "target/release/examples/bench_feed")
PYTHON_FEED = str(Path(__file__).parent / "feed.py")


def ffmpeg(arguments: list[str]) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments], check=True)
