"""Formats the results as Markdown, and as a short text for the terminal."""

from itertools import groupby

from .bd_rate import CRFS, PRESET
from .ways import FROM_FILE, X264

MEBIBYTE = 2**20

METHOD = """\
Each content is drawn once into memory: as raw BGRA frames, and as the YUV frames that framemill's encoder gets, which
are the input for x264. The ways then take turns, and each round starts with a different way. The numbers are medians of
the rounds, with the slowest and the fastest round in parentheses. Ratios are ratios of these medians. All ways except
OpenCV encode with x264 at crf 23 and the given preset, with their default values for other settings and for threads.

- **Ways.** "file" and "pipe" are the program `framemill encode`, timed from its start to its end. It reads a file, or
  the output of `cat`. "library" is a `VideoWriter` that gets frames from memory. "x264 on ready YUV" is the x264
  program. It does not have to convert the frames, so it is the upper limit. "ffmpeg, pipe" is `cat` in a pipe to the
  ffmpeg program. "ffmpeg, pipe from Python" is a script that writes each frame to ffmpeg's standard input.
  "framemill, Python", PyAV, imageio-ffmpeg and OpenCV get arrays from memory. For these four, the library and the
  script, the time starts when the frames are loaded and the modules are imported, and ends when the movie is closed.
  OpenCV makes MPEG-4 Part 2 from BGR frames and has no presets, so it does not count as a peer in the targets.
- **CPU** is the processor time of all processes of the run, including `cat` and the loop of the script.
- **Memory** is the sum of the peak resident memory of the encoding process and of the processes that it starts. If the
  frames come from memory, their size is subtracted. The Python ways include the interpreter and NumPy.
- **PSNR and SSIM** compare every fourth frame with the original, with ffmpeg's filters: PSNR in RGB, and SSIM in gray.
  A movie is converted to RGB with the matrix that it was made with, so a missing color tag makes no difference here.
- **Frames** of each movie are counted with ffprobe. If the number is wrong, the benchmark stops.
"""


def markdown(results: dict) -> str:
    parts = [
        "# Results of `make bench`",
        "`make bench` writes this file, `results.json` and `speed.svg`.",
        *([] if results["plan"] == "full" else [f"**The plan is `{results['plan']}`: these results are rough.**"]),
        "## Machine and versions",
        table(("", ""), [*results["machine"].items(), *results["versions"].items()]),
        "## Targets",
        targets_table(results["targets"]),
        "## Method",
        METHOD.rstrip(),
    ]
    for case, rows in groupby(results["rows"], key=lambda row: row["case"]):
        parts.append(f"## {case}")
        for preset, of_preset in groupby(rows, key=lambda row: row["preset"]):
            parts += [f"### {preset}", speed_table(list(of_preset))]
    parts += ["## Matplotlib animations", animations_section(results["animations"])]
    parts += ["## How long `write` blocks", holding_section(results)]
    parts += ["## How the color conversion changes the file size", bd_rate_section(results["bd_rate"])]
    parts += ["## Memory by the number of frames", memory_section(results["memory"])]
    parts += ["## Start-up", startup_section(results["startup"])]
    return "\n\n".join(parts) + "\n"


def terminal(results: dict) -> str:
    lines = []
    for target in results["targets"]:
        lines.append(f"{'met' if target['met'] else 'NOT':>4}  {target['what']}")
        lines.append(f"      {target['measured']}; {target['target']}")
    return "\n".join(lines)


def table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def targets_table(targets: list[dict]) -> str:
    rows = [(t["what"], t["target"], t["measured"], "yes" if t["met"] else "**no**") for t in targets]
    return table(("", "target", "measured", "met"), rows)


