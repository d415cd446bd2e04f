"""How near a movie is to the frames that it was made of, by the ffmpeg program's own filters."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .contents import FPS, Clip

# Every fourth picture is compared: neighbors are similar, and comparing takes longer than encoding.
STEP = 4
EXACTLY = "flags=bicubic+accurate_rnd+full_chroma_int"


@dataclass(frozen=True)
class Verdict:
    bytes: int
    frames: int
    psnr: float
    ssim: float


class Judge:
    """Judges movies; of those with the same bytes, one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Verdict] = {}

    def verdict(self, clip: Clip, movie: Path, digest: str, matrix: str) -> Verdict:
        key = (digest, matrix)
        if key not in self._known:
            psnr, ssim = nearness(clip, movie, matrix)
            self._known[key] = Verdict(movie.stat().st_size, frames(movie), psnr, ssim)
        # The same bytes may have come from another way too.
        movie.unlink(missing_ok=True)
        return self._known[key]


def frames(movie: Path) -> int:
    """The frames that ffprobe decodes."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0"]
    command += ["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", str(movie)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(answer.strip().rstrip(","))


def nearness(clip: Clip, movie: Path, matrix: str) -> tuple[float, float]:
    """PSNR in dB over red, green and blue, and SSIM in gray, of the movie shown with the matrix that it was made with.

    SSIM in RGB would mean little: where a strong color has none of a channel, it takes a level or two for a loss of
    all structure.
    """
    chosen = f"select=not(mod(n\\,{STEP}))"
    numbered = f"settb=1/{FPS},setpts=N"
    graph = (
        f"[0:v]{chosen},scale=in_color_matrix={matrix}:in_range=tv:{EXACTLY},format=gbrp,{numbered},split[a][b];"
        f"[1:v]{chosen},scale={EXACTLY},format=gbrp,{numbered},split[c][d];"
        "[a][c]psnr[p];[b]format=gray[e];[d]format=gray[f];[e][f]ssim[s]"
    )
    source = ["-f", "rawvideo", "-pix_fmt", "bgra", "-s", clip.case.size, "-r", str(FPS), "-i", str(clip.bgra)]
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(movie), *source, "-filter_complex", graph]
    for output in ("[p]", "[s]"):
        command += ["-map", output, "-f", "null", "-"]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    psnr = re.search(r"PSNR .*average:(\S+)", report)
    ssim = re.search(r"SSIM .*All:(\S+)", report)
    if psnr is None or ssim is None:
        raise ValueError(f"ffmpeg did not report PSNR and SSIM of {movie}:\n{report}")
    return float(psnr[1]), float(ssim[1])
