"""Runs a Python script that makes a movie, and makes a report from the same frames with the framemill program.

The program gets no sound, because the report does not cover sound.

python gallery_report.py PROGRAM SCRIPT REPORT
"""

import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from framemill import VideoWriter
from framemill._frames import Pixels
from numpy.lib.stride_tricks import as_strided

SAMPLES = {"u8": np.uint8, "f32": np.float32, "f64": np.float64}


def raw(pixels: Pixels) -> np.ndarray:
    """Convert a frame to RGB with 8 bits. Drops alpha, because the gallery's frames with alpha are opaque."""
    kind = np.dtype(SAMPLES[pixels.samples])
    memory = np.frombuffer(pixels.memory, kind, offset=pixels.first)
    colors = as_strided(memory, pixels.shape, pixels.strides)[..., :3]
    return colors if kind == np.uint8 else (colors * 255 + 0.5).astype(np.uint8)


def start(program: str, report: Path, movie: Path, pixels: Pixels, options: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the program with the options that the script passes to its writer."""
    width, height = pixels.size
    command = [program, "encode", "-q", "-f", "rgb24", "-s", f"{width}x{height}", "-o", str(movie)]
    command += ["--quality", "--report", str(report)]
    for name, value in options.items():
        value = "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
        command += [f"--{name.replace('_', '-')}", value]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


def main() -> None:
    program, script, report = sys.argv[1:]
    opened, wrote = VideoWriter.__init__, VideoWriter._write
    given: dict[str, Any] = {}
    programs: list[subprocess.Popen[bytes]] = []

    with tempfile.TemporaryDirectory() as folder:

        def open_too(self: VideoWriter, output: str, fps: float = 30, **options: object) -> None:
            opened(self, output, fps, **options)
            given.update(options, fps=fps, output=output)
            given.pop("audio", None)

        def write_too(self: VideoWriter, pixels: Pixels, time: float | None = None) -> None:
            wrote(self, pixels, time)
            if not programs:
                movie = Path(folder, given.pop("output"))
                programs.append(start(program, Path(report).resolve(), movie, pixels, given))
            programs[0].stdin.write(raw(pixels).tobytes())

        VideoWriter.__init__, VideoWriter._write = open_too, write_too
        runpy.run_path(script, run_name="__main__")
        programs[0].stdin.close()
        sys.exit(programs[0].wait())


if __name__ == "__main__":
    main()
