"""Makes the movies of the gallery and their reports in target/gallery. Skips those that are up to date.

.venv/bin/python scripts/gallery.py [PROGRAM]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs" / "gallery"
MOVIES = ROOT / "target" / "gallery"
# The limit for a movie, so that the page with all of them loads quickly.
MOST_BYTES = 300_000


def program() -> Path:
    """Return the framemill program: the first argument, or the release build."""
    return Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "framemill").resolve()


def environment(program: Path) -> dict[str, str]:
    """Return environment variables that put `framemill` and `python` on the path, for Matplotlib without a screen."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(program.parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "MPLBACKEND": "agg"}


def files(folder: Path, name: str) -> list[Path]:
    """Return the movie and the report of an example, if they exist in this folder."""
    return [path for path in folder.glob(f"{name}.*") if path.suffix in (".mp4", ".webm", ".html")]


def is_made(name: str) -> bool:
    """Return whether the movie and the report exist, and are newer than the program and the scripts."""
    sources = [program(), *SOURCES.glob(f"{name}.*"), *Path(__file__).parent.glob("gallery*.py")]
    made = files(MOVIES, name)
    newest = max(path.stat().st_mtime for path in sources)
    return len(made) == 2 and all(path.stat().st_mtime > newest for path in made)


def make(name: str, program: Path) -> None:
    """Run an example in its own folder, as a reader of the gallery would."""
    script = SOURCES / f"{name}.sh"
    # A shell script makes its report itself, with --report.
    command: list[str | Path] = ["bash", "-eo", "pipefail", script]
    if not script.is_file():
        command = [sys.executable, Path(__file__).with_name("gallery_report.py"), program, f"{name}.py", f"{name}.html"]
    with tempfile.TemporaryDirectory(dir=MOVIES) as folder:
        shutil.copy(SOURCES / f"{name}.py", folder)
        subprocess.run(command, cwd=folder, env=environment(program), check=True)
        made = files(Path(folder), name)
        assert len(made) == 2, f"{name}: expected a movie and a report, found {made}"
        for file in made:
            assert file.suffix == ".html" or file.stat().st_size <= MOST_BYTES, f"{name}: {file.stat().st_size} bytes"
            file.replace(MOVIES / file.name)


def main() -> None:
    MOVIES.mkdir(parents=True, exist_ok=True)
    names = [path.stem for path in sorted(SOURCES.glob("*.py"))]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(lambda name: make(name, program()), [name for name in names if not is_made(name)]))


if __name__ == "__main__":
    main()
