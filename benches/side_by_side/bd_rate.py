"""Compares the file sizes after color conversion by framemill and by swscale: the BD-rate (Bjøntegaard delta rate).

framemill encodes both movies. One gets BGRA frames. The other gets the same frames, which swscale has converted to YUV
with the same matrix. So the only difference is the conversion.
"""

from collections.abc import Sequence

import bjontegaard

from . import quality
from .contents import FPS, Clip
from .programs import ffmpeg
from .turns import BenchError, run_and_measure
from .ways import framemill_encode

PRESET = "medium"
CRFS = (18, 21, 25, 28)
# swscale's most exact conversion, with framemill's matrix.
TO_YUV = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int,format=yuv420p"


def compare(clip: Clip) -> dict:
    """Return both curves, and by how many percent framemill's conversion increases the bits at the same PSNR."""
    by_swscale = clip.directory / "swscale.y4m"
    source = ["-f", "rawvideo", "-pix_fmt", "bgra", "-s", clip.case.size, "-r", str(FPS), "-i", str(clip.bgra)]
    ffmpeg([*source, "-vf", TO_YUV, str(by_swscale)])
    converted_by = {"framemill": [str(clip.bgra), *clip.raw], "swscale": [str(by_swscale)]}
    curves = {name: [point(clip, source, crf) for crf in CRFS] for name, source in converted_by.items()}
    by_swscale.unlink()
    rates, distances = zip(*(zip(*curves[name], strict=True) for name in ("swscale", "framemill")), strict=True)
    per_cent = bjontegaard.bd_rate(rates[0], distances[0], rates[1], distances[1], method="pchip", min_overlap=0)
    return {
        "case": clip.case.label,
        "crfs": CRFS,
        "curves": curves,
        "per_cent": float(per_cent),
        "overlap": overlap(distances),
    }


def overlap(ranges: Sequence[Sequence[float]]) -> float:
    """Return the width of the intersection of the ranges, divided by the width of their union."""
    shared = min(map(max, ranges)) - max(map(min, ranges))
    return shared / (max(map(max, ranges)) - min(map(min, ranges)))


def point(clip: Clip, source: list[str], crf: int) -> tuple[int, float]:
    """Return the file size in bytes and the PSNR at one crf."""
    movie = clip.directory / f"crf{crf}.mp4"
    run_and_measure([framemill_encode(source, PRESET, crf, str(movie))], clip.directory)
    if (frames := quality.frames(movie)) != clip.case.frames:
        raise BenchError(f"framemill: the movie has {frames} frames instead of {clip.case.frames}")
    psnr, _ = quality.psnr_and_ssim(clip, movie, "bt709")
    file_bytes = movie.stat().st_size
    movie.unlink()
    return file_bytes, psnr
