"""The ways take turns on the same frames, and each run's time, processor time and memory are taken."""

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
    """A run failed, or made a movie that cannot be right."""


@dataclass
class Run:
    """One movie made. `peak_bytes` is without the frames that the caller held."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    # How long each `write` held its caller; the library only.
    write_ns: dict[str, int] | None = None


@dataclass
class Row:
    """What one way did with one case at one preset: medians of the rounds, and the movie that it made."""

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
class Taken:
    """The runs of one way, and the movies that came of them."""

    way: Way
    runs: list[Run] = field(default_factory=list)
    movies: dict[str, Path] = field(default_factory=dict)

    def keep(self, movie: Path) -> None:
        """Keeps a movie for judging; of rounds that gave the same bytes, one."""
        digest = hashlib.sha256(movie.read_bytes()).hexdigest()
        kept = movie.with_name(f"{digest}{movie.suffix}")
        movie.rename(kept)
        self.movies[digest] = kept


def measured(commands: list[list[str]], directory: Path, in_process: bool = False) -> Run:
    """Runs a pipeline; for a way in another program's process, that program reports its own time."""
    result, complaints = directory / "result.json", directory / "complaints.txt"
    launcher = [sys.executable, "-I", "-S", launch.__file__, str(result), json.dumps(commands)]
    with (
        complaints.open("wb") as stderr,
        # In a session of its own, so that the launcher knows what belongs to the run.
        subprocess.Popen(launcher, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True) as launched,
    ):
        try:
            answer, _ = launched.communicate(timeout=LONGEST_SECONDS)
        except BaseException:
            os.killpg(launched.pid, signal.SIGKILL)
            raise
    outer = json.loads(answer) if launched.returncode == 0 else {"statuses": [launched.returncode]}
    if any(outer["statuses"]):
        raise BenchError(f"{commands} ended with {outer['statuses']}:\n{complaints.read_text(errors='replace')}")
    if not in_process:
        return Run(outer["seconds"], outer["cpu_seconds"], outer["peak_bytes"])
    inner = json.loads(result.read_text())
    peak_bytes = outer["peak_bytes"] - inner["held_bytes"]
    return Run(inner["seconds"], inner["cpu_seconds"], peak_bytes, inner.get("write_ns"))


def alternate(clip: Clip, preset: str, judge: quality.Judge) -> list[Row]:
    """Rows for all ways that take part; each round starts with another one."""
    case = clip.case
    takers = [Taken(way) for way in WAYS if takes_part(way, case.every_way, preset)]
    for number in range(case.rounds):
        start = number % len(takers)
        for taken in takers[start:] + takers[:start]:
            movie = clip.directory / taken.way.movie
            commands = taken.way.commands(clip, preset, str(movie))
            taken.runs.append(measured(commands, clip.directory, taken.way.in_process))
            taken.keep(movie)
    return [row(clip, preset, taken, judge) for taken in takers]


def row(clip: Clip, preset: str, taken: Taken, judge: quality.Judge) -> Row:
    case, way, runs = clip.case, taken.way, taken.runs
    verdicts = [judge.verdict(clip, movie, digest, way.matrix) for digest, movie in taken.movies.items()]
    wrong = [verdict for verdict in verdicts if verdict.frames != case.frames]
    if wrong:
        raise BenchError(f"{way.name} made a movie of {wrong[0].frames} frames out of {case.frames}")
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
