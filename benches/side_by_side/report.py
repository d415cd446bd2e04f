"""The results as Markdown, and as a few lines for the terminal."""

from itertools import groupby

from .bd_rate import CRFS, PRESET
from .ways import FROM_FILE, X264

MEBIBYTE = 2**20

METHOD = """\
Each content is drawn once into memory, as raw BGRA frames and as the YUV that framemill's encoder gets, which x264 is
given; the ways then take turns, each round starting with another one. Figures are medians of the rounds, with the
slowest and the fastest in brackets, and the ratios are those of the medians. All encode with x264 at crf 23 and the
preset that is named, their other settings as they come, on threads as they choose.

- **Ways.** "file" and "pipe" are the program `framemill encode`, from its start to its end, reading a file or what
  `cat` writes; "library" is a `VideoWriter` that is given frames from memory. "x264 on ready YUV" is the x264
  program, which is spared the conversion: the limit. "ffmpeg, pipe" is `cat` to the ffmpeg program; "from Python" is
  a script that writes each frame to its standard input. PyAV, imageio-ffmpeg and OpenCV are fed arrays from memory.
  Their clocks, the library's and the script's start when the frames are loaded and the modules imported, and end when
  the movie is closed. OpenCV's movie is MPEG-4 Part 2 made of BGR frames, and knows no presets; it is no peer where
  ratios to the best peer are given.
- **CPU** is the processor time of all processes of the run, `cat` and the feeding script's loop among them.
- **Memory** is the peak of resident memory of the process that encodes and of those that it starts, added up; for ways
  in a process, less the frames that the driver holds. Python's ways count the interpreter and NumPy.
- **PSNR and SSIM** are those of every fourth frame, in RGB and in gray, by ffmpeg's filters, against the frames as
  drawn. A movie is shown with the matrix that it was made with, so a missing tag costs nothing here.
- **Frames** of each movie are counted by ffprobe's decoder; another number than went in ends the bench.
"""


def markdown(results: dict) -> str:
    parts = [
        "# Results of `make bench`",
        "This file is written by `make bench`, and so are `results.json` and `speed.svg` beside it.",
        *([] if results["plan"] == "full" else [f"**The {results['plan']} plan: these figures mean little.**"]),
        "## Where and with what",
        table(("", ""), [*results["machine"].items(), *results["versions"].items()]),
        "## What framemill is held to",
        targets_table(results["targets"]),
        "## How it is measured",
        METHOD.rstrip(),
    ]
    for case, rows in groupby(results["rows"], key=lambda row: row["case"]):
        parts.append(f"## {case}")
        for preset, of_preset in groupby(rows, key=lambda row: row["preset"]):
            parts += [f"### {preset}", speed_table(list(of_preset))]
    parts += ["## matplotlib's animations", animations_section(results["animations"])]
    parts += ["## Where `write` holds its caller", holding_section(results)]
    parts += ["## What the conversion costs in bits", bd_rate_section(results["bd_rate"])]
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

    titles = ("", "fps", f"to {FROM_FILE.name}", f"to {X264.name}", "CPU ms a frame", "peak MiB")
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
        "`animation.save` with framemill's writer and with matplotlib's own for the ffmpeg program, both at crf 23, in "
        "processes of their own that take turns: a line of 400 points with grid and title, 640 × 480, and a matrix of "
        "random numbers by imshow, 500 × 500. Only an animation with `blit` says what changes; of the others framemill "
        "finds it out."
    )
    titles = ("", "preset", "framemill fps", "FFMpegWriter fps", "times as fast", "bytes a frame", "rounds")
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
        (f"{preset}, encoder keeping up", held) for preset, held in results["holding"].get("presets", {}).items()
    ]
    flat_out = [
        (f"{row['case']}, {row['preset']}, as fast as it goes", row["write_ns"])
        for row in results["rows"]
        if row["write_ns"]
    ]
    cells = [(name, *(f"{held[key] / 1e6:.2f}" for key in ("p50", "p95", "max"))) for name, held in kept_up + flat_out]
    return table(titles, cells)


def bd_rate_section(rates: list[dict]) -> str:
    summary = (
        "The difference in rate at the same PSNR, by Bjøntegaard's measure "
        f"over crf {', '.join(map(str, CRFS))} at preset {PRESET}, "
        "between framemill's conversion and swscale's (bicubic, accurate rounding, full chroma) by the same matrix. "
        "framemill encodes both. Less than nothing is better than swscale. The overlap is how much of both curves' "
        "PSNR they share; the less it is, the less the measure means."
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
    return table(("frames of 320 × 240 in a pipe, default settings", "peak MiB"), cells)


def startup_section(by_program: dict[str, float]) -> str:
    cells = [(name, f"{taken:.1f}") for name, taken in by_program.items()]
    return table(("one frame of 96 × 96 to MP4", "median ms"), cells)
