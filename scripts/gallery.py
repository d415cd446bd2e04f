"""Makes the movies of the gallery, each with its report, in target/gallery. Those that are up to date stay.

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
# A page with all of them should load quickly.
MOST_BYTES = 300_000


def program() -> Path:
    """The program that is built, or that is named."""
    return Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "framemill").resolve()


def environment(program: Path) -> dict[str, str]:
    """Variables in which `framemill` and `python` are found, and Matplotlib needs no screen."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(program.parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "MPLBACKEND": "agg"}


def files(folder: Path, name: str) -> list[Path]:
    """The movie and the report that there are of an example."""
    return [path for path in folder.glob(f"{name}.*") if path.suffix in (".mp4", ".webm", ".html")]


def is_made(name: str) -> bool:
    """Whether movie and report are there, and newer than what makes them."""
    sources = [program(), *SOURCES.glob(f"{name}.*"), *Path(__file__).parent.glob("gallery*.py")]
    made = files(MOVIES, name)
    newest = max(path.stat().st_mtime for path in sources)
    return len(made) == 2 and all(path.stat().st_mtime > newest for path in made)


def make(name: str, program: Path) -> None:
    """Run an example as its reader would, in a folder of its own."""
    script = SOURCES / f"{name}.sh"
    # A script of commands asks for the report itself.
    command: list[str | Path] = ["bash", "-eo", "pipefail", script]
    if not script.is_file():
        command = [sys.executable, Path(__file__).with_name("gallery_report.py"), program, f"{name}.py", f"{name}.html"]
    with tempfile.TemporaryDirectory(dir=MOVIES) as folder:
        shutil.copy(SOURCES / f"{name}.py", folder)
        subprocess.run(command, cwd=folder, env=environment(program), check=True)
        made = files(Path(folder), name)
        assert len(made) == 2, f"{name}: a movie and a report should be there, and there are {made}"
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
