"""What is measured: which content at which size, for how many frames and rounds."""

from dataclasses import dataclass

CRF = 23
PRESETS = ("ultrafast", "veryfast", "medium")


@dataclass(frozen=True)
class Case:
    """One content at one size; all presets and ways get the same frames."""

    content: str
    width: int
    height: int
    frames: int
    rounds: int
    presets: tuple[str, ...] = PRESETS
    # Whether all ways take part, or only those that the tables of the other contents have.
    every_way: bool = False
    bd_rate: bool = False
    # Whether it is measured here how long `write` holds its caller.
    holding: bool = False

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def label(self) -> str:
        return f"{self.content} {self.width} × {self.height}"


@dataclass(frozen=True)
class Animation:
    """A Matplotlib animation, saved by framemill's writer and by matplotlib's own for the ffmpeg program."""

    content: str
    preset: str
    # By writer. Drawing takes nearly all of the time, so matplotlib's own is as fast at a tenth of the frames.
    frames: dict[str, int]
    rounds: int
    # The required speed-up of framemill.
    least_ratio: float


@dataclass(frozen=True)
class Plan:
    name: str
    cases: tuple[Case, ...]
    animations: tuple[Animation, ...]
    # Of 320×240 frames, for the growth of memory; none when it is not measured.
    memory_frames: tuple[int, int] | None
    startup_runs: int
    holding_rounds: int


# The claims are made for the scene, so it has the most rounds; at ultrafast it has twice the frames too, because 120
# are over in half a second there.
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

# Each part of the full run, in a few minutes: for work on the bench itself. The figures mean little.
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

# Whether the bench works at all: for the tests.
SMOKE = Plan(
    "smoke",
    (Case("plot", 640, 480, 8, 1, ("ultrafast",), every_way=True, bd_rate=True, holding=True),),
    (Animation("line, blit", "ultrafast", {"framemill": 8, "ffmpeg": 8}, 1, 1),),
    memory_frames=(4, 8),
    startup_runs=1,
    holding_rounds=1,
)

PLANS = {plan.name: plan for plan in (FULL, QUICK, SMOKE)}
