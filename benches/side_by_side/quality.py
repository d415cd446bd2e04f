"""Measures how close a movie is to its original frames, with ffmpeg's filters."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .contents import FPS, Clip

# Every fourth frame is compared, because neighboring frames are similar, and comparing takes longer than encoding.
STEP = 4
EXACTLY = "flags=bicubic+accurate_rnd+full_chroma_int"


@dataclass(frozen=True)
class Verdict:
    bytes: int
    frames: int
    psnr: float
    ssim: float


class Judge:
    """Measures movies. If several movies have the same bytes, it measures only one of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Verdict] = {}

    def verdict(self, clip: Clip, movie: Path, digest: str, matrix: str) -> Verdict:
        key = (digest, matrix)
        if key not in self._known:
            psnr, ssim = psnr_and_ssim(clip, movie, matrix)
            self._known[key] = Verdict(movie.stat().st_size, frames(movie), psnr, ssim)
        # The file may be missing, if another way made the same bytes.
        movie.unlink(missing_ok=True)
        return self._known[key]


def frames(movie: Path) -> int:
    """Return the number of frames that ffprobe decodes."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0"]
    command += ["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", str(movie)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(answer.strip().rstrip(","))


def psnr_and_ssim(clip: Clip, movie: Path, matrix: str) -> tuple[float, float]:
    """Return the PSNR in dB over red, green and blue, and the SSIM in gray.

    `matrix` is the matrix that the movie was made with. SSIM in RGB would mean little: where a channel of a strong
    color is zero, a difference of one or two levels counts as a loss of all structure.
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
