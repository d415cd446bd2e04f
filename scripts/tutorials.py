"""Runs the code of the tutorials, and puts the movie that each one makes in target/gallery.

.venv/bin/python scripts/tutorials.py [PROGRAM]
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gallery import MOVIES, ROOT, SOURCES, environment, program

PAGES = ("tutorial-arrays.md", "tutorial-command-line.md", "tutorial-matplotlib.md")


def blocks(text: str, language: str) -> str:
    """Return all code of a page in one language."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


def run(page: Path) -> None:
    """Run the code of a page and keep its movie. Does nothing if the movie is newer than the page and the program."""
    text = page.read_text()
    (name,) = re.findall(r'src="gallery/([a-z0-9]+\.mp4)', text)
    movie = MOVIES / name
    if movie.is_file() and movie.stat().st_mtime > max(page.stat().st_mtime, program().stat().st_mtime):
        return
    python, shell = blocks(text, "python"), blocks(text, "sh")
    with tempfile.TemporaryDirectory(dir=MOVIES) as folder:
        saved = re.search(r"[Ss]ave it as `([a-z0-9]+\.py)`", text)
        script = Path(folder, saved[1] if saved else "tutorial.py")
        script.write_text(python)
        command: list[str | Path] = [sys.executable, script]
        if saved:
            commands = "\n".join(line for line in shell.splitlines() if not line.startswith("cargo install"))
            command = ["bash", "-eo", "pipefail", "-c", commands]
        subprocess.run(command, cwd=folder, env=environment(program()), check=True)
        Path(folder, name).replace(movie)


def main() -> None:
    MOVIES.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(lambda page: run(SOURCES.parent / page), PAGES))
    # The code of the Rust tutorial is one of the examples.
    command = ["cargo", "run", "--quiet", "--manifest-path", str(ROOT / "Cargo.toml"), "--example", "tutorial"]
    subprocess.run(command, cwd=MOVIES, check=True)


if __name__ == "__main__":
    main()
