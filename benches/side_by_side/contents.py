"""Draws the frames once into memory: as raw BGRA, and as YUV for the x264 program."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .plan import Case
from .programs import FRAMEMILL, ffmpeg

FPS = 30
SEED = 20


@dataclass(frozen=True)
class Clip:
    """The frames of a case, in files in `directory`. The movies are written to the same directory."""

    case: Case
    directory: Path

    @property
    def bgra(self) -> Path:
        return self.directory / "frames.bgra"

    @property
    def y4m(self) -> Path:
        return self.directory / "frames.y4m"

    @property
    def raw(self) -> list[str]:
        """Return the options that describe the frames in `bgra` to framemill."""
        return ["-f", "bgra", "-s", self.case.size, "-r", str(FPS)]


@contextmanager
def clip(case: Case) -> Iterator[Clip]:
    """Draw the frames of a case, and delete them at the end."""
    # BGRA takes 4 bytes per pixel and YUV 1.5. Movies and other files take less than another 1.5.
    needed = case.frames * case.width * case.height * 7
    with tempfile.TemporaryDirectory(prefix="framemill-bench-", dir=scratch_directory(needed)) as directory:
        made = Clip(case, Path(directory))
        DRAWN_BY[case.content](case, made.bgra)
        convert(made)
        yield made


def convert(clip: Clip) -> None:
    """Write the YUV frames that framemill's encoder gets, so that x264 encodes the same frames.

    They come from a lossless movie, which ffmpeg decodes.
    """
    movie = str(clip.directory / "lossless.mkv")
    command = [FRAMEMILL, "encode", "-q", str(clip.bgra), *clip.raw, "--lossless", "--preset", "ultrafast", "-o", movie]
    subprocess.run(command, check=True)
    ffmpeg(["-i", movie, "-pix_fmt", "yuv420p", str(clip.y4m)])
    Path(movie).unlink()


def scratch_directory(needed: int) -> Path:
    """Return a directory with `needed` bytes of space: in memory, to leave out the disk's speed, or else in target/."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > needed and available_memory() > 2.5 * needed:
        return memory
    place = Path(__file__).parents[2] / "target" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    return place


def available_memory() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def scene(case: Case, path: Path) -> None:
    """Write ffmpeg's moving test picture. Like rendered frames, it has strong colors, sharp edges and much motion."""
    pattern = f"testsrc2=size={case.size}:rate={FPS}"
    ffmpeg(
        [
            "-f",
            "lavfi",
            "-i",
            pattern,
            "-frames:v",
            str(case.frames),
            "-f",
            "rawvideo",
            "-pix_fmt",
            "bgra",
            str(path),
        ]
    )


def plot(case: Case, path: Path) -> None:
    """Write a Matplotlib plot with moving lines, a grid, a legend and a changing title."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    # The same plot at each size, at a different resolution.
    dpi = 100 * case.height / 720
    figure, axes = pyplot.subplots(figsize=(case.width / dpi, case.height / dpi), dpi=dpi)
    x = np.linspace(0, 4 * np.pi, 800)
    lines = [axes.plot(x, np.zeros_like(x), label=f"mode {mode}")[0] for mode in (1, 2, 3)]
    points = axes.scatter(x[::40], np.zeros(20), c=np.linspace(0, 1, 20), cmap="viridis", zorder=3)
    axes.set(xlim=(0, x[-1]), ylim=(-2.2, 2.2), xlabel="position", ylabel="amplitude")
    axes.grid(True)
    axes.legend(loc="upper right")
    with path.open("wb") as file:
        for frame in range(case.frames):
            time = frame / FPS
            waves = [np.sin(mode * x - 2 * time) * np.exp(-0.1 * mode * time) for mode in (1, 2, 3)]
            for line, wave in zip(lines, waves, strict=True):
                line.set_ydata(wave)
            points.set_offsets(np.column_stack([x[::40], sum(waves)[::40]]))
            axes.set_title(f"damped waves, t = {time:.2f} s")
            figure.canvas.draw()
            rgba = np.asarray(figure.canvas.buffer_rgba())
            file.write(np.ascontiguousarray(rgba[..., [2, 1, 0, 3]]))
    pyplot.close(figure)


def camera(case: Case, path: Path) -> None:
    """Write a landscape of soft shapes, as a panning camera with a noisy sensor sees it."""
    random = np.random.default_rng(SEED)
    margin = 3 * case.frames + 64
    ground = landscape(random, case.width + margin, case.height + margin)
    # The noise is made once, and each frame reads it at a different random position.
    noise = random.standard_normal((case.height + 256, case.width + 256, 3), dtype=np.float32)
    frame_pixels = np.full((case.height, case.width, 4), 255, np.uint8)
    with path.open("wb") as file:
        for frame in range(case.frames):
            left, top = 3 * frame, int(24 + 24 * np.sin(frame / 15))
            view = ground[top : top + case.height, left : left + case.width]
            down, right = random.integers(256, size=2)
            grain = noise[down : down + case.height, right : right + case.width]
            # Photon noise grows with the square root of the brightness. The electronics add a constant.
            noisy = view + grain * (1.5 + 0.18 * np.sqrt(view))
            frame_pixels[..., :3] = np.clip(np.rint(noisy), 0, 255)
            file.write(frame_pixels)


def landscape(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Return a picture with the spectrum of a natural one, and with similar color channels.

    In natural pictures, the amplitude falls as 1/f, and the lens reduces high frequencies further.
    """
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = np.inf
    falling = np.exp(-((frequency / 0.2) ** 2)) / frequency**1.2

    def field() -> np.ndarray:
        spectrum = np.fft.rfft2(random.standard_normal((height, width))) * falling
        values = np.fft.irfft2(spectrum, (height, width))
        return values / values.std()

    light = field()
    channels = [110 + 38 * light + 14 * field() for _ in range(3)]
    return np.clip(np.stack(channels, axis=-1), 2, 253).astype(np.float32)


DRAWN_BY = {"scene": scene, "plot": plot, "camera": camera}
