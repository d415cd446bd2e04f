"""Defines what is measured: contents and sizes, and the number of frames and rounds."""

from dataclasses import dataclass

CRF = 23
PRESETS = ("ultrafast", "veryfast", "medium")


@dataclass(frozen=True)
class Case:
    """A content at one size. All presets and ways get the same frames."""

    content: str
    width: int
    height: int
    frames: int
    rounds: int
    presets: tuple[str, ...] = PRESETS
    # Whether to measure all ways, or only those with `Way.always`.
    every_way: bool = False
    bd_rate: bool = False
    # Whether to measure how long `write` blocks.
    holding: bool = False

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def label(self) -> str:
        return f"{self.content} {self.width} × {self.height}"


@dataclass(frozen=True)
class Animation:
    """A Matplotlib animation, saved with framemill's writer and with Matplotlib's ffmpeg writer."""

    content: str
    preset: str
    # By writer. The ffmpeg writer may get fewer frames: its time is nearly all drawing, so its speed is the same.
    frames: dict[str, int]
    rounds: int
    # The target: how many times as fast framemill must be.
    least_ratio: float


@dataclass(frozen=True)
class Plan:
    name: str
    cases: tuple[Case, ...]
    animations: tuple[Animation, ...]
    # Two numbers of 320 × 240 frames, to measure how memory grows between them. None skips this.
    memory_frames: tuple[int, int] | None
    startup_runs: int
    holding_rounds: int


# The documentation quotes the results for the scene, so it has the most rounds. At ultrafast it has more frames,
# because 120 frames take only half a second.
FULL = Plan(
    "full",
    (
        Case("scene", 1920, 1080, 200, 5, ("ultrafast",), every_way=True),
        Case("scene", 1920, 1080, 120, 5, ("veryfast", "medium"), every_way=True, bd_rate=True, holding=True),
        Case("plot", 1280, 720, 120, 3, bd_rate=True),
        Case("camera", 1920, 1080, 30, 3, bd_rate=True),
        Case("plot", 640, 480, 240, 3),
        Case("plot", 1920, 1080, 72, 3),
        Case("plot", 3840, 2160, 20, 3),
    ),
    (
        Animation("line, blit", "medium", {"framemill": 2_000, "ffmpeg": 2_000}, 1, 10),
        Animation("line, blit", "veryfast", {"framemill": 2_000, "ffmpeg": 200}, 3, 20),
        Animation("line, blit", "ultrafast", {"framemill": 2_000, "ffmpeg": 200}, 3, 40),
        Animation("line", "medium", {"framemill": 1_000, "ffmpeg": 200}, 3, 6),
        Animation("line, title", "medium", {"framemill": 1_000, "ffmpeg": 200}, 3, 5),
        Animation("dashboard, one scrolls", "medium", {"framemill": 500, "ffmpeg": 100}, 3, 3),
        Animation("scrolling", "medium", {"framemill": 300, "ffmpeg": 200}, 3, 1.7),
        Animation("imshow", "medium", {"framemill": 200, "ffmpeg": 200}, 3, 2.5),
    ),
    memory_frames=(1_000, 100_000),
    startup_runs=25,
    holding_rounds=2,
)

# All parts of the full plan in a few minutes, for work on the benchmark itself. The results are rough.
QUICK = Plan(
    "quick",
    (
        Case("scene", 1920, 1080, 30, 2, every_way=True, bd_rate=True, holding=True),
        Case("plot", 1280, 720, 30, 1, bd_rate=True),
        Case("camera", 1920, 1080, 12, 1, bd_rate=True),
        Case("plot", 640, 480, 30, 1),
    ),
    (
        Animation("line, blit", "ultrafast", {"framemill": 500, "ffmpeg": 50}, 1, 40),
        Animation("line", "medium", {"framemill": 50, "ffmpeg": 50}, 1, 6),
        Animation("imshow", "medium", {"framemill": 50, "ffmpeg": 50}, 1, 2.5),
    ),
    memory_frames=(200, 2_000),
    startup_runs=5,
    holding_rounds=1,
)

# For the tests: shows only whether the benchmark works.
SMOKE = Plan(
    "smoke",
    (Case("plot", 640, 480, 8, 1, ("ultrafast",), every_way=True, bd_rate=True, holding=True),),
    (Animation("line, blit", "ultrafast", {"framemill": 8, "ffmpeg": 8}, 1, 1),),
    memory_frames=(4, 8),
    startup_runs=1,
    holding_rounds=1,
)

PLANS = {plan.name: plan for plan in (FULL, QUICK, SMOKE)}