def speed_table(rows: list[dict]) -> str:
    fps = {row["way"]: row["fps"] for row in rows}

    def against(row: dict, other: str) -> str:
        return f"{row['fps'] / fps[other]:.2f}" if other in fps else ""

    titles = ("", "fps", f"÷ {FROM_FILE.name}", f"÷ {X264.name}", "CPU ms per frame", "peak MiB")
    titles += ("file kB", "PSNR dB", "SSIM")
    cells = [
        (
            row["way"],
            f"{row['fps']:.1f} ({row['slowest_fps']:.1f} to {row['fastest_fps']:.1f})",
            against(row, FROM_FILE.name),
            against(row, X264.name),
            f"{1000 * row['cpu_seconds_a_frame']:.1f}",
            f"{row['peak_bytes'] / MEBIBYTE:.0f}",
            f"{row['file_bytes'] / 1000:,.0f}",
            f"{row['psnr']:.2f}",
            f"{row['ssim']:.4f}",
        )
        for row in sorted(rows, key=lambda row: -row["fps"])
    ]
    rounds, frames = rows[0]["rounds"], rows[0]["frames_read"]
    return f"{table(titles, cells)}\n\n{frames} frames, {rounds} round{'s' if rounds > 1 else ''}."


def animations_section(compared: list[dict]) -> str:
    summary = (
        "`animation.save` with framemill's writer and with Matplotlib's `FFMpegWriter`, both at crf 23, in separate "
        "processes that take turns. The line has 400 points on 640 × 480 pixels, with a grid and a title. imshow draws "
        "a matrix of random numbers on 500 × 500 pixels. Only an animation with `blit` declares which artists change. "
        "For the others, framemill finds the changes itself."
    )
    titles = ("", "preset", "framemill fps", "FFMpegWriter fps", "times as fast", "bytes per frame", "rounds")
    cells = []
    for animation in compared:
        ours, theirs = (animation["writers"][name] for name in ("framemill", "ffmpeg"))
        cells.append(
            (
                animation["content"],
                animation["preset"],
                f"{ours['fps']:,.0f} ({ours['frames']:,} frames)",
                f"{theirs['fps']:,.1f} ({theirs['frames']:,} frames)",
                f"{ours['fps'] / theirs['fps']:.1f}",
                f"{ours['bytes_a_frame']:,.0f}, {theirs['bytes_a_frame']:,.0f}",
                str(animation["rounds"]),
            )
        )
    return f"{summary}\n\n{table(titles, cells)}"


def holding_section(results: dict) -> str:
    titles = (results["holding"].get("case", ""), "median ms", "95 % ms", "longest ms")
    kept_up = [
        (f"{preset}, the encoder keeps up", held) for preset, held in results["holding"].get("presets", {}).items()
    ]
    flat_out = [
        (f"{row['case']}, {row['preset']}, as fast as possible", row["write_ns"])
        for row in results["rows"]
        if row["write_ns"]
    ]
    cells = [(name, *(f"{held[key] / 1e6:.2f}" for key in ("p50", "p95", "max"))) for name, held in kept_up + flat_out]
    return table(titles, cells)


def bd_rate_section(rates: list[dict]) -> str:
    summary = (
        "The BD-rate (Bjøntegaard delta rate) is the difference in file size at the same PSNR between framemill's "
        "conversion and swscale's (bicubic, accurate rounding, full chroma), with the same matrix. framemill encodes "
        f"both, at crf {', '.join(map(str, CRFS))} and preset {PRESET}. A negative value means that framemill's files "
        "are smaller. The overlap is the part of the PSNR range that both curves cover. If it is small, the BD-rate "
        "means little."
    )
    cells = [
        (
            rate["case"],
            f"{rate['per_cent']:+.2f} %",
            f"{rate['overlap']:.0%}",
            curve(rate, "framemill"),
            curve(rate, "swscale"),
        )
        for rate in rates
    ]
    return f"{summary}\n\n{table(('', 'BD-rate', 'overlap', 'framemill: kB at dB', 'swscale: kB at dB'), cells)}"


def curve(rate: dict, name: str) -> str:
    return ", ".join(f"{file_bytes / 1000:,.0f} at {psnr:.2f}" for file_bytes, psnr in rate["curves"][name])


def memory_section(by_frames: dict[str, int]) -> str:
    cells = [(f"{int(frames):,}", f"{peak / MEBIBYTE:.1f}") for frames, peak in by_frames.items()]
    return table(("320 × 240 frames from a pipe, default settings", "peak MiB"), cells)


def startup_section(by_program: dict[str, float]) -> str:
    cells = [(name, f"{taken:.1f}") for name, taken in by_program.items()]
    return table(("one frame of 96 × 96 to MP4", "median ms"), cells)
