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
class Plan:
    name: str
    cases: tuple[Case, ...]
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
    memory_frames=(200, 2_000),
    startup_runs=5,
    holding_rounds=1,
)

# Whether the bench works at all: for the tests.
SMOKE = Plan(
    "smoke",
    (Case("plot", 640, 480, 8, 1, ("ultrafast",), every_way=True, bd_rate=True, holding=True),),
    memory_frames=(4, 8),
    startup_runs=1,
    holding_rounds=1,
)

PLANS = {plan.name: plan for plan in (FULL, QUICK, SMOKE)}
