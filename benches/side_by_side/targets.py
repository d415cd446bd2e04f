"""Defines the targets, and checks whether a run meets them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from .ways import (
    FFMPEG_CAT,
    FFMPEG_PYTHON,
    FROM_FILE,
    FROM_PIPE,
    FROM_PYTHON,
    IMAGEIO,
    LIBRARY,
    OPENCV,
    PYAV,
    X264,
    Kind,
)

SCENE = "scene 1920 × 1080"
# The way that the targets apply to: the library, which gets frames from memory like the in-process peers. The program
# first reads its frames from a file or a pipe, so its results are only shown in addition.
JUDGED = LIBRARY.name
OURS = (LIBRARY.name, FROM_FILE.name, FROM_PIPE.name)

AGAINST_BEST_PEER = {"ultrafast": 3.0, "veryfast": 1.4, "medium": 1.3}
AGAINST_X264 = {"ultrafast": 0.95, "veryfast": 1.0, "medium": 1.0}
CPU_AGAINST_FFMPEG = {"ultrafast": 0.5, "veryfast": 0.85, "medium": 0.85}
PYTHON_AGAINST_PEERS = 3.0
MEMORY_AGAINST_X264 = 1.25
MEMORY_GROWTH = 1.03
HOLDING_MS = 1.2
BD_RATE_PER_CENT = 1.0
STARTUP_MS = 8.0


@dataclass
class Target:
    what: str
    target: str
    measured: str
    met: bool

    @classmethod
    def at_least(cls, what: str, least: float, value: float, measured: str = "") -> "Target":
        return cls(what, f"at least {least:g}", measured or f"{value:.2f}", value >= least)

    @classmethod
    def at_most(cls, what: str, most: float, value: float, unit: str = "", measured: str = "") -> "Target":
        return cls(what, f"at most {most:g}{unit}", measured or f"{value:.2f}{unit}", value <= most)


def targets(results: dict) -> list[dict]:
    """Return all targets that the run measured, each with its result."""
    scene: dict[str, dict[str, dict]] = {}
    for row in results["rows"]:
        if row["case"] == SCENE:
            scene.setdefault(row["preset"], {})[row["way"]] = row
    judged = [*speed(scene), *python(scene), *animations(results["animations"]), *cpu(scene)]
    judged += [*holding(results["holding"]), *memory(scene, results["memory"])]
    judged += [
        Target.at_most(f"BD-rate against swscale, {rate['case']}", BD_RATE_PER_CENT, rate["per_cent"], " %")
        for rate in results["bd_rate"]
    ]
    if "framemill, static" in results["startup"]:
        taken = results["startup"]["framemill, static"]
        judged.append(Target.at_most("one 96 × 96 frame, static program", STARTUP_MS, taken, " ms"))
    return [asdict(target) for target in judged]


def speed(scene: dict[str, dict[str, dict]]) -> list[Target]:
    found = []
    for preset, ways in scene.items():
        peer = max((row for row in ways.values() if row["kind"] == Kind.PEER), key=lambda row: row["fps"])
        for other, least in ((peer, AGAINST_BEST_PEER[preset]), (ways.get(X264.name), AGAINST_X264[preset])):
            if other is None:
                continue
            value, measured = ratios(ways, lambda row, other=other: row["fps"] / other["fps"])
            what = f"1080p scene, {preset}: fps, framemill / {other['way']}"
            found.append(Target.at_least(what, least, value, measured))
    return found


def python(scene: dict[str, dict[str, dict]]) -> list[Target]:
    ways = scene.get("ultrafast", {})
    peers = [ways[way.name] for way in (PYAV, IMAGEIO, OPENCV) if way.name in ways]
    if not peers or FROM_PYTHON.name not in ways:
        return []
    peer = max(peers, key=lambda row: row["fps"])
    what = f"1080p scene in NumPy arrays, ultrafast: fps, framemill, Python / {peer['way']}"
    return [Target.at_least(what, PYTHON_AGAINST_PEERS, ways[FROM_PYTHON.name]["fps"] / peer["fps"])]


def animations(compared: list[dict]) -> list[Target]:
    found = []
    for animation in compared:
        ours, theirs = (animation["writers"][name]["fps"] for name in ("framemill", "ffmpeg"))
        what = f"matplotlib, {animation['content']}, {animation['preset']}: fps, framemill / FFMpegWriter"
        found.append(Target.at_least(what, animation["least_ratio"], ours / theirs, f"{ours / theirs:.1f}"))
    return found


def cpu(scene: dict[str, dict[str, dict]]) -> list[Target]:
    found = []
    for preset, ways in scene.items():
        pipes = [ways[way.name]["cpu_seconds_a_frame"] for way in (FFMPEG_CAT, FFMPEG_PYTHON) if way.name in ways]
        value, measured = ratios(ways, lambda row, pipes=pipes: row["cpu_seconds_a_frame"] / min(pipes))
        what = f"1080p scene, {preset}: CPU per frame, framemill / ffmpeg with a raw pipe"
        found.append(Target.at_most(what, CPU_AGAINST_FFMPEG[preset], value, measured=measured))
    return found


def memory(scene: dict[str, dict[str, dict]], by_frames: dict[str, int]) -> list[Target]:
    found = []
    for preset, ways in scene.items():
        if X264.name in ways:
            limit = ways[X264.name]["peak_bytes"]
            value, measured = ratios(ways, lambda row, limit=limit: row["peak_bytes"] / limit)
            what = f"1080p scene, {preset}: peak memory, framemill / x264"
            found.append(Target.at_most(what, MEMORY_AGAINST_X264, value, measured=measured))
    if by_frames:
        few, many = sorted(by_frames, key=int)
        what = f"320 × 240: peak memory, {int(many):,} frames / {int(few):,}"
        growth = by_frames[many] / by_frames[few]
        found.append(Target.at_most(what, MEMORY_GROWTH, growth, measured=f"{growth:.3f}"))
    return found


def holding(measured: dict) -> list[Target]:
    if measured.get("case") != SCENE:
        return []
    return [
        Target.at_most(f"1080p scene, {preset}: median time of `write`", HOLDING_MS, held["p50"] / 1e6, " ms")
        for preset, held in measured["presets"].items()
    ]


def ratios(ways: dict[str, dict], ratio: Callable[[dict], float]) -> tuple[float, str]:
    """Return the ratio that must meet the target, and a text that also has the ratios of framemill's other ways."""
    ours = {name: ratio(ways[name]) for name in OURS if name in ways}
    others = ", ".join(
        f"{name.removeprefix('framemill, ')} {value:.2f}" for name, value in ours.items() if name != JUDGED
    )
    return ours[JUDGED], f"{ours[JUDGED]:.2f} ({others})"
