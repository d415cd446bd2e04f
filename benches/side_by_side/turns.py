"""Runs the ways in turn on the same frames, and measures the time, processor time and memory of each run."""

import hashlib
import json
import os
import signal
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from . import launch, quality
from .contents import Clip
from .ways import WAYS, Way, takes_part

LONGEST_SECONDS = 600


class BenchError(Exception):
    """A run failed, or made an incorrect movie."""


@dataclass
class Run:
    """The measurements of one run. `peak_bytes` excludes the frames that the driver holds in memory."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    # Quantiles of the time that `write` blocks, for the library only.
    write_ns: dict[str, int] | None = None


@dataclass
class Row:
    """The results of a way for one case and preset: medians of the rounds, and the measurements of its movie."""

    case: str
    preset: str
    way: str
    kind: str
    rounds: int
    fps: float
    slowest_fps: float
    fastest_fps: float
    cpu_seconds_a_frame: float
    peak_bytes: int
    write_ns: dict[str, int] | None
    file_bytes: int
    frames_read: int
    psnr: float
    ssim: float


@dataclass
class WayRuns:
    """The runs of one way, and the movies that they made."""

    way: Way
    runs: list[Run] = field(default_factory=list)
    movies: dict[str, Path] = field(default_factory=dict)

    def keep(self, movie: Path) -> None:
        """Keep a movie to measure its quality. If several rounds make the same bytes, only one file is kept."""
        digest = hashlib.sha256(movie.read_bytes()).hexdigest()
        kept = movie.with_name(f"{digest}{movie.suffix}")
        movie.rename(kept)
        self.movies[digest] = kept


def run_and_measure(commands: list[list[str]], directory: Path, in_process: bool = False) -> Run:
    """Run a pipeline and measure it. With `in_process`, the program measures its own time and processor time."""
    result, errors = directory / "result.json", directory / "errors.txt"
    launcher = [sys.executable, "-I", "-S", launch.__file__, str(result), json.dumps(commands)]
    with (
        errors.open("wb") as stderr,
        # A new session shows the launcher which processes belong to the run.
        subprocess.Popen(launcher, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True) as launched,
    ):
        try:
            answer, _ = launched.communicate(timeout=LONGEST_SECONDS)
        except BaseException:
            os.killpg(launched.pid, signal.SIGKILL)
            raise
    outer = json.loads(answer) if launched.returncode == 0 else {"statuses": [launched.returncode]}
    if any(outer["statuses"]):
        raise BenchError(f"{commands} ended with {outer['statuses']}:\n{errors.read_text(errors='replace')}")
    if not in_process:
        return Run(outer["seconds"], outer["cpu_seconds"], outer["peak_bytes"])
    inner = json.loads(result.read_text())
    peak_bytes = outer["peak_bytes"] - inner["held_bytes"]
    return Run(inner["seconds"], inner["cpu_seconds"], peak_bytes, inner.get("write_ns"))


def alternate(clip: Clip, preset: str, judge: quality.Judge) -> list[Row]:
    """Measure all ways that take part, and return a row for each. Each round starts with a different way."""
    case = clip.case
    all_runs = [WayRuns(way) for way in WAYS if takes_part(way, case.every_way, preset)]
    for number in range(case.rounds):
        start = number % len(all_runs)
        for way_runs in all_runs[start:] + all_runs[:start]:
            movie = clip.directory / way_runs.way.movie
            commands = way_runs.way.commands(clip, preset, str(movie))
            way_runs.runs.append(run_and_measure(commands, clip.directory, way_runs.way.in_process))
            way_runs.keep(movie)
    return [row(clip, preset, way_runs, judge) for way_runs in all_runs]


def row(clip: Clip, preset: str, way_runs: WayRuns, judge: quality.Judge) -> Row:
    case, way, runs = clip.case, way_runs.way, way_runs.runs
    verdicts = [judge.verdict(clip, movie, digest, way.matrix) for digest, movie in way_runs.movies.items()]
    wrong = [verdict for verdict in verdicts if verdict.frames != case.frames]
    if wrong:
        raise BenchError(f"{way.name}: the movie has {wrong[0].frames} frames instead of {case.frames}")
    movie = verdicts[-1]
    speeds = [case.frames / run.seconds for run in runs]
    writes = [run.write_ns for run in runs if run.write_ns]
    return Row(
        case=case.label,
        preset=preset,
        way=way.name,
        kind=way.kind,
        rounds=len(runs),
        fps=statistics.median(speeds),
        slowest_fps=min(speeds),
        fastest_fps=max(speeds),
        cpu_seconds_a_frame=statistics.median(run.cpu_seconds for run in runs) / case.frames,
        peak_bytes=round(statistics.median(run.peak_bytes for run in runs)),
        write_ns=medians(writes) if writes else None,
        file_bytes=movie.bytes,
        frames_read=movie.frames,
        psnr=movie.psnr,
        ssim=movie.ssim,
    )


def medians(tables: list[dict[str, int]]) -> dict[str, int]:
    return {key: round(statistics.median(table[key] for table in tables)) for key in tables[0]}
